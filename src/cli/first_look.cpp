#include "cli/first_look.h"

#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "hyperpod/wire.h"

namespace hyperwright::cli {
namespace {

// Of each attempt to reach an API.
constexpr Duration kLookDeadline = Duration::seconds(10);

// A name that no cluster can have is refused as invalid, one that none has as not found. What else
// is refused so (keys that are none) has a remedy of its own.
bool is_of_the_name(const Error& error) {
  return error.remedy().empty() &&
         (error.code() == ErrorCode::NotFound || error.code() == ErrorCode::Invalid);
}

}  // namespace

client::AwsSettings impatient(client::AwsSettings settings) {
  settings.retry.attempts_max = 3;
  settings.deadline = kLookDeadline;
  return settings;
}

Result<hyperpod::Cluster> look_at(client::HttpClient& http, client::AwsSettings settings,
                                  client::KubernetesClient& kubernetes,
                                  const std::string& cluster) {
  client::AwsClient aws(http, impatient(std::move(settings)), 1);
  const auto answer =
      aws.call_and_wait("DescribeCluster", hyperpod::describe_cluster_request(cluster));
  if (!answer && is_of_the_name(answer.error())) {
    return fail(answer.error().code(),
                fmt::format("--cluster {}: {}", cluster, answer.error().text()),
                "write the name of a HyperPod cluster of this region (not the EKS cluster's): "
                "`aws sagemaker list-clusters` shows them");
  }
  if (!answer) return fail(answer.error(), fmt::format("--cluster {}", cluster));
  auto described = hyperpod::decode_cluster(*answer);
  if (!described) return fail(described.error());
  // Another Karpenter may have brought the first of them.
  for (const char* group : {"karpenter.sh/v1", "karpenter.sagemaker.amazonaws.com/v1"}) {
    client::KubernetesRequest request = client::get_request(fmt::format("/apis/{}", group));
    request.deadline = kLookDeadline;
    const auto kinds = kubernetes.call_and_wait(request);
    if (kinds) continue;
    const std::string where = fmt::format("Kubernetes at {}", kubernetes.access().server);
    if (kinds.error().code() != ErrorCode::NotFound) return fail(kinds.error(), where);
    return fail(ErrorCode::NotFound, fmt::format("{} has no {}", where, group),
                "install the custom resource definitions: hyperwright crds --apply");
  }
  return described;
}

}  // namespace hyperwright::cli
