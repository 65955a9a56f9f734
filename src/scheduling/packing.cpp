#include "scheduling/packing.h"

#include <algorithm>
#include <map>
#include <queue>

#include "scheduling/pattern.h"
#include "scheduling/repacking.h"
#include "scheduling/wide.h"

namespace hyperwright::scheduling {
namespace {

std::int64_t price_units(const OfferingCatalogue& catalogue, CandidateId id) {
  // What is free of charge is still worth something, or nothing could be compared.
  return std::max<std::int64_t>(1, catalogue.price_of(id).micros()) * kWorthUnit;
}

// The price per pod on the candidate that is best for it alone.
std::int64_t worth_of(const OfferingCatalogue& catalogue, const PackingClass& packed) {
  std::int64_t worth = INT64_MAX;
  std::vector<bool> is_seen(catalogue.shapes.size(),
                            false);  // the first candidate of a shape is its cheapest
  packed.fit->fitting.for_each([&](std::size_t i) {
    const auto id = static_cast<CandidateId>(i);
    const std::uint32_t shape = catalogue.candidates[id].shape;
    if (is_seen[shape]) return;
    is_seen[shape] = true;
    const std::int64_t count = packed.pod->host_ports.empty()
                                   ? fit_count(packed.pod->requests, catalogue.shapes[shape].free)
                                   : 1;
    if (count > 0) worth = std::min(worth, price_units(catalogue, id) / count);
  });
  return worth == INT64_MAX ? 0 : std::max<std::int64_t>(1, worth);
}

// Of the candidates with one shape that the same kinds of pods may use, only the cheapest need be
// looked at.
std::vector<CandidateId> distinct_candidates(const OfferingCatalogue& catalogue,
                                             std::span<const PackingClass> classes) {
  std::map<std::pair<std::uint32_t, std::vector<bool>>, bool> seen;
  std::vector<CandidateId> list;
  std::vector<bool> users(classes.size());
  for (CandidateId id = 0; id < catalogue.candidates.size(); ++id) {
    bool is_used = false;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      users[c] = classes[c].count > 0 && classes[c].fit->fitting.contains(id);
      is_used |= users[c];
    }
    if (is_used && seen.try_emplace({catalogue.candidates[id].shape, users}, true).second)
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
  Packer(const OfferingCatalogue& catalogue, std::span<PackingClass> classes, LimitCounter& limits)
      : catalogue_(catalogue),
        classes_(classes),
        limits_(limits),
        worth_(all_worths()),
        filler_(catalogue, classes, worth_) {}

  std::vector<PackedNode> pack() {
    for (const CandidateId id : distinct_candidates(catalogue_, classes_)) push(id);
    while (!heap_.empty()) {
      const Ratio top = heap_.top();
      heap_.pop();
      const Pattern& pattern = filler_.fill(top.candidate);
      if (pattern.worth == 0) continue;  // nothing is left that could run there
      const Ratio now{top.price, pattern.worth, top.candidate};
      // Counts only fall, so a ratio only rises: the old one was a bound. If another may be better
      // now, it waits.
      const bool may_wait = !heap_.empty() && IsLater{}(now, heap_.top());
      if (may_wait || buy(pattern)) heap_.push(now);
    }
    return repacked(catalogue_, classes_, worth_, std::move(nodes_), limits_);
  }

 private:
  [[nodiscard]] std::vector<std::int64_t> all_worths() const {
    std::vector<std::int64_t> worths;
    for (const PackingClass& packed : classes_) worths.push_back(worth_of(catalogue_, packed));
    return worths;
  }

  void push(CandidateId id) {
    const Pattern& pattern = filler_.fill(id);
    if (pattern.worth > 0) heap_.push({price_units(catalogue_, id), pattern.worth, id});
  }

  // False: limits leave room for no node that could hold the pattern, and they will not grow.
  bool buy(const Pattern& pattern) {
    const std::optional<CandidateId> holder =
        cheapest_holder(catalogue_, classes_, pattern.pods, limits_);
    if (!holder) return false;
    std::int64_t copies = INT64_MAX;
    for (const auto& [id, count] : pattern.pods)
      copies = std::min(copies, classes_[id].count / count);
    const kube::Resources& capacity = catalogue_.shape_of(*holder).capacity;
    copies = limits_.affordable(capacity, copies);
    limits_.take(capacity, copies);
    for (const auto& [id, count] : pattern.pods) classes_[id].count -= count * copies;
    nodes_.push_back({*holder, copies, pattern.pods});
    return true;
  }

  const OfferingCatalogue& catalogue_;
  std::span<PackingClass> classes_;
  LimitCounter& limits_;
  std::vector<std::int64_t> worth_;
  PatternFiller filler_;
  std::priority_queue<Ratio, std::vector<Ratio>, IsLater> heap_;
  std::vector<PackedNode> nodes_;
};

}  // namespace

std::vector<PackedNode> pack(const OfferingCatalogue& catalogue, std::span<PackingClass> classes,
                             LimitCounter& limits) {
  return Packer(catalogue, classes, limits).pack();
}

}  // namespace hyperwright::scheduling
