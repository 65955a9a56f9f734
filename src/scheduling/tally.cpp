#include "scheduling/tally.h"

#include <algorithm>

namespace hyperwright::scheduling {
namespace {

constexpr std::size_t kNone = SIZE_MAX;

struct Block {
  std::vector<std::size_t> rules;
  Bitset members;
};

// Splits everybody by one rule after the other.
std::vector<Block> blocks_of(std::size_t members, std::span<const Bitset> failing) {
  std::vector<Block> blocks;
  if (members > 0) blocks.push_back({{}, Bitset::all(members)});
  for (std::size_t rule = 0; rule < failing.size(); ++rule) {
    const std::size_t before = blocks.size();
    for (std::size_t i = 0; i < before; ++i) {
      if (!blocks[i].members.intersects(failing[rule])) continue;
      Block hit = blocks[i];
      hit.members &= failing[rule];
      hit.rules.push_back(rule);
      blocks[i].members -= failing[rule];
      if (blocks[i].members.empty()) {
        blocks[i] = std::move(hit);
      } else {
        blocks.push_back(std::move(hit));
      }
    }
  }
  return blocks;
}

// By kind: the block of its nearest member.
std::vector<std::size_t> nearest_blocks(std::span<const Block> blocks,
                                        std::span<const std::uint32_t> kind_of) {
  struct Nearest {
    std::size_t block = kNone;
    std::size_t member = 0;
  };
  std::vector<Nearest> nearest;
  for (std::size_t b = 0; b < blocks.size(); ++b) {
    blocks[b].members.for_each([&](std::size_t member) {
      const std::uint32_t kind = kind_of[member];
      if (nearest.size() <= kind) nearest.resize(kind + 1);
      Nearest& known = nearest[kind];
      const auto distance = [&](std::size_t block, std::size_t of) {
        return std::pair(blocks[block].rules.size(), of);
      };
      if (known.block == kNone || distance(b, member) < distance(known.block, known.member))
        known = {b, member};
    });
  }
  std::vector<std::size_t> found;
  found.reserve(nearest.size());
  for (const Nearest& each : nearest) found.push_back(each.block);
  return found;
}

}  // namespace

std::size_t TallyBuilder::add(RuledOut rule, Bitset failing) {
  rules_.push_back(std::move(rule));
  failing_.push_back(std::move(failing));
  return rules_.size() - 1;
}

TallyBuilder::Made TallyBuilder::finish(std::span<const std::uint32_t> kind_of) && {
  Made made;
  std::vector<Bitset> failing;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    const bool is_kept = !failing_[i].empty();
    made.moved.push_back(is_kept ? failing.size() : kNone);
    if (!is_kept) continue;
    made.tally.rules.push_back(std::move(rules_[i]));
    failing.push_back(std::move(failing_[i]));
  }
  std::vector<Block> blocks = blocks_of(members_, failing);
  std::vector<std::size_t> counts(blocks.size());
  const bool has_kinds = !kind_of.empty();
  if (has_kinds) {
    for (const std::size_t block : nearest_blocks(blocks, kind_of)) {
      if (block != kNone) ++counts[block];
    }
  } else {
    for (std::size_t b = 0; b < blocks.size(); ++b) counts[b] = blocks[b].members.count();
  }
  std::vector<std::size_t> order(blocks.size());
  for (std::size_t b = 0; b < order.size(); ++b) order[b] = b;
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return counts[a] != counts[b] ? counts[a] > counts[b] : blocks[a].rules < blocks[b].rules;
  });
  for (const std::size_t b : order) {
    const std::size_t offerings = has_kinds ? blocks[b].members.count() : 0;
    for (const std::size_t rule : blocks[b].rules) {
      made.tally.rules[rule].count += counts[b];
      made.tally.rules[rule].offerings += offerings;
    }
    made.tally.total += counts[b];
    made.tally.offerings += offerings;
    made.tally.outcomes.push_back({std::move(blocks[b].rules), counts[b], offerings});
    made.members.push_back(std::move(blocks[b].members));
  }
  return made;
}

}  // namespace hyperwright::scheduling
