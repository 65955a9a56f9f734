// The whole picture as data, and back: a ClusterState that was restored goes on as the one that it
// was taken of, bit for bit (tests/state/same_picture_test.cpp). The journal opens its files with
// it.
//
//   objects   every object, in Kubernetes' own form (kube/json.h): the bulk
//   memory    what the picture remembers beside them: which claim owns which node, nominations,
//             verdicts, effects under way, waits, what is unavailable, and all that HyperPod said
//
// Indexes are not written: they are made anew from the objects. So is the table of pod classes, of
// those that pods are of now: their ids are no order, and yet they stay in the order in which they
// came.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "hyperpod/instance_type.h"
#include "state/cluster_state.h"
#include "state/event.h"
#include "state/options.h"
#include "state/snapshot_memory.h"

namespace hyperwright::state {

namespace snapshot_detail {
template <typename... Ts>
std::variant<const Ts*...> refs_of(std::type_identity<std::variant<Ts...>>);
}  // namespace snapshot_detail

// An object of a picture, until that folds again; in Kind's order.
using ObjectRef = decltype(snapshot_detail::refs_of(std::type_identity<Object>{}));

// All of them, claims that are being created included.
std::vector<ObjectRef> objects_of(const ClusterState& state);
// The same in parts, between which the picture may change: an object that is there all the while is
// met once.
class ObjectWalk {
 public:
  // The next objects, at most so many; fewer: those were the last.
  std::vector<ObjectRef> next(const ClusterState& state, std::size_t most);

 private:
  std::size_t shelf_ = 0;                // maps of the picture that are behind
  std::optional<kube::ObjectKey> last_;  // that was met of the one after
};
// nullopt: the picture does not hold it. Cluster-wide kinds have the namespace "".
std::optional<ObjectRef> find_object(const ClusterState& state, Kind kind,
                                     const kube::ObjectKey& key);
inline Kind kind_of(ObjectRef object) { return static_cast<Kind>(object.index()); }
const kube::ObjectMeta& meta_of(ObjectRef object);
boost::json::value encode(ObjectRef object);

// The picture without its objects, as values of its own: they may be written while it goes on.
struct MemoryCopy {
  struct UnderWay {
    Time since;
    Effect effect;
  };
  PictureMemory picture;
  std::vector<UnderWay> under_way;

  static MemoryCopy of(const ClusterState& state);
  // How many things it holds.
  [[nodiscard]] std::size_t size() const;
};
boost::json::value encode(const MemoryCopy& memory);

class Restoration {
 public:
  explicit Restoration(Options options);

  // An object; one of the same kind and name replaces it. Fails with Invalid.
  Status add(const boost::json::value& object);
  // It went after it was added.
  void remove(Kind kind, const kube::ObjectKey& key);
  // The picture, when all objects were added; `types` have its prices. Fails with Invalid where the
  // memory is none, or names what is not among the objects. Nothing is added afterwards.
  Result<ClusterState> finish(hyperpod::InstanceTypes types, const boost::json::value& memory);

 private:
  template <typename T>
  void place(T object);
  template <std::size_t I>
  void remove_read_only(Kind kind, const kube::ObjectKey& key);
  Status intern_classes(const PictureMemory& memory);
  Result<PodClassId> class_of(const PictureMemory::Class& entry);
  void keep_claims_of(const PictureMemory& memory);
  Status put_records(const PictureMemory& memory);
  Status put_effects(const boost::json::array& under_way);
  void index_pods();
  void index_nodes_and_claims();

  ClusterState state_;
};

}  // namespace hyperwright::state
