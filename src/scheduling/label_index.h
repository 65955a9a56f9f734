// Which members of a set (nodes, offerings) have a label that a requirement allows, as a bitset.
//
// The members are dense ids. For every key the index keeps, value by value, who has it; so a
// requirement is asked once per distinct value, and never per member:
//
//   In [a b]      members of a, members of b
//   NotIn [a]     everybody but the members of a, those without the key included
//   Gt 4          the members of every value that is a number above 4
//
// Cost: O(distinct values of the key + members that it names).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bitset.h"
#include "base/lookup.h"
#include "kube/requirement.h"
#include "kube/string_map.h"

namespace hyperwright::scheduling {

class LabelIndex {
 public:
  explicit LabelIndex(std::size_t members = 0) : everybody_(Bitset::all(members)) {}

  // A key is one value a member: the caller adds each (key, member) once.
  void add(std::string_view key, std::string_view value, std::size_t member);
  void add(const kube::StringMap& labels, std::size_t member);
  void add(std::string_view key, std::string_view value, const Bitset& members);

  // Members that have the key and a value that is allowed.
  [[nodiscard]] Bitset with_value(const kube::Requirement& requirement) const;
  [[nodiscard]] Bitset without_key(std::string_view key) const;
  // Both: members without the key count where the requirement is met by its absence.
  [[nodiscard]] Bitset matching(const kube::Requirement& requirement) const;
  [[nodiscard]] Bitset matching(const kube::Requirements& requirements) const;
  // The distinct values that the members of `among` have, sorted; for messages.
  [[nodiscard]] std::vector<std::string> values(std::string_view key, const Bitset& among) const;
  // How many there are.
  [[nodiscard]] std::size_t count_values(std::string_view key, const Bitset& among) const;

 private:
  struct Key {
    TextLookup<std::uint32_t> ids;  // of values
    std::vector<std::pair<std::string, std::vector<std::uint32_t>>> values;
    Bitset members;
  };

  Key& key_of(std::string_view name);
  std::vector<std::uint32_t>& members_of(Key& key, std::string_view value);

  Bitset everybody_;
  TextLookup<std::size_t> ids_;  // of keys
  std::vector<Key> keys_;
};

}  // namespace hyperwright::scheduling
