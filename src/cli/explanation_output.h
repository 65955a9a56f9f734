// How an explanation looks: for people, and as JSON.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "client/cluster_reading.h"
#include "hyperpod/instance_type.h"
#include "kube/pod.h"
#include "scheduling/explanation.h"

namespace hyperwright::cli {

using PriceOrigins = std::map<std::string, hyperpod::PriceOrigin>;  // by instance type

struct ExplainedPod {
  kube::ObjectMeta meta;
  scheduling::Explanation explanation;
  std::string remark;                 // why nothing is planned for it, although it waits; "": it is
  std::optional<client::Told> told;   // what the controller said last
  std::vector<std::string> problems;  // what could not be read
  PriceOrigins price_origins;
};

// A line that says where the pod is, the sentence, a table of what fell to which rule, and what
// else would do, with where its price was read and when.
std::string text_of(const ExplainedPod& pod);
// One object, indented by nothing, with a newline at its end.
std::string json_of(const ExplainedPod& pod);

}  // namespace hyperwright::cli
