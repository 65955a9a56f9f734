// How the kinds that are only read are folded: what of them is an input of the solver, and whom a
// change of them wakes.
#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

template <typename T>
T named(std::string name, std::string namespace_name = {}) {
  T object;
  object.meta.uid = "uid-" + name;
  object.meta.name = std::move(name);
  object.meta.namespace_ = std::move(namespace_name);
  object.meta.generation = 1;
  return object;
}

Picture with(Options options) {
  Picture picture;
  picture.state = ClusterState(std::move(options), hyperpod::InstanceTypes::of({}));
  return picture;
}

Picture with_buffers() {
  Options options;
  options.gates.capacity_buffer = true;
  return with(options);
}

kube::CapacityBuffer buffer_of_template(std::string name, std::string pod_template) {
  auto buffer = named<kube::CapacityBuffer>(std::move(name), "default");
  buffer.pod_template = std::move(pod_template);
  return buffer;
}

TEST(FoldKinds, EachIsFoundByNamespaceAndNameUntilItGoes) {
  Picture picture;
  picture.comes(named<kube::PersistentVolume>("pv"));
  picture.comes(named<kube::PersistentVolumeClaim>("data", "default"));
  EXPECT_NE(picture.state.find<kube::PersistentVolume>("", "pv"), nullptr);
  EXPECT_NE(picture.state.find<kube::PersistentVolumeClaim>("default", "data"), nullptr);
  EXPECT_EQ(picture.state.find<kube::PersistentVolumeClaim>("other", "data"), nullptr);
  EXPECT_EQ(picture.state.find<kube::StorageClass>("", "pv"), nullptr);
  picture.goes(Kind::PersistentVolume, {"", "pv"}, "uid-of-a-predecessor");
  EXPECT_EQ(picture.state.objects<kube::PersistentVolume>().size(), 1U);
  picture.goes(Kind::PersistentVolume, {"", "pv"}, "uid-pv");
  picture.goes(Kind::PersistentVolumeClaim, {"default", "data"}, "uid-data");
  EXPECT_TRUE(picture.state.objects<kube::PersistentVolume>().empty());
  EXPECT_TRUE(picture.state.objects<kube::PersistentVolumeClaim>().empty());
}

TEST(FoldKinds, WhatAVolumeSaysOfPlacesIsAnInputOfTheSolverAndItsMetadataIsNot) {
  Picture picture;
  auto claim = named<kube::PersistentVolumeClaim>("data", "default");
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(claim); }));
  claim.meta.labels.set("app", "db");
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(claim); }));
  claim.volume_name = "pv";
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(claim); }));
  claim.meta.deletion_time = kStart;
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(claim); }));
  EXPECT_TRUE(picture.changes_inputs(
      [&] { picture.goes(Kind::PersistentVolumeClaim, {"default", "data"}, claim.meta.uid); }));
}

TEST(FoldKinds, OfANamespaceTheLabelsCount) {
  Picture picture;
  auto team = named<kube::Namespace>("team");
  picture.comes(team);
  team.meta.annotations.set("karpenter.sh/x", "y");
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(team); }));
  team.meta.labels.set("tier", "gold");
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(team); }));
}

TEST(FoldKinds, AWorkloadCountsForItsDefaultSpreadOrForABufferThatCopiesIt) {
  auto web = named<kube::Deployment>("web", "default");
  Picture plain = with_buffers();
  EXPECT_FALSE(plain.changes_inputs([&] { plain.comes(web); }));
  Options spread;
  spread.default_spread.emplace_back();
  Picture spreads = with(spread);
  EXPECT_TRUE(
      spreads.changes_inputs([&] { spreads.comes(named<kube::ReplicaSet>("w", "default")); }));

  Picture buffered = with_buffers();
  auto buffer = named<kube::CapacityBuffer>("spare", "default");
  buffer.scalable = kube::CapacityBuffer::ScalableReference{"apps", "Deployment", "web"};
  EXPECT_TRUE(buffered.changes_inputs([&] { buffered.comes(buffer); }));
  buffered.keys();
  EXPECT_TRUE(buffered.changes_inputs([&] { buffered.comes(web); }));
  EXPECT_TRUE(buffered.keys().contains({Of::CapacityBuffer, "default/spare"}));
  web.replicas = 5;
  EXPECT_TRUE(buffered.changes_inputs([&] { buffered.comes(web); }));
  EXPECT_FALSE(buffered.changes_inputs([&] {
    buffered.comes(named<kube::StatefulSet>("web", "default"));
  })) << "another kind of the same name";
  EXPECT_FALSE(buffered.changes_inputs([&] {
    buffered.comes(named<kube::Deployment>("web", "other"));
  })) << "another namespace";
}

TEST(FoldKinds, APodTemplateWakesTheBuffersThatNameIt) {
  Picture picture = with_buffers();
  picture.comes(buffer_of_template("a", "headroom"));
  picture.comes(buffer_of_template("b", "other"));
  picture.keys();
  picture.comes(named<kube::PodTemplate>("headroom", "default"));
  EXPECT_TRUE(picture.keys().contains({Of::CapacityBuffer, "default/a"}));
  picture.goes(Kind::PodTemplate, {"default", "headroom"}, "uid-headroom");
  const auto keys = picture.keys();
  EXPECT_TRUE(keys.contains({Of::CapacityBuffer, "default/a"}));
  EXPECT_FALSE(keys.contains({Of::CapacityBuffer, "default/b"}));
}

TEST(FoldKinds, TheStatusOfABufferIsNoInputOfTheSolver) {
  Picture picture = with_buffers();
  auto buffer = buffer_of_template("a", "headroom");
  picture.comes(buffer);
  picture.keys();
  buffer.status_replicas = 3;
  buffer.meta.resource_version = 0;
  EXPECT_FALSE(picture.changes_inputs([&] { picture.comes(buffer); }));
  EXPECT_TRUE(picture.keys().contains({Of::CapacityBuffer, "default/a"}));
  buffer.replicas = 3;
  buffer.meta.generation = 2;
  EXPECT_TRUE(picture.changes_inputs([&] { picture.comes(buffer); }));
}

TEST(FoldKinds, AStatusThatWasWrittenIsReadFromTheAnswer) {
  Picture picture = with_buffers();
  auto buffer = buffer_of_template("a", "headroom");
  picture.comes(buffer);
  buffer.status_replicas = 3;
  const Target target{Target::Of::CapacityBuffer, "default/a"};
  const EffectId update = picture.emits(UpdateCapacityBufferStatus{buffer});
  EXPECT_EQ(picture.wait_of(target), Duration::max());
  buffer.meta.resource_version = picture.next_version();
  picture.answers(update, Outcome::Done, Object(buffer));
  EXPECT_EQ(picture.wait_of(target), Duration{});
  EXPECT_EQ(picture.state.find<kube::CapacityBuffer>("default", "a")->status_replicas, 3);
}

TEST(FoldKinds, AConflictOfAStatusEndsWithTheNextVersion) {
  Options options;
  options.gates.node_overlay = true;
  Picture picture = with(options);
  auto overlay = named<kube::NodeOverlay>("o");
  picture.comes(overlay);
  overlay.meta.resource_version = picture.version();
  const Target target{Target::Of::NodeOverlay, "o"};
  picture.answers(picture.emits(UpdateNodeOverlayStatus{overlay}), Outcome::Conflict);
  EXPECT_NE(picture.wait_of(target), Duration{});
  picture.keys();
  overlay.meta.resource_version = picture.next_version();
  picture.comes(overlay);
  EXPECT_EQ(picture.wait_of(target), Duration{});
  EXPECT_TRUE(picture.keys().contains({Of::NodeOverlays, ""}));
}

}  // namespace
}  // namespace hyperwright::state
