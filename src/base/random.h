// Random numbers that are the same on every machine for the same seed: xoshiro256** seeded by
// splitmix64 (Blackman and Vigna), with bounded draws of our own, because the distributions of
// <random> differ between libraries. The state can be read and set, so that a journal can carry it.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace hyperwright {

class Random {
 public:
  using State = std::array<std::uint64_t, 4>;

  explicit Random(std::uint64_t seed);

  std::uint64_t next();
  // 0 to bound - 1, without bias. Requires: bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // True with probability per_mille / 1000.
  bool chance(std::uint32_t per_mille) { return below(1000) < per_mille; }
  // Letters and digits as Kubernetes draws them for generated names: no vowels, no look-alikes.
  std::string name_suffix(std::size_t length = 5);
  // A random UUID, version 4, lower case.
  std::string uuid();
  // A generator of its own whose draws do not depend on how many are taken from this one.
  Random fork() { return Random(next()); }

  [[nodiscard]] const State& state() const { return state_; }
  void set_state(const State& state) { state_ = state; }

 private:
  State state_{};
};

}  // namespace hyperwright
