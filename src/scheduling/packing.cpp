#include "scheduling/packing.h"

#include <algorithm>
#include <map>
#include <queue>
#include <tuple>

#include "scheduling/pattern.h"
#include "scheduling/repacking.h"
#include "scheduling/wide.h"

namespace hyperwright::scheduling {
namespace {

// Either what is reserved, or what is bought.
struct Range {
  CandidateId from = 0;
  CandidateId to = 0;
  [[nodiscard]] bool contains(CandidateId id) const { return from <= id && id < to; }
};

std::int64_t price_units(const OfferingCatalogue& catalogue, CandidateId id) {
  // What is free of charge is still worth something, or nothing could be compared.
  return std::max<std::int64_t>(1, catalogue.candidates[id].worth.micros()) * kWorthUnit;
}

// No two of these pods can share a node.
bool is_one_a_node(const PackingClass& packed) {
  if (!packed.pod->host_ports.empty()) return true;
  return packed.rules != nullptr &&
         std::ranges::any_of(packed.rules->rules, [](const HostRules::Rule& rule) {
           return rule.is_carried && rule.is_counted && (!rule.is_spread || rule.max_skew == 1);
         });
}

// The price per pod on the candidate of the range that is best for it alone; 0: none takes it.
std::int64_t worth_of(const OfferingCatalogue& catalogue, const PackingClass& packed, Range range) {
  std::int64_t worth = INT64_MAX;
  std::vector<bool> is_seen(catalogue.shapes.size(),
                            false);  // the first candidate of a shape is its cheapest
  packed.fit->fitting.for_each([&](std::size_t i) {
    const auto id = static_cast<CandidateId>(i);
    const std::uint32_t shape = catalogue.candidates[id].shape;
    if (!range.contains(id) || is_seen[shape]) return;
    is_seen[shape] = true;
    const std::int64_t count =
        is_one_a_node(packed) ? 1 : fit_count(packed.pod->requests, catalogue.shapes[shape].free);
    if (count > 0) worth = std::min(worth, price_units(catalogue, id) / count);
  });
  return worth == INT64_MAX ? 0 : std::max<std::int64_t>(1, worth);
}

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
                                             std::span<const PackingClass> classes, Range range) {
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

class Packer {
 public:
  // `reservations`: of a range of what is reserved; else nullptr.
  Packer(const OfferingCatalogue& catalogue, std::span<PackingClass> classes, LimitCounter& limits,
         Range range, Reservations* reservations)
      : catalogue_(catalogue),
        classes_(classes),
        limits_(limits),
        range_(range),
        reservations_(reservations),
        worth_(all_worths()),
        filler_(catalogue, classes, worth_) {}

  std::vector<PackedNode> pack() {
    for (const CandidateId id : distinct_candidates(catalogue_, classes_, range_)) push(id);
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
    // The price of what is reserved is the same however it is packed.
    if (reservations_ != nullptr) return std::move(nodes_);
    return repacked(catalogue_, classes_, worth_, std::move(nodes_), limits_);
  }

 private:
  [[nodiscard]] std::vector<std::int64_t> all_worths() const {
    std::map<std::tuple<std::uint32_t, std::uint32_t, bool>, std::int64_t> known;
    std::vector<std::int64_t> worths;
    for (const PackingClass& packed : classes_) {
      const auto [it, is_new] =
          known.try_emplace({packed.size, packed.fit->id, is_one_a_node(packed)}, 0);
      if (is_new) it->second = worth(packed);
      worths.push_back(it->second);
    }
    return worths;
  }

  // On what is reserved, a pod saves what it would cost elsewhere; one that can run nowhere else
  // goes before all of those.
  [[nodiscard]] std::int64_t worth(const PackingClass& packed) const {
    constexpr std::int64_t kNowhereElse = 64;
    const std::int64_t here = worth_of(catalogue_, packed, range_);
    if (reservations_ == nullptr || here == 0) return here;
    const Range bought{range_.to, static_cast<CandidateId>(catalogue_.candidates.size())};
    const std::int64_t elsewhere = worth_of(catalogue_, packed, bought);
    return elsewhere > 0 ? elsewhere : here * kNowhereElse;
  }

  void push(CandidateId id) {
    const Pattern& pattern = filler_.fill(id);
    if (pattern.worth > 0) heap_.push({price_units(catalogue_, id), pattern.worth, id});
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
  Range range_;
  Reservations* reservations_;
  std::vector<std::int64_t> worth_;
  PatternFiller filler_;
  std::priority_queue<Ratio, std::vector<Ratio>, IsLater> heap_;
  std::vector<PackedNode> nodes_;
};

}  // namespace

std::vector<PackedNode> pack(const OfferingCatalogue& catalogue, std::span<PackingClass> classes,
                             LimitCounter& limits, Reservations& reservations) {
  const CandidateId middle = catalogue.bought_from;
  const Range bought{middle, static_cast<CandidateId>(catalogue.candidates.size())};
  if (middle == 0) return Packer(catalogue, classes, limits, bought, nullptr).pack();
  std::vector<PackedNode> nodes =
      Packer(catalogue, classes, limits, {0, middle}, &reservations).pack();
  for (PackedNode& node : Packer(catalogue, classes, limits, bought, nullptr).pack())
    nodes.push_back(std::move(node));
  return nodes;
}

}  // namespace hyperwright::scheduling
