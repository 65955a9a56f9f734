// The memory of the simulated API server: for every resource its objects, ordered by namespace and
// name, and its last changes, so that a reader can follow them.
//
// 1. One counter, the resource version, runs through all resources; every change takes the next.
// 2. Stored objects never change: a write stores a new one. Readers share them and copy nothing.
// 3. The log of a resource is bounded. A reader that asks for changes from before the log's first
// one
//    is told so, and must list again, as with a real API server (410 Gone).
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_resource_types.h"

namespace hyperwright::sim {

using ObjectPtr = std::shared_ptr<const boost::json::object>;

enum class ChangeKind : std::uint8_t { Added, Modified, Deleted };

struct Change {
  std::uint64_t resource_version = 0;
  ChangeKind kind = ChangeKind::Added;
  ObjectPtr object;  // as it was then; of a deletion: its last state, with the deletion's resource
                     // version
  ObjectPtr previous;  // the state before; null when it was added
};

struct ObjectName {
  std::string ns;  // empty for cluster-scoped objects
  std::string name;
};

struct ObjectNameView {
  std::string_view ns;
  std::string_view name;
};

struct ObjectNameLess {
  using is_transparent = void;
  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    const int by_namespace = std::string_view(a.ns).compare(b.ns);
    return by_namespace != 0 ? by_namespace < 0
                             : std::string_view(a.name) < std::string_view(b.name);
  }
};

using ObjectMap = std::map<ObjectName, ObjectPtr, ObjectNameLess>;

class KubernetesStore {
 public:
  struct Collection {
    ResourceType type;
    ObjectMap objects;
    std::deque<Change> log;
    std::uint64_t complete_since = 0;  // every later change is in the log
  };

  static constexpr std::size_t kLogLength = 10'000;

  // `log_length`: how many changes of each resource are remembered.
  explicit KubernetesStore(std::size_t log_length = kLogLength) : log_length_(log_length) {}

  // The type as it is now; a type of that name is replaced and keeps its objects.
  void set_type(ResourceType type);
  // Its objects must have gone before.
  void remove_type(std::string_view resource);
  [[nodiscard]] const ResourceType* find_type(std::string_view resource) const;
  // Ordered by resource name.
  [[nodiscard]] std::vector<const ResourceType*> types() const;

  [[nodiscard]] ObjectPtr find(std::string_view resource, std::string_view ns,
                               std::string_view name) const;
  // nullptr: no such resource.
  [[nodiscard]] const ObjectMap* objects(std::string_view resource) const;

  // Store a new or changed object, or forget one; each takes the next resource version and writes
  // it into the object. Requires: the resource exists; and for remove: the object exists.
  ObjectPtr put(std::string_view resource, boost::json::object object);
  ObjectPtr remove(std::string_view resource, std::string_view ns, std::string_view name);

  [[nodiscard]] std::uint64_t resource_version() const { return resource_version_; }
  // Resources that had changes after this resource version, or were first served after it, by name.
  [[nodiscard]] std::vector<std::string_view> changed_since(std::uint64_t resource_version) const;
  // The changes after a resource version, oldest first; nullopt when they are no longer, or cannot
  // be, known: list again. An unknown resource has no changes to tell either.
  [[nodiscard]] std::optional<std::vector<Change>> changes_since(
      std::string_view resource, std::uint64_t resource_version) const;

 private:
  void log(Collection& collection, Change change);

  std::size_t log_length_;
  std::uint64_t resource_version_ = 0;
  std::map<std::string, Collection, std::less<>> collections_;
};

}  // namespace hyperwright::sim
