// The pods of one kind of controller, by owner, kept up to date from the change log, with the
// counts that a status needs. Counting is incremental: a ReplicaSet of 10,000 pods costs nothing
// when one of them changes.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "sim/workload_changes.h"

namespace hyperwright::sim {

struct OwnedPod {
  ObjectPtr object;
  bool is_active = false;       // not terminal, not being deleted
  bool is_ready = false;        // active and Ready
  bool is_succeeded = false;    // phase Succeeded
  bool is_failed = false;       // phase Failed
  bool is_terminating = false;  // being deleted and not terminal
};

struct PodsOfOwner {
  std::map<std::string, OwnedPod, std::less<>> pods;  // by name
  std::int64_t active = 0;
  std::int64_t ready = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t terminating = 0;
};

class OwnedPods {
 public:
  // `kind` of the controller: "ReplicaSet", "Job", … `api` outlives this.
  OwnedPods(const KubernetesApi& api, std::string_view kind) : changes_(api, "pods"), kind_(kind) {}

  // Takes in what changed; the owners, by namespace and name, whose pods did.
  ObjectNames follow();
  // An owner without pods has an empty entry.
  [[nodiscard]] const PodsOfOwner& of(std::string_view owner_uid) const;

 private:
  void put(const ObjectPtr& pod, ObjectNames& touched);
  void forget(const boost::json::object& pod, ObjectNames& touched);

  ChangeFollower changes_;
  std::string kind_;
  std::map<std::string, PodsOfOwner, std::less<>> owners_;
  std::map<std::string, ObjectName, std::less<>> names_;  // of the owners, by uid
  PodsOfOwner none_;
};

}  // namespace hyperwright::sim
