#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace class_condition = kube::node_class_condition;
namespace pool_condition = kube::node_pool_condition;

// --- HyperpodNodeClass ---

struct Classes : Picture {
  std::string text(std::string_view type) const {
    return text_of(state.find_node_class("main")->conditions, type);
  }
  Effects look_at_class() { return look("nodeclass.status", {Key::Of::NodeClass, "main"}); }
  void go_on() { accept(look_at_class()); }
};

TEST(NodeClassStatus, IsReadyWhenItsGroupsAndTheirZonesAreKnown) {
  Classes p;
  p.go_on();
  EXPECT_EQ(p.text("InstanceGroupReady"), "True");
  EXPECT_EQ(p.text("SubnetsReady"), "True");
  EXPECT_EQ(p.text("Ready"), "True");
  const auto groups = p.state.find_node_class("main")->status_instance_groups;
  ASSERT_THAT(groups, SizeIs(3));
  EXPECT_EQ(groups[1].name, "big");
  EXPECT_THAT(groups[1].instance_types, ElementsAre("ml.c5.4xlarge"));
  EXPECT_EQ(groups[1].subnets.at(0).zone, "us-west-2b");
  EXPECT_EQ(groups[1].capacity_type, "OnDemand");
  EXPECT_THAT(p.look_at_class(), IsEmpty()) << "a second look emits nothing";
}

TEST(NodeClassStatus, NamesAGroupThatTheClusterHasNot) {
  Classes p;
  p.put(node_class("main", {"cpu", "gone"}));
  p.go_on();
  EXPECT_EQ(p.text("InstanceGroupReady"),
            "False InstanceGroupNotFound: spec.instanceGroups: \"gone\" is no instance group of "
            "cluster \"hp1\", which has: big, cpu, gpu");
  EXPECT_THAT(p.text("Ready"), HasSubstr("False UnhealthyDependents"));
}

TEST(NodeClassStatus, TakesOneToTenGroups) {
  Classes p;
  p.put(node_class("main", {}));
  p.go_on();
  EXPECT_THAT(p.text("InstanceGroupReady"), HasSubstr("False NoInstanceGroups"));
  p.put(node_class("main", std::vector<std::string>(11, "cpu")));
  p.go_on();
  EXPECT_THAT(
      p.text("InstanceGroupReady"),
      HasSubstr("False TooManyInstanceGroups: spec.instanceGroups names 11 groups, at most 10"));
}

TEST(NodeClassStatus, NamesASubnetWhoseZoneIsNotKnown) {
  Classes p;
  p.cluster.groups[0].subnets = {"subnet-9"};
  p.read(state::DescribeCluster{}, p.cluster);
  p.go_on();
  EXPECT_EQ(p.text("SubnetsReady"),
            "Unknown AwaitingSubnets: the zone of subnet subnet-9 is being asked for");
  const auto id = p.emit({.action = state::DescribeSubnets{{"subnet-9"}}});
  p.answer(id, Outcome::Rejected, {}, "not authorized to perform ec2:DescribeSubnets");
  p.go_on();
  EXPECT_THAT(p.text("SubnetsReady"),
              HasSubstr("False ZoneUnknown: the zone of subnet subnet-9 of instance group \"cpu\" "
                        "is not known: not authorized"));
}

TEST(NodeClassStatus, ASubnetThatIsGoneConcernsTheClassesOfItsGroupsAlone) {
  Classes p;
  p.cluster.groups[0].subnets = {"subnet-9"};
  p.cluster.groups.push_back(
      {.name = "good", .instance_types = {"a.large"}, .subnets = {"subnet-good"}});
  p.read(state::DescribeCluster{}, p.cluster);
  p.put(node_class("other", {"good"}));
  p.read(state::DescribeSubnets{{"subnet-9", "subnet-good"}},
         std::vector<hyperpod::Subnet>{{"subnet-good", "us-west-2a", "usw2-az1"}, {"subnet-9"}});
  p.go_on();
  EXPECT_THAT(p.text("SubnetsReady"),
              HasSubstr("False ZoneUnknown: the zone of subnet subnet-9 of instance group \"cpu\" "
                        "is not known: EC2 has no such subnet"));
  const auto update =
      only<state::UpdateNodeClassStatus>(p.look("nodeclass.status", {Key::Of::NodeClass, "other"}));
  EXPECT_THAT(text_of(update.node_class.conditions, "SubnetsReady"), testing::StartsWith("True"));
}

TEST(NodeClassStatus, TellsTypesWithoutAPrice) {
  Classes p;
  p.cluster.groups[0].instance_types = {"ml.g7.2xlarge"};
  p.read(state::DescribeCluster{}, p.cluster);
  EXPECT_THAT(told(p.look_at_class()),
              ElementsAre(HasSubstr("Warning PriceUnknown: No price is known of ml.g7.2xlarge")));
  EXPECT_THAT(p.look_at_class(), IsEmpty());
}

TEST(NodeClassStatus, SaysWhatIsWrongWithTheCluster) {
  Picture p;
  p.state = state::ClusterState(state::Options{.cluster = "hp1"}, hyperpod::InstanceTypes::of({}));
  p.put(node_class("main", {"cpu"}));
  const auto id = p.emit({.action = state::DescribeCluster{}});
  p.answer(id, Outcome::NotFound, {}, "cluster hp1 does not exist");
  const auto update =
      only<state::UpdateNodeClassStatus>(p.look("nodeclass.status", {Key::Of::NodeClass, "main"}));
  EXPECT_EQ(text_of(update.node_class.conditions, "InstanceGroupReady"),
            "Unknown AwaitingCluster: cluster hp1 does not exist");
}

// --- NodePool ---

struct Pools : Picture {
  Pools() {
    accept(look("nodeclass.status", {Key::Of::NodeClass, "main"}));
    put(pool("p"));
  }
  std::string text(std::string_view type) const {
    return text_of(state.find_node_pool("p")->conditions, type);
  }
  Effects look_at_pool() { return look("nodepool.status", {Key::Of::NodePool, "p"}); }
  // The hash first, then the status: both write to the same object.
  void go_on() {
    for (int i = 0; i < 3; ++i) accept(look_at_pool());
  }
};

TEST(NodePoolStatus, IsReadyWhenItIsValidAndItsClassIsReady) {
  Pools p;
  p.go_on();
  EXPECT_EQ(p.text("ValidationSucceeded"), "True");
  EXPECT_EQ(p.text("NodeClassReady"), "True");
  EXPECT_EQ(p.text("Ready"), "True");
  EXPECT_THAT(p.text("NodeRegistrationHealthy"), HasSubstr("Unknown"));
  EXPECT_THAT(p.look_at_pool(), IsEmpty()) << "a second look emits nothing";
}

TEST(NodePoolStatus, SaysEachThingThatIsWrong) {
  Pools p;
  kube::NodePool bad = pool("p");
  bad.decode_problems = {"spec.limits.cpu: \"ten\" is no quantity"};
  bad.template_spec.taints = {{.key = "gpu", .value = {}, .effect = kube::TaintEffect::NoSchedule}};
  bad.template_spec.startup_taints = bad.template_spec.taints;
  p.put(bad);
  p.go_on();
  EXPECT_THAT(p.text("ValidationSucceeded"),
              HasSubstr("False NodePoolValidationFailed: spec.limits.cpu: \"ten\" is no quantity; "
                        "taint \"gpu\""));
}

TEST(NodePoolStatus, TellsThatTheApiServerCreatesNoClaimOfIt) {
  Pools p;
  p.go_on();
  const auto refuse = [&](std::string name) {
    p.answer(p.emit({.action = state::CreateNodeClaim{claim(std::move(name), "p"), {}}}),
             Outcome::Rejected, {}, "metadata.annotations: Too long");
    return told(p.look_at_pool());
  };
  EXPECT_THAT(refuse("p-a"), ElementsAre("Warning FailedCreate: NodeClaims of this NodePool cannot "
                                         "be created: metadata.annotations: Too long"));
  p.wait(Duration::seconds(10));
  EXPECT_THAT(refuse("p-b"), IsEmpty()) << "the same is said again after a quarter of an hour";
  p.wait(Duration::minutes(15));
  EXPECT_THAT(told(p.look_at_pool()), IsEmpty()) << "nothing is refused any more";
}

TEST(NodePoolStatus, FollowsItsClass) {
  Pools p;
  kube::NodePool other = pool("p");
  other.template_spec.node_class_ref = reference("nobody");
  p.put(other);
  p.go_on();
  EXPECT_THAT(p.text("NodeClassReady"), HasSubstr("False NodeClassNotFound"));
  p.put(node_class("nobody", {"gone"}));
  p.go_on();
  EXPECT_THAT(p.text("NodeClassReady"), HasSubstr("False NodeClassReadinessUnknown"));
  p.accept(p.look("nodeclass.status", {Key::Of::NodeClass, "nobody"}));
  p.go_on();
  EXPECT_THAT(p.text("NodeClassReady"),
              HasSubstr("False UnhealthyDependents: InstanceGroupReady=False; HyperpodNodeClass "
                        "\"nobody\": "));
  EXPECT_THAT(p.text("NodeClassReady"), HasSubstr("gone")) << "the group that is not there";
  kube::HyperpodNodeClass going = *p.state.find_node_class("nobody");
  going.meta.deletion_time = p.now;
  p.put(going);
  p.go_on();
  EXPECT_THAT(p.text("NodeClassReady"), HasSubstr("False NodeClassTerminating"));
}

TEST(NodePoolStatus, CountsItsNodesAtMostEveryFiveSeconds) {
  Pools p;
  p.go_on();
  p.put_running("p-a", "p");
  EXPECT_THAT(p.look_at_pool(), IsEmpty());
  EXPECT_LE(p.next_look, p.now + Duration::seconds(5));
  p.wait(Duration::seconds(5));
  p.go_on();
  EXPECT_EQ(p.state.find_node_pool("p")->status_nodes, 1);
  EXPECT_EQ(p.state.find_node_pool("p")->status_resources.get(kube::Resource::Cpu), 4000);
  kube::NodeClaim going = p.at_claim("p-a").claim;
  going.meta.deletion_time = p.now;
  p.put(going);
  p.wait(Duration::seconds(5));
  p.go_on();
  EXPECT_EQ(p.state.find_node_pool("p")->status_nodes, 0) << "what goes does not count";
}

TEST(NodePoolStatus, RegistrationIsHealthyOnceANodeRegistered) {
  Pools p;
  p.go_on();
  p.wait(Duration::minutes(1));
  p.put_running("p-a", "p", p.now);
  p.go_on();
  EXPECT_EQ(p.text("NodeRegistrationHealthy"), "True");
  kube::NodePool changed = *p.state.find_node_pool("p");
  changed.meta.generation = 2;
  p.put(changed);
  p.go_on();
  EXPECT_THAT(p.text("NodeRegistrationHealthy"), HasSubstr("Unknown"))
      << "it speaks of one generation";
}

TEST(NodePoolHash, ClaimsOfAnotherVersionAreStampedAndDoNotDrift) {
  Pools p;
  kube::NodeClaim foreign = claim("p-a", "p");
  foreign.meta.annotations.set(kube::kNodePoolHashVersion, "v3");
  foreign.meta.annotations.set(kube::kNodePoolHash, "1");
  p.put(foreign);
  p.put(claim("p-b", "p"));
  const Effects effects = p.look_at_pool();
  const auto patch = only<state::PatchNodeClaim>(effects);
  EXPECT_EQ(patch.name, "p-a");
  EXPECT_EQ(patch.set_annotations.get(kube::kNodePoolHash), kube::template_hash(pool("p")));
  EXPECT_EQ(only<state::PatchNodePool>(effects).set_annotations.get(kube::kNodePoolHashVersion),
            kube::kTemplateHashVersion);
}

TEST(NodePoolHash, WhatHadDriftedStaysDrifted) {
  Pools p;
  kube::NodeClaim foreign = claim("p-a", "p");
  foreign.meta.annotations.set(kube::kNodePoolHashVersion, "v3");
  foreign.conditions = {condition("Drifted", kube::ConditionStatus::True)};
  p.put(foreign);
  EXPECT_FALSE(
      only<state::PatchNodeClaim>(p.look_at_pool()).set_annotations.contains(kube::kNodePoolHash));
}

}  // namespace
}  // namespace hyperwright::controllers::test
