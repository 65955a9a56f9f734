// What single rules about volumes say; how they work together is in tests/scenarios/volumes.yaml.
#include "scheduling/volumes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "kube/well_known.h"
#include "scheduling/default_spread.h"
#include "scheduling/demands.h"
#include "tests/scheduling/case_seed.h"
#include "tests/scheduling/cluster_builder.h"
#include "tests/scheduling/drawn_types.h"
#include "tests/scheduling/drawn_volumes.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scheduling {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr const char* kDriver = "disk.csi.example.com";

kube::NodeSelectorTerm term(std::string_view key, std::string value) {
  return {{{std::string(key), kube::NodeOperator::In, {std::move(value)}, {}}}, {}};
}

kube::StorageClass storage_class(const std::string& name) {
  kube::StorageClass made;
  made.meta.name = name;
  made.provisioner = kDriver;
  made.waits_for_consumer = true;
  return made;
}

kube::PersistentVolumeClaim claim(const std::string& name, const std::string& volume = {}) {
  kube::PersistentVolumeClaim made;
  made.meta.name = name;
  made.meta.namespace_ = "default";
  made.storage_class = "disk";
  made.volume_name = volume;
  made.is_bind_completed = !volume.empty();
  made.phase = volume.empty() ? "Pending" : "Bound";
  return made;
}

kube::PersistentVolume volume(const std::string& name,
                              std::vector<kube::NodeSelectorTerm> terms = {}) {
  kube::PersistentVolume made;
  made.meta.name = name;
  made.csi_driver = kDriver;
  made.csi_handle = name;
  made.node_terms = std::move(terms);
  return made;
}

// A cluster with a class of disks, and pods that mount claims.
class VolumesTest : public testing::Test {
 protected:
  VolumesTest() {
    cluster_.put_pool(cluster_.pool("default"));
    cluster_.put(storage_class("disk"));
  }

  void put_pod(const std::string& name, const std::vector<std::string>& claims,
               const std::string& on = {}) {
    kube::Pod pod = cluster_.pod(name);
    for (const std::string& each : claims)
      pod.scheduling.volume_claims.push_back(
          {.claim_name = each, .is_ephemeral = false, .storage_class = {}});
    if (!on.empty()) {
      pod.node_name = on;
      pod.phase = kube::PodPhase::Running;
      pod.scheduled_reason.clear();
    }
    cluster_.put_pod(std::move(pod));
  }

  void put_csi_node(const std::string& name, std::int64_t limit) {
    kube::CsiNode node;
    node.meta.name = name;
    node.limits[kDriver] = limit;
    cluster_.put(std::move(node));
  }

  // What the volumes of a pod that mounts these claims ask.
  VolumeDemand asked(const std::vector<std::string>& claims) {
    put_pod("asks", claims);
    const state::PodRecord* record = cluster_.state().find_pod("uid-asks");
    const std::vector<const state::PodRecord*> batch = {record};
    ExistingNodes nodes;
    nodes.rebuild(cluster_.state(), {});
    Volumes volumes(cluster_.state(), nodes, batch);
    return volumes.get(volumes.demand_of(*record));
  }

  Plan solve_checked() {
    const auto waiting = cluster_.waiting();
    Plan plan = cluster_.solve();
    EXPECT_THAT(problems_of(plan, cluster_.state(), waiting, cluster_.now()), IsEmpty());
    return plan;
  }

  ClusterBuilder cluster_;
};

kube::Requirements in_zone(std::string zone) {
  kube::Requirements made;
  made.add(kube::Requirement::in(kube::kZone, {std::move(zone)}));
  return made;
}

TEST_F(VolumesTest, AnUnboundClaimOfAClassWithoutTopologiesIsFree) {
  cluster_.put(claim("data"));
  const VolumeDemand demand = asked({"data"});
  EXPECT_EQ(demand.problem, "");
  EXPECT_THAT(demand.alternatives, IsEmpty());
}

TEST_F(VolumesTest, SeveralVolumesLeaveTheCombinationsThatAgree) {
  const auto z1 = term(kube::kZone, "z1");
  const auto z2 = term(kube::kZone, "z2");
  const auto z3 = term(kube::kZone, "z3");
  cluster_.put(volume("one", {z1, z2}));
  cluster_.put(volume("two", {z2, z3, z2}));
  cluster_.put(claim("one", "one"));
  cluster_.put(claim("two", "two"));
  EXPECT_THAT(asked({"one", "two"}).alternatives, ElementsAre(in_zone("z2")));
}

TEST_F(VolumesTest, ManyVolumesOfAFewZonesDoNotMultiply) {
  std::vector<std::string> claims;
  for (int i = 0; i < 20; ++i) {
    const std::string name = "data-" + std::to_string(i);
    cluster_.put(volume(name, {term(kube::kZone, "z1"), term(kube::kZone, "z2")}));
    cluster_.put(claim(name, name));
    claims.push_back(name);
  }
  EXPECT_THAT(asked(claims).alternatives, ElementsAre(in_zone("z1"), in_zone("z2")));
}

TEST_F(VolumesTest, CombinationsBeyondTheBoundAreToldNotTried) {
  std::vector<std::string> claims;
  for (int i = 0; i < 9; ++i) {
    const std::string name = "data-" + std::to_string(i);
    cluster_.put(volume(name, {term("a-" + name, "x"), term("b-" + name, "x")}));
    cluster_.put(claim(name, name));
    claims.push_back(name);
  }
  EXPECT_THAT(asked(claims).problem, HasSubstr("more than 256 ways"));
  claims.pop_back();
  EXPECT_THAT(asked(claims).alternatives, SizeIs(kVolumeAlternativesMax));
}

TEST_F(VolumesTest, ATermWithoutExpressionsMatchesNothing) {
  cluster_.put(volume("one", {{}, term(kube::kZone, "z1")}));
  cluster_.put(volume("none", {{}}));
  cluster_.put(claim("one", "one"));
  cluster_.put(claim("none", "none"));
  EXPECT_THAT(asked({"one"}).alternatives, ElementsAre(in_zone("z1")));
  EXPECT_THAT(asked({"none"}).problem, HasSubstr("empty terms only"));
}

TEST_F(VolumesTest, AProblemNamesTheClaimTheFieldAndTheRemedy) {
  kube::PersistentVolumeClaim incomplete = claim("incomplete", "one");
  incomplete.is_bind_completed = false;
  kube::PersistentVolumeClaim classless = claim("classless");
  classless.storage_class.reset();
  cluster_.put(volume("one"));
  cluster_.put(incomplete);
  cluster_.put(classless);
  cluster_.put(claim("dangling", "gone"));
  EXPECT_EQ(asked({"absent"}).problem,
            "its PersistentVolumeClaim \"absent\" does not exist in namespace \"default\"; create "
            "it");
  EXPECT_EQ(asked({"dangling"}).problem,
            "its PersistentVolumeClaim \"dangling\" names the PersistentVolume \"gone\" "
            "(spec.volumeName), which does not exist; create it, or the claim anew");
  EXPECT_EQ(
      asked({"incomplete"}).problem,
      "its PersistentVolumeClaim \"incomplete\" names the PersistentVolume \"one\" "
      "(spec.volumeName) and is not bound to it yet (annotation "
      "pv.kubernetes.io/bind-completed); see that the volume's spec.claimRef names the claim");
  EXPECT_EQ(asked({"classless"}).problem,
            "its PersistentVolumeClaim \"classless\" is not bound and has no StorageClass "
            "(spec.storageClassName is absent); name one, or bind it to a PersistentVolume");
}

TEST_F(VolumesTest, AStatefulSetWithAClaimAPodIsOneDemand) {
  cluster_.put_node({.name = "old", .pool = "default"});
  put_csi_node("old", 3);
  for (int i = 0; i < 1000; ++i) {
    const std::string name = "data-" + std::to_string(i);
    if (i % 2 == 0) {
      cluster_.put(claim(name));
    } else {
      cluster_.put(volume(name, {term(kube::kZone, "z1")}));
      cluster_.put(claim(name, name));
    }
    put_pod("web-" + std::to_string(i), {name});
  }
  const auto waiting = cluster_.waiting();
  const state::ClusterState& state = cluster_.state();
  ExistingNodes nodes;
  nodes.rebuild(state, {});
  DefaultSpread spread(state);
  Volumes volumes(state, nodes, waiting);
  Topology topology(state, nodes);
  FitCache cache(state, nodes, topology);
  // Half of them are free, half are in z1.
  EXPECT_THAT(demands_of(state, waiting, false, spread, volumes, topology, cache), SizeIs(2));
}

TEST_F(VolumesTest, ANodeTakesAsManyPodsAsItCanAttachVolumes) {
  cluster_.put_node({.name = "old", .pool = "default"});
  put_csi_node("old", 3);
  cluster_.put(claim("before"));
  put_pod("before", {"before"}, "old");
  for (int i = 0; i < 4; ++i) {
    cluster_.put(claim("data-" + std::to_string(i)));
    put_pod("web-" + std::to_string(i), {"data-" + std::to_string(i)});
  }
  const Plan plan = solve_checked();
  ASSERT_THAT(plan.placed, SizeIs(1));
  EXPECT_THAT(plan.placed[0].pods, ElementsAre("uid-web-0", "uid-web-1"));
  EXPECT_EQ(placed_pods(plan), 4U);
}

TEST_F(VolumesTest, VolumesOfOneHandleAttachOnce) {
  cluster_.put_node({.name = "old", .pool = "default"});
  put_csi_node("old", 1);
  for (const char* name : {"one", "two"}) {
    kube::PersistentVolume same = volume(name);
    same.csi_handle = "vol-0";
    cluster_.put(same);
    cluster_.put(claim(name, name));
    put_pod(std::string("web-") + name, {name});
  }
  const Plan plan = solve_checked();
  ASSERT_THAT(plan.placed, SizeIs(1));
  EXPECT_THAT(plan.placed[0].pods, SizeIs(2));
}

TEST_F(VolumesTest, ANodeOverItsLimitTakesWhatItHasAttachedAlready) {
  cluster_.put_node({.name = "old", .pool = "default"});
  put_csi_node("old", 1);
  for (const char* name : {"a", "b"}) {
    cluster_.put(claim(name));
    put_pod(std::string("before-") + name, {name}, "old");
  }
  put_pod("again", {"a"});
  put_pod("plain", {});
  const Plan plan = solve_checked();
  ASSERT_THAT(plan.placed, SizeIs(1));
  EXPECT_THAT(plan.placed[0].pods, SizeIs(2));
}

TEST_F(VolumesTest, WhatIsPromisedToANodeOnItsWayIsAttachedThere) {
  cluster_.put_node({.name = "coming", .pool = "default", .is_initialized = false});
  put_csi_node("coming", 1);
  cluster_.put(claim("a"));
  cluster_.put(claim("b"));
  put_pod("promised", {"a"});
  cluster_.emit(state::NominatePods{"", "claim-coming", {"uid-promised"}});
  put_pod("late", {"b"});
  const Plan plan = solve_checked();
  EXPECT_THAT(plan.placed, IsEmpty());
  EXPECT_THAT(plan.new_nodes, SizeIs(1));
}

TEST_F(VolumesTest, WhatAPodOfTheBatchWasPromisedIsFree) {
  cluster_.put_node({.name = "going", .pool = "default", .is_deleting = true});
  cluster_.put_node({.name = "old", .pool = "default"});
  put_csi_node("old", 1);
  cluster_.put(claim("a"));
  cluster_.put(claim("b"));
  put_pod("leaving", {"a"}, "going");
  cluster_.emit(state::NominatePods{"old", "", {"uid-leaving"}});
  kube::Pod important = cluster_.pod("important");
  important.scheduling.priority = 10;
  important.scheduling.volume_claims.push_back(
      {.claim_name = "b", .is_ephemeral = false, .storage_class = {}});
  cluster_.put_pod(important);
  const Plan plan = solve_checked();
  ASSERT_THAT(plan.placed, SizeIs(1));
  EXPECT_THAT(plan.placed[0].pods, ElementsAre("uid-important"));
}

// Small clusters whose pods mount all kinds of claims.
class Drawn {
 public:
  explicit Drawn(CaseSeed seed) : random_(seed.value), cluster_(draw_types(random_)) {
    cluster_.put_pool(cluster_.pool("default"));
    DrawnVolumes volumes(random_, cluster_);
    const std::uint64_t nodes = 1 + random_.below(3);
    for (std::uint64_t i = 1; i <= nodes; ++i) {
      NodeShape node{.name = "node-" + std::to_string(i), .pool = "default"};
      node.zone = "z" + std::to_string(1 + random_.below(3));
      cluster_.put_node(node);
      volumes.limit(node.name);
    }
    for (std::uint64_t kind = 1 + random_.below(4); kind > 0; --kind) {
      const DrawnVolumes::Mounts mounts = volumes.draw();
      const bool is_spread = random_.chance(300);
      const bool is_running = random_.chance(200);
      for (std::uint64_t i = 1 + random_.below(3); i > 0; --i) {
        kube::Pod pod = cluster_.pod("pod-" + std::to_string(kind) + "-" + std::to_string(i));
        pod.meta.labels.set("kind", std::to_string(kind));
        pod.scheduling.requests.set(kube::Resource::Cpu, 500);
        if (is_spread) {
          kube::TopologySpreadConstraint spread;
          spread.topology_key = kube::kZone;
          spread.selector = kube::LabelSelector{pod.meta.labels, {}};
          pod.scheduling.topology_spread = {spread};
        }
        volumes.mount(mounts, pod);
        if (is_running) {
          pod.node_name = "node-" + std::to_string(1 + i % nodes);
          pod.phase = kube::PodPhase::Running;
          pod.scheduled_reason.clear();
        }
        cluster_.put_pod(std::move(pod));
      }
    }
  }

  std::vector<std::string> problems() {
    const auto waiting = cluster_.waiting();
    const Plan plan = cluster_.solve();
    return problems_of(plan, cluster_.state(), waiting, cluster_.now(),
                       checker::SpreadHolds::InSomeOrder);
  }

 private:
  Random random_;
  ClusterBuilder cluster_;
};

RC_GTEST_PROP(VolumesProperty, NoPlacementIsRejected, (CaseSeed seed)) {
  const auto problems = Drawn(seed).problems();
  if (!problems.empty()) RC_FAIL(problems.front());
}

}  // namespace
}  // namespace hyperwright::scheduling
