#include "runtime/loop_memory.h"

#include <boost/json.hpp>

#include "state/codec_words.h"

namespace hyperwright::state {

template <>
struct Fields<runtime::Loop::Memory::Look> {
  static void walk(auto& io, auto& look) {
    io("controller", look.controller);
    io("key", look.key);
    io("at", look.at);
  }
};

template <>
struct Fields<runtime::Loop::Memory> {
  static void walk(auto& io, auto& memory) {
    io("random0", memory.random[0]);
    io("random1", memory.random[1]);
    io("random2", memory.random[2]);
    io("random3", memory.random[3]);
    io("due", memory.due);
    io("nextEffect", memory.next_effect);
    io("turns", memory.turns);
  }
};

}  // namespace hyperwright::state

namespace hyperwright::runtime {

boost::json::value encode(const Loop::Memory& memory) {
  boost::json::object object;
  state::FieldWriter writer(object);
  state::Fields<Loop::Memory>::walk(writer, memory);
  return object;
}

Result<Loop::Memory> decode_loop_memory(const boost::json::value& json) {
  state::DecodeProblem problem;
  state::FieldReader reader(json, "loop", problem);
  Loop::Memory memory;
  state::Fields<Loop::Memory>::walk(reader, memory);
  reader.finish();
  if (problem.is_there()) return problem.failure();
  return memory;
}

}  // namespace hyperwright::runtime
