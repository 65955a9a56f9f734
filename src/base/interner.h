// Gives every distinct text a small dense id, in order of arrival. Ids are names, not order:
// nothing is sorted or picked by them.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "base/lookup.h"

namespace hyperwright {

using InternId = std::uint32_t;

class Interner {
 public:
  InternId intern(std::string_view text);
  // The id of a text that was interned before; nullptr if it never was.
  [[nodiscard]] const InternId* find(std::string_view text) const { return ids_.find(text); }
  // Requires: an id that this interner gave out.
  [[nodiscard]] const std::string& text(InternId id) const { return texts_.at(id); }
  [[nodiscard]] std::size_t size() const { return texts_.size(); }

 private:
  std::deque<std::string> texts_;  // a deque: a text never moves, so ids_ may point into it
  Lookup<std::string_view, InternId, TextHash> ids_;
};

}  // namespace hyperwright
