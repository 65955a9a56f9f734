// Pods that are the same to the scheduler form one class. Real clusters have thousands of pods and
// a few dozen classes; what a pod asks for is kept once per class, and the solver works on classes
// and counts.
//
// Two pods are of one class when namespace, labels and everything in kube::Scheduling are equal.
// Labels that number the pods of one workload (a StatefulSet's pod name and index, a Job's
// completion index) are left out: no selector that places pods reads them in practice, and with
// them each pod would be a class of its own. So are the names of the claims that pods mount: where
// those let a pod stand, the solver looks up pod by pod (scheduling/volumes.h).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "kube/pod.h"

namespace hyperwright::state {

using PodClassId = std::uint32_t;

struct PodClass {
  std::string namespace_;
  kube::StringMap labels;
  kube::Scheduling scheduling;
  auto operator<=>(const PodClass&) const = default;
};

class PodClasses {
 public:
  PodClassId intern(const kube::Pod& pod);
  // The class of those that mount the pod's very claims, for what is known of these alone. `of`:
  // the pod's class.
  PodClassId intern_with_claims(PodClassId of, const kube::Pod& pod);
  // nullopt: nobody asked for it yet.
  [[nodiscard]] std::optional<PodClassId> find_with_claims(PodClassId of,
                                                           const kube::Pod& pod) const;
  // Requires: an id that this table gave out.
  [[nodiscard]] const PodClass& get(PodClassId id) const { return *classes_.at(id); }
  [[nodiscard]] std::size_t size() const { return classes_.size(); }

 private:
  PodClassId intern(PodClass wanted);
  [[nodiscard]] PodClass with_claims(PodClassId of, const kube::Pod& pod) const;

  std::map<PodClass, PodClassId> ids_;
  std::deque<const PodClass*> classes_;
};

}  // namespace hyperwright::state
