#include "hyperpod/mig.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "kube/well_known.h"

namespace hyperwright::hyperpod {
namespace {

struct Profile {
  std::string_view name;
  std::int64_t slices = 0;  // of one GPU
};
using Profiles = std::array<Profile, 6>;

// A GPU has seven parts to compute with and eight of memory, whatever its size is.
constexpr Profiles profiles(std::string_view one, std::string_view one_with_twice_the_memory,
                            std::string_view two, std::string_view three, std::string_view four,
                            std::string_view seven) {
  return {{{one, 7}, {one_with_twice_the_memory, 4}, {two, 3}, {three, 2}, {four, 1}, {seven, 1}}};
}

constexpr std::array<std::pair<std::string_view, Profiles>, 6> kProfilesOfType = {{
    // The A100 of 40 GB has no slice of one part with twice the memory.
    {"ml.p4d.24xlarge", profiles("1g.5gb", "", "2g.10gb", "3g.20gb", "4g.20gb", "7g.40gb")},
    {"ml.p5.48xlarge", profiles("1g.10gb", "1g.20gb", "2g.20gb", "3g.40gb", "4g.40gb", "7g.80gb")},
    {"ml.p5e.48xlarge",
     profiles("1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb", "4g.71gb", "7g.141gb")},
    {"ml.p5en.48xlarge",
     profiles("1g.18gb", "1g.35gb", "2g.35gb", "3g.71gb", "4g.71gb", "7g.141gb")},
    {"ml.p6-b200.48xlarge",
     profiles("1g.23gb", "1g.45gb", "2g.45gb", "3g.90gb", "4g.90gb", "7g.180gb")},
    {"ml.p6-b300.48xlarge",
     profiles("1g.34gb", "1g.67gb", "2g.67gb", "3g.135gb", "4g.135gb", "7g.269gb")},
}};

// 0: the type has no such profile.
std::int64_t slices_of(std::string_view type, std::string_view profile) {
  const auto known =
      std::ranges::find(kProfilesOfType, type, [](const auto& e) { return e.first; });
  if (known == kProfilesOfType.end() || profile.empty()) return 0;
  const auto found = std::ranges::find(known->second, profile, &Profile::name);
  return found == known->second.end() ? 0 : found->slices;
}

kube::Resources partitioned(kube::Resources resources, const InstanceType& type,
                            const kube::StringMap& labels) {
  constexpr std::string_view kPrefix = "all-";
  const std::string_view config = labels.get(kube::kMigConfig);
  const std::int64_t gpus = resources.get(kube::Resource::NvidiaGpu);
  if (gpus == 0 || config.empty() || config == "all-disabled") return resources;
  resources.set(kube::Resource::NvidiaGpu, 0);
  if (!config.starts_with(kPrefix)) return resources;
  const std::string_view profile = config.substr(kPrefix.size());
  if (const std::int64_t slices = slices_of(type.name, profile); slices > 0)
    resources.set(fmt::format("nvidia.com/mig-{}", profile), gpus * slices);
  return resources;
}

}  // namespace

kube::Resources capacity_of(const InstanceType& type, const kube::StringMap& labels) {
  return partitioned(type.capacity(), type, labels);
}

kube::Resources allocatable_of(const InstanceType& type, const kube::StringMap& labels) {
  return partitioned(type.allocatable(), type, labels);
}

}  // namespace hyperwright::hyperpod
