// The linear program over node patterns; lower_bound.h tells why its result is a bound.
#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <string>

#include "bench/scheduling/lower_bound.h"
#include "bench/scheduling/simplex.h"
#include "kube/well_known.h"

namespace hyperwright::bench {
namespace {

// cpu, memory, pods, GPUs, Neuron cores, EFA interfaces, and one pod that repels its like.
constexpr std::size_t kDimensions = 7;
using Amounts = std::array<double, kDimensions>;

Amounts amounts(const kube::Resources& resources, double lone) {
  using kube::Resource;
  const auto of = [&](Resource r) { return static_cast<double>(resources.get(r)); };
  return {of(Resource::Cpu),
          of(Resource::Memory) / (1 << 20),
          of(Resource::Pods),
          of(Resource::NvidiaGpu),
          of(Resource::NeuronCore),
          of(Resource::Efa),
          lone};
}

struct PodClass {
  Amounts each{};
  std::vector<bool> allowed;  // by type: it fits alone, and the pods' node affinity allows it
  double count = 0;
};
struct NodeType {
  Amounts room{};
  double price = 0;  // dollars an hour
};

// By instance type alone: other constraints are left out, which only lowers the bound.
bool may_run_on(const kube::Pod& pod, const std::string& type) {
  const auto& terms = pod.scheduling.required_node_terms;
  if (terms.empty()) return true;
  return std::ranges::any_of(terms, [&](const kube::NodeSelectorTerm& term) {
    return std::ranges::all_of(term.match_expressions, [&](const kube::NodeRequirement& r) {
      return r.key != kube::kInstanceType || r.op != kube::NodeOperator::In ||
             std::ranges::find(r.values, type) != r.values.end();
    });
  });
}

bool fits(const Amounts& each, const Amounts& room) {
  for (std::size_t d = 0; d < kDimensions; ++d) {
    if (each[d] > room[d]) return false;
  }
  return true;
}

std::vector<NodeType> node_types(const Workload& workload) {
  std::vector<NodeType> types;
  std::int64_t percent = 100;
  for (const Market& market : workload.markets) percent = std::min(percent, market.price_percent);
  for (const TypeOnSale& sold : workload.types) {
    const std::int64_t micros = sold.type.on_demand->per_hour.micros() * percent / 100;
    types.push_back({amounts(sold.type.allocatable(), 1), static_cast<double>(micros) / 1e6});
  }
  return types;
}

std::vector<PodClass> pod_classes(const Workload& workload, const std::vector<NodeType>& types) {
  std::map<std::pair<Amounts, std::vector<bool>>, double> counts;
  std::vector<double> of_shape(workload.shapes.size());
  for (const std::size_t shape : workload.pods) ++of_shape[shape];
  for (std::size_t s = 0; s < workload.shapes.size(); ++s) {
    const kube::Pod& pod = workload.shapes[s];
    if (of_shape[s] == 0) continue;
    const Amounts each = amounts(pod.scheduling.requests, repels_its_like(pod) ? 1 : 0);
    std::vector<bool> allowed(types.size());
    for (std::size_t t = 0; t < types.size(); ++t)
      allowed[t] = fits(each, types[t].room) && may_run_on(pod, workload.types[t].type.name);
    counts[{each, std::move(allowed)}] += of_shape[s];
  }
  std::vector<PodClass> classes;
  for (const auto& [key, count] : counts) classes.push_back({key.first, key.second, count});
  return classes;
}

// The best pattern of one type at given values of the classes.
class Knapsack {
 public:
  Knapsack(const std::vector<PodClass>& classes, const std::vector<double>& values,
           const NodeType& node, std::size_t type)
      : classes_(classes), values_(values), room_(node.room) {
    for (std::size_t c = 0; c < classes.size(); ++c) {
      if (classes[c].allowed[type] && values[c] > 1e-12) order_.push_back(c);
    }
    best_.assign(classes.size(), 0);
    taken_.assign(classes.size(), 0);
    cut_room();
    weigh();
  }

  // After it, value() is that of the best pattern found and bound() what none can be worth more
  // than. A branch that can gain less than `slack` of the best is not searched, but its bound
  // counts.
  void search(std::size_t steps, double slack) {
    steps_ = steps;
    slack_ = slack;
    bound_ = 0;
    if (!order_.empty()) branch(0, 0, room_);
    bound_ = std::max(bound_, value_);
  }
  [[nodiscard]] double value() const { return value_; }
  [[nodiscard]] double bound() const { return bound_; }
  [[nodiscard]] double root_bound() const { return worth(room_); }
  [[nodiscard]] const std::vector<double>& pattern() const { return best_; }

 private:
  // Room beyond a whole multiple of what all pods' amounts are multiples of is of no use: 3920m
  // hold seven times 500m. Without it the knapsack in parts would count the rest as full.
  void cut_room() {
    for (std::size_t d = 0; d < kDimensions; ++d) {
      std::int64_t unit = 0;
      for (const std::size_t c : order_)
        unit = std::gcd(unit, static_cast<std::int64_t>(classes_[c].each[d]));
      if (unit > 0)
        room_[d] = static_cast<double>(static_cast<std::int64_t>(room_[d]) / unit * unit);
    }
  }

  // A price for each resource, such that no pod's value is above what its resources cost: then room
  // is worth at most its price. The cheapest such prices are the duals of the knapsack in parts.
  void weigh() {
    std::vector<double> room(kDimensions);
    std::array<double, kDimensions> unit{};
    for (std::size_t d = 0; d < kDimensions; ++d) {
      unit[d] = std::max(room_[d], 1.0);
      room[d] = room_[d] / unit[d];
    }
    Simplex parts(std::vector<double>(kDimensions, 1), std::vector<double>(kDimensions, 0), room);
    const auto cost_of = [&](std::size_t c) {
      double cost = 0;
      for (std::size_t d = 0; d < kDimensions; ++d)
        cost -= parts.duals()[d] * classes_[c].each[d] / unit[d];
      return cost;
    };
    for (int turn = 0; turn < 200; ++turn) {
      std::size_t entering = classes_.size();
      double most = 1e-9;
      for (const std::size_t c : order_) {
        const double gain = (values_[c] - cost_of(c)) / values_[c];
        if (gain > most) {
          most = gain;
          entering = c;
        }
      }
      if (entering == classes_.size()) break;
      std::vector<double> column(kDimensions);
      for (std::size_t d = 0; d < kDimensions; ++d)
        column[d] = classes_[entering].each[d] / unit[d];
      if (!parts.enter(column, -values_[entering])) break;
    }
    for (std::size_t d = 0; d < kDimensions; ++d) prices_[d] = std::max(0.0, -parts.duals()[d]);
    double most = 1;  // whatever the search left undone: prices that are too low are raised
    for (const std::size_t c : order_)
      most = std::max(most, values_[c] / std::max(1e-300, cost_of(c)));
    for (std::size_t d = 0; d < kDimensions; ++d) prices_[d] *= most / unit[d];
    // Densest first: the greedy pattern is then nearly the best.
    std::ranges::sort(order_, [&](std::size_t a, std::size_t b) {
      return std::pair(-density(a), a) < std::pair(-density(b), b);
    });
  }

  [[nodiscard]] double worth(const Amounts& room) const {
    double worth = 0;
    for (std::size_t d = 0; d < kDimensions; ++d) worth += prices_[d] * room[d];
    return worth;
  }
  [[nodiscard]] double density(std::size_t c) const {
    return values_[c] / std::max(1e-300, worth(classes_[c].each));
  }

  void branch(std::size_t depth, double value, const Amounts& room) {
    if (value > value_) {
      value_ = value;
      best_ = taken_;
    }
    if (depth == order_.size()) return;
    // Room is worth at most its price, and at most that share of it that the densest class left
    // makes of it: density falls with depth.
    const double most = value + worth(room) * std::min(1.0, density(order_[depth]));
    if (most <= value_ * (1 + slack_) || steps_ == 0) {
      bound_ = std::max(bound_, most);
      return;
    }
    --steps_;
    const std::size_t c = order_[depth];
    const Amounts& each = classes_[c].each;
    double count = 1e18;
    for (std::size_t d = 0; d < kDimensions; ++d) {
      if (each[d] > 0)
        count = std::min(count,
                         static_cast<double>(static_cast<std::int64_t>(room[d] / each[d] + 1e-9)));
    }
    for (; count >= 0; --count) {
      Amounts left = room;
      for (std::size_t d = 0; d < kDimensions; ++d) left[d] -= count * each[d];
      taken_[c] = count;
      branch(depth + 1, value + count * values_[c], left);
      if (steps_ == 0 && count > 0) {
        // All branches with fewer of this class, at once.
        double rest = worth(room);
        const double next = depth + 1 < order_.size() ? density(order_[depth + 1]) : 0;
        rest -= (count - 1) * worth(each);
        bound_ = std::max(bound_,
                          value + std::max({(count - 1) * values_[c] + rest * std::min(1.0, next),
                                            worth(room) * std::min(1.0, next)}));
        break;
      }
    }
    taken_[c] = 0;
  }

  const std::vector<PodClass>& classes_;
  const std::vector<double>& values_;
  Amounts room_;
  Amounts prices_{};
  std::vector<std::size_t> order_;
  std::vector<double> taken_;
  std::vector<double> best_;
  double value_ = 0;
  double bound_ = 0;
  double slack_ = 0;
  std::size_t steps_ = 0;
};

// One class alone, on the node that holds it for the least.
Simplex first_basis(const std::vector<PodClass>& classes, const std::vector<NodeType>& types) {
  std::vector<double> diagonal;
  std::vector<double> costs;
  std::vector<double> right;
  for (const PodClass& pods : classes) {
    double best_count = 1;
    double best_cost = 1e9;  // a class that fits nowhere: the bound then says so
    for (std::size_t t = 0; t < types.size(); ++t) {
      if (!pods.allowed[t]) continue;
      double count = 1e18;
      for (std::size_t d = 0; d < kDimensions; ++d) {
        if (pods.each[d] > 0)
          count = std::min(count, static_cast<double>(
                                      static_cast<std::int64_t>(types[t].room[d] / pods.each[d])));
      }
      if (types[t].price * best_count < best_cost * count) {
        best_cost = types[t].price;
        best_count = count;
      }
    }
    diagonal.push_back(best_count);
    costs.push_back(best_cost);
    right.push_back(pods.count);
  }
  return {diagonal, std::move(costs), right};
}

}  // namespace

std::optional<PatternBound> pattern_bound(const Workload& workload) {
  constexpr std::size_t kRoundsMax = 4000;
  constexpr std::size_t kProofEvery = 25;  // a proof costs more than a round
  if (!workload.nodes.empty() || workload.pods.empty()) return std::nullopt;
  const std::vector<NodeType> types = node_types(workload);
  const std::vector<PodClass> classes = pod_classes(workload, types);
  Simplex program = first_basis(classes, types);
  PatternBound result;
  for (; result.rounds < kRoundsMax; ++result.rounds) {
    // Values above zero: covering a class twice is no gain.
    std::vector<double> values = program.duals();
    for (double& value : values) value = std::max(value, 0.0);
    const bool is_proof = result.rounds % kProofEvery == 0;
    std::vector<double> entering;
    double entering_price = 0;
    double most = 1 + 1e-7;
    double scale = 1;
    const auto look = [&](std::size_t steps, double slack, bool proves) {
      most = 1 + 1e-7;
      scale = 1;
      for (std::size_t t = 0; t < types.size(); ++t) {
        Knapsack knapsack(classes, values, types[t], t);
        // A type whose room is worth less than it costs needs no search to be ruled out.
        if (knapsack.root_bound() <= types[t].price * most && !proves) continue;
        if (knapsack.root_bound() <= types[t].price) continue;
        knapsack.search(steps, slack);
        scale = std::max(scale, knapsack.bound() / types[t].price);
        if (knapsack.value() > types[t].price * most) {
          most = knapsack.value() / types[t].price;
          entering = knapsack.pattern();
          entering_price = types[t].price;
        }
      }
    };
    look(is_proof ? 3000 : 300, is_proof ? 1e-4 : 1e-3, is_proof);
    const bool is_last = entering.empty() || result.rounds + 1 == kRoundsMax;
    if (is_last && entering.empty()) look(200'000, 1e-5, true);
    if (is_proof || is_last) {
      double demand = 0;
      for (std::size_t c = 0; c < classes.size(); ++c) demand += classes[c].count * values[c];
      result.dollars = std::max(result.dollars, demand / scale * (1 - 1e-9));
      result.program = program.cost();
      if (result.dollars >= result.program * (1 - 2e-4)) break;
    }
    if (entering.empty()) {
      // Rows may be covered more than once: a surplus column enters where a dual is negative.
      const auto lowest = std::ranges::min_element(program.duals());
      if (*lowest > -1e-9) break;
      entering.assign(classes.size(), 0);
      entering[static_cast<std::size_t>(lowest - program.duals().begin())] = -1;
      entering_price = 0;
    }
    if (!program.enter(entering, entering_price)) break;
  }
  result.program = program.cost();
  return result;
}

}  // namespace hyperwright::bench
