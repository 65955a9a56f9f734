// The dice of a seed: each is thrown in an order that stays, and what is new is thrown last, so
// that the older seeds keep their stories.
#pragma once

#include <array>
#include <cstdint>

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>

#include "base/random.h"
#include "base/time.h"
#include "tests/sim/harness/swarm.h"

namespace hyperwright::swarm {

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed) {}

  bool chance(std::uint32_t percent) { return random_.below(100) < percent; }
  int between(int least, int most) {
    return least + static_cast<int>(random_.below(static_cast<std::uint64_t>(most - least + 1)));
  }
  Duration seconds(int least, int most) { return Duration::seconds(between(least, most)); }
  template <typename T, std::size_t N>
  const T& one_of(const std::array<T, N>& list) {
    return list[random_.below(N)];
  }
  // A rate of a fault that is on in two of five seeds.
  std::uint32_t rate(int most) {
    return chance(40) ? static_cast<std::uint32_t>(between(1, most)) : 0;
  }
  int times(std::uint32_t percent, int most) { return chance(percent) ? between(1, most) : 0; }

  Random& random() { return random_; }

 private:
  Random random_;
};

// A list of one: braces alone would mean the element itself.
inline boost::json::array only(boost::json::value element) {
  boost::json::array list;
  list.push_back(std::move(element));
  return list;
}

// What comes, changes and goes while the faults last.
void draw_load(Draw& draw, Swarm& swarm);

}  // namespace hyperwright::swarm
