// The search for an order in which all spreads hold; recheck.h tells what for.
#include <algorithm>
#include <map>

#include "bench/scheduling/recheck.h"
#include "kube/well_known.h"

namespace hyperwright::bench {
namespace {

struct Spread {
  std::size_t selector = 0;
  bool over_hosts = false;
  std::int64_t skew_max = 1;
  bool counts_itself = false;
};

class Order {
 public:
  Order(const Placement& placement, const Workload& workload)
      : placement_(placement), workload_(workload), zones_(workload.zones.size()) {
    read_shapes();
    const std::size_t hosts = placement.hosts.size();
    in_zone_.assign(selectors_.size() * zones_, 0);
    on_host_.assign(selectors_.size() * hosts, 0);
    waiting_in_zones_.assign(selectors_.size(), 0);
    waiting_on_host_.assign(selectors_.size() * hosts, 0);
    for (const Placement::Host& host : placement.hosts) {
      zone_of_.push_back(static_cast<std::size_t>(std::ranges::find(workload.zones, host.zone) -
                                                  workload.zones.begin()));
    }
    for (std::size_t h = 0; h < hosts; ++h) {
      for (const std::size_t shape : placement.hosts[h].standing) count(shape, h);
    }
  }

  std::vector<std::size_t> left_over() {
    if (selectors_.empty()) return {};
    std::vector<std::size_t> waiting = interleaved();
    for (const std::size_t pod : waiting) await(pod, 1);
    // From the most careful choice to the least; any progress starts again with care.
    for (int boldness = 0; boldness < 4 && !waiting.empty();) {
      const std::size_t quota =
          boldness == 0 ? waiting.size() : std::max<std::size_t>(1, waiting.size() / 64);
      const std::size_t before = waiting.size();
      std::size_t placed = 0;
      std::erase_if(waiting, [&](std::size_t pod) {
        if (placed == quota || !may_come(pod, boldness)) return false;
        await(pod, -1);
        count(workload_.pods[pod], placement_.host_of[pod]);
        ++placed;
        return true;
      });
      boldness = waiting.size() < before ? 0 : boldness + 1;
    }
    return waiting;
  }

 private:
  void read_shapes() {
    std::map<kube::LabelSelector, std::size_t> known;
    for (const kube::Pod& shape : workload_.shapes) {
      std::vector<Spread> spreads;
      for (const kube::TopologySpreadConstraint& s : shape.scheduling.topology_spread) {
        if (s.when_unsatisfiable != kube::WhenUnsatisfiable::DoNotSchedule || !s.selector) continue;
        const auto [selector, is_new] = known.try_emplace(*s.selector, selectors_.size());
        if (is_new) selectors_.push_back(*s.selector);
        spreads.push_back({selector->second, s.topology_key == kube::kHostname, s.max_skew,
                           s.selector->matches(shape.meta.labels)});
      }
      spreads_.push_back(std::move(spreads));
    }
    for (const kube::Pod& shape : workload_.shapes) {
      std::vector<std::size_t> matched;
      for (std::size_t s = 0; s < selectors_.size(); ++s) {
        if (selectors_[s].matches(shape.meta.labels)) matched.push_back(s);
      }
      matched_.push_back(std::move(matched));
    }
  }

  // Placed pods, so that zones take turns: a level count is then found in one pass.
  std::vector<std::size_t> interleaved() const {
    std::map<std::pair<std::vector<std::size_t>, std::size_t>, std::size_t> ranks;
    std::vector<std::pair<std::size_t, std::size_t>> ranked;
    for (std::size_t pod = 0; pod < workload_.pods.size(); ++pod) {
      const std::size_t host = placement_.host_of[pod];
      if (host == Placement::kUnplaced) continue;
      ranked.emplace_back(ranks[{matched_[workload_.pods[pod]], zone_of_[host]}]++, pod);
    }
    std::ranges::sort(ranked);
    std::vector<std::size_t> order;
    for (const auto& [rank, pod] : ranked) order.push_back(pod);
    return order;
  }

  std::int64_t& in_zone(std::size_t selector, std::size_t zone) {
    return in_zone_[selector * zones_ + zone];
  }
  std::int64_t& on_host(std::size_t selector, std::size_t host) {
    return on_host_[selector * placement_.hosts.size() + host];
  }
  std::int64_t& waiting_on_host(std::size_t selector, std::size_t host) {
    return waiting_on_host_[selector * placement_.hosts.size() + host];
  }
  std::int64_t smallest(std::size_t selector) const {
    const auto begin = in_zone_.begin() + static_cast<std::ptrdiff_t>(selector * zones_);
    return *std::min_element(begin, begin + static_cast<std::ptrdiff_t>(zones_));
  }

  void count(std::size_t shape, std::size_t host) {
    for (const std::size_t s : matched_[shape]) {
      if (zone_of_[host] < zones_) ++in_zone(s, zone_of_[host]);
      ++on_host(s, host);
    }
  }
  void await(std::size_t pod, std::int64_t one) {
    for (const Spread& spread : spreads_[workload_.pods[pod]]) {
      if (spread.over_hosts) {
        waiting_on_host(spread.selector, placement_.host_of[pod]) += one;
      } else {
        waiting_in_zones_[spread.selector] += one;
      }
    }
  }

  bool may_come(std::size_t pod, int boldness) {
    const std::size_t shape = workload_.pods[pod];
    const std::size_t host = placement_.host_of[pod];
    const std::size_t zone = zone_of_[host];
    if (zone >= zones_) return spreads_[shape].empty();
    std::vector<std::size_t> own_hosts;
    for (const Spread& spread : spreads_[shape]) {
      const std::int64_t own = spread.counts_itself ? 1 : 0;
      const std::int64_t skew =
          spread.over_hosts ? on_host(spread.selector, host) + own
                            : in_zone(spread.selector, zone) + own - smallest(spread.selector);
      if (skew > spread.skew_max) return false;
      if (spread.over_hosts) own_hosts.push_back(spread.selector);
    }
    if (boldness == 3) return true;
    for (const std::size_t s : matched_[shape]) {
      // Pods that still wait for this host, beside this one.
      const std::int64_t others = waiting_on_host(s, host) - std::ranges::count(own_hosts, s);
      if (others > 0 && on_host(s, host) >= 1) return false;
      if (others > 0 && spreads_[shape].empty() && boldness < 2) return false;
      if (boldness == 0 && waiting_in_zones_[s] > 0 && in_zone(s, zone) > smallest(s)) return false;
    }
    return boldness != 1 || !spreads_[shape].empty();
  }

  const Placement& placement_;
  const Workload& workload_;
  std::size_t zones_;
  std::vector<kube::LabelSelector> selectors_;
  std::vector<std::vector<Spread>> spreads_;       // by shape
  std::vector<std::vector<std::size_t>> matched_;  // by shape: selectors that select it
  std::vector<std::size_t> zone_of_;               // by host
  std::vector<std::int64_t> in_zone_;
  std::vector<std::int64_t> on_host_;
  std::vector<std::int64_t> waiting_in_zones_;
  std::vector<std::int64_t> waiting_on_host_;
};

}  // namespace

std::vector<std::size_t> spread_violations(const Placement& placement, const Workload& workload) {
  return Order(placement, workload).left_over();
}

}  // namespace hyperwright::bench
