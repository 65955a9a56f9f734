// The operations of the API, one function each: reads its request, checks it, changes the state,
// answers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "service/answer.h"
#include "service/request_reader.h"
#include "service/turn.h"

namespace hyperwright::service {

using Operation = Answer (*)(Turn& turn, const RequestReader& request, RequestProblems& problems);

// nullptr: this service does not have it.
Operation find_operation(std::string_view name);

Answer create_cluster(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer update_cluster(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer describe_cluster(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer delete_cluster(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer list_clusters(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer batch_add_cluster_nodes(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer batch_delete_cluster_nodes(Turn& turn, const RequestReader& request,
                                  RequestProblems& problems);
Answer batch_replace_cluster_nodes(Turn& turn, const RequestReader& request,
                                   RequestProblems& problems);
Answer list_cluster_nodes(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer describe_cluster_node(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer list_cluster_events(Turn& turn, const RequestReader& request, RequestProblems& problems);
Answer describe_cluster_event(Turn& turn, const RequestReader& request, RequestProblems& problems);
// EC2's; see hyperpod_service.h.
Answer describe_subnets(Turn& turn, const RequestReader& request, RequestProblems& problems);

// What several of them read and answer alike.
std::string read_cluster_name(const RequestReader& request);  // ClusterNameOrArn
Answer cluster_not_found(std::string_view name);
Answer invalid_next_token();
// The quota of the scenario, where it has one: nullopt, or the refusal of `delta` more instances.
std::optional<Answer> quota_refusal(const Turn& turn, std::int32_t current, std::int32_t delta);

}  // namespace hyperwright::service
