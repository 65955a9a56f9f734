// What a HyperPod control plane of this kind is like: how much capacity there is, how slow it is,
// what fails. Without a scenario there is capacity for everybody and nothing fails.
//
//   subnets:  {subnet-a: us-east-1a, subnet-b: us-east-1b}
//   delays:   {launch: 90s, register: 30s, terminate: 20s, retry: 60s, cluster: 1s, jitter: 10%}
//   capacity: [{type: ml.p5.48xlarge, zone: us-east-1a, available: 4, from: 0s, until: 2h}]
//   never_joins: [{group: gpu, from: 10m, until: 20m}]
//   failing_lifecycle_script: [{type: ml.g5.xlarge}]
//   throttle: {requests_per_second: 5, burst: 10}
//   quota:    {instances_per_cluster: 20}
//
// Times are spans since the service started. `available` is how many instances of the type may
// exist at once in the zone; where two lines speak of one type and zone, the later line counts. A
// line without zone (or type) speaks of each zone (or type) by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"

namespace hyperwright::service {

struct Window {
  Duration from{};                   // since the start of the service
  Duration until = Duration::max();  // this instant is outside
  [[nodiscard]] bool contains(Duration since_start) const {
    return from <= since_start && since_start < until;
  }
  bool operator==(const Window&) const = default;
};

struct Delays {
  Duration cluster = Duration::seconds(1);  // CreateCluster until InService
  Duration launch = Duration::seconds(
      60);  // asked until the instance is there, or until the lack of capacity shows
  Duration join = Duration::seconds(30);       // `register`: instance until its Node registers
  Duration terminate = Duration::seconds(30);  // ShuttingDown until gone
  Duration retry = Duration::seconds(60);      // a failed launch until the next attempt begins
  std::int32_t jitter_percent = 0;  // each delay is drawn from this share below to this share above
  bool operator==(const Delays&) const = default;
};

struct CapacityLine {
  std::string type{};  // empty: every type
  std::string zone{};  // empty: every zone
  std::int32_t available = 0;
  Window when{};
  bool operator==(const CapacityLine&) const = default;
};

struct Fault {
  std::string group{};  // empty: every group
  std::string type{};   // empty: every type
  Window when{};
  bool operator==(const Fault&) const = default;
};

// One token bucket for each operation.
struct ThrottleLimits {
  std::int32_t requests_per_second = 0;
  std::int32_t burst = 0;
  bool operator==(const ThrottleLimits&) const = default;
};

struct Scenario {
  std::vector<std::pair<std::string, std::string>> subnets{};  // id to zone
  Delays delays{};
  std::vector<CapacityLine> capacity{};
  std::vector<Fault> never_joins{};
  std::vector<Fault> failing_lifecycle_script{};
  std::optional<ThrottleLimits> throttle{};
  std::optional<std::int32_t> instances_per_cluster{};
  bool operator==(const Scenario&) const = default;
};

// Reads the YAML above. An unknown key, a double key or a bad value fails with `name`, its line and
// the nearest word.
Result<Scenario> parse_scenario(std::string_view yaml, std::string_view name);

// How many instances of `type` may be in `zone` at this time; nullopt: as many as anyone wants.
std::optional<std::int32_t> available(const Scenario& scenario, std::string_view type,
                                      std::string_view zone, Duration since_start);
bool is_faulty(const std::vector<Fault>& faults, std::string_view group, std::string_view type,
               Duration since_start);
// `delay` with the scenario's jitter; draws from `random` only where there is jitter.
Duration draw_delay(const Delays& delays, Duration delay, Random& random);

}  // namespace hyperwright::service
