// Which lists of the built-in kinds are maps in disguise, and which field of their entries is the
// key. The field's own name decides, except for `ports`, which are keyed differently in containers
// and in services. Lists that are not here, such as a node's taints, tolerations, args and command,
// are one value: a patch replaces them.
//
// Source: Kubernetes API reference, "Patch strategy: merge on key …" and "Map: keys …" of each
// list.
#pragma once

#include <string_view>
#include <vector>

namespace hyperwright::sim {

struct ListKeys {
  bool is_map = false;         // entries are objects, found by key
  bool is_set = false;         // entries are plain values, each at most once
  std::string_view patch_key;  // strategic merge patch
  std::vector<std::string_view>
      apply_keys;  // server-side apply; entries that lack a key use its default
};

// `holder` is the field in whose value the list stands: "containers" for a container's ports.
ListKeys list_keys(std::string_view holder, std::string_view field);

}  // namespace hyperwright::sim
