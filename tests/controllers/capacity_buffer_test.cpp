// CapacityBuffers, from the object to the node that is kept for them.
#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

const Key kPending{Key::Of::PendingPods, {}};
const Key kBuffer{Key::Of::CapacityBuffer, "default/spare"};
const Key kPoolKey{Key::Of::NodePool, "p"};

state::Options with_gate() {
  state::Options options{.cluster = "hp1"};
  options.gates.capacity_buffer = true;
  return options;
}

// A pool that is ready; the template "headroom" asks for 3 cpu, which an ml.c5.xlarge has once.
struct Buffered : Picture {
  explicit Buffered(state::Options options = with_gate()) : Picture(std::move(options)) {
    kube::NodePool open = pool("p");
    open.disruption.budgets = {{.nodes = "100%"}};
    put(open);
    settle();
    kube::PodTemplate headroom;
    headroom.meta = {.name = "headroom", .namespace_ = "default", .uid = "t", .generation = 4};
    headroom.scheduling.requests = resources({{"cpu", "3"}, {"pods", "1"}});
    put(headroom);
  }
  kube::CapacityBuffer put_buffer(std::int64_t replicas) {
    kube::CapacityBuffer buffer;
    buffer.meta = {.name = "spare",
                   .namespace_ = "default",
                   .uid = "b",
                   .generation = ++generation_,
                   .creation_time = kStart};
    buffer.pod_template = "headroom";
    buffer.replicas = replicas;
    return put(buffer);
  }
  void limit_to_one_node() {
    kube::NodePool limited = *state.find_node_pool("p");
    limited.limits = kube::Limits{{{"nodes", 1}}};
    ++limited.meta.generation;
    put(limited);
    settle();
  }
  // The provisioner looks once its window is closed.
  Effects plan() {
    wait(Duration::seconds(1));
    return look("provisioner", kPending);
  }
  void look_at_buffer() { accept(look("capacitybuffer", kBuffer)); }
  std::string text(std::string_view type) const {
    return text_of(state.find<kube::CapacityBuffer>("default", "spare")->conditions, type);
  }
  const kube::CapacityBuffer& buffer() const {
    return *state.find<kube::CapacityBuffer>("default", "spare");
  }

 private:
  std::int64_t generation_ = 0;
};

kube::Pod spread_over_zones(kube::Pod pod) {
  kube::TopologySpreadConstraint spread;
  spread.topology_key = kube::kZone;
  spread.max_skew = 1;
  spread.selector = kube::LabelSelector{pod.meta.labels, {}};
  pod.scheduling.topology_spread = {spread};
  return pod;
}

TEST(CapacityBuffer, NodesAreBoughtForVirtualPodsAndNobodyIsNominated) {
  Buffered p;
  p.put_buffer(2);
  const Effects effects = p.plan();
  const auto created = all<state::CreateNodeClaim>(effects);
  ASSERT_THAT(created, SizeIs(2));
  std::vector<std::string> claims;
  for (const auto& create : created) {
    EXPECT_THAT(create.pods, IsEmpty());
    EXPECT_EQ(create.claim.spec.requests.get("cpu"), 3000);
    claims.push_back(create.claim.meta.name);
  }
  EXPECT_THAT(told(effects), IsEmpty()) << "no event on a pod that is none";
  EXPECT_THAT(all<state::NominatePods>(effects), IsEmpty());
  EXPECT_THAT(only<state::KeepRoom>(effects).claims, testing::UnorderedElementsAreArray(claims));
}

TEST(CapacityBuffer, IsNothingWithoutItsGate) {
  Buffered p({.cluster = "hp1"});
  p.put_buffer(2);
  EXPECT_THAT(p.look("capacitybuffer", kBuffer), IsEmpty());
}

// The claims count as room that is there: the next plan buys nothing more, and the one after it
// has nothing to do.
TEST(CapacityBuffer, ComesToRest) {
  Buffered p;
  p.put_buffer(2);
  p.accept(p.plan());
  const Effects effects = p.plan();
  EXPECT_THAT(names(effects), ElementsAre("KeepRoom"));
  EXPECT_TRUE(only<state::KeepRoom>(effects).rooms.at(0).is_there);
  p.wait(Duration::seconds(5));
  EXPECT_THAT(p.look("provisioner", kPending), IsEmpty());
  EXPECT_EQ(p.next_look, p.state.buffer_plan().at + Duration::seconds(30));
  p.wait(Duration::seconds(25));
  EXPECT_THAT(p.look("provisioner", kPending), IsEmpty()) << "nothing came to the nodes";
  EXPECT_EQ(p.next_look, p.now + Duration::seconds(30));
}

TEST(CapacityBuffer, SaysWhetherItsRoomIsThere) {
  Buffered p;
  p.put_buffer(2);
  p.look_at_buffer();
  EXPECT_EQ(p.text("ReadyForProvisioning"), "True Resolved");
  EXPECT_EQ(p.text("Provisioning"), "absent") << "no plan was made yet";
  EXPECT_EQ(p.buffer().status_replicas, 2);
  EXPECT_EQ(p.buffer().status_pod_template, "headroom");
  EXPECT_EQ(p.buffer().status_pod_template_generation, 4);
  EXPECT_EQ(p.buffer().status_provisioning_strategy, "buffer.x-k8s.io/active-capacity");
  p.accept(p.plan());
  p.look_at_buffer();
  EXPECT_THAT(p.text("Provisioning"), HasSubstr("False RequiresNewCapacity"));
  p.accept(p.plan());
  p.look_at_buffer();
  EXPECT_THAT(p.text("Provisioning"), HasSubstr("True FitsExistingCapacity"));
  EXPECT_THAT(p.look("capacitybuffer", kBuffer), IsEmpty()) << "a second look emits nothing";
}

TEST(CapacityBuffer, OfNoPodsIsEmpty) {
  Buffered p;
  p.put_buffer(0);
  p.look_at_buffer();
  EXPECT_THAT(p.text("Provisioning"), HasSubstr("False BufferEmpty"));
  EXPECT_THAT(p.plan(), IsEmpty());
}

TEST(CapacityBuffer, WithoutItsTemplateItIsNotReadyUntilThatComes) {
  Buffered p;
  p.remove(state::Kind::PodTemplate, p.state.find<kube::PodTemplate>("default", "headroom")->meta);
  p.put_buffer(2);
  p.look_at_buffer();
  EXPECT_THAT(p.text("ReadyForProvisioning"), HasSubstr("False PodTemplateNotFound"));
  EXPECT_THAT(p.text("Provisioning"), HasSubstr("False NotReadyForProvisioning"));
  EXPECT_THAT(p.plan(), IsEmpty());
  kube::PodTemplate late;
  late.meta = {.name = "headroom", .namespace_ = "default", .uid = "t2", .generation = 1};
  late.scheduling.requests = resources({{"cpu", "1"}, {"pods", "1"}});
  p.put(late);
  p.look_at_buffer();
  EXPECT_EQ(p.text("ReadyForProvisioning"), "True Resolved");
  EXPECT_THAT(all<state::CreateNodeClaim>(p.plan()), SizeIs(1)) << "two pods of 1 cpu on one node";
}

TEST(CapacityBuffer, OfAnotherStrategyItSaysSoUntilAnotherControllerProvidesIt) {
  Buffered p;
  kube::CapacityBuffer buffer = p.put_buffer(2);
  buffer.provisioning_strategy = "buffer.example.com/standby-capacity";
  ++buffer.meta.generation;
  p.put(buffer);
  EXPECT_THAT(p.plan(), IsEmpty());
  p.look_at_buffer();
  EXPECT_THAT(p.text("ReadyForProvisioning"),
              HasSubstr("False ResolutionFailed: spec.provisioningStrategy is "
                        "\"buffer.example.com/standby-capacity\""));
  EXPECT_EQ(p.buffer().status_provisioning_strategy, "");
  EXPECT_THAT(p.look("capacitybuffer", kBuffer), IsEmpty()) << "a second look emits nothing";
  buffer.status_provisioning_strategy = buffer.provisioning_strategy;
  buffer.conditions = {condition("ReadyForProvisioning", kube::ConditionStatus::True)};
  p.put(buffer);
  EXPECT_THAT(p.look("capacitybuffer", kBuffer), IsEmpty()) << "it is the other's to say";
}

TEST(CapacityBuffer, WhatNoNodeCouldHoldIsNoFailureOfAPod) {
  Buffered p;
  kube::PodTemplate large = *p.state.find<kube::PodTemplate>("default", "headroom");
  large.scheduling.requests = resources({{"cpu", "1000"}, {"pods", "1"}});
  p.put(large);
  p.put_buffer(1);
  const Effects effects = p.plan();
  EXPECT_THAT(names(effects), ElementsAre("KeepRoom")) << "no event, no verdict";
  p.look_at_buffer();
  EXPECT_THAT(p.text("Provisioning"), HasSubstr("False RequiresNewCapacity"));
}

TEST(CapacityBuffer, ItsNodesAreNotEmpty) {
  Buffered p;
  p.put_running("p-a", "p");
  p.put_running("p-b", "p");
  p.put_buffer(1);
  p.wait(Duration::minutes(1));
  EXPECT_THAT(all<state::PatchNode>(p.look("disruption", kPoolKey)), IsEmpty())
      << "before the first plan, nobody knows which one is kept";
  EXPECT_THAT(only<state::KeepRoom>(p.plan()).claims, ElementsAre("p-a"));
  p.wait(Duration::minutes(1));
  EXPECT_EQ(only<state::PatchNode>(p.look("disruption", kPoolKey)).name, "node-p-b");
}

TEST(CapacityBuffer, WithTheBufferItsRoomGoes) {
  Buffered p;
  p.put_running("p-a", "p");
  const kube::CapacityBuffer buffer = p.put_buffer(1);
  p.plan();
  p.remove(state::Kind::CapacityBuffer, buffer.meta);
  const auto keep = only<state::KeepRoom>(p.plan());
  EXPECT_THAT(keep.claims, IsEmpty());
  EXPECT_THAT(keep.rooms, IsEmpty());
  p.wait(Duration::minutes(1));
  EXPECT_THAT(p.look("provisioner", kPending), IsEmpty());
  EXPECT_EQ(only<state::PatchNode>(p.look("disruption", kPoolKey)).name, "node-p-a");
}

// A pod that waits takes the room; one more node is bought for the virtual pod in the same plan.
TEST(CapacityBuffer, ARealPodTakesTheRoomAndItIsFilledAgain) {
  Buffered p;
  p.put_running("p-a", "p");
  p.put_buffer(1);
  p.plan();
  p.put(pending_pod("web", "3"));
  const Effects effects = p.plan();
  const auto nominated = only<state::NominatePods>(effects);
  EXPECT_EQ(nominated.node, "node-p-a");
  EXPECT_THAT(nominated.pods, ElementsAre("uid-web"));
  const auto create = only<state::CreateNodeClaim>(effects);
  EXPECT_THAT(create.pods, IsEmpty());
  EXPECT_THAT(only<state::KeepRoom>(effects).claims, ElementsAre(create.claim.meta.name));
}

// Pods with constraints look for a place later than others, but not later than virtual ones.
TEST(CapacityBuffer, ARealPodThatSpreadsTakesTheRoomToo) {
  Buffered p;
  p.put_running("p-a", "p");
  p.put_buffer(1);
  p.plan();
  p.put(spread_over_zones(pending_pod("web", "3")));
  EXPECT_EQ(only<state::NominatePods>(p.plan()).node, "node-p-a");
}

// kube-scheduler binds a pod that finds room without ever marking it: that is what room is for.
TEST(CapacityBuffer, RoomThatWasTakenWithoutAWordIsFilledWithinHalfAMinute) {
  Buffered p;
  p.put_running("p-a", "p");
  p.put_buffer(1);
  p.plan();
  p.put(bound_pod("web", "node-p-a", "3"));
  p.wait(Duration::seconds(28));
  EXPECT_THAT(p.look("provisioner", kPending), IsEmpty());
  p.wait(Duration::seconds(2));
  EXPECT_THAT(all<state::CreateNodeClaim>(p.look("provisioner", kPending)), SizeIs(1));
}

TEST(CapacityBuffer, RealPodsAndVirtualOnesShareANewNode) {
  Buffered p;
  kube::PodTemplate small = *p.state.find<kube::PodTemplate>("default", "headroom");
  small.scheduling.requests = resources({{"cpu", "1"}, {"pods", "1"}});
  p.put(small);
  p.put_buffer(1);
  p.put(pending_pod("web", "1"));
  const Effects effects = p.plan();
  const auto create = only<state::CreateNodeClaim>(effects);
  EXPECT_THAT(create.pods, ElementsAre("uid-web"));
  EXPECT_EQ(create.claim.spec.requests.get("cpu"), 2000);
}

TEST(CapacityBuffer, LimitsOfThePoolHoldAndRealPodsComeFirst) {
  Buffered p;
  p.limit_to_one_node();
  p.put_buffer(1);
  p.put(pending_pod("web", "3"));
  const Effects effects = p.plan();
  EXPECT_THAT(only<state::CreateNodeClaim>(effects).pods, ElementsAre("uid-web"));
  EXPECT_FALSE(only<state::KeepRoom>(effects).rooms.at(0).is_there);
}

TEST(CapacityBuffer, ALimitIsForARealPodThatSpreadsToo) {
  Buffered p;
  p.limit_to_one_node();
  p.put_buffer(1);
  p.put(spread_over_zones(pending_pod("web", "3")));
  EXPECT_THAT(only<state::CreateNodeClaim>(p.plan()).pods, ElementsAre("uid-web"));
}

}  // namespace
}  // namespace hyperwright::controllers::test
