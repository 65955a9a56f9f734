// How an explanation looks: for people, and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/cluster_reading.h"
#include "kube/pod.h"
#include "scheduling/explanation.h"

namespace hyperwright::cli {

struct ExplainedPod {
  kube::ObjectMeta meta;
  scheduling::Explanation explanation;
  std::string remark;                 // why nothing is planned for it, although it waits; "": it is
  std::optional<client::Told> told;   // what the controller said last
  std::vector<std::string> problems;  // what could not be read
};

// A line that says where the pod is, the sentence, and a table of what fell to which rule.
std::string text_of(const ExplainedPod& pod);
// One object, indented by nothing, with a newline at its end.
std::string json_of(const ExplainedPod& pod);

}  // namespace hyperwright::cli
