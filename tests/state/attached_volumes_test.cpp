#include "state/attached_volumes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr const char* kEbs = "ebs.csi.aws.com";
constexpr Duration kLasts = Duration::seconds(20);

kube::PersistentVolumeClaim claim_of(const std::string& name, const std::string& storage_class,
                                     const std::string& volume = {}) {
  kube::PersistentVolumeClaim made;
  made.meta.name = name;
  made.meta.namespace_ = "default";
  made.storage_class = storage_class;
  made.volume_name = volume;
  made.is_bind_completed = !volume.empty();
  return made;
}

kube::PersistentVolume volume(const std::string& name, const std::string& driver,
                              const std::string& handle) {
  kube::PersistentVolume made;
  made.meta.name = name;
  made.csi_driver = driver;
  made.csi_handle = handle;
  return made;
}

kube::StorageClass storage_class(const std::string& name, const std::string& driver,
                                 bool is_default = false, Time created = kStart) {
  kube::StorageClass made;
  made.meta.name = name;
  made.meta.creation_time = created;
  made.provisioner = driver;
  made.is_default = is_default;
  return made;
}

kube::CsiNode csi_node(const std::string& name, std::int64_t limit) {
  kube::CsiNode made;
  made.meta.name = name;
  made.limits[kEbs] = limit;
  return made;
}

kube::Pod mounting(kube::Pod pod, std::vector<std::string> claims) {
  for (std::string& each : claims)
    pod.scheduling.volume_claims.push_back(
        {.claim_name = std::move(each), .is_ephemeral = false, .storage_class = {}});
  return pod;
}

kube::Pod with_ephemeral(kube::Pod pod, std::optional<std::string> of_class) {
  pod.scheduling.volume_claims.push_back({.claim_name = pod.meta.name + "-scratch",
                                          .is_ephemeral = true,
                                          .storage_class = std::move(of_class)});
  return pod;
}

TEST(AttachedVolumes, ABoundClaimIsItsVolumeAndAnUnboundOneItself) {
  Picture picture;
  picture.comes(storage_class("disk", kEbs));
  picture.comes(volume("one", kEbs, "vol-1"));
  picture.comes(volume("same", kEbs, "vol-1"));
  picture.comes(volume("nfs", "", ""));
  picture.comes(claim_of("bound", "gone", "one"));
  picture.comes(claim_of("again", "", "same"));
  picture.comes(claim_of("unbound", "disk"));
  picture.comes(claim_of("shared", "", "nfs"));
  picture.comes(claim_of("dangling", "", "nowhere"));
  const kube::Pod all =
      mounting(pod("a"), {"bound", "again", "unbound", "shared", "dangling", "absent", "unbound"});
  EXPECT_THAT(attached_volumes(picture.state, all),
              ElementsAre(AttachedVolume{kEbs, "default/unbound"}, AttachedVolume{kEbs, "vol-1"}));
}

TEST(AttachedVolumes, AnEphemeralVolumeIsOfItsClassOrOfTheNewestDefault) {
  Picture picture;
  picture.comes(storage_class("older", "older.example.com", true, kStart));
  picture.comes(storage_class("newer", "newer.example.com", true, kStart + Duration::hours(1)));
  picture.comes(storage_class("newest", "newest.example.com", false, kStart + Duration::hours(2)));
  EXPECT_THAT(attached_volumes(picture.state, with_ephemeral(pod("a"), std::nullopt)),
              ElementsAre(AttachedVolume{"newer.example.com", "default/a-scratch"}));
  EXPECT_THAT(attached_volumes(picture.state, with_ephemeral(pod("a"), "older")),
              ElementsAre(AttachedVolume{"older.example.com", "default/a-scratch"}));
  EXPECT_THAT(attached_volumes(picture.state, with_ephemeral(pod("a"), "gone")), IsEmpty());
}

TEST(AttachedVolumes, ALimitIsReachedByOthersOrNotAtAll) {
  Picture picture;
  picture.comes(storage_class("disk", kEbs));
  for (const char* name : {"a", "b", "c"}) picture.comes(claim_of(name, "disk"));
  picture.comes(csi_node("n1", 1));
  const kube::Pod one = mounting(pod("one"), {"a"});
  const kube::Pod two = mounting(pod("two"), {"b", "c"});
  EXPECT_FALSE(is_attach_limit_reached(picture.state, "n1", one));
  picture.comes(mounting(pod("other", {.node = "n1"}), {"c"}));
  EXPECT_TRUE(is_attach_limit_reached(picture.state, "n1", one));
  EXPECT_FALSE(is_attach_limit_reached(picture.state, "n1", two)) << "two never fit there";
  EXPECT_FALSE(is_attach_limit_reached(picture.state, "n1", mounting(pod("same"), {"c"})));
  EXPECT_FALSE(is_attach_limit_reached(picture.state, "n2", one)) << "no limit is known";
}

// Pod a was planned onto claim c1, whose node n1 is there.
Picture with_a_node_for(const kube::Pod& waiting) {
  Picture picture;
  picture.is_ready();
  picture.comes(storage_class("disk", kEbs));
  for (const char* name : {"data-a", "data-b"}) picture.comes(claim_of(name, "disk"));
  picture.comes(waiting);
  picture.asks(CreateNodeClaim{new_claim("c1"), {waiting.meta.uid}}, Object(claim("c1")));
  picture.comes(initialized(claim("c1", "l1")));
  picture.lists({instance("l1", "i-1")});
  kube::Node shown = node("n1", "i-1");
  shown.allocatable.set(kube::Resource::Pods, 10);
  picture.comes(shown);
  return picture;
}

TEST(AttachedVolumes, APodWhoseNodeIsFullOfVolumesIsNoMisfitThere) {
  Picture picture = with_a_node_for(mounting(waiting_pod("a"), {"data-a"}));
  picture.comes(csi_node("n1", 1));
  picture.comes(mounting(pod("b", {.node = "n1", .cpu_millis = 200}), {"data-b"}));
  picture.passes(kLasts);
  EXPECT_EQ(picture.place_of("a"), "");
  EXPECT_FALSE(picture.state.has_misfits());
}

TEST(AttachedVolumes, AMisfitThatMountsClaimsBlamesThemAlone) {
  const kube::Pod waiting = mounting(waiting_pod("a"), {"data-a"});
  Picture picture = with_a_node_for(waiting);
  picture.passes(kLasts);
  const PodClasses& classes = picture.state.pod_classes();
  const PodClassId of_all = picture.find(waiting)->pod_class;
  EXPECT_FALSE(picture.state.is_misfit(of_all, "gpu", "ml.g5.xlarge"));
  const auto of_these = classes.find_with_claims(of_all, waiting);
  ASSERT_TRUE(of_these.has_value());
  EXPECT_TRUE(picture.state.is_misfit(*of_these, "gpu", "ml.g5.xlarge"));
  picture.comes(mounting(pod("a", {.node = "n1"}), {"data-a"}));  // it was only slow
  EXPECT_FALSE(picture.state.has_misfits());
}

}  // namespace
}  // namespace hyperwright::state
