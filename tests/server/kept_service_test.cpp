#include "server/kept_service.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/control_plane.h"
#include "tests/client/full_disk.h"
#include "tests/server/state_folder.h"

namespace hyperwright::server {
namespace {

namespace json = boost::json;

const Time kStart = Time::from_unix_seconds(1'764'000'000);

class KeptServiceTest : public testing::Test {
 protected:
  KeptService open(std::string region = "us-east-1") {
    auto kept = KeptService::open(folder.file(), {.region = std::move(region)},
                                  hyperpod::InstanceTypes::shipped(), Random(1), kStart);
    check(kept.has_value(), "the test's service can be opened");
    return std::move(*kept);
  }
  static service::Answer create(KeptService& kept) {
    return kept.service().call("CreateCluster", json::parse(R"({
      "ClusterName": "hp1", "NodeProvisioningMode": "Continuous",
      "InstanceGroups": [{"InstanceGroupName": "gpu", "InstanceCount": 0, "InstanceType": "ml.g5.xlarge",
                          "ExecutionRole": "arn:aws:iam::111122223333:role/hyperpod"}],
      "Orchestrator": {"Eks": {"ClusterArn": "arn:aws:eks:us-east-1:111122223333:cluster/k1"}},
      "VpcConfig": {"SecurityGroupIds": ["sg-0a"], "Subnets": ["subnet-a"]}})"),
                               kStart);
  }
  static service::Answer add(KeptService& kept, Time now) {
    return kept.service().call("BatchAddClusterNodes", json::parse(R"({
      "ClusterName": "hp1", "NodesToAdd": [{"InstanceGroupName": "gpu", "IncrementTargetCountBy": 3}]})"),
                               now);
  }
  StateFolder folder;
};

TEST_F(KeptServiceTest, GoesOnWithWhatWasCommitted) {
  std::string told;
  {
    KeptService kept = open();
    ASSERT_TRUE(create(kept).is_success());
    ASSERT_TRUE(kept.commit());
    told = json::serialize(add(kept, kStart + Duration::seconds(2)).body());
    // Killed before it was committed: nobody was told.
  }
  KeptService kept = open();
  const auto& state = kept.service().state();
  ASSERT_EQ(state.clusters.size(), 1U);
  EXPECT_TRUE(state.clusters[0].nodes.empty());
  EXPECT_EQ(json::serialize(add(kept, kStart + Duration::seconds(2)).body()), told);
  ASSERT_TRUE(kept.commit());
}

TEST_F(KeptServiceTest, FullDiskUndoesWhatWasNotTold) {
  KeptService kept = open();
  ASSERT_TRUE(create(kept).is_success());
  ASSERT_TRUE(kept.commit());
  const Time later = kStart + Duration::minutes(10);
  std::string refused;
  {
    const client::FullDisk full;
    refused = json::serialize(add(kept, later).body());
    const Status written = kept.commit();
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code(), ErrorCode::Unavailable);
    EXPECT_TRUE(kept.service().state().clusters[0].nodes.empty());
    EXPECT_TRUE(kept.commit()) << "there is nothing to write, so who only asks is answered";
    EXPECT_FALSE(kept.try_to_write());
  }
  EXPECT_TRUE(kept.try_to_write());
  EXPECT_EQ(json::serialize(add(kept, later).body()), refused) << "as if it had never been";
  EXPECT_TRUE(kept.commit());
}

TEST_F(KeptServiceTest, WithoutAFileNothingIsKept) {
  auto kept = KeptService::open("", {}, hyperpod::InstanceTypes::shipped(), Random(1), kStart);
  ASSERT_TRUE(kept);
  EXPECT_TRUE(create(*kept).is_success());
  EXPECT_TRUE(kept->commit());
}

TEST_F(KeptServiceTest, ErrorNamesTheFile) {
  {
    open();
  }
  const auto other = KeptService::open(folder.file(), {.region = "eu-west-1"},
                                       hyperpod::InstanceTypes::shipped(), Random(1), kStart);
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().text(), testing::HasSubstr(folder.file()));
  EXPECT_THAT(other.error().text(), testing::HasSubstr("region us-east-1"));
}

}  // namespace
}  // namespace hyperwright::server
