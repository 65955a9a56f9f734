#include "state/pod_classes.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/state/generators_kube.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

TEST(PodClasses, PodsThatAskForTheSameAreOneClass) {
  PodClasses classes;
  const PodClassId first = classes.intern(pod("a", {.labels = {{"app", "web"}}}));
  EXPECT_EQ(classes.intern(pod("b", {.labels = {{"app", "web"}}})), first);
  EXPECT_EQ(classes.size(), 1U);
}

TEST(PodClasses, WhereAPodIsAndHowItFaresDoesNotCount) {
  PodClasses classes;
  kube::Pod other = pod(
      "b", {.node = "n1", .uid = "other", .phase = kube::PodPhase::Failed, .is_deleting = true});
  other.meta.annotations.set("karpenter.sh/do-not-disrupt", "true");
  other.is_ready = true;
  EXPECT_EQ(classes.intern(waiting_pod("a")), classes.intern(other));
}

TEST(PodClasses, NamespaceLabelsAndConstraintsCount) {
  PodClasses classes;
  kube::Pod elsewhere = pod("a"), tolerant = pod("a"), spread = pod("a"), important = pod("a");
  elsewhere.meta.namespace_ = "other";
  tolerant.scheduling.tolerations.push_back({.key = "gpu"});
  spread.scheduling.topology_spread.push_back({.topology_key = "zone"});
  important.scheduling.priority = 1000;
  std::set<PodClassId> ids;
  for (const kube::Pod& one :
       {pod("a"), pod("a", {.labels = {{"app", "web"}}}), pod("a", {.cpu_millis = 101}), elsewhere,
        tolerant, spread, important}) {
    ids.insert(classes.intern(one));
  }
  EXPECT_EQ(ids.size(), 7U);
}

TEST(PodClasses, LabelsThatNumberThePodsOfOneWorkloadAreLeftOut) {
  PodClasses classes;
  const PodClassId first =
      classes.intern(pod("a", {.labels = {{"app", "db"},
                                          {"statefulset.kubernetes.io/pod-name", "db-0"},
                                          {"apps.kubernetes.io/pod-index", "0"}}}));
  EXPECT_EQ(classes.intern(pod("b", {.labels = {{"app", "db"},
                                                {"statefulset.kubernetes.io/pod-name", "db-1"},
                                                {"apps.kubernetes.io/pod-index", "1"}}})),
            first);
  EXPECT_EQ(
      classes.intern(
          pod("c", {.labels = {{"app", "db"}, {"batch.kubernetes.io/job-completion-index", "7"}}})),
      first);
  EXPECT_EQ(classes.get(first).labels, (kube::StringMap{{"app", "db"}}));
}

kube::Pod mounting(kube::Pod pod, const std::string& claim) {
  pod.scheduling.volume_claims = {
      {.claim_name = claim, .is_ephemeral = false, .storage_class = {}}};
  return pod;
}

TEST(PodClasses, NamesOfClaimsAreLeftOutUnlessTheyAreAskedFor) {
  PodClasses classes;
  const kube::Pod a = mounting(pod("a"), "data-a");
  const kube::Pod b = mounting(pod("b"), "data-b");
  const PodClassId both = classes.intern(a);
  EXPECT_EQ(classes.intern(b), both);
  EXPECT_NE(classes.intern(pod("c")), both);
  EXPECT_EQ(classes.find_with_claims(both, a), std::nullopt);
  const PodClassId only_a = classes.intern_with_claims(both, a);
  EXPECT_NE(only_a, both);
  EXPECT_EQ(classes.find_with_claims(both, a), only_a);
  EXPECT_EQ(classes.find_with_claims(both, b), std::nullopt);
}

RC_GTEST_PROP(PodClasses, AClassSaysWhatItsPodsSay, (const std::vector<kube::Pod>& pods)) {
  PodClasses classes;
  std::vector<PodClassId> ids;
  for (const kube::Pod& one : pods) ids.push_back(classes.intern(one));
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const PodClass& of = classes.get(ids[i]);
    RC_ASSERT(of.namespace_ == pods[i].meta.namespace_);
    RC_ASSERT(of.labels == pods[i].meta.labels);
    kube::Scheduling said = pods[i].scheduling;
    for (kube::VolumeClaim& mounted : said.volume_claims) mounted.claim_name.clear();
    RC_ASSERT(of.scheduling == said);
    RC_ASSERT(classes.intern(pods[i]) == ids[i]);
  }
}

}  // namespace
}  // namespace hyperwright::state
