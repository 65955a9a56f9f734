#include "scheduling/repacking.h"

#include <algorithm>
#include <optional>

#include "scheduling/wide.h"

namespace hyperwright::scheduling {
namespace {

// Bounds of one window, and of their number: what is spent on the last per cent is counted in
// steps.
constexpr std::size_t kMultisetsMax = 512;
constexpr std::size_t kPairsMax = 20'000;
constexpr std::size_t kWindowsMax = 8;
constexpr std::size_t kNodesLookedAtMax = 64;
constexpr std::int64_t kCopiesLookedAtMax = 4;

// Of two plans at one price the one with fewer nodes is better: it carries fewer DaemonSets.
struct Cost {
  std::int64_t micros = 0;
  std::int64_t nodes = 0;
  auto operator<=>(const Cost&) const = default;
};

// The pods of some nodes, kind by kind, and the multisets below them, numbered by mixed radix.
class Multiset {
 public:
  // Adds a node's pods, unless the multisets would become too many.
  bool add(const Counts& pods) {
    Counts sum = pods_;
    for (const auto& [id, count] : pods) {
      const auto it = std::ranges::lower_bound(sum, id, {}, &Counts::value_type::first);
      if (it != sum.end() && it->first == id) {
        it->second += count;
      } else {
        sum.insert(it, {id, count});
      }
    }
    std::size_t multisets = 1;
    std::size_t pairs = 1;
    for (const auto& [id, count] : sum) {
      const auto n = static_cast<std::size_t>(std::min<std::int64_t>(count, 10'000));
      multisets *= n + 1;
      pairs *= (n + 1) * (n + 2) / 2;
      if (multisets > kMultisetsMax || pairs > kPairsMax) return false;
    }
    pods_ = std::move(sum);
    return true;
  }

  [[nodiscard]] std::size_t size() const {
    std::size_t size = 1;
    for (const auto& [id, count] : pods_) size *= static_cast<std::size_t>(count) + 1;
    return size;
  }
  [[nodiscard]] const Counts& pods() const { return pods_; }
  [[nodiscard]] std::vector<std::int64_t> digits(std::size_t number) const {
    std::vector<std::int64_t> digits;
    for (const auto& [id, count] : pods_) {
      const auto base = static_cast<std::size_t>(count) + 1;
      digits.push_back(static_cast<std::int64_t>(number % base));
      number /= base;
    }
    return digits;
  }
  [[nodiscard]] std::size_t number(const std::vector<std::int64_t>& digits) const {
    std::size_t number = 0;
    for (std::size_t i = pods_.size(); i-- > 0;) {
      number = number * (static_cast<std::size_t>(pods_[i].second) + 1) +
               static_cast<std::size_t>(digits[i]);
    }
    return number;
  }
  [[nodiscard]] Counts counts(const std::vector<std::int64_t>& digits) const {
    Counts counts;
    for (std::size_t i = 0; i < digits.size(); ++i) {
      if (digits[i] > 0) counts.emplace_back(pods_[i].first, digits[i]);
    }
    return counts;
  }

 private:
  Counts pods_;
};

std::size_t first_kind(const std::vector<std::int64_t>& digits) {
  return static_cast<std::size_t>(
      std::ranges::find_if(digits, [](std::int64_t d) { return d > 0; }) - digits.begin());
}

class ExactPacking {
 public:
  ExactPacking(const OfferingCatalogue& catalogue, std::span<const PackingClass> classes,
               const Multiset& pods, const LimitCounter& limits)
      : catalogue_(catalogue), classes_(classes), pods_(pods), limits_(limits) {
    const std::size_t size = pods_.size();
    holder_.resize(size);
    best_.assign(size, {INT64_MAX, 0});
    choice_.resize(size);
    best_[0] = {};
    std::size_t stride = 1;
    for (const auto& [id, count] : pods_.pods()) {
      strides_.push_back(stride);
      stride *= static_cast<std::size_t>(count) + 1;
    }
    for (std::size_t set = 1; set < size; ++set) solve(set);
  }

  // INT64_MAX dollars: there is no way.
  [[nodiscard]] Cost cost() const { return best_.back(); }
  [[nodiscard]] std::vector<PackedNode> nodes() const {
    std::vector<PackedNode> nodes;
    for (std::size_t set = best_.size() - 1; set != 0; set -= choice_[set]) {
      nodes.push_back({*holder_[choice_[set]], 1, pods_.counts(pods_.digits(choice_[set]))});
    }
    return nodes;
  }

 private:
  void solve(std::size_t set) {
    const std::vector<std::int64_t> digits = pods_.digits(set);
    holder_[set] = find_holder(digits);
    const std::size_t first = first_kind(digits);
    // Every subset that holds one pod of the first kind or more, counted like an odometer, whose
    // number goes along.
    std::vector<std::int64_t> part(digits.size(), 0);
    part[first] = 1;
    std::size_t number = strides_[first];
    for (;;) {
      consider(set, number);
      std::size_t i = first;
      for (; i < part.size() && part[i] == digits[i]; ++i) {
        const std::int64_t least = i == first ? 1 : 0;
        number -= static_cast<std::size_t>(part[i] - least) * strides_[i];
        part[i] = least;
      }
      if (i == part.size()) return;
      ++part[i];
      number += strides_[i];
    }
  }

  // One pod less is easier to hold: where that has no holder, or a dear one, this has none that is
  // cheaper.
  [[nodiscard]] std::optional<CandidateId> find_holder(
      const std::vector<std::int64_t>& digits) const {
    std::vector<std::int64_t> less = digits;
    --less[first_kind(digits)];
    CandidateId from = 0;
    if (const std::size_t smaller = pods_.number(less); smaller != 0) {
      if (!holder_[smaller]) return std::nullopt;
      from = *holder_[smaller];
    }
    return cheapest_holder(catalogue_, classes_, pods_.counts(digits), limits_, from);
  }

  void consider(std::size_t set, std::size_t part) {
    if (!holder_[part] || best_[set - part].micros == INT64_MAX) return;
    const Cost rest = best_[set - part];
    const Cost cost{catalogue_.price_of(*holder_[part]).micros() + rest.micros, rest.nodes + 1};
    if (cost >= best_[set]) return;
    best_[set] = cost;
    choice_[set] = part;
  }

  const OfferingCatalogue& catalogue_;
  std::span<const PackingClass> classes_;
  const Multiset& pods_;
  const LimitCounter& limits_;
  std::vector<std::size_t> strides_;  // by kind: by how much one pod more raises the number
  std::vector<std::optional<CandidateId>> holder_;
  std::vector<Cost> best_;
  std::vector<std::size_t> choice_;
};

// Worst first: the most price for the worth that it covers.
void sort_by_waste(std::vector<PackedNode>& nodes, const OfferingCatalogue& catalogue,
                   std::span<const std::int64_t> worth) {
  const auto covered = [&](const PackedNode& node) {
    std::int64_t sum = 0;
    for (const auto& [id, count] : node.pods) sum += worth[id] * count;
    return sum;
  };
  std::ranges::stable_sort(nodes, [&](const PackedNode& a, const PackedNode& b) {
    return Wide{catalogue.price_of(a.candidate).micros()} * covered(b) >
           Wide{catalogue.price_of(b.candidate).micros()} * covered(a);
  });
}

// Takes single nodes out of `nodes`: few copies of each, because equal nodes are as good as the
// first of them.
std::vector<PackedNode> take_singles(std::vector<PackedNode>& nodes) {
  std::vector<PackedNode> singles;
  for (PackedNode& node : nodes) {
    const std::int64_t taken = std::min(node.copies, kCopiesLookedAtMax);
    for (std::int64_t i = 0; i < taken; ++i) singles.push_back({node.candidate, 1, node.pods});
    node.copies -= taken;
  }
  std::erase_if(nodes, [](const PackedNode& node) { return node.copies == 0; });
  return singles;
}

std::vector<PackedNode> take_window(std::vector<PackedNode>& singles, Multiset& pods) {
  std::vector<PackedNode> window;
  std::vector<PackedNode> rest;
  for (PackedNode& node : singles) {
    const bool is_in = window.size() + rest.size() < kNodesLookedAtMax && pods.add(node.pods);
    (is_in ? window : rest).push_back(std::move(node));
  }
  singles = std::move(rest);
  return window;
}

bool is_affordable(const OfferingCatalogue& catalogue, const std::vector<PackedNode>& nodes,
                   LimitCounter limits) {
  return std::ranges::all_of(nodes, [&](const PackedNode& node) {
    const kube::Resources& capacity = catalogue.shape_of(node.candidate).capacity;
    if (limits.affordable(capacity, 1) == 0) return false;
    limits.take(capacity, 1);
    return true;
  });
}

Cost cost_of(const OfferingCatalogue& catalogue, const std::vector<PackedNode>& nodes) {
  Cost cost;
  for (const PackedNode& node : nodes) {
    cost.micros += catalogue.price_of(node.candidate).micros();
    ++cost.nodes;
  }
  return cost;
}

}  // namespace

std::vector<PackedNode> repacked(const OfferingCatalogue& catalogue,
                                 std::span<const PackingClass> classes,
                                 std::span<const std::int64_t> worth, std::vector<PackedNode> nodes,
                                 LimitCounter& limits) {
  std::vector<PackedNode> singles = take_singles(nodes);
  sort_by_waste(singles, catalogue, worth);
  for (std::size_t round = 0; round < kWindowsMax && !singles.empty(); ++round) {
    Multiset pods;
    std::vector<PackedNode> window = take_window(singles, pods);
    if (window.empty()) break;
    for (const PackedNode& node : window)
      limits.give_back(catalogue.shape_of(node.candidate).capacity, 1);
    const ExactPacking exact(catalogue, classes, pods, limits);
    if (exact.cost() < cost_of(catalogue, window)) {
      std::vector<PackedNode> better = exact.nodes();
      if (is_affordable(catalogue, better, limits)) window = std::move(better);
    }
    for (PackedNode& node : window) {
      limits.take(catalogue.shape_of(node.candidate).capacity, 1);
      nodes.push_back(std::move(node));
    }
  }
  for (PackedNode& node : singles) nodes.push_back(std::move(node));
  return nodes;
}

}  // namespace hyperwright::scheduling
