#include "hyperpod/cluster.h"

#include <gtest/gtest.h>

#include "hyperpod/enum_text.h"

namespace hyperwright::hyperpod {
namespace {

template <typename Enum>
void expect_texts_are_read_back(std::size_t count) {
  EXPECT_EQ(enum_texts<Enum>().size(), count);
  for (const auto& [value, text] : enum_texts<Enum>()) {
    EXPECT_EQ(enum_of<Enum>(text), value);
  }
  EXPECT_EQ(enum_of<Enum>("Nonsense"), std::nullopt);
}

TEST(Cluster, EveryEnumeratorHasItsText) {
  expect_texts_are_read_back<ClusterStatus>(7);
  expect_texts_are_read_back<InstanceGroupStatus>(7);
  expect_texts_are_read_back<InstanceStatus>(9);
  expect_texts_are_read_back<CapacityType>(3);
  expect_texts_are_read_back<EventLevel>(3);
  expect_texts_are_read_back<EventResourceType>(3);
  expect_texts_are_read_back<AutoScalingMode>(2);
  expect_texts_are_read_back<AutoScalingStatus>(4);
  expect_texts_are_read_back<NodeRecovery>(2);
  expect_texts_are_read_back<kube::TaintEffect>(3);
  EXPECT_EQ(to_string(InstanceStatus::DeepHealthCheckInProgress), "DeepHealthCheckInProgress");
}

TEST(Cluster, CapacityTypesHaveKarpentersWords) {
  EXPECT_EQ(karpenter_word(CapacityType::OnDemand), "on-demand");
  EXPECT_EQ(karpenter_word(CapacityType::Spot), "spot");
  EXPECT_EQ(karpenter_word(CapacityType::Reserved), "reserved");
}

TEST(Cluster, IdIsTheLastPartOfTheArn) {
  EXPECT_EQ(cluster_id("arn:aws:sagemaker:us-east-1:111122223333:cluster/abcdefghijkl"),
            "abcdefghijkl");
  EXPECT_EQ(cluster_id("abcdefghijkl"), "");
}

TEST(ProviderId, NamesZoneIdClusterAndInstance) {
  EXPECT_EQ(provider_id("use1-az4", "abcdefghijkl", "i-00f3cbe8dfee6b675"),
            "aws:///use1-az4/sagemaker/cluster/hyperpod-abcdefghijkl-i-00f3cbe8dfee6b675");
}

TEST(ProviderId, GivesTheInstanceOfThisClusterOnly) {
  const std::string id = provider_id("use1-az4", "abcdefghijkl", "i-00f3cbe8dfee6b675");
  EXPECT_EQ(instance_id_of(id, "abcdefghijkl"), "i-00f3cbe8dfee6b675");
  EXPECT_EQ(instance_id_of(id, "abcdefghijk"), std::nullopt);
  EXPECT_EQ(instance_id_of(id, "zzzzzzzzzzzz"), std::nullopt);
  EXPECT_EQ(instance_id_of(id, ""), std::nullopt);
}

TEST(ProviderId, OfAnotherKindOfNodeGivesNothing) {
  for (const char* id : {"", "aws:///us-east-1a/i-0123456789abcdef0", "kind://x/y",
                         "aws:///use1-az4/sagemaker/cluster/hyperpod-abcdefghijkl-i-",
                         "aws:///use1-az4/sagemaker/cluster/hyperpod-abcdefghijkl-i-XYZ",
                         "aws:///use1-az4/sagemaker/cluster/hyperpod-abcdefghijkl"}) {
    EXPECT_EQ(instance_id_of(id, "abcdefghijkl"), std::nullopt) << id;
  }
}

TEST(Cluster, FindsAGroupByName) {
  const Cluster cluster{.groups = {{.name = "a"}, {.name = "b"}}};
  EXPECT_EQ(cluster.find_group("b"), &cluster.groups[1]);
  EXPECT_EQ(cluster.find_group("c"), nullptr);
}

}  // namespace
}  // namespace hyperwright::hyperpod
