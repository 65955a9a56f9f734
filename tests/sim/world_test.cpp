// The truth that the fault harness judges by stays true where its reader was too far behind to be
// told of each change.
#include "tests/sim/harness/world.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/crds.h"
#include "sim/kubernetes_yaml.h"
#include "sim/story.h"
#include "tests/sim/harness/swarm.h"

namespace hyperwright::swarm {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kOurs = "karpenter.sagemaker.amazonaws.com";

// Kubernetes remembers one change of each resource: after two, everything is listed anew.
sim::SimulationSettings forgetful() {
  sim::SimulationSettings settings;
  settings.types = swarm_types();
  settings.log_length = 1;
  return settings;
}

struct WorldTest : testing::Test {
  sim::Simulation simulation{forgetful()};
  World world{simulation, swarm_types()};

  WorldTest() {
    for (const std::string_view text : kube::crds()) {
      const auto crd = sim::parse_yaml(text);
      EXPECT_TRUE(crd && sim::apply_manifest(simulation.kubernetes(), *crd, simulation.now()));
    }
    const auto answer =
        simulation.hyperpod().call("CreateCluster", draw_swarm(1).cluster, simulation.now());
    EXPECT_TRUE(answer.is_success());
    told();
  }
  void make(std::string_view resource, json::object object) {
    EXPECT_TRUE(simulation.kubernetes().create(resource, std::move(object), simulation.now()));
  }
  void make_claim(std::string_view name, std::string_view group = kOurs) {
    make("nodeclaims.karpenter.sh",
         {{"metadata", {{"name", json::string(name)}}},
          {"spec",
           {{"nodeClassRef",
             {{"group", json::string(group)}, {"kind", "HyperpodNodeClass"}, {"name", "main"}}},
            {"requirements", json::array()}}}});
  }
  void remove(std::string_view resource, std::string_view name) {
    EXPECT_TRUE(simulation.kubernetes().remove(resource, "", name, simulation.now()));
  }
  void remove_claim(std::string_view name) { remove("nodeclaims.karpenter.sh", name); }
  // "new a", "changed a", "gone a": what is told when the world is read now.
  std::vector<std::string> told() {
    std::vector<std::string> list;
    world.refresh([&](const Claim* before, const Claim* after) {
      const std::string word = before == nullptr ? "new " : after == nullptr ? "gone " : "changed ";
      list.push_back(word + (after == nullptr ? before : after)->name());
    });
    return list;
  }
};

TEST_F(WorldTest, ClaimsThatWentUnseenAreTold) {
  make_claim("a");
  make_claim("b");
  EXPECT_THAT(told(), ElementsAre("new a", "new b"));
  remove_claim("a");
  remove_claim("b");
  make_claim("c");
  EXPECT_THAT(told(), ElementsAre("gone a", "gone b", "new c"));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(WorldTest, ASuccessorOfTheSameNameIsAnotherClaim) {
  make_claim("a");
  told();
  remove_claim("a");
  make_claim("a");
  EXPECT_THAT(told(), ElementsAre("gone a", "new a"));
}

TEST_F(WorldTest, NodesPoolsAndForeignClaimsThatWentUnseenAreForgotten) {
  make("nodes", {{"metadata", {{"name", "a"}}}});
  make_claim("ec2-1", "karpenter.k8s.aws");
  told();
  ASSERT_EQ(world.nodes().size(), 1U);
  ASSERT_EQ(world.foreign_claims().size(), 1U);
  remove("nodes", "a");
  make("nodes", {{"metadata", {{"name", "b"}}}});
  remove_claim("ec2-1");
  make_claim("c");
  told();
  EXPECT_TRUE(world.nodes().contains("b"));
  EXPECT_EQ(world.nodes().size(), 1U);
  EXPECT_THAT(world.foreign_claims(), IsEmpty());
}

}  // namespace
}  // namespace hyperwright::swarm
