#include "scheduling/packing.h"

#include <algorithm>
#include <map>
#include <queue>
#include <tuple>
#include <utility>

#include "scheduling/pattern.h"
#include "scheduling/repacking.h"
#include "scheduling/wide.h"
#include "scheduling/worth.h"

namespace hyperwright::scheduling {
namespace {

// What is spent on better worths.
constexpr int kPassesMax = 16;
constexpr int kInVainMax = 2;  // passes in a row that found nothing cheaper
constexpr std::int64_t kStepsMax = 2'000'000;
constexpr int kNearEnough = 500;  // one part of these above what no plan can cost less than

// Within a tenth of each other per dollar, in every resource.
bool is_alike(const kube::Resources& a, std::int64_t price_a, const kube::Resources& b,
              std::int64_t price_b) {
  if (a.overflow() != b.overflow()) return false;
  for (std::size_t i = 0; i < kube::kResourceCount; ++i) {
    if (static_cast<kube::Resource>(i) == kube::Resource::Pods) continue;
    const Wide left = Wide{a.slots()[i]} * price_b;
    const Wide right = Wide{b.slots()[i]} * price_a;
    if (left * 10 > right * 11 || right * 10 > left * 11) return false;
  }
  return true;
}

// The candidates that are worth a look. Of those with one shape that the same pods may use only the
// cheapest need be; and of many sizes of one make some do, because a node is bought as the cheapest
// candidate that holds its pods, whichever one it was filled as.
std::vector<CandidateId> distinct_candidates(const OfferingCatalogue& catalogue,
                                             std::span<const PackingClass> classes,
                                             CandidateRange range) {
  constexpr std::size_t kEachUpTo = 32;  // of one make: the smallest ones are all looked at
  std::vector<const Fit*> fits;
  for (const PackingClass& packed : classes) {
    if (packed.count > 0) fits.push_back(packed.fit);
  }
  std::ranges::sort(fits, {}, [](const Fit* fit) { return fit->id; });
  const auto same = std::ranges::unique(fits);
  fits.erase(same.begin(), same.end());

  std::map<std::pair<std::uint32_t, std::vector<bool>>, bool> seen;
  struct Make {
    CandidateId last = 0;
    std::size_t count = 0;
  };
  std::map<std::vector<bool>, std::vector<Make>> makes;
  std::vector<CandidateId> list;
  std::vector<bool> users(fits.size());
  for (CandidateId id = range.from; id < range.to; ++id) {
    bool is_used = false;
    for (std::size_t f = 0; f < fits.size(); ++f) {
      users[f] = fits[f]->fitting.contains(id);
      is_used |= users[f];
    }
    if (!is_used || !seen.try_emplace({catalogue.candidates[id].shape, users}, true).second)
      continue;
    const auto price_of = [&](CandidateId of) { return catalogue.candidates[of].worth.micros(); };
    const std::int64_t price = price_of(id);
    std::vector<Make>& alike = makes[users];
    const auto make = std::ranges::find_if(alike, [&](const Make& each) {
      return is_alike(catalogue.shape_of(each.last).free, price_of(each.last),
                      catalogue.shape_of(id).free, price);
    });
    if (make == alike.end()) {
      alike.push_back({id, 1});
    } else {
      const bool is_step = price * 9 >= price_of(make->last) * 10;
      if (++make->count > kEachUpTo && !is_step) continue;
      make->last = id;
    }
    list.push_back(id);
  }
  return list;
}

struct Ratio {  // price per worth, as it was when the candidate was last filled
  std::int64_t price;
  std::int64_t worth;
  CandidateId candidate;
};

// Which of two is to be looked at later: the one with the higher ratio; of equal ones the one with
// less worth (fewer and larger nodes carry fewer DaemonSets), then the one of higher rank.
struct IsLater {
  bool operator()(const Ratio& a, const Ratio& b) const {
    const Wide left = Wide{a.price} * b.worth;
    const Wide right = Wide{b.price} * a.worth;
    if (left != right) return left > right;
    return a.worth != b.worth ? a.worth < b.worth : a.candidate > b.candidate;
  }
};

// One greedy search.
class Packer {
 public:
  // `reservations`: of a range of what is reserved; else nullptr.
  Packer(const OfferingCatalogue& catalogue, std::span<PackingClass> classes, LimitCounter& limits,
         CandidateRange range, Reservations* reservations, std::span<const std::int64_t> worth)
      : catalogue_(catalogue),
        classes_(classes),
        limits_(limits),
        range_(range),
        reservations_(reservations),
        worth_(worth),
        filler_(catalogue, classes, worth) {}

  std::vector<PackedNode> pack(std::span<const CandidateId> candidates) {
    for (const CandidateId id : candidates) push(id);
    floor_ = least_cost();
    while (!heap_.empty()) {
      const Ratio top = heap_.top();
      heap_.pop();
      const Pattern& pattern = filler_.fill(top.candidate);
      if (pattern.worth == 0) continue;  // nothing is left that could run there
      const Ratio now{top.price, pattern.worth, top.candidate};
      // Counts only fall, so a ratio only rises: the old one was a bound. If another may be better
      // now, it waits.
      const bool may_wait = !heap_.empty() && IsLater{}(now, heap_.top());
      if (may_wait || take(top.candidate, pattern)) heap_.push(now);
    }
    return std::move(nodes_);
  }

  // After pack(). What all pods would cost if every node were as good as the best one that was
  // found at first: a guess at what no plan can cost less than, and better the truer the worths.
  [[nodiscard]] Wide floor() const { return floor_; }
  [[nodiscard]] std::int64_t steps() const { return filler_.steps(); }

 private:
  void push(CandidateId id) {
    const Pattern& pattern = filler_.fill(id);
    if (pattern.worth > 0) heap_.push({price_units(catalogue_, id), pattern.worth, id});
  }

  [[nodiscard]] Wide least_cost() const {
    if (heap_.empty()) return 0;
    Wide worth = 0;
    for (std::size_t id = 0; id < classes_.size(); ++id)
      worth += Wide{worth_[id]} * classes_[id].count;
    return worth * heap_.top().price / heap_.top().worth;
  }

  // Takes the pattern as often as it can be had. False: there is no node that could hold it, by
  // limits or reservations, and they will not grow.
  bool take(CandidateId candidate, const Pattern& pattern) {
    bool is_taken = false;
    do {
      const std::optional<CandidateId> holder =
          cheapest_holder(catalogue_, classes_, pattern.pods, limits_, range_.from, reservations_);
      if (!holder || !range_.contains(*holder)) return is_taken;
      std::int64_t copies = INT64_MAX;
      for (const auto& [id, count] : pattern.pods)
        copies = std::min(copies, classes_[id].count / count);
      const kube::Resources& capacity = catalogue_.shape_of(*holder).capacity;
      copies = limits_.affordable(capacity, copies);
      if (reservations_ != nullptr) {
        const Reservations::Id reservation = catalogue_.reservation_of(*holder, *reservations_);
        copies = std::min(copies, reservations_->left(reservation));
        reservations_->take(reservation, copies);
      }
      limits_.take(capacity, copies);
      for (const auto& [id, count] : pattern.pods) classes_[id].count -= count * copies;
      nodes_.push_back({*holder, copies, pattern.pods});
      is_taken = true;
    } while (filler_.refill(candidate));
    return true;
  }

  const OfferingCatalogue& catalogue_;
  std::span<PackingClass> classes_;
  LimitCounter& limits_;
  CandidateRange range_;
  Reservations* reservations_;
  std::span<const std::int64_t> worth_;
  PatternFiller filler_;
  std::priority_queue<Ratio, std::vector<Ratio>, IsLater> heap_;
  Wide floor_ = 0;
  std::vector<PackedNode> nodes_;
};

// What one search made of the classes, and of the limits.
struct Attempt {
  std::vector<PackedNode> nodes;
  std::vector<std::int64_t> left;  // by class
  Worths worths;
  LimitCounter limits;
  Wide cost = 0;  // in the units of worths
};

std::vector<std::int64_t> counts_of(std::span<const PackingClass> classes) {
  std::vector<std::int64_t> counts;
  counts.reserve(classes.size());
  for (const PackingClass& packed : classes) counts.push_back(packed.count);
  return counts;
}

void set_counts(std::span<PackingClass> classes, std::span<const std::int64_t> counts) {
  for (std::size_t id = 0; id < classes.size(); ++id) classes[id].count = counts[id];
}

Wide cost_of(const OfferingCatalogue& catalogue, std::span<const PackedNode> nodes) {
  Wide cost = 0;
  for (const PackedNode& node : nodes)
    cost += Wide{price_units(catalogue, node.candidate)} * node.copies;
  return cost;
}

// Searches again with corrected worths, until that is hardly worth while. A small batch is searched
// often, a large one once: what is spent is counted in steps.
std::vector<PackedNode> buy(const OfferingCatalogue& catalogue, std::span<PackingClass> classes,
                            LimitCounter& limits, CandidateRange range) {
  const std::vector<CandidateId> candidates = distinct_candidates(catalogue, classes, range);
  const std::vector<std::int64_t> counts = counts_of(classes);
  const LimitCounter limits_before = limits;
  Worths worths(catalogue, classes, range);
  std::optional<Attempt> best;
  std::int64_t steps = 0;
  int in_vain = 0;
  for (int pass = 0; pass < kPassesMax && in_vain < kInVainMax; ++pass) {
    set_counts(classes, counts);
    limits = limits_before;
    Packer packer(catalogue, classes, limits, range, nullptr, worths.by_class());
    std::vector<PackedNode> nodes = packer.pack(candidates);
    std::vector<std::int64_t> left = counts_of(classes);
    const Wide cost = cost_of(catalogue, nodes);
    steps += packer.steps();
    const bool is_short = std::ranges::any_of(left, [](std::int64_t n) { return n > 0; });
    const bool is_near = cost * kNearEnough <= packer.floor() * (kNearEnough + 1);
    const bool is_better = !best || (left == best->left && cost < best->cost);
    in_vain = is_better ? 0 : in_vain + 1;
    if (is_better) best.emplace(Attempt{nodes, std::move(left), worths, limits, cost});
    if (is_short || is_near || steps > kStepsMax) break;
    worths.correct(nodes);
  }
  set_counts(classes, best->left);
  limits = std::move(best->limits);
  return repacked(catalogue, classes, best->worths.by_class(), std::move(best->nodes), limits);
}

// Where a limit is nearly used up most nodes cost more of it than is left: who fits on none of the
// others is not searched for.
class WithinLimits {
 public:
  WithinLimits(const OfferingCatalogue& catalogue, std::span<PackingClass> classes,
               const LimitCounter& limits)
      : classes_(classes), aside_(classes.size()) {
    if (!limits.is_limited()) return;
    Bitset affordable;
    for (std::size_t shape = 0; shape < catalogue.shapes.size(); ++shape) {
      if (limits.affordable(catalogue.shapes[shape].capacity, 1) == 1)
        affordable |= catalogue.of_shape[shape];
    }
    for (std::size_t id = 0; id < classes.size(); ++id) {
      if (classes[id].count > 0 && !classes[id].fit->fitting.intersects(affordable))
        aside_[id] = std::exchange(classes[id].count, 0);
    }
  }
  ~WithinLimits() {
    for (std::size_t id = 0; id < classes_.size(); ++id) classes_[id].count += aside_[id];
  }
  WithinLimits(const WithinLimits&) = delete;
  WithinLimits& operator=(const WithinLimits&) = delete;

  [[nodiscard]] bool has_any() const {
    return std::ranges::any_of(classes_, [](const PackingClass& each) { return each.count > 0; });
  }

 private:
  std::span<PackingClass> classes_;
  std::vector<std::int64_t> aside_;  // pods, by class
};

}  // namespace

std::vector<PackedNode> pack(const OfferingCatalogue& catalogue, std::span<PackingClass> classes,
                             LimitCounter& limits, Reservations& reservations) {
  const WithinLimits within(catalogue, classes, limits);
  if (!within.has_any()) return {};
  const CandidateId middle = catalogue.bought_from;
  const CandidateRange bought{middle, static_cast<CandidateId>(catalogue.candidates.size())};
  if (middle == 0) return buy(catalogue, classes, limits, bought);
  // The price of what is reserved is the same however it is packed.
  const CandidateRange reserved{0, middle};
  const Worths worths(catalogue, classes, reserved);
  std::vector<PackedNode> nodes =
      Packer(catalogue, classes, limits, reserved, &reservations, worths.by_class())
          .pack(distinct_candidates(catalogue, classes, reserved));
  for (PackedNode& node : buy(catalogue, classes, limits, bought)) nodes.push_back(std::move(node));
  return nodes;
}

}  // namespace hyperwright::scheduling
