// What `doctor` asks AWS: the calls that the controller makes, once each. Of what there is none of
// (an event, a node), one that cannot be is asked for: IAM looks at a call before the service does.
#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "cli/doctor_reading.h"
#include "client/aws_operation.h"
#include "client/clock.h"
#include "client/describe_subnets.h"
#include "client/json_text.h"
#include "client/sts.h"
#include "doctor/subnets.h"
#include "hyperpod/price_list.h"
#include "hyperpod/wire.h"

namespace hyperwright::cli {
namespace {

namespace json = boost::json;

constexpr const char* kNoNode = "i-00000000000000000";
constexpr const char* kNoSubnet = "subnet-00000000000000000";
constexpr const char* kNoEvent = "00000000-0000-0000-0000-000000000000";
constexpr const char* kToken = "hyperwright-doctor";
constexpr const char* kNoLogicalId = "hyperwright-doctor-asks-for-what-is-not";
// The longest list of nodes: 5,000 of them, a hundred a page.
constexpr int kPagesMax = 100;

class Asking {
 public:
  Asking(client::AwsClient& aws, doctor::Readings& readings) : aws_(aws), readings_(readings) {}

  Result<json::value> ask(const std::string& operation, const json::value& body) {
    auto answer = aws_.call_and_wait(operation, body);
    note(operation, answer ? Status() : Status(fail(answer.error())));
    return answer;
  }

  Result<json::value> ask_subnets(const std::vector<std::string>& ids) {
    auto answer = client::describe_subnets_and_wait(aws_, ids);
    note("DescribeSubnets", answer ? Status() : Status(fail(answer.error())));
    return answer;
  }

  // The controller can do without it, and an endpoint of one's own may not offer it.
  void ask_for_prices() {
    const std::string operation = "GetProducts";
    const auto answer =
        aws_.call_and_wait(operation, hyperpod::get_products_request(aws_.settings().region, ""));
    if (!answer && answer.error().code() == ErrorCode::NotFound) return;
    readings_.actions.push_back({.action = action_of(operation),
                                 .answer = answer ? Status() : Status(fail(answer.error())),
                                 .why_not = {},
                                 .without = "without it the prices that are kept or built in count",
                                 .remedy = "or start the controller with --no-price-list"});
  }

  void leave_out(const std::string& operation, std::string why) {
    readings_.actions.push_back(
        {.action = action_of(operation), .answer = std::nullopt, .why_not = std::move(why)});
  }

  // Which cluster: the one of the flags.
  [[nodiscard]] const std::string& cluster() const { return readings_.options.cluster; }

 private:
  static std::string action_of(const std::string& operation) {
    return fmt::format("{}:{}", client::signing_name(client::service_of(operation)), operation);
  }

  // A call that is made again, for another page, is noted once, with how the last one ended.
  void note(const std::string& operation, Status answer) {
    const std::string action = action_of(operation);
    const auto noted = std::ranges::find(readings_.actions, action, &doctor::AskedAction::action);
    if (noted != readings_.actions.end()) {
      noted->answer = std::move(answer);
    } else {
      readings_.actions.push_back({.action = action, .answer = std::move(answer), .why_not = {}});
    }
  }

  client::AwsClient& aws_;
  doctor::Readings& readings_;
};

void read_identity(client::AwsClient& aws, doctor::Readings& readings) {
  const auto identity = client::caller_identity(aws);
  // An endpoint of one's own may not offer it.
  if (!identity && identity.error().code() == ErrorCode::NotFound) return;
  readings.aws_identity =
      identity ? Result<std::string>(identity->arn) : Result<std::string>(fail(identity.error()));
}

void read_cluster(Asking& asking, doctor::Readings& readings) {
  const auto answer =
      asking.ask("DescribeCluster", hyperpod::describe_cluster_request(asking.cluster()));
  readings.cluster =
      answer ? hyperpod::decode_cluster(*answer) : Result<hyperpod::Cluster>(fail(answer.error()));
}

void read_nodes(Asking& asking, doctor::Readings& readings) {
  std::vector<hyperpod::Node> nodes;
  std::string page;
  for (int pages = 0; pages < kPagesMax; ++pages) {
    const auto answer =
        asking.ask("ListClusterNodes", hyperpod::list_nodes_request(asking.cluster(), page));
    if (!answer) return;
    auto decoded = hyperpod::decode_nodes(*answer);
    if (!decoded) return;
    std::ranges::move(decoded->items, std::back_inserter(nodes));
    page = decoded->next_token;
    if (page.empty()) break;
  }
  readings.nodes = std::move(nodes);
}

void read_one_node(Asking& asking, const doctor::Readings& readings) {
  std::string id = kNoNode;
  if (readings.nodes) {
    for (const hyperpod::Node& node : *readings.nodes) {
      if (!node.instance_id.empty()) id = node.instance_id;
    }
  }
  (void)asking.ask("DescribeClusterNode", hyperpod::describe_node_request(asking.cluster(), id));
}

void read_events(Asking& asking) {
  (void)asking.ask(
      "ListClusterEvents",
      hyperpod::list_events_request(asking.cluster(), client::wall_now() - Duration::hours(1), ""));
  (void)asking.ask("DescribeClusterEvent",
                   hyperpod::describe_event_request(asking.cluster(), kNoEvent));
}

// As in the controller: EC2 is asked only for what the file does not name.
void read_subnets(Asking& asking, const client::SubnetZones& zones, doctor::Readings& readings) {
  if (!readings.cluster) {
    if (zones.empty()) return (void)asking.ask_subnets({kNoSubnet});
    return asking.leave_out("DescribeSubnets", "whether it is needed is not known");
  }
  std::vector<hyperpod::Subnet> subnets;
  std::vector<std::string> unknown;
  for (const std::string& id : doctor::subnets_to_ask(*readings.cluster, readings.objects)) {
    if (const auto named = zones.find(id); named != zones.end()) {
      subnets.push_back({.id = id, .zone = named->second, .zone_id = {}});
    } else {
      unknown.push_back(id);
    }
  }
  if (unknown.empty()) {
    asking.leave_out("DescribeSubnets", "it is not needed, every zone is known");
  } else {
    const auto answer = asking.ask_subnets(unknown);
    if (!answer) {
      readings.subnets = fail(answer.error());
      return;
    }
    for (const json::value& subnet : answer->at("Subnets").as_array()) {
      subnets.push_back({.id = std::string(client::text_at(subnet, "SubnetId")),
                         .zone = std::string(client::text_at(subnet, "AvailabilityZone")),
                         .zone_id = std::string(client::text_at(subnet, "AvailabilityZoneId"))});
    }
  }
  readings.subnets = std::move(subnets);
}

void read_training_plan(Asking& asking, const doctor::Readings& readings) {
  if (!readings.cluster)
    return asking.leave_out("DescribeTrainingPlan", "whether it is needed is not known");
  for (const hyperpod::InstanceGroup& group : readings.cluster->groups) {
    if (group.training_plan_arn.empty()) continue;
    const std::string name(hyperpod::training_plan_name(group.training_plan_arn));
    (void)asking.ask("DescribeTrainingPlan", hyperpod::describe_training_plan_request(name));
    return;
  }
  asking.leave_out("DescribeTrainingPlan",
                   "it is not needed, no instance group draws on a training plan");
}

void probe_writes(Asking& asking, bool is_wanted) {
  if (!is_wanted) {
    for (const char* operation : {"BatchAddClusterNodes", "BatchDeleteClusterNodes"}) {
      asking.leave_out(operation,
                       "it changes the cluster; --probe-writes calls it for what does not exist");
    }
    return;
  }
  const hyperpod::AddSpecification nowhere{.group = "hyperwright-doctor-no-such-group"};
  (void)asking.ask("BatchAddClusterNodes",
                   hyperpod::batch_add_request(asking.cluster(), kToken, {&nowhere, 1}));
  const std::string nobody = kNoLogicalId;
  (void)asking.ask("BatchDeleteClusterNodes",
                   hyperpod::batch_delete_request(asking.cluster(), {&nobody, 1}));
}

}  // namespace

void read_aws(client::AwsClient& aws, const client::SubnetZones& zones, WantedCalls wanted,
              doctor::Readings& readings) {
  Asking asking(aws, readings);
  read_identity(aws, readings);
  read_cluster(asking, readings);
  // Each action is a permission of its own, and whoever mends a policy wants to hear of all that it
  // lacks. Without a connection, or with keys that nobody accepts, all would say the same.
  if (!readings.cluster && !doctor::is_of_this_action(readings.cluster.error())) return;
  read_nodes(asking, readings);
  read_one_node(asking, readings);
  read_events(asking);
  read_subnets(asking, zones, readings);
  read_training_plan(asking, readings);
  if (wanted.prices) {
    asking.ask_for_prices();
  } else {
    asking.leave_out("GetProducts", "--no-price-list");
  }
  probe_writes(asking, wanted.writes);
}

}  // namespace hyperwright::cli
