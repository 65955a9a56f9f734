#include "sim/kubernetes_list_keys.h"

#include <algorithm>
#include <array>

namespace hyperwright::sim {
namespace {

struct Row {
  std::string_view field;
  std::string_view patch_key;
  std::string_view second_apply_key;  // empty: the patch key alone
};

constexpr std::array kMaps = {
    Row{"containers", "name", ""},
    Row{"initContainers", "name", ""},
    Row{"ephemeralContainers", "name", ""},
    Row{"env", "name", ""},
    Row{"volumes", "name", ""},
    Row{"volumeMounts", "mountPath", ""},
    Row{"volumeDevices", "devicePath", ""},
    Row{"imagePullSecrets", "name", ""},
    Row{"secrets", "name", ""},
    Row{"schedulingGates", "name", ""},
    Row{"resourceClaims", "name", ""},
    Row{"drivers", "name", ""},
    Row{"hostAliases", "ip", ""},
    Row{"podIPs", "ip", ""},
    Row{"hostIPs", "ip", ""},
    Row{"topologySpreadConstraints", "topologyKey", "whenUnsatisfiable"},
    Row{"conditions", "type", ""},
    Row{"addresses", "type", ""},
    Row{"ownerReferences", "uid", ""},
};

}  // namespace

ListKeys list_keys(std::string_view holder, std::string_view field) {
  if (field == "finalizers" || field == "podCIDRs")
    return {.is_map = false, .is_set = true, .patch_key = {}, .apply_keys = {}};
  if (field == "ports") {
    const bool is_container =
        holder == "containers" || holder == "initContainers" || holder == "ephemeralContainers";
    const std::string_view key = is_container ? "containerPort" : "port";
    return {.is_map = true, .is_set = false, .patch_key = key, .apply_keys = {key, "protocol"}};
  }
  const auto* row = std::ranges::find(kMaps, field, &Row::field);
  if (row == kMaps.end()) return {};
  ListKeys keys{
      .is_map = true, .is_set = false, .patch_key = row->patch_key, .apply_keys = {row->patch_key}};
  if (!row->second_apply_key.empty()) keys.apply_keys.push_back(row->second_apply_key);
  return keys;
}

}  // namespace hyperwright::sim
