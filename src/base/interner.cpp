#include "base/interner.h"

namespace hyperwright {

InternId Interner::intern(std::string_view text) {
  if (const InternId* known = ids_.find(text)) return *known;
  const auto id = static_cast<InternId>(texts_.size());
  texts_.emplace_back(text);
  ids_.set(texts_.back(), id);
  return id;
}

}  // namespace hyperwright
