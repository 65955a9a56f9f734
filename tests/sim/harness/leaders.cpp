#include "tests/sim/harness/leaders.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

namespace hyperwright::swarm {
namespace {

constexpr std::string_view kLeases = "leases.coordination.k8s.io";
constexpr std::string_view kNamespace = "kube-system";
constexpr std::string_view kName = "hyperwright";

std::optional<runtime::LeaseRecord> read(const sim::KubernetesApi& api) {
  const auto found = api.find(kLeases, kNamespace, kName);
  if (found == nullptr) return std::nullopt;
  return runtime::decode_lease(boost::json::value(*found)).value();
}

bool write(sim::KubernetesApi& api, const runtime::LeaseRecord& record, Time now) {
  const boost::json::value lease = runtime::encode_lease(record, kNamespace, kName);
  if (record.resource_version.empty())
    return api.create(kLeases, lease.as_object(), now).has_value();
  return api.patch(kLeases, kNamespace, kName, sim::PatchType::Merge, lease, now).has_value();
}

}  // namespace

Leaders::Leaders(sim::Simulation& simulation, runtime::LeaseTimings timings, Random random)
    : simulation_(simulation),
      timings_(timings),
      random_(random),
      candidates_{begin_anew(), begin_anew()} {
  simulation_.stop_autoscaler();
  step();
}

// A process starts: it has another name, and knows nothing.
Leaders::Candidate Leaders::begin_anew() {
  return {.leadership = runtime::Leadership(random_.uuid(), timings_),
          .next_step = simulation_.now() +
                       Duration::milliseconds(static_cast<std::int64_t>(random_.below(2000))),
          .cut_off_until = {}};
}

void Leaders::renew(Candidate& candidate) {
  const Time now = simulation_.now();
  if (now < candidate.cut_off_until) return;
  const auto wanted = candidate.leadership.want(read(simulation_.kubernetes()), now);
  if (wanted && write(simulation_.kubernetes(), *wanted, now))
    candidate.leadership.renewed(*wanted, now);
}

void Leaders::step(Candidate& candidate) {
  const Time now = simulation_.now();
  renew(candidate);
  const bool leads = candidate.leadership.is_leader(now);
  if (leads && !candidate.leads) {
    for (const Candidate& other : candidates_) {
      if (&other != &candidate && other.leads) broken_.emplace_back("two controllers lead at once");
    }
    candidate.leads = true;
    simulation_.start_autoscaler();
  } else if (!leads && candidate.leads) {
    simulation_.stop_autoscaler();
    candidate = begin_anew();
    return;
  }
  candidate.next_step = now + candidate.leadership.patience(timings_.retry, now);
}

void Leaders::step() {
  if (is_healed_ && simulation_.has_autoscaler()) return;
  for (Candidate& candidate : candidates_) {
    if (candidate.next_step <= simulation_.now()) step(candidate);
  }
}

Time Leaders::next_wake() const {
  if (is_healed_ && simulation_.has_autoscaler()) return Time::max();
  return std::min(candidates_[0].next_step, candidates_[1].next_step);
}

std::string Leaders::change() {
  const auto leader = std::ranges::find(candidates_, true, &Candidate::leads);
  if (leader == candidates_.end()) return {};
  const Time now = simulation_.now();
  switch (random_.below(3)) {
    case 0:
      leader->cut_off_until =
          now + Duration::seconds(5 + static_cast<std::int64_t>(random_.below(30)));
      return "the leader is cut off from the Lease";
    case 1:
      simulation_.stop_autoscaler();
      *leader = begin_anew();
      return "the leader dies";
    default:
      simulation_.stop_autoscaler();
      if (const auto released = leader->leadership.release(read(simulation_.kubernetes()), now))
        write(simulation_.kubernetes(), *released, now);
      *leader = begin_anew();
      return "the leader steps down";
  }
}

void Leaders::heal() {
  is_healed_ = true;
  for (Candidate& candidate : candidates_) candidate.cut_off_until = {};
}

}  // namespace hyperwright::swarm
