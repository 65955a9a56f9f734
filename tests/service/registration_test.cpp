#include "service/registration.h"

#include "kube/well_known.h"
#include "service/zones.h"
#include "tests/service/world.h"

namespace hyperwright::service {
namespace {

kube::Node registered(const GroupOptions& options, Scenario scenario = {}) {
  GroupOptions with_one = options;
  with_one.count = 1;
  World world = World::with({group("gpu", with_one)}, std::move(scenario));
  world.pass(Duration::seconds(90));
  const auto nodes = world.outputs_of<NodeToRegister>();
  check(nodes.size() == 1, "one node registers");
  return nodes[0].node;
}

TEST(Registration, NameAndProviderIdAreHyperPods) {
  World world = World::with({group("gpu", {.count = 1})});
  world.pass(Duration::seconds(90));
  const NodeToRegister output = world.outputs_of<NodeToRegister>().at(0);
  const std::string instance = world.nodes().at(0).instance_id;
  EXPECT_EQ(output.cluster, "hp1");
  EXPECT_EQ(output.node.meta.name, "hyperpod-" + instance);
  EXPECT_EQ(output.node.provider_id,
            fmt::format("aws:///use1-az1/sagemaker/cluster/hyperpod-{}-{}",
                        hyperpod::cluster_id(world.cluster().arn), instance));
  EXPECT_EQ(
      hyperpod::instance_id_of(output.node.provider_id, hyperpod::cluster_id(world.cluster().arn)),
      instance);
}

TEST(Registration, LabelsAreHyperPodsAndTheGroups) {
  const kube::Node node = registered({.more = R"("KubernetesConfig": {"Labels": {"team": "ml"}})"});
  const kube::StringMap expected{{"sagemaker.amazonaws.com/compute-type", "hyperpod"},
                                 {"sagemaker.amazonaws.com/instance-group-name", "gpu"},
                                 {"sagemaker.amazonaws.com/cluster-name", "hp1"},
                                 {"sagemaker.amazonaws.com/node-health-status", "Schedulable"},
                                 {"node.kubernetes.io/instance-type", "ml.g5.xlarge"},
                                 {"topology.kubernetes.io/region", "us-east-1"},
                                 {"topology.kubernetes.io/zone", "us-east-1a"},
                                 {"topology.k8s.aws/zone-id", "use1-az1"},
                                 {"kubernetes.io/arch", "amd64"},
                                 {"kubernetes.io/os", "linux"},
                                 {"kubernetes.io/hostname", node.meta.name},
                                 {"team", "ml"}};
  EXPECT_EQ(node.meta.labels, expected);
}

TEST(Registration, NothingOfKarpentersIsOnIt) {
  const kube::Node node = registered({});
  EXPECT_TRUE(node.taints.empty());
  for (const auto& [key, value] : node.meta.labels)
    EXPECT_FALSE(key.starts_with("karpenter.sh/")) << key;
}

TEST(Registration, TaintsAreTheGroups) {
  const kube::Node node = registered(
      {.more =
           R"("KubernetesConfig": {"Taints": [{"Key": "gpu", "Value": "yes", "Effect": "NoSchedule"}]})"});
  EXPECT_EQ(node.taints, (std::vector<kube::Taint>{{"gpu", "yes", kube::TaintEffect::NoSchedule}}));
}

TEST(Registration, NodeIsNotReadyAtFirst) {
  const kube::Node node = registered({});
  EXPECT_TRUE(kube::is_false(node.conditions, "Ready"));
  EXPECT_FALSE(kube::is_ready(node));
}

TEST(Registration, OffersWhatItsTypeDoes) {
  const kube::Node node = registered({.type = "ml.p5.48xlarge"});
  EXPECT_EQ(node.capacity, hyperpod::InstanceTypes::shipped().find("ml.p5.48xlarge")->capacity());
  EXPECT_EQ(node.allocatable,
            hyperpod::InstanceTypes::shipped().find("ml.p5.48xlarge")->allocatable());
}

TEST(Zones, IdsFollowTheLetters) {
  EXPECT_EQ(zone_id_of("us-east-1a"), "use1-az1");
  EXPECT_EQ(zone_id_of("us-west-2d"), "usw2-az4");
  EXPECT_EQ(zone_id_of("eu-central-1b"), "euc1-az2");
  EXPECT_EQ(zone_id_of("ap-southeast-2c"), "apse2-az3");
  EXPECT_EQ(zone_id_of("ap-northeast-1a"), "apne1-az1");
  EXPECT_EQ(zone_id_of(""), "");
}

json::value subnets(World& world, const json::object& request = {}) {
  return world.call("DescribeSubnets", request).body();
}

TEST(Zones, SubnetsWithoutAZoneGetOneInTheOrderOfTheirMention) {
  World world = World::with({group("gpu", {.subnets = {"s2", "s3", "s4"}})});
  EXPECT_EQ(subnets(world), json::parse(R"({"Subnets": [
      {"SubnetId": "subnet-a", "AvailabilityZone": "us-east-1a", "AvailabilityZoneId": "use1-az1"},
      {"SubnetId": "s2", "AvailabilityZone": "us-east-1b", "AvailabilityZoneId": "use1-az2"},
      {"SubnetId": "s3", "AvailabilityZone": "us-east-1c", "AvailabilityZoneId": "use1-az3"},
      {"SubnetId": "s4", "AvailabilityZone": "us-east-1a", "AvailabilityZoneId": "use1-az1"}]})"));
}

TEST(Zones, ScenariosSubnetsAreKnownFromTheStart) {
  World world({.subnets = {{"subnet-b", "us-east-1b"}}});
  EXPECT_EQ(
      subnets(world, {{"SubnetIds", {"subnet-b"}}}).at("Subnets").at(0).at("AvailabilityZone"),
      "us-east-1b");
  EXPECT_TRUE(is_error(world.call("DescribeSubnets", {{"SubnetIds", {"subnet-x"}}}),
                       "InvalidSubnetID.NotFound", "subnet-x"));
}

json::object by_filter(std::vector<std::string> ids) {
  return {{"Filters", {{{"Name", "subnet-id"}, {"Values", json::value_from(ids)}}}}};
}

TEST(Zones, AFilterAnswersForSubnetsThatExist) {
  World world({.subnets = {{"subnet-a", "us-east-1a"}, {"subnet-b", "us-east-1b"}}});
  const json::value told = subnets(world, by_filter({"subnet-x", "subnet-b"}));
  ASSERT_EQ(told.at("Subnets").as_array().size(), 1U);
  EXPECT_EQ(told.at("Subnets").at(0).at("SubnetId"), "subnet-b");
  json::object both = by_filter({"subnet-a"});
  both["SubnetIds"] = json::array{"subnet-b"};
  EXPECT_TRUE(subnets(world, both).at("Subnets").as_array().empty()) << "both must fit";
}

TEST(Zones, AFilterHasTwoHundredValuesAtMost) {
  World world({.subnets = {{"subnet-a", "us-east-1a"}}});
  std::vector<std::string> ids(200, "subnet-a");
  EXPECT_EQ(subnets(world, by_filter(ids)).at("Subnets").as_array().size(), 1U);
  ids.emplace_back("subnet-a");
  EXPECT_TRUE(
      is_error(world.call("DescribeSubnets", by_filter(ids)), "FilterLimitExceeded", "200"));
}

}  // namespace
}  // namespace hyperwright::service
