// The most memory that was resident at once since the count was reset. Linux only: clear_refs and
// VmHWM of proc(5).
#pragma once

namespace hyperwright::bench {

// Gives what is free back to the kernel first, so that a solve is not charged for reading its
// input.
void reset_peak();
double peak_mib();
double resident_mib();

}  // namespace hyperwright::bench
