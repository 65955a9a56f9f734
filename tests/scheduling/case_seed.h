// The seed of a drawn case: any 64 bits, each as likely as any other at every size that RapidCheck
// tries, so that the cases of a long run differ. A smaller seed draws no smaller cluster: there is
// nothing to shrink.
#pragma once

#include <cstdint>
#include <ostream>

#include <rapidcheck.h>

namespace hyperwright::scheduling {

struct CaseSeed {
  std::uint64_t value = 0;
  friend std::ostream& operator<<(std::ostream& out, CaseSeed seed) { return out << seed.value; }
};

}  // namespace hyperwright::scheduling

template <>
struct rc::Arbitrary<hyperwright::scheduling::CaseSeed> {
  static Gen<hyperwright::scheduling::CaseSeed> arbitrary() {
    const auto any = gen::resize(kNominalSize, gen::arbitrary<std::uint64_t>());
    return gen::noShrink(gen::map(
        any, [](std::uint64_t value) { return hyperwright::scheduling::CaseSeed{value}; }));
  }
};
