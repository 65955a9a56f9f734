// Products of two 64-bit amounts, so that ratios are compared exactly by multiplying crosswise.
#pragma once

namespace hyperwright::scheduling {

__extension__ using Wide = __int128;

}  // namespace hyperwright::scheduling
