#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Key kHyperPod{Key::Of::HyperPod, {}};

struct Cluster : Picture {
  Cluster() { put(pool("p")); }
  Effects look_at_all() { return look("garbagecollection", kHyperPod); }
  void set_ready(const std::string& node, bool is_ready) {
    kube::Node changed = state.find_node(node)->node;
    changed.conditions = {
        condition("Ready", is_ready ? kube::ConditionStatus::True : kube::ConditionStatus::False)};
    put(changed);
  }
};

TEST(GarbageCollection, AClaimWhoseInstanceIsGoneGoesUnlessItsNodeIsReady) {
  Cluster p;
  p.put_running("p-a", "p");
  p.instances.clear();
  p.wait(Duration::minutes(1));
  p.list_instances();
  EXPECT_THAT(p.look_at_all(), IsEmpty()) << "its Node is Ready";
  p.set_ready("node-p-a", false);
  EXPECT_EQ(reasons(p.look_at_all(), "DeleteNodeClaim"), "garbage_collected");
  EXPECT_THAT(p.look_at_all(), IsEmpty()) << "a second look emits nothing";
}

TEST(GarbageCollection, AClaimThatNoListHasSeenYetStays) {
  Cluster p;
  p.put(with_id(claim("p-a", "p"), "id-a"));
  p.wait(Duration::minutes(1));
  p.list_instances();
  EXPECT_THAT(p.look_at_all(), IsEmpty());
}

TEST(GarbageCollection, OnlyAListThatIsNewerThanTheLaunchCounts) {
  Cluster p;
  kube::NodeClaim young = with_id(claim("p-a", "p"), "id-a");
  young.conditions = {
      condition("Launched", kube::ConditionStatus::True, p.now + Duration::minutes(1))};
  p.put(young);
  EXPECT_THAT(p.look_at_all(), IsEmpty());
}

TEST(GarbageCollection, ANodeWithOurMarkWhoseClaimIsGoneIsDeleted) {
  Cluster p;
  const kube::NodeClaim made = p.put_running("p-a", "p");
  EXPECT_THAT(p.look_at_all(), IsEmpty());
  p.remove(state::Kind::NodeClaim, made.meta);
  EXPECT_EQ(only<state::DeleteNode>(p.look_at_all()).name, "node-p-a");
}

// A human took its finalizers before its Node joined.
TEST(GarbageCollection, AnInstanceWhoseClaimIsGoneIsEnded) {
  Cluster p;
  const kube::NodeClaim made = p.put(with_id(claim("p-a", "p"), "id-a"));
  p.instances = {instance("id-a", ""), instance("id-x", "i-x1")};
  p.list_instances();
  p.remove(state::Kind::NodeClaim, made.meta);
  const Effects effects = p.look_at_all();
  EXPECT_THAT(only<state::BatchDeleteClusterNodes>(effects).logical_ids, ElementsAre("id-a"));
  EXPECT_THAT(told(effects), ElementsAre(HasSubstr("has 1 node that no NodeClaim owns (i-x1)")))
      << "it is not foreign";
  p.accept(effects);
  EXPECT_THAT(p.look_at_all(), IsEmpty()) << "HyperPod took it";
  p.wait(Duration::minutes(3));
  p.instances.push_back(instance("id-a", ""));
  p.list_instances();
  EXPECT_THAT(only<state::BatchDeleteClusterNodes>(p.look_at_all()).logical_ids,
              ElementsAre("id-a"))
      << "and has it still";
}

TEST(GarbageCollection, AnInstanceWithoutAClaimWaitsForTheDrainOfItsNode) {
  Cluster p;
  const kube::NodeClaim made = p.put_running("p-a", "p");
  p.remove(state::Kind::NodeClaim, made.meta);
  EXPECT_THAT(p.state.orphaned_instances(), testing::SizeIs(1));
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(p.look_at_all()), IsEmpty());
}

TEST(GarbageCollection, ForeignNodesAreToldAndNeverTouched) {
  Cluster p;
  p.instances = {instance("id-x", "i-x1"), instance("id-y", "i-y1")};
  p.list_instances();
  const Effects effects = p.look_at_all();
  EXPECT_THAT(told(effects),
              ElementsAre(HasSubstr("Warning ForeignNodes: Instance group cpu has 2 nodes that no "
                                    "NodeClaim owns (i-x1, i-y1); they are left alone")));
  EXPECT_THAT(all<state::BatchDeleteClusterNodes>(effects), IsEmpty());
  p.wait(Duration::minutes(59));
  EXPECT_THAT(p.look_at_all(), IsEmpty());
  p.wait(Duration::minutes(1));
  EXPECT_THAT(p.look_at_all(), testing::SizeIs(1)) << "once an hour";
}

TEST(GarbageCollection, NodesOfAGroupThatNobodyUsesAreNobodysBusiness) {
  Cluster p;
  p.cluster.groups.push_back(group("system", "ml.c5.xlarge"));
  p.read(state::DescribeCluster{}, p.cluster);
  p.instances = {instance("id-x", "i-x1", "system")};
  p.list_instances();
  EXPECT_THAT(p.look_at_all(), IsEmpty());
}

TEST(GarbageCollection, NothingIsForeignInAGroupThatIsBeingLaunched) {
  Cluster p;
  p.put(claim("p-a", "p"));
  p.instances = {instance("id-x", "")};
  p.list_instances();
  EXPECT_THAT(p.look_at_all(), IsEmpty());
}

}  // namespace
}  // namespace hyperwright::controllers::test
