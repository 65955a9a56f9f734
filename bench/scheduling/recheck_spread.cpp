// The search for an order in which all spreads hold; recheck.h tells what for.
#include <algorithm>
#include <functional>
#include <map>
#include <utility>

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
    waiting_.assign(selectors_.size(), 0);
    for (const Placement::Host& host : placement.hosts) {
      zone_of_.push_back(static_cast<std::size_t>(std::ranges::find(workload.zones, host.zone) -
                                                  workload.zones.begin()));
    }
    for (std::size_t h = 0; h < hosts; ++h) {
      for (const std::size_t shape : placement.hosts[h].standing) count(shape, h, 1);
    }
  }

  std::vector<std::size_t> left_over() {
    if (selectors_.empty()) return {};
    std::vector<std::size_t> here = last_first();
    for (const std::size_t pod : here) {
      count(workload_.pods[pod], placement_.host_of[pod], 1);
      await(pod, 1);
    }
    // From the most careful choice to the least; any progress starts again with care.
    for (int boldness = 0; boldness < 3 && !here.empty();) {
      const std::size_t quota =
          boldness == 0 ? here.size() : std::max<std::size_t>(1, here.size() / 64);
      const std::size_t before = here.size();
      std::size_t gone = 0;
      std::erase_if(here, [&](std::size_t pod) {
        if (gone == quota || !may_be_last(pod, boldness)) return false;
        await(pod, -1);
        count(workload_.pods[pod], placement_.host_of[pod], -1);
        ++gone;
        return true;
      });
      boldness = here.size() < before ? 0 : boldness + 1;
    }
    std::erase_if(here, [&](std::size_t pod) { return spreads_[workload_.pods[pod]].empty(); });
    return here;
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

  // Placed pods, those first that stand above the level of the other zones.
  std::vector<std::size_t> last_first() const {
    std::map<std::pair<std::vector<std::size_t>, std::size_t>, std::size_t> ranks;
    std::vector<std::pair<std::size_t, std::size_t>> ranked;
    for (std::size_t pod = 0; pod < workload_.pods.size(); ++pod) {
      const std::size_t host = placement_.host_of[pod];
      if (host == Placement::kUnplaced) continue;
      ranked.emplace_back(ranks[{matched_[workload_.pods[pod]], zone_of_[host]}]++, pod);
    }
    std::ranges::sort(ranked, std::greater<>());
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
  std::pair<std::int64_t, std::int64_t> lowest_and_highest(std::size_t selector) const {
    const auto begin = in_zone_.begin() + static_cast<std::ptrdiff_t>(selector * zones_);
    const auto [low, high] =
        std::minmax_element(begin, begin + static_cast<std::ptrdiff_t>(zones_));
    return {*low, *high};
  }

  void count(std::size_t shape, std::size_t host, std::int64_t one) {
    for (const std::size_t s : matched_[shape]) {
      if (zone_of_[host] < zones_) in_zone(s, zone_of_[host]) += one;
      on_host(s, host) += one;
    }
  }
  void await(std::size_t pod, std::int64_t one) {
    for (const Spread& spread : spreads_[workload_.pods[pod]]) {
      if (!spread.over_hosts) waiting_[spread.selector] += one;
    }
  }

  // Its spreads hold with all others that are still here before it, and taking it away leaves the
  // zones as level as `boldness` asks: from the highest, not from the lowest, from any.
  bool may_be_last(std::size_t pod, int boldness) {
    const std::size_t shape = workload_.pods[pod];
    const std::size_t host = placement_.host_of[pod];
    const std::size_t zone = zone_of_[host];
    if (zone >= zones_) return spreads_[shape].empty();
    for (const std::size_t s : matched_[shape]) {
      if (boldness == 2 || waiting_[s] == 0) continue;
      const auto [low, high] = lowest_and_highest(s);
      if (in_zone(s, zone) < high && (boldness == 0 || in_zone(s, zone) == low)) return false;
    }
    count(shape, host, -1);
    const bool holds = std::ranges::all_of(spreads_[shape], [&](const Spread& spread) {
      const std::int64_t own = spread.counts_itself ? 1 : 0;
      const std::int64_t others = spread.over_hosts ? on_host(spread.selector, host)
                                                    : in_zone(spread.selector, zone) -
                                                          lowest_and_highest(spread.selector).first;
      return others + own <= spread.skew_max;
    });
    count(shape, host, 1);
    return holds;
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
  std::vector<std::int64_t> waiting_;  // by selector: pods here that spread over zones by it
};

}  // namespace

std::vector<std::size_t> spread_violations(const Placement& placement, const Workload& workload) {
  return Order(placement, workload).left_over();
}

}  // namespace hyperwright::bench
