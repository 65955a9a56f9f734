#include "sim/node_registration.h"

#include <boost/json.hpp>

#include "kube/json.h"
#include "runtime/node_calls.h"
#include "sim/in_process_calls.h"

namespace hyperwright::sim {

void apply_to_kubernetes(KubernetesApi& api, const service::Output& output, Time now) {
  const auto read = [&](std::string_view node) -> std::optional<boost::json::value> {
    const ObjectPtr found = api.find("nodes", "", node);
    if (found == nullptr) return std::nullopt;
    return boost::json::value(*found);
  };
  for (const runtime::KubernetesCall& call : runtime::node_calls(output, read)) {
    // A Node that is there already, or gone already, is as it should be.
    const KubernetesAnswer answer = carry_out(api, call, now);
    check(answer.status < 300 || answer.status == 404 || answer.status == 409,
          "the API accepts what HyperPod registers");
  }
}

}  // namespace hyperwright::sim
