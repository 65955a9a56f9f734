// The words of keys and targets in JSON.
#pragma once

#include <array>
#include <string_view>

#include "state/codec_fields.h"
#include "state/effect.h"
#include "state/key.h"

namespace hyperwright::state {

inline std::string_view to_string(Key::Of of) {
  static constexpr std::array<std::string_view, 9> kWords = {
      "PendingPods",  "Node",           "NodeClaim", "NodePool", "NodeClass",
      "NodeOverlays", "CapacityBuffer", "Launch",    "HyperPod"};
  return kWords.at(static_cast<std::size_t>(of));
}
template <>
inline constexpr std::size_t kWordCount<Key::Of> = static_cast<std::size_t>(Key::Of::HyperPod) + 1;

inline std::string_view to_string(Target::Of of) {
  static constexpr std::array<std::string_view, 11> kWords = {
      "Pod",    "Node",     "NodePool", "NodeClaim", "NodeClass", "NodeOverlay", "CapacityBuffer",
      "Launch", "Instance", "Reading",  "Nothing"};
  return kWords.at(static_cast<std::size_t>(of));
}
template <>
inline constexpr std::size_t kWordCount<Target::Of> =
    static_cast<std::size_t>(Target::Of::Nothing) + 1;

template <>
struct Fields<Key> {
  static void walk(auto& io, auto& key) {
    io("of", key.of);
    io("name", key.name);
  }
};

}  // namespace hyperwright::state
