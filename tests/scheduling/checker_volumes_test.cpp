// The checker's rules about volumes: each is broken once, and met once.
#include "tests/scheduling/checker_volumes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/well_known.h"

namespace hyperwright::checker {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kDriver = "disk.csi.example.com";
const kube::StringMap kInZ1 = {{std::string(kube::kZone), "z1"},
                               {std::string(kube::kHostname), "n1"}};

kube::NodeSelectorTerm term(std::string_view key, const char* value) {
  return {{{std::string(key), kube::NodeOperator::In, {value}, {}}}, {}};
}

// A class of disks; a claim "bound" to a volume in z1, and one that is "unbound".
class CheckerVolumes : public testing::Test {
 protected:
  CheckerVolumes() {
    kube::StorageClass& disk = storage_.classes["disk"];
    disk.provisioner = kDriver;
    disk.waits_for_consumer = true;
    kube::PersistentVolume& volume = storage_.volumes["volume"];
    volume.csi_driver = kDriver;
    volume.csi_handle = "vol-1";
    volume.node_terms = {term(kube::kZone, "z1")};
    kube::PersistentVolumeClaim& bound = claim("bound");
    bound.volume_name = "volume";
    bound.is_bind_completed = true;
    claim("unbound").storage_class = "disk";
  }

  kube::PersistentVolumeClaim& claim(const char* name) {
    return storage_.claims[{"default", name}];
  }

  static kube::Pod mounting(const std::vector<std::string>& names) {
    kube::Pod pod;
    pod.meta.namespace_ = "default";
    for (const std::string& name : names)
      pod.scheduling.volume_claims.push_back(
          {.claim_name = name, .is_ephemeral = false, .storage_class = {}});
    return pod;
  }

  std::vector<std::string> problems(const std::string& name) {
    return volume_problems(storage_, mounting({name}), kInZ1);
  }

  Storage storage_;
};

TEST_F(CheckerVolumes, AClaimMustBeThereAndStay) {
  EXPECT_THAT(problems("bound"), IsEmpty());
  EXPECT_THAT(problems("absent"), ElementsAre(HasSubstr("is not there")));
  claim("bound").phase = "Lost";
  EXPECT_THAT(problems("bound"), ElementsAre(HasSubstr("lost its volume")));
}

TEST_F(CheckerVolumes, ABoundVolumeMustStayAndBeReachable) {
  storage_.volumes["volume"].node_terms = {term(kube::kZone, "z2")};
  EXPECT_THAT(problems("bound"), ElementsAre(HasSubstr("elsewhere")));
  storage_.volumes["volume"].node_terms.push_back(term("topology.ebs.csi.aws.com/zone", "z1"));
  EXPECT_THAT(problems("bound"), IsEmpty());
  claim("bound").is_bind_completed = false;
  EXPECT_THAT(problems("bound"), ElementsAre(HasSubstr("not bound")));
}

TEST_F(CheckerVolumes, OfALocalVolumeTheHostnameIsNotAskedFor) {
  storage_.volumes["volume"].node_terms = {term(kube::kHostname, "gone")};
  EXPECT_THAT(problems("bound"), ElementsAre(HasSubstr("elsewhere")));
  storage_.volumes["volume"].is_local = true;
  EXPECT_THAT(problems("bound"), IsEmpty());
}

TEST_F(CheckerVolumes, AnUnboundClaimNeedsAClassThatWaitsForItsPod) {
  EXPECT_THAT(problems("unbound"), IsEmpty());
  storage_.classes["disk"].allowed_topologies = {term(kube::kZone, "z2")};
  EXPECT_THAT(problems("unbound"), ElementsAre(HasSubstr("elsewhere only")));
  storage_.classes["disk"].allowed_topologies.clear();
  storage_.classes["disk"].waits_for_consumer = false;
  EXPECT_THAT(problems("unbound"), ElementsAre(HasSubstr("waits for no pod")));
  storage_.classes.clear();
  EXPECT_THAT(problems("unbound"), ElementsAre(HasSubstr("no class")));
}

TEST_F(CheckerVolumes, ANodeHasNoMoreVolumesThanItsDriverSays) {
  const kube::Pod bound = mounting({"bound"});
  const kube::Pod unbound = mounting({"unbound"});
  const VolumeLimits one = {{kDriver, 1}};
  EXPECT_THAT(attach_problems(storage_, bound, {}, {&bound, &bound}, one), IsEmpty());
  EXPECT_THAT(attach_problems(storage_, bound, {&unbound}, {&bound, &unbound}, one),
              ElementsAre(HasSubstr("2 volumes")));
  EXPECT_THAT(attach_problems(storage_, bound, {&bound, &unbound}, {&bound, &unbound}, one),
              IsEmpty())
      << "it is attached already";
}

}  // namespace
}  // namespace hyperwright::checker
