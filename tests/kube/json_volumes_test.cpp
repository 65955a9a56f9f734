// Volumes, their claims and classes, and what a node may attach.
#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/json.h"
#include "tests/kube/json_documents.h"

namespace hyperwright::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

boost::json::value parse(std::string_view text) { return boost::json::parse(text); }

PersistentVolume volume(std::string_view spec) {
  boost::json::value json = parse(R"({"metadata": {"name": "pv"}})");
  json.as_object()["spec"] = parse(spec);
  return decode_persistent_volume(json).value();
}

TEST(DecodePersistentVolume, NodeAffinityIsAListOfTermsOfWhichOneMustHold) {
  const PersistentVolume decoded =
      decode_persistent_volume(parse(kPersistentVolumeDocument)).value();
  EXPECT_EQ(decoded.csi_driver, "ebs.csi.aws.com");
  EXPECT_EQ(decoded.csi_handle, "vol-1");
  ASSERT_EQ(decoded.node_terms.size(), 2U);
  EXPECT_EQ(decoded.node_terms[0].match_expressions.at(0).key, "topology.ebs.csi.aws.com/zone");
  EXPECT_EQ(decoded.node_terms[1].match_fields.at(0).key, "metadata.name");
}

TEST(DecodePersistentVolume, InTreePluginsComeAsTheirCsiDriver) {
  const auto driver_and_handle = [](std::string_view spec) {
    const PersistentVolume decoded = volume(spec);
    return decoded.csi_driver + " " + decoded.csi_handle;
  };
  EXPECT_EQ(
      driver_and_handle(R"({"awsElasticBlockStore": {"volumeID": "aws://us-west-2a/vol-1"}})"),
      "ebs.csi.aws.com vol-1");
  EXPECT_EQ(driver_and_handle(R"({"awsElasticBlockStore": {"volumeID": "vol-1"}})"),
            "ebs.csi.aws.com vol-1");
  EXPECT_EQ(driver_and_handle(R"({"gcePersistentDisk": {"pdName": "d"}})"),
            "pd.csi.storage.gke.io d");
  EXPECT_EQ(driver_and_handle(R"({"cinder": {"volumeID": "c"}})"), "cinder.csi.openstack.org c");
  EXPECT_EQ(driver_and_handle(R"({"azureDisk": {"diskName": "d", "diskURI": "/a/d"}})"),
            "disk.csi.azure.com /a/d");
  EXPECT_EQ(driver_and_handle(R"({"azureFile": {"secretName": "s", "shareName": "f"}})"),
            "file.csi.azure.com s/f");
  EXPECT_EQ(driver_and_handle(R"({"vsphereVolume": {"volumePath": "[a] b"}})"),
            "csi.vsphere.vmware.com [a] b");
  EXPECT_EQ(driver_and_handle(R"({"portworxVolume": {"volumeID": "p"}})"), "pxd.portworx.com p");
  EXPECT_EQ(driver_and_handle(R"({"nfs": {"server": "s", "path": "/"}})"), " ");
}

TEST(DecodePersistentVolume, LocalAndHostPathVolumesAreOnOneNode) {
  EXPECT_TRUE(volume(R"({"local": {"path": "/mnt"}})").is_local);
  EXPECT_TRUE(volume(R"({"hostPath": {"path": "/mnt"}})").is_local);
  EXPECT_FALSE(volume(R"({"csi": {"driver": "d", "volumeHandle": "v"}})").is_local);
}

TEST(DecodePersistentVolume, WhatIsWrongIsNamedByItsPath) {
  const auto decoded = decode_persistent_volume(parse(
      R"({"metadata": {"name": "pv"}, "spec": {"nodeAffinity": {"required": {"nodeSelectorTerms": [
          {"matchExpressions": [{"key": "zone", "operator": "Near"}]}]}}}})"));
  ASSERT_FALSE(decoded);
  EXPECT_THAT(decoded.error().text(),
              HasSubstr("PersistentVolume pv: spec.nodeAffinity.required.nodeSelectorTerms[0]"
                        ".matchExpressions[0].operator must be one of In"));
}

TEST(DecodePersistentVolumeClaim, NoClassAnEmptyClassAndAClassAreThreeThings) {
  const auto storage_class = [](std::string_view spec) {
    boost::json::value json = parse(R"({"metadata": {"name": "c", "namespace": "default"}})");
    json.as_object()["spec"] = parse(spec);
    return decode_persistent_volume_claim(json).value().storage_class;
  };
  EXPECT_EQ(storage_class("{}"), std::nullopt);
  EXPECT_EQ(storage_class(R"({"storageClassName": ""})"), "");
  EXPECT_EQ(storage_class(R"({"storageClassName": "gp3"})"), "gp3");
}

TEST(DecodePersistentVolumeClaim, ABindingIsCompleteByItsAnnotation) {
  const PersistentVolumeClaim claim =
      decode_persistent_volume_claim(parse(kPersistentVolumeClaimDocument)).value();
  EXPECT_TRUE(claim.is_bind_completed);
  EXPECT_EQ(claim.volume_name, "pv-1");
  EXPECT_EQ(claim.phase, "Bound");
  EXPECT_EQ(claim.meta.annotations, (StringMap{{"karpenter.sh/do-not-disrupt", "true"}}));
}

TEST(DecodeStorageClass, ProvisionersOfInTreePluginsComeAsTheirCsiDriver) {
  const StorageClass decoded = decode_storage_class(parse(kStorageClassDocument)).value();
  EXPECT_EQ(decoded.provisioner, "ebs.csi.aws.com");
  EXPECT_TRUE(decoded.waits_for_consumer);
  EXPECT_TRUE(decoded.is_default);
  EXPECT_EQ(csi_driver_of("kubernetes.io/no-provisioner"), "kubernetes.io/no-provisioner");
  EXPECT_EQ(csi_driver_of("kubernetes.io/gce-pd"), "pd.csi.storage.gke.io");
}

TEST(DecodeStorageClass, TopologiesAreTermsOfLabelsThatMustHoldTogether) {
  const StorageClass decoded = decode_storage_class(parse(kStorageClassDocument)).value();
  ASSERT_EQ(decoded.allowed_topologies.size(), 2U);
  const auto& expressions = decoded.allowed_topologies[0].match_expressions;
  ASSERT_EQ(expressions.size(), 2U);
  EXPECT_EQ(expressions[0].op, NodeOperator::In);
  EXPECT_THAT(expressions[0].values, ElementsAre("z1", "z2"));
  EXPECT_THAT(decoded.allowed_topologies[1].match_expressions, IsEmpty());
}

TEST(DecodeStorageClass, TheOldAnnotationMakesADefaultToo) {
  const auto decoded = decode_storage_class(parse(
      R"({"metadata": {"name": "s", "annotations": {"storageclass.beta.kubernetes.io/is-default-class": "true"}},
          "provisioner": "p", "volumeBindingMode": "Immediate"})"));
  EXPECT_TRUE(decoded->is_default);
  EXPECT_FALSE(decoded->waits_for_consumer);
}

TEST(DecodeCsiNode, OnlyDriversThatTellALimitHaveOne) {
  EXPECT_THAT(decode_csi_node(parse(kCsiNodeDocument)).value().limits,
              ElementsAre(Pair("ebs.csi.aws.com", 25)));
}

TEST(DecodePod, AnEphemeralVolumeBringsItsClaim) {
  const std::vector<VolumeClaim> claims =
      decode_pod(parse(kPodDocument)).value().scheduling.volume_claims;
  ASSERT_EQ(claims.size(), 2U);
  EXPECT_EQ(claims[0], (VolumeClaim{.claim_name = "data-0"}));
  EXPECT_EQ(
      claims[1],
      (VolumeClaim{.claim_name = "web-1-scratch", .is_ephemeral = true, .storage_class = "fast"}));
}

}  // namespace
}  // namespace hyperwright::kube
