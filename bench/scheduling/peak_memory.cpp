#include "bench/scheduling/peak_memory.h"

#include <fstream>
#include <string>

#include <malloc.h>

namespace hyperwright::bench {
namespace {

double status_mib(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    double kib = 0;
    if (word == field && status >> kib) return kib / 1024;
  }
  return 0;
}

}  // namespace

void reset_peak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}
double peak_mib() { return status_mib("VmHWM:"); }
double resident_mib() { return status_mib("VmRSS:"); }

}  // namespace hyperwright::bench
