// What Nodes of an instance group and type were seen to offer to pods: the smallest amounts. Plans
// use them in place of the formulas of hyperpod/instance_type.h. They outlive this process in the
// annotation hyperwright.dev/seen-capacity of the HyperpodNodeClass:
//
//   {"cpu":{"ml.c5.xlarge":{"cpu":"3920m","memory":"6553Mi","pods":"14"}}}
//
//   1. Only what the kubelet works out is taken: cpu, memory, ephemeral-storage and pods. Devices
//      come and go with their plugins; one that is broken today must not count for ever.
//   2. Bytes are rounded down to MiB: nodes that differ by a page write nothing anew.
//   3. At most 200 pairs of group and type are remembered.
//
// Who deletes the annotation has it written anew from the Nodes that are there.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "hyperpod/instance_type.h"
#include "kube/hyperpod_node_class.h"
#include "kube/node.h"
#include "kube/resources.h"

namespace hyperwright::state {

class SeenCapacity {
 public:
  SeenCapacity() = default;
  // Of the annotation; what cannot be read is left out, as if it had not been seen.
  static SeenCapacity of(const kube::HyperpodNodeClass& node_class);
  // The text of the annotation; "" where nothing was seen.
  [[nodiscard]] std::string encode() const;

  // A Node that is initialized, and carries the labels of a group of this class and of its type.
  void note(const kube::HyperpodNodeClass& node_class, const kube::Node& node);
  // The Node tells nothing new: `note` would change nothing.
  [[nodiscard]] bool covers(const kube::HyperpodNodeClass& node_class,
                            const kube::Node& node) const;
  // What a node of this type will offer in this group, given what it should by the catalogue, or by
  // its claim.
  [[nodiscard]] kube::Resources over(kube::Resources expected, std::string_view group,
                                     std::string_view type) const;
  bool operator==(const SeenCapacity&) const = default;

 private:
  std::map<std::pair<std::string, std::string>, kube::Resources> seen_;  // by group and type
};

}  // namespace hyperwright::state
