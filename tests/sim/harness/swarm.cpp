#include "tests/sim/harness/swarm.h"

#include <array>
#include <span>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "tests/sim/harness/draw.h"

namespace hyperwright::swarm {
namespace json = boost::json;
namespace {

constexpr std::array<std::string_view, 6> kTypes = {"ml.c5.large",    "ml.c5.xlarge",
                                                    "ml.m5.xlarge",   "ml.m5.2xlarge",
                                                    "ml.g4dn.xlarge", "ml.g5.xlarge"};
constexpr std::array<std::string_view, 3> kZones = {"us-east-1a", "us-east-1b", "us-east-1c"};

std::string subnet(int zone) { return fmt::format("subnet-{}", static_cast<char>('a' + zone)); }

json::array types_of_group(Draw& draw) {
  json::array types;
  const int count = draw.between(2, 4);
  const std::uint64_t from = draw.random().below(kTypes.size());
  for (int i = 0; i < count; ++i)
    types.push_back(json::value(kTypes[(from + static_cast<std::uint64_t>(i)) % kTypes.size()]));
  return types;
}

json::object group(Draw& draw, int number, int zones) {
  json::object group{
      {"InstanceGroupName", fmt::format("group-{}", number)},
      {"InstanceCount", 0},
      {"ExecutionRole", "arn:aws:iam::111122223333:role/hyperpod"},
      {"LifeCycleConfig", {{"SourceS3Uri", "s3://sagemaker-swarm"}, {"OnCreate", "create.sh"}}}};
  if (draw.chance(50)) {
    group["InstanceRequirements"] = json::object{{"InstanceTypes", types_of_group(draw)}};
  } else {
    group["InstanceType"] = json::string(number == 0 ? kTypes[1] : draw.one_of(kTypes));
  }
  if (draw.chance(30)) {
    group["OverrideVpcConfig"] =
        json::object{{"SecurityGroupIds", only("sg-0123456789abcdef0")},
                     {"Subnets", only(json::string(subnet(draw.between(0, zones - 1))))}};
  }
  return group;
}

int draw_cluster(Draw& draw, Swarm& swarm) {
  const int zones = draw.between(1, 3);
  json::array subnets;
  for (int i = 0; i < zones; ++i) {
    swarm.scenario.subnets.emplace_back(subnet(i), kZones[static_cast<std::size_t>(i)]);
    subnets.push_back(json::string(subnet(i)));
  }
  const int groups = draw.between(1, 4);
  json::array list;
  for (int i = 0; i < groups; ++i) list.push_back(group(draw, i, zones));
  swarm.cluster = {
      {"ClusterName", kClusterName},
      {"NodeProvisioningMode", "Continuous"},
      {"NodeRecovery", "Automatic"},
      {"Orchestrator",
       {{"Eks", {{"ClusterArn", "arn:aws:eks:us-east-1:111122223333:cluster/swarm"}}}}},
      {"VpcConfig", {{"SecurityGroupIds", only("sg-0123456789abcdef0")}, {"Subnets", subnets}}},
      {"InstanceGroups", list}};
  return groups;
}

// --- pools ---

json::object limits(Draw& draw) {
  json::object limits;
  if (draw.chance(50)) limits["nodes"] = std::to_string(draw.between(2, 8));
  if (draw.chance(50)) limits["cpu"] = std::to_string(draw.between(8, 40));
  if (draw.chance(20)) limits["nvidia.com/gpu"] = std::to_string(draw.between(1, 4));
  return limits;
}

json::object pool(Draw& draw, int number, int groups) {
  json::array requirements;
  if (draw.chance(40)) {
    json::array names;
    for (int i = 0; i < groups; ++i) {
      if (i == number % groups || draw.chance(50))
        names.push_back(json::string(fmt::format("group-{}", i)));
    }
    requirements.push_back(json::object{{"key", "sagemaker.amazonaws.com/instance-group-name"},
                                        {"operator", "In"},
                                        {"values", names}});
  }
  json::object spec{{"nodeClassRef",
                     {{"group", "karpenter.sagemaker.amazonaws.com"},
                      {"kind", "HyperpodNodeClass"},
                      {"name", "main"}}},
                    {"requirements", requirements},
                    {"expireAfter", draw.chance(10) ? "20m" : "Never"}};
  if (draw.chance(25)) spec["terminationGracePeriod"] = fmt::format("{}s", draw.between(30, 300));
  if (draw.chance(25))
    spec["taints"] = only(json::object{{"key", "team"}, {"value", "a"}, {"effect", "NoSchedule"}});
  if (draw.chance(20)) {
    spec["startupTaints"] =
        only(json::object{{"key", "startup.hyperwright.dev/agent"}, {"effect", "NoSchedule"}});
  }
  static constexpr std::array<std::string_view, 5> kAfter = {"0s", "30s", "1m", "3m", "Never"};
  static constexpr std::array<std::string_view, 5> kBudgets = {"100%", "100%", "10%", "1", "2"};
  json::object whole{
      {"template",
       {{"metadata", {{"labels", {{"pool", fmt::format("p{}", number)}}}}}, {"spec", spec}}},
      {"disruption",
       {{"consolidateAfter", draw.one_of(kAfter)},
        {"consolidationPolicy", "WhenEmpty"},
        {"budgets", only(json::object{{"nodes", draw.one_of(kBudgets)}})}}}};
  if (draw.chance(50)) whole["weight"] = draw.between(1, 100);
  if (draw.chance(60)) {
    if (json::object drawn = limits(draw); !drawn.empty()) whole["limits"] = std::move(drawn);
  }
  return {{"apiVersion", "karpenter.sh/v1"},
          {"kind", "NodePool"},
          {"metadata", {{"name", fmt::format("pool-{}", number)}}},
          {"spec", whole}};
}

LoadStep pools(Draw& draw, int groups) {
  LoadStep step;
  json::array names;
  for (int i = 0; i < groups; ++i) names.push_back(json::string(fmt::format("group-{}", i)));
  step.apply.push_back({{"apiVersion", "karpenter.sagemaker.amazonaws.com/v1"},
                        {"kind", "HyperpodNodeClass"},
                        {"metadata", {{"name", "main"}}},
                        {"spec", {{"instanceGroups", names}}}});
  const int count = draw.between(1, 3);
  for (int i = 0; i < count; ++i) step.apply.push_back(pool(draw, i, groups));
  if (draw.chance(30)) {  // another Karpenter's pool and claim
    step.apply.push_back(
        {{"apiVersion", "karpenter.sh/v1"},
         {"kind", "NodePool"},
         {"metadata", {{"name", kForeignPool}}},
         {"spec",
          {{"template",
            {{"spec",
              {{"nodeClassRef",
                {{"group", "karpenter.k8s.aws"}, {"kind", "EC2NodeClass"}, {"name", "default"}}},
               {"requirements", json::array()},
               {"expireAfter", "20m"}}}}},
           {"disruption", {{"consolidateAfter", "0s"}, {"consolidationPolicy", "WhenEmpty"}}},
           {"weight", 100}}}});
    step.apply.push_back(
        {{"apiVersion", "karpenter.sh/v1"},
         {"kind", "NodeClaim"},
         {"metadata", {{"name", "ec2-1"}, {"labels", {{"karpenter.sh/nodepool", kForeignPool}}}}},
         {"spec",
          {{"nodeClassRef",
            {{"group", "karpenter.k8s.aws"}, {"kind", "EC2NodeClass"}, {"name", "default"}}},
           {"requirements", json::array()}}}});
  }
  return step;
}

// --- faults ---

service::Window window(Draw& draw, const Swarm& swarm) {
  const auto end = static_cast<int>(swarm.faults_until.in_seconds());
  const Duration from = draw.seconds(0, end - 60);
  return {from, draw.seconds(static_cast<int>(from.in_seconds()) + 30, end)};
}

void draw_scenario(Draw& draw, Swarm& swarm, int groups) {
  service::Scenario& scenario = swarm.scenario;
  scenario.delays = {.cluster = Duration::seconds(1),
                     .launch = draw.seconds(5, 90),
                     .join = draw.seconds(5, 60),
                     .terminate = draw.seconds(1, 60),
                     .retry = draw.seconds(10, 90),
                     .jitter_percent = draw.between(0, 50)};
  const int shortages = draw.times(50, 4);
  for (int i = 0; i < shortages; ++i) {
    scenario.capacity.push_back({std::string(draw.one_of(kTypes)),
                                 draw.chance(50) ? std::string(draw.one_of(kZones)) : "",
                                 draw.between(0, 2), window(draw, swarm)});
  }
  const auto some_group = [&] { return fmt::format("group-{}", draw.between(0, groups - 1)); };
  if (draw.chance(25)) scenario.never_joins.push_back({some_group(), "", window(draw, swarm)});
  if (draw.chance(20))
    scenario.failing_lifecycle_script.push_back({some_group(), "", window(draw, swarm)});
  if (draw.chance(15))
    scenario.throttle = service::ThrottleLimits{draw.between(1, 3), draw.between(1, 5)};
  if (draw.chance(15)) scenario.instances_per_cluster = draw.between(3, 10);
}

Rates draw_rates(Draw& draw) {
  return {.slow = draw.rate(300),
          .throttled = draw.rate(100),
          .broken = draw.rate(80),
          .lost = draw.rate(80),
          .conflict = draw.rate(60),
          .forbidden = draw.chance(20) ? draw.rate(20) : 0};
}

void draw_faults(Draw& draw, Swarm& swarm) {
  swarm.kubernetes = draw_rates(draw);
  swarm.hyperpod = draw_rates(draw);
  swarm.watches = {.late = draw.rate(500),
                   .twice = draw.rate(100),
                   .breaks = draw.rate(20),
                   .forgotten = draw.rate(10),
                   .late_max = draw.seconds(1, 5),
                   .down_max = draw.seconds(2, 45)};
  Troubles& troubles = swarm.troubles;
  troubles.crashes = draw.times(40, 8);
  troubles.leader_changes = draw.times(20, 4);
  troubles.deleted_claims = draw.times(30, 4);
  troubles.deleted_nodes = draw.times(25, 3);
  troubles.edited_objects = draw.times(40, 8);
  troubles.deleted_pods = draw.times(30, 6);
  troubles.dead_nodes = draw.times(20, 3);
  troubles.replaced_nodes = draw.times(25, 3);
  troubles.withdrawn_nodes = draw.times(20, 2);
  troubles.foreign_nodes = draw.times(20, 2);
  troubles.busy_groups = draw.times(20, 2);
}

void draw_options(Draw& draw, state::Options& options) {
  options.cluster = kClusterName;
  if (draw.chance(40)) options.batch_idle = Duration::milliseconds(draw.between(1, 5000));
  if (draw.chance(40)) options.batch_max = options.batch_idle + draw.seconds(0, 10);
  if (draw.chance(50)) options.capacity_timeout = draw.seconds(120, 600);
  if (draw.chance(50)) options.registration_timeout = draw.seconds(180, 900);
  if (draw.chance(50)) options.unavailable_for = draw.seconds(30, 300);
}

}  // namespace

const hyperpod::InstanceTypes& swarm_types() {
  static const hyperpod::InstanceTypes kSwarmTypes = [] {
    std::vector<hyperpod::InstanceType> types;
    for (const std::string_view name : kTypes)
      types.push_back(*hyperpod::InstanceTypes::shipped().find(name));
    return hyperpod::InstanceTypes::of(std::move(types));
  }();
  return kSwarmTypes;
}

Swarm draw_swarm(std::uint64_t seed) {
  Draw draw(seed);
  Swarm swarm;
  swarm.seed = seed;
  swarm.faults_until = Duration::minutes(draw.between(8, 20));
  draw_options(draw, swarm.options);
  const int groups = draw_cluster(draw, swarm);
  swarm.load.push_back(pools(draw, groups));
  draw_load(draw, swarm);
  draw_scenario(draw, swarm, groups);
  // One in ten has good weather: what is broken there is no fault's fault.
  const bool has_faults = !draw.chance(10);
  if (has_faults) draw_faults(draw, swarm);
  swarm.deletes_everything = draw.chance(25);
  // What is new is drawn last: the other draws of a seed stay what they were.
  if (!has_faults) return swarm;
  swarm.troubles.deleted_new_claims = draw.times(20, 3);
  // Beyond the registration timeout, so that nodes join claims that are on their way out.
  if (draw.chance(15)) swarm.late_join = draw.seconds(120, 900);
  if (draw.chance(20)) swarm.kubernetes.refused = static_cast<std::uint32_t>(draw.between(1, 100));
  return swarm;
}

}  // namespace hyperwright::swarm
