// What pods come from, and the two kinds that change what is planned: NodeOverlay, CapacityBuffer.
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

boost::json::value parse(std::string_view text) { return boost::json::parse(text); }

TEST(DecodeNamespace, ItsLabelsCount) {
  EXPECT_EQ(decode_namespace(parse(kNamespaceDocument)).value().meta.labels.get("team"), "a");
}

TEST(DecodeService, WithoutASelectorIsAnotherThingThanWithAnEmptyOne) {
  const Service service = decode_service(parse(kServiceDocument)).value();
  EXPECT_TRUE(service.has_selector);
  EXPECT_EQ(service.selector, (StringMap{{"app", "web"}}));
  const auto has_selector = [](std::string_view spec) {
    boost::json::value json = parse(R"({"metadata": {"name": "s", "namespace": "default"}})");
    json.as_object()["spec"] = parse(spec);
    return decode_service(json).value().has_selector;
  };
  EXPECT_FALSE(has_selector("{}"));
  EXPECT_TRUE(has_selector(R"({"selector": {}})"));
}

TEST(DecodeWorkload, ReadsReplicasSelectorAndTemplate) {
  const Deployment deployment = decode_deployment(parse(kDeploymentDocument)).value();
  EXPECT_EQ(deployment.replicas, 6);
  EXPECT_TRUE(deployment.selector->matches({{"app", "web"}, {"v", "1"}}));
  EXPECT_FALSE(deployment.selector->matches({{"app", "web"}}));
  EXPECT_EQ(deployment.template_labels, (StringMap{{"app", "web"}, {"v", "1"}}));
  EXPECT_EQ(to_text(deployment.scheduling.requests), "cpu 100m, memory 128Mi, pods 1")
      << "limits fill in missing requests";
  EXPECT_EQ(deployment.scheduling.node_selector, (StringMap{{"disk", "ssd"}}));
}

TEST(DecodeWorkload, OfAReplicationControllerTheSelectorIsAMap) {
  const ReplicationController controller =
      decode_replication_controller(parse(kReplicationControllerDocument)).value();
  EXPECT_EQ(controller.replicas, 1) << "not set";
  EXPECT_TRUE(controller.selector->matches({{"app", "old"}}));
}

TEST(DecodePodTemplate, IsALabelledPodSpec) {
  const PodTemplate decoded = decode_pod_template(parse(kPodTemplateDocument)).value();
  EXPECT_EQ(decoded.labels, (StringMap{{"app", "headroom"}}));
  EXPECT_EQ(to_text(decoded.scheduling.requests), "cpu 2, pods 1, nvidia.com/gpu 1");
}

TEST(DecodeNodeOverlay, PricesAreKeptAsWritten) {
  const NodeOverlay overlay = decode_node_overlay(parse(kNodeOverlayDocument)).value();
  EXPECT_THAT(overlay.decode_problems, IsEmpty());
  EXPECT_EQ(overlay.weight, 10);
  EXPECT_EQ(overlay.price, "1.25");
  EXPECT_EQ(overlay.price_adjustment, "-10%");
  EXPECT_EQ(overlay.capacity.get("example.com/fpga"), 4);
  EXPECT_EQ(overlay.requirements.size(), 2U);
  EXPECT_TRUE(is_true(overlay.conditions, node_overlay_condition::kValidationSucceeded));
}

TEST(DecodeNodeOverlay, WhatCannotBeReadIsToldAndTheRestIsSeen) {
  boost::json::value json = parse(kNodeOverlayDocument);
  json.at_pointer("/spec/weight") = 0;
  const NodeOverlay overlay = decode_node_overlay(json).value();
  EXPECT_EQ(overlay.price, "1.25");
  EXPECT_EQ(overlay.weight, 0);
  EXPECT_THAT(overlay.decode_problems,
              ElementsAre(HasSubstr("spec.weight must be a whole number from 1 to 10000")));
}

TEST(DecodeCapacityBuffer, ReadsSpecAndStatus) {
  const CapacityBuffer buffer = decode_capacity_buffer(parse(kCapacityBufferDocument)).value();
  EXPECT_THAT(buffer.decode_problems, IsEmpty());
  EXPECT_EQ(buffer.pod_template, "headroom");
  EXPECT_EQ(buffer.scalable, (CapacityBuffer::ScalableReference{"apps", "Deployment", "web"}));
  EXPECT_EQ(buffer.replicas, 3);
  EXPECT_EQ(buffer.percentage, 20);
  EXPECT_EQ(buffer.limits->get("nvidia.com/gpu"), 0) << "a listed zero is a limit of zero";
  EXPECT_EQ(buffer.status_replicas, 2);
  EXPECT_EQ(buffer.status_pod_template_generation, 2);
  EXPECT_TRUE(is_true(buffer.conditions, capacity_buffer_condition::kReadyForProvisioning));
}

TEST(DecodeCapacityBuffer, ReplicasOfNoneAndNoReplicasAreTwoThings) {
  boost::json::value json = parse(kCapacityBufferDocument);
  json.at_pointer("/spec/replicas") = 0;
  EXPECT_EQ(decode_capacity_buffer(json).value().replicas, 0);
  json.at_pointer("/spec/replicas") = nullptr;
  EXPECT_EQ(decode_capacity_buffer(json).value().replicas, std::nullopt);
  json.at_pointer("/spec/replicas") = -1;
  EXPECT_THAT(decode_capacity_buffer(json).value().decode_problems,
              ElementsAre(HasSubstr("spec.replicas must be a whole number")));
}

}  // namespace
}  // namespace hyperwright::kube
