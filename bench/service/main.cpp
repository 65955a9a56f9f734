// What it costs the HyperPod service to keep its state on disk: calls per second of one client that
// waits for each answer, and of eight that are answered together, beside a cluster of 5,000 nodes.
// HTTP is left out. The rival is the service that keeps nothing.
//
//   service_bench FOLDER     the file is made there: a disk's, for its syncs are the cost
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "server/kept_service.h"
#include "service/control_plane.h"

namespace hyperwright::server {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr int kNodes = 5000;
const Time kStart = Time::from_unix_seconds(1'764'000'000);

KeptService open(const std::string& path) {
  auto kept = KeptService::open(path, {}, hyperpod::InstanceTypes::shipped(), Random(1), kStart);
  check(kept.has_value(), "the file can be opened");
  return std::move(*kept);
}

const json::value kCluster = json::parse(R"({
  "ClusterName": "hp1", "NodeProvisioningMode": "Continuous",
  "InstanceGroups": [{"InstanceGroupName": "gpu", "InstanceCount": 0, "InstanceType": "ml.g5.xlarge",
                      "ExecutionRole": "arn:aws:iam::111122223333:role/hyperpod"}],
  "Orchestrator": {"Eks": {"ClusterArn": "arn:aws:eks:us-east-1:111122223333:cluster/k1"}},
  "VpcConfig": {"SecurityGroupIds": ["sg-0a"], "Subnets": ["subnet-a"]}})");

json::value add_request(int nodes, int token) {
  return json::parse(fmt::format(
      R"({{"ClusterName": "hp1", "ClientToken": "t{}",
           "NodesToAdd": [{{"InstanceGroupName": "gpu", "IncrementTargetCountBy": {}}}]}})",
      token, nodes));
}

void fill(KeptService& kept) {
  (void)kept.service().call("CreateCluster", kCluster, kStart);
  const Time in_service = kStart + Duration::seconds(2);
  for (int token = 0; token * 50 < kNodes; ++token)
    (void)kept.service().call("BatchAddClusterNodes", add_request(50, token), in_service);
  kept.service().advance(kStart + Duration::minutes(10));
  for (const auto& output : kept.service().hand_out()) kept.service().confirm(output.number);
  check(kept.commit().has_value(), "the file can be written");
  check(kept.service().state().clusters[0].nodes.size() == kNodes, "the cluster is as large");
}

// Calls per second; `together` of them share a commit.
template <typename Call>
double measure(KeptService& kept, int calls, int together, Call call) {
  const auto begun = Clock::now();
  for (int i = 0; i < calls; ++i) {
    call(i);
    if ((i + 1) % together == 0) check(kept.commit().has_value(), "the file can be written");
  }
  return calls / std::chrono::duration<double>(Clock::now() - begun).count();
}

void print(const char* name, const std::string& path) {
  KeptService kept = open(path);
  fill(kept);
  const Time now = kStart + Duration::minutes(11);
  int token = 1000;
  const auto add = [&](int) {
    (void)kept.service().call("BatchAddClusterNodes", add_request(1, ++token), now);
  };
  const json::value name_of_it = json::parse(R"({"ClusterName": "hp1"})");
  const auto describe = [&](int) { (void)kept.service().call("DescribeCluster", name_of_it, now); };
  const double alone = measure(kept, 400, 1, add), eight = measure(kept, 400, 8, add);
  fmt::print("| {} | {:.0f} | {:.0f} | {:.0f} |\n", name, alone, eight,
             measure(kept, 2000, 1, describe));
}

}  // namespace
}  // namespace hyperwright::server

int main(int count, char** arguments) {
  using namespace hyperwright::server;  // NOLINT(google-build-using-namespace)
  const std::filesystem::path folder = count > 1 ? arguments[1] : ".";
  const std::string file = (folder / "service-bench.db").string();
  fmt::print(
      "| beside {} nodes | BatchAdd/s, one client | eight clients | DescribeCluster/s |\n"
      "|---|---|---|---|\n",
      kNodes);
  print("in memory", "");
  print("--state", file);
  const auto begun = Clock::now();
  const KeptService again = open(file);
  fmt::print("\n{:.0f} ms to go on from the file\n",
             std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
  std::filesystem::remove(file);
  return 0;
}
