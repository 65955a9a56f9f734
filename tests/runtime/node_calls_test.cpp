#include "runtime/node_calls.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "kube/json.h"

namespace hyperwright::runtime {
namespace {

namespace json = boost::json;

const kube::Taint kNotReady{
    .key = "node.kubernetes.io/not-ready", .value = {}, .effect = kube::TaintEffect::NoSchedule};
const kube::Taint kTeam{.key = "team", .value = "red", .effect = kube::TaintEffect::NoSchedule};

std::optional<json::value> nobody(std::string_view) { return std::nullopt; }

kube::Node a_node() {
  kube::Node node;
  node.meta.name = "hyperpod-i-1";
  node.meta.labels = {{"kept", "yes"}};
  node.meta.resource_version = 12;
  node.taints = {kNotReady};
  return node;
}
std::optional<json::value> read_a_node(std::string_view) { return kube::encode(a_node()); }

KubernetesCall call_of(const service::Output& output, const ReadNode& read) {
  const auto calls = node_calls(output, read);
  EXPECT_EQ(calls.size(), 1U);
  return calls.empty() ? KubernetesCall{} : calls.front();
}

TEST(NodeCalls, ARegistrationCreatesTheNodeWithoutWhatOnlyTheApiServerGives) {
  const KubernetesCall call = call_of(service::NodeToRegister{"demo", a_node()}, nobody);
  EXPECT_EQ(call.method, "POST");
  EXPECT_EQ(call.path, "/api/v1/nodes");
  const json::object& metadata = call.body.at("metadata").as_object();
  EXPECT_EQ(metadata.at("name"), "hyperpod-i-1");
  for (const char* key : {"uid", "resourceVersion", "generation", "creationTimestamp"})
    EXPECT_FALSE(metadata.contains(key)) << key;
}

TEST(NodeCalls, ARemovalDeletesTheNode) {
  const KubernetesCall call = call_of(service::NodeToRemove{"demo", "hyperpod-i-1"}, nobody);
  EXPECT_EQ(call.method, "DELETE");
  EXPECT_EQ(call.path, "/api/v1/nodes/hyperpod-i-1");
}

TEST(NodeCalls, AChangeWritesTaintsAsAWholeAtTheVersionThatItRead) {
  const KubernetesCall call = call_of(
      service::NodeToChange{.cluster = "demo", .name = "hyperpod-i-1", .set_taints = {kTeam}},
      read_a_node);
  EXPECT_EQ(call.method, "PATCH");
  EXPECT_EQ(call.body.at("metadata").at("resourceVersion"), "12");
  const json::array& taints = call.body.at("spec").at("taints").as_array();
  ASSERT_EQ(taints.size(), 2U) << "what others put there stays";
  EXPECT_EQ(taints[0].at("key"), "node.kubernetes.io/not-ready");
  EXPECT_EQ(taints[1].at("key"), "team");
}

TEST(NodeCalls, AChangeTakesItsTaintsAndLabelsAwayAndLeavesTheRest) {
  const KubernetesCall call = call_of(service::NodeToChange{.cluster = "demo",
                                                            .name = "hyperpod-i-1",
                                                            .set_labels = {{"new", "1"}},
                                                            .removed_labels = {"old"},
                                                            .removed_taints = {kNotReady}},
                                      read_a_node);
  const json::object& labels = call.body.at("metadata").at("labels").as_object();
  EXPECT_EQ(labels.at("new"), "1");
  EXPECT_TRUE(labels.at("old").is_null()) << "a merge patch removes by null";
  EXPECT_FALSE(labels.contains("kept"));
  EXPECT_TRUE(call.body.at("spec").at("taints").as_array().empty());
}

TEST(NodeCalls, AChangeOfANodeThatIsGoneIsNoCall) {
  EXPECT_TRUE(node_calls(service::NodeToChange{.cluster = "demo", .name = "gone"}, nobody).empty());
}

}  // namespace
}  // namespace hyperwright::runtime
