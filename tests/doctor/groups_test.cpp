// Instance groups, their zones and prices, and what DaemonSets leave for pods on their nodes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "doctor/daemon_room.h"
#include "doctor/instance_groups.h"
#include "doctor/subnets.h"
#include "kube/well_known.h"
#include "state/cluster_state.h"
#include "tests/controllers/builders.h"

namespace hyperwright::doctor {
namespace {

using controllers::test::claim;
using controllers::test::group;
using controllers::test::instance;
using controllers::test::kArn;
using controllers::test::kStart;
using controllers::test::node_class;
using controllers::test::pool;
using controllers::test::resources;
using controllers::test::with_id;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A cluster with the groups cpu and gpu in one zone, and what Kubernetes has of it.
class Site {
 public:
  Site() {
    cluster.name = "hp1";
    cluster.arn = kArn;
    cluster.groups = {group("cpu", "ml.m5.xlarge"), group("gpu", "ml.g5.xlarge")};
  }

  template <typename Object>
  void put(Object object) {
    object.meta.resource_version = ++version_;
    objects.fold(state::Changed{std::move(object)}, kStart);
  }
  void put_daemon_set(const std::string& name, kube::Resources requests,
                      std::vector<kube::Toleration> tolerations = {}) {
    kube::DaemonSet set;
    set.meta = {.name = name, .namespace_ = "kube-system", .uid = "uid-" + name};
    requests.set(kube::Resource::Pods, 1);
    set.scheduling.requests = std::move(requests);
    set.scheduling.tolerations = std::move(tolerations);
    put(set);
  }

  [[nodiscard]] Findings groups() const { return check_instance_groups(cluster, objects, nodes); }
  [[nodiscard]] Findings zones() const { return check_subnets(cluster, objects, subnets); }
  [[nodiscard]] std::vector<NodeRoom> rooms() const {
    return node_rooms(cluster, *subnets, objects);
  }

  hyperpod::Cluster cluster;
  state::ClusterState objects{{.cluster = "hp1"}, hyperpod::InstanceTypes::shipped()};
  std::optional<std::vector<hyperpod::Node>> nodes{std::vector<hyperpod::Node>{}};
  Result<std::vector<hyperpod::Subnet>> subnets =
      std::vector<hyperpod::Subnet>{{"subnet-1", "us-west-2a", "usw2-az1"}};

 private:
  std::uint64_t version_ = 0;
};

std::vector<std::string> wrong(const Findings& findings) {
  std::vector<std::string> list;
  for (const Finding& finding : findings) {
    if (finding.verdict == Verdict::Ok) continue;
    list.push_back(std::string(to_string(finding.verdict)) + ": " + finding.found);
  }
  return list;
}

TEST(InstanceGroups, AtZeroAndInServiceAreGood) {
  const Findings findings = Site().groups();
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Ok);
  EXPECT_EQ(findings[0].found, "cpu, gpu may be bought of; no HyperpodNodeClass names any yet");
}

TEST(InstanceGroups, OnlyThoseThatAClassNamesAreLookedAt) {
  Site site;
  site.put(node_class("main", {"gpu"}));
  site.nodes->push_back(instance("id-1", "i-1", "cpu"));
  EXPECT_THAT(wrong(site.groups()), IsEmpty()) << "a group for the system may have nodes";
  site.nodes->push_back(instance("id-2", "i-2", "gpu"));
  EXPECT_THAT(wrong(site.groups()),
              ElementsAre("warning: gpu has 1 node without a NodeClaim: left alone, and paid for"));
}

TEST(InstanceGroups, NodesOfNodeClaimsAreExpected) {
  Site site;
  site.nodes->push_back(instance("id-1", "i-1", "cpu"));
  site.put(with_id(claim("a", "workers"), "id-1"));
  EXPECT_THAT(wrong(site.groups()), IsEmpty());
}

TEST(InstanceGroups, WithoutTheListOfNodesTheCountsTell) {
  Site site;
  site.nodes.reset();
  site.cluster.groups[0].target_count = 2;
  EXPECT_THAT(wrong(site.groups()),
              ElementsAre("warning: cpu has 2 nodes; whether NodeClaims own them could not be "
                          "read"));
}

TEST(InstanceGroups, AMinimumAndAStatusAreToldAndAMissingGroupBlocksItsClass) {
  Site site;
  site.cluster.groups[0].min_count = 3;
  site.cluster.groups[1].status = hyperpod::InstanceGroupStatus::Degraded;
  site.put(node_class("main", {"cpu", "gpu", "tpu"}));
  EXPECT_THAT(wrong(site.groups()),
              ElementsAre(HasSubstr("problem: HyperpodNodeClass main names tpu"),
                          HasSubstr("warning: cpu has a MinInstanceCount of 3"),
                          HasSubstr("warning: gpu is Degraded")));
}

TEST(InstanceGroups, NoneAtAllIsAProblem) {
  Site site;
  site.cluster.groups.clear();
  EXPECT_THAT(wrong(site.groups()), ElementsAre("problem: there is none to buy of"));
}

TEST(Prices, ATypeWithoutOneIsNamed) {
  Site site;
  EXPECT_EQ(check_prices(site.cluster, site.objects)[0].verdict, Verdict::Ok);
  site.cluster.groups[1].instance_types = {"ml.z9.xlarge"};
  EXPECT_THAT(wrong(check_prices(site.cluster, site.objects)),
              ElementsAre("warning: none is known of ml.z9.xlarge: they are left out"));
}

TEST(Subnets, AreGoodWhenEachZoneIsKnown) {
  const Findings findings = Site().zones();
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].found, "us-west-2a");
}

TEST(Subnets, OneThatIsGoneBlocksTheGroupsThatUseIt) {
  Site site;
  site.cluster.groups[1].subnets = {"subnet-1", "subnet-9"};
  EXPECT_THAT(wrong(site.zones()),
              ElementsAre("problem: instance group gpu: subnet-9 does not exist"));
  site.cluster.groups[1].subnets.emplace_back("subnet-8");
  EXPECT_THAT(wrong(site.zones()),
              ElementsAre("problem: instance group gpu: subnet-9, subnet-8 do not exist"));
  site.cluster.groups[1].subnets = {"subnet-1"};
  site.cluster.subnets = {"subnet-9"};
  EXPECT_THAT(wrong(site.zones()), IsEmpty()) << "no group uses the cluster's";
}

TEST(Subnets, ThatMayNotBeAskedForBlock) {
  Site site;
  site.subnets = fail(ErrorCode::Forbidden, "ec2:DescribeSubnets: UnauthorizedOperation");
  EXPECT_THAT(wrong(site.zones()), ElementsAre(HasSubstr("problem: ec2:DescribeSubnets")));
}

TEST(Subnets, AGroupWithoutItsOwnUsesTheClusters) {
  Site site;
  site.cluster.groups[0].subnets.clear();
  EXPECT_THAT(wrong(site.zones()), ElementsAre("problem: instance group cpu: it has no subnets"));
  site.cluster.subnets = {"subnet-1"};
  EXPECT_THAT(wrong(site.zones()), IsEmpty());
  EXPECT_THAT(subnets_to_ask(site.cluster, site.objects), ElementsAre("subnet-1"));
}

TEST(Subnets, OneTypeOverSeveralZonesCannotPromiseOneAndAFlexibleGroupCan) {
  Site site;
  site.subnets->push_back({"subnet-2", "us-west-2b", "usw2-az2"});
  site.cluster.groups[0].subnets = {"subnet-1", "subnet-2"};
  EXPECT_THAT(
      wrong(site.zones()),
      ElementsAre(HasSubstr("warning: instance group cpu is in us-west-2a and us-west-2b")));
  site.cluster.groups[0].is_flexible = true;
  EXPECT_THAT(wrong(site.zones()), IsEmpty());
}

TEST(DaemonRoom, WithoutDaemonSetsNodesAreWhole) {
  const auto rooms = Site().rooms();
  ASSERT_THAT(rooms, SizeIs(2));
  EXPECT_TRUE(rooms[0].daemon_requests.is_zero());
  EXPECT_THAT(wrong(check_daemon_overhead(rooms)), IsEmpty());
  EXPECT_THAT(wrong(check_pod_density(rooms)), IsEmpty());
}

TEST(DaemonRoom, ADaemonSetThatIsLargerThanANodeBlocksItsGroup) {
  Site site;
  site.put_daemon_set("monster", resources({{"cpu", "5"}}));
  EXPECT_THAT(wrong(check_daemon_overhead(site.rooms())),
              ElementsAre(HasSubstr("problem: ml.m5.xlarge of instance group cpu: its 1 DaemonSet "
                                    "asks for cpu 5"),
                          HasSubstr("problem: ml.g5.xlarge of instance group gpu")));
  site.cluster.groups[0].instance_types = {"ml.m5.xlarge", "ml.m5.4xlarge"};
  site.cluster.groups[0].is_flexible = true;
  EXPECT_THAT(wrong(check_daemon_overhead(site.rooms())),
              ElementsAre(HasSubstr("warning: ml.m5.xlarge of instance group cpu"), testing::_));
}

TEST(DaemonRoom, MoreThanHalfOfANodeIsToldWithItsShares) {
  Site site;
  site.put_daemon_set("large", resources({{"cpu", "2"}, {"memory", "1Gi"}}));
  const auto told = wrong(check_daemon_overhead(site.rooms()));
  ASSERT_THAT(told, SizeIs(2));
  EXPECT_THAT(told[0], HasSubstr("DaemonSets take 51 % of its cpu"));
}

TEST(DaemonRoom, ATaintKeepsADaemonSetAwayThatDoesNotTolerateIt) {
  Site site;
  site.put_daemon_set("monster", resources({{"cpu", "5"}}));
  const kube::Taint taint{.key = "gpu", .value = {}, .effect = kube::TaintEffect::NoSchedule};
  site.cluster.groups[1].taints = {taint};
  EXPECT_THAT(wrong(check_daemon_overhead(site.rooms())), SizeIs(1)) << "of the group";
  site.put(node_class("main", {"cpu", "gpu"}));
  kube::NodePool tainted = pool("workers");
  tainted.template_spec.taints = {taint};
  site.put(tainted);
  EXPECT_THAT(wrong(check_daemon_overhead(site.rooms())), IsEmpty()) << "and of the NodePool";
}

TEST(PodDensity, ATypeWithRoomForFewPodsBesideTheDaemonSetsIsNamed) {
  Site site;
  for (int i = 0; i < 9; ++i)
    site.put_daemon_set("agent-" + std::to_string(i), resources({{"cpu", "1m"}}));
  EXPECT_THAT(wrong(check_pod_density(site.rooms())), IsEmpty()) << "14 - 9 = 5";
  site.put_daemon_set("one-more", {});
  EXPECT_THAT(wrong(check_pod_density(site.rooms())),
              ElementsAre(HasSubstr("ml.m5.xlarge of instance group cpu has room for 14 pods, and "
                                    "10 DaemonSets run there: 4 are left"),
                          HasSubstr("ml.g5.xlarge")));
}

}  // namespace
}  // namespace hyperwright::doctor
