// Which Nodes and NodeClaims changed, and when, for structures that are kept up to date from one
// plan to the next (scheduling/supply.h) and must not look at everything for that.
//
// A reader remembers how far it has read. The log is bounded: a reader that fell behind is told so,
// and starts anew from the whole picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hyperwright::state {

class ChangeLog {
 public:
  using Position = std::uint64_t;
  static constexpr Position kUnknown = UINT64_MAX;
  struct Entry {
    bool is_claim = false;  // else a Node
    std::string name;
    auto operator<=>(const Entry&) const = default;
  };

  void add(bool is_claim, std::string_view name) {
    if (entries_.size() == kEntriesMax) {
      first_ += entries_.size();
      entries_.clear();
    }
    entries_.push_back({is_claim, std::string(name)});
  }

  // Where a reader that knows everything stands.
  [[nodiscard]] Position end() const { return first_ + entries_.size(); }
  // What changed since then, oldest first, some of it more than once; nullopt: that is no longer
  // known.
  [[nodiscard]] std::optional<std::span<const Entry>> since(Position position) const {
    if (position < first_ || position > end()) return std::nullopt;
    return std::span(entries_).subspan(static_cast<std::size_t>(position - first_));
  }

 private:
  static constexpr std::size_t kEntriesMax = 65'536;
  Position first_ = 0;  // of the entries that are kept
  std::vector<Entry> entries_;
};

}  // namespace hyperwright::state
