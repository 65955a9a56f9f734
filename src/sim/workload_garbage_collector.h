// The garbage collector: what nobody owns any more goes.
//
//   background   an object goes when all of its owners are gone, or are being deleted in the
//   foreground; while
//                one is left, only the references to the others are taken off
//   foreground   an owner (finalizer foregroundDeletion) stays until its dependents with
//   blockOwnerDeletion
//                have gone
//   orphan       an owner (finalizer orphan) stays until its dependents no longer refer to it
//
// An owner is known by its uid: one of the same name is another object. An owner of a kind that is
// not served counts as being there. Every resource is followed but events and leases, which own
// nothing and have no owners.
//
// Source: Kubernetes, Concepts > Garbage Collection.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/workload_changes.h"

namespace hyperwright::sim {

class GarbageCollector {
 public:
  explicit GarbageCollector(KubernetesApi& api)
      : api_(api), definitions_(api, "customresourcedefinitions.apiextensions.k8s.io") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const { return Time::max(); }

 private:
  using Id = std::tuple<std::string, std::string, std::string>;  // resource, namespace, name
  enum class OwnerState { Gone, Waiting, There };  // Waiting: being deleted in the foreground

  void follow_types();
  void take_in(const std::string& resource, const Change& change);
  void index(const Id& id, const boost::json::object& object);
  void unindex(const Id& id);
  [[nodiscard]] OwnerState state_of(const boost::json::object& reference,
                                    std::string_view ns) const;
  void collect(const Id& id, Time now);
  void finalize(const Id& id, Time now);

  KubernetesApi& api_;
  ChangeFollower definitions_;  // of custom resources, which come and go
  std::map<std::string, ChangeFollower, std::less<>> followers_;
  std::map<std::pair<std::string, std::string>, std::string> resources_;  // by apiVersion and kind
  std::map<std::string, std::set<Id>, std::less<>> dependents_;           // by the owner's uid
  std::map<Id, std::vector<std::string>> owners_;                         // uids
  std::map<std::string, Id, std::less<>> waiting_;  // owners with a finalizer of ours, by uid
  std::set<Id> unchecked_;
  std::set<Id> unfinished_;
};

}  // namespace hyperwright::sim
