// Round trips: what the service encodes, the client decodes to the same.
#include "service/wire.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/service/world.h"

namespace hyperwright::service {
namespace {

std::string draw_word() {
  return "w" + *rc::gen::container<std::string>(rc::gen::inRange('a', 'z'));
}
std::vector<std::string> draw_words() {
  std::vector<std::string> words;
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) words.push_back(draw_word());
  return words;
}
// As it comes over the network.
json::value sent(const json::object& object) { return json::parse(json::serialize(object)); }

GroupRecord draw_group() {
  GroupRecord group;
  group.name = draw_word();
  group.status = *rc::gen::element(hyperpod::InstanceGroupStatus::InService,
                                   hyperpod::InstanceGroupStatus::Updating);
  group.instance_types = {draw_word()};
  group.is_flexible = *rc::gen::arbitrary<bool>();
  if (group.is_flexible) group.instance_types.push_back(draw_word());
  group.min_count = *rc::gen::inRange(0, 5);
  for (const std::string& key : draw_words()) group.labels.set(key, draw_word());
  for (const std::string& key : draw_words()) {
    group.taints.push_back(
        {key, *rc::gen::element<std::string>("", "v"),
         *rc::gen::element(kube::TaintEffect::NoSchedule, kube::TaintEffect::NoExecute)});
  }
  if (*rc::gen::arbitrary<bool>()) {
    group.capacity_type = hyperpod::CapacityType::Spot;
    group.as_given.set("CapacityRequirements", R"({"Spot":{}})");
  }
  if (*rc::gen::arbitrary<bool>()) {
    group.subnets = {"subnet-x"};
    group.as_given.set("OverrideVpcConfig",
                       R"({"SecurityGroupIds":["sg-0a"],"Subnets":["subnet-x"]})");
  }
  return group;
}

RC_GTEST_PROP(ServiceWire, Cluster, ()) {
  ClusterRecord record;
  record.name = draw_word();
  record.arn = "arn:aws:sagemaker:us-east-1:111122223333:cluster/abcdefghijkl";
  record.status = hyperpod::ClusterStatus::InService;
  record.eks_cluster_arn = "arn:eks";
  record.subnets = {"subnet-a"};
  record.as_given.set("Orchestrator", R"({"Eks":{"ClusterArn":"arn:eks"}})");
  record.as_given.set("VpcConfig", R"({"SecurityGroupIds":["sg-0a"],"Subnets":["subnet-a"]})");
  record.auto_scaling = *rc::gen::element<std::optional<hyperpod::AutoScalingMode>>(
      std::nullopt, hyperpod::AutoScalingMode::Enable);
  for (int i = *rc::gen::inRange(0, 4); i > 0; --i) record.groups.push_back(draw_group());
  const auto cluster = hyperpod::decode_cluster(sent(encode_cluster(record)));
  RC_ASSERT(cluster.has_value());
  RC_ASSERT(cluster->name == record.name);
  RC_ASSERT(cluster->arn == record.arn);
  RC_ASSERT(cluster->eks_cluster_arn == record.eks_cluster_arn);
  RC_ASSERT(cluster->subnets == record.subnets);
  RC_ASSERT(cluster->auto_scaling_mode == record.auto_scaling);
  RC_ASSERT(cluster->groups.size() == record.groups.size());
  for (std::size_t i = 0; i < record.groups.size(); ++i) {
    const hyperpod::InstanceGroup& got = cluster->groups[i];
    const GroupRecord& wanted = record.groups[i];
    const hyperpod::InstanceGroup expected{.name = wanted.name,
                                           .status = wanted.status,
                                           .instance_types = wanted.instance_types,
                                           .is_flexible = wanted.is_flexible,
                                           .min_count = wanted.min_count,
                                           .subnets = wanted.subnets,
                                           .capacity_type = wanted.capacity_type,
                                           .labels = wanted.labels,
                                           .taints = wanted.taints};
    // A group of one type that is not flexible shows just that.
    if (wanted.is_flexible) {
      RC_ASSERT(got == expected);
    } else {
      RC_ASSERT(got.instance_types == std::vector<std::string>{wanted.instance_types.front()});
      RC_ASSERT(got.labels == expected.labels);
      RC_ASSERT(got.taints == expected.taints);
      RC_ASSERT(got.subnets == expected.subnets);
      RC_ASSERT(got.capacity_type == expected.capacity_type);
    }
  }
}

RC_GTEST_PROP(ServiceWire, AddResult, ()) {
  hyperpod::AddResult result;
  for (const std::string& id : draw_words()) {
    result.successful.push_back({.logical_id = id,
                                 .group = draw_word(),
                                 .status = *rc::gen::element(hyperpod::InstanceStatus::Pending,
                                                             hyperpod::InstanceStatus::NotFound),
                                 .zones = draw_words(),
                                 .types = draw_words()});
  }
  for (const std::string& code : draw_words()) {
    result.failed.push_back({.group = draw_word(),
                             .code = code,
                             .count = *rc::gen::inRange(1, 50),
                             .zones = draw_words(),
                             .types = draw_words(),
                             .message = draw_word()});
  }
  RC_ASSERT(hyperpod::decode_add_result(sent(encode_add_result(result))).value() == result);
}

RC_GTEST_PROP(ServiceWire, DeleteResult, ()) {
  hyperpod::DeleteResult result{.successful = draw_words()};
  for (const std::string& id : draw_words())
    result.failed.push_back({id, "NodeIdInUse", draw_word()});
  RC_ASSERT(
      hyperpod::decode_delete_result(sent(encode_delete_result({}, result, "Code"))).value() ==
      result);
  RC_ASSERT(
      hyperpod::decode_delete_result(sent(encode_delete_result(result, {}, "Code"))).value() ==
      result);
}

RC_GTEST_PROP(ServiceWire, Event, ()) {
  EventRecord record;
  record.id = draw_word();
  record.time =
      Time::from_unix_microseconds(*rc::gen::inRange<std::int64_t>(0, 4'000'000'000'000'000));
  record.level = *rc::gen::element(hyperpod::EventLevel::Info, hyperpod::EventLevel::Error);
  record.resource_type = hyperpod::EventResourceType::Instance;
  record.group = draw_word();
  record.instance_id = draw_word();
  record.description = draw_word();
  record.node_logical_id = draw_word();
  record.failure_message = draw_word();
  ClusterRecord cluster;
  cluster.name = "hp1";
  cluster.arn = "arn";
  hyperpod::ClusterEvent expected{.id = record.id,
                                  .time = record.time,
                                  .level = record.level,
                                  .resource_type = record.resource_type,
                                  .group = record.group,
                                  .instance_id = record.instance_id,
                                  .description = record.description};
  const json::value list = sent({{"Events", {encode_event_summary(cluster, record)}}});
  RC_ASSERT(hyperpod::decode_events(list).value().items.at(0) == expected);
  expected.node_logical_id = record.node_logical_id;
  expected.failure_message = record.failure_message;
  RC_ASSERT(hyperpod::decode_event(sent(encode_event_details(cluster, record))).value() ==
            expected);
}

RC_GTEST_PROP(ServiceWire, Node, ()) {
  ClusterRecord cluster;
  cluster.groups.push_back(draw_group());
  NodeRecord record;
  record.logical_id = draw_word();
  record.group = cluster.groups[0].name;
  record.created = Time::from_unix_seconds(1'764'000'000);
  record.phase = *rc::gen::element(NodePhase::Running, NodePhase::Joining, NodePhase::ShuttingDown);
  record.instance_id = draw_word();
  record.instance_type = draw_word();
  record.place = {"subnet-a", "us-east-1a", "use1-az1"};
  record.private_ip = "10.0.0.7";
  record.launched =
      Time::from_unix_microseconds(*rc::gen::inRange<std::int64_t>(1, 4'000'000'000'000'000));
  record.message = draw_word();
  hyperpod::Node expected{.group = record.group,
                          .logical_id = record.logical_id,
                          .instance_id = record.instance_id,
                          .instance_type = record.instance_type,
                          .status = status_of(record),
                          .status_message = record.message,
                          .launch_time = record.launched,
                          .private_dns_hostname = "ip-10-0-0-7.ec2.internal"};
  const json::value list =
      sent({{"ClusterNodeSummaries", {encode_node_summary(cluster, record, true, "us-east-1")}}});
  RC_ASSERT(hyperpod::decode_nodes(list).value().items.at(0) == expected);
  expected.zone = "us-east-1a";
  expected.zone_id = "use1-az1";
  expected.capacity_type = cluster.groups[0].capacity_type;
  RC_ASSERT(
      hyperpod::decode_node(sent(encode_node_details(cluster, record, "us-east-1"))).value() ==
      expected);
}

}  // namespace
}  // namespace hyperwright::service
