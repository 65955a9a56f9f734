// Volumes for clusters that are drawn at random: StorageClasses, claims that pods share and claims
// of their own, good ones and bad ones, in one zone, in several, or anywhere; and nodes that may
// attach only a few.
#pragma once

#include <string>
#include <vector>

#include "base/random.h"
#include "kube/pod.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::scheduling {

class DrawnVolumes {
 public:
  // Both must outlive this.
  DrawnVolumes(Random& random, ClusterBuilder& cluster) : random_(random), cluster_(cluster) {}

  // What each pod of one kind mounts.
  struct Mounts {
    std::vector<std::string> shared;  // claims
    std::vector<int> own;             // kinds of a claim for each pod
  };
  Mounts draw();
  void mount(const Mounts& mounts, kube::Pod& pod);
  // Some nodes get a limit.
  void limit(const std::string& node);

 private:
  [[nodiscard]] bool chance(std::uint32_t percent) { return random_.chance(percent * 10); }
  // The StorageClasses and the shared claims, once somebody mounts something.
  void put_shared();
  void put_claim(const std::string& where, const std::string& name, int kind);

  Random& random_;
  ClusterBuilder& cluster_;
  bool has_shared_ = false;
};

}  // namespace hyperwright::scheduling
