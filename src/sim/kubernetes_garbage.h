// The garbage collector of a cluster: objects whose owners are gone go too.
//
//   background  the owner goes at once, its dependents follow
//   foreground  the owner waits, with the finalizer foregroundDeletion, until the dependents that
//   block
//               it (blockOwnerDeletion) are gone; they are deleted first
//   orphan      the owner waits, with the finalizer orphan, until its dependents have forgotten it
//
// An object stays as long as one of its owners stays; references to the others are taken out. An
// owner of a kind that is not served is nobody's to judge: its dependents stay.
//
// It follows the changes of all resources, so a call costs what has changed since the last one.
//
// Source: Kubernetes, Concepts > Garbage Collection, Owners and Dependents.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/kubernetes_api.h"

namespace hyperwright::sim {

class GarbageCollector {
 public:
  // Deletes what is due, until nothing more is. True: something was done.
  bool collect(KubernetesApi& api, Time now);

 private:
  struct Owner {
    std::string api_version;
    std::string kind;
    std::string uid;
    bool blocks = false;
  };
  struct Node {
    std::string resource;
    std::string ns;
    std::string name;
    std::vector<Owner> owners;
    bool is_deleting = false;
    bool is_foreground = false;  // waits for its dependents
    bool is_orphaning = false;   // waits until its dependents have forgotten it
  };

  void follow(const KubernetesApi& api);
  void fold(std::string_view resource, const boost::json::object& object, bool is_gone);
  void forget(const std::string& uid);
  void relist(const KubernetesApi& api, std::string_view resource);
  bool judge(KubernetesApi& api, const std::string& uid, Time now);
  bool finish_foreground(KubernetesApi& api, const std::string& uid, Time now);
  bool orphan_dependents(KubernetesApi& api, const std::string& uid, Time now);
  [[nodiscard]] std::vector<std::string> dependents_of(const std::string& uid) const;

  std::uint64_t seen_ = 0;                                   // all was followed up to there
  std::set<std::string, std::less<>> known_;                 // resources that had changes
  std::map<std::string, Node> nodes_;                        // by uid
  std::map<std::string, std::set<std::string>> dependents_;  // owner's uid -> uids
  std::set<std::string> due_;                                // uids to judge
};

}  // namespace hyperwright::sim
