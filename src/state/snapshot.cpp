#include "state/snapshot.h"

#include <set>
#include <string_view>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"
#include "kube/well_known.h"
#include "state/codec.h"
#include "state/codec_object.h"
#include "state/snapshot_fields.h"

namespace hyperwright::state {
namespace json = boost::json;
namespace {

const kube::Pod& object_in(const PodRecord& record) { return record.pod; }
const kube::Node& object_in(const NodeRecord& record) { return record.node; }
const kube::NodeClaim& object_in(const ClaimRecord& record) { return record.claim; }
template <typename T>
const T& object_in(const T& object) {
  return object;
}

constexpr std::size_t kOwnShelves = 6;
constexpr std::size_t kReadOnlyKinds = kKindCount - static_cast<std::size_t>(Kind::DaemonSet);

// The maps of the picture in which objects stand, one after the other.
template <std::size_t... I>
void visit_read_only(const ClusterState& state, std::size_t shelf, auto& visit,
                     std::index_sequence<I...>) {
  constexpr std::size_t kFirst = static_cast<std::size_t>(Kind::DaemonSet);
  ((shelf == kOwnShelves + I
        ? visit(state.objects<std::variant_alternative_t<kFirst + I, Object>>())
        : void()),
   ...);
}
void visit_shelf(const ClusterState& state, std::size_t shelf, auto visit) {
  switch (shelf) {
    case 0:
      return visit(state.pods());
    case 1:
      return visit(state.nodes());
    case 2:
      return visit(state.node_pools());
    case 3:
      return visit(state.claims());
    case 4:
      return visit(state.foreign_claims());
    case 5:
      return visit(state.node_classes());
    default:
      return visit_read_only(state, shelf, visit, std::make_index_sequence<kReadOnlyKinds>{});
  }
}

kube::ObjectKey full_key(const kube::ObjectKey& key) { return key; }
kube::ObjectKey full_key(const std::string& name) { return {{}, name}; }

template <typename Map>
auto first_after(const Map& map, const std::optional<kube::ObjectKey>& last) {
  if (!last) return map.begin();
  if constexpr (std::is_same_v<typename Map::key_type, kube::ObjectKey>) {
    return map.upper_bound(*last);
  } else {
    return map.upper_bound(last->name);
  }
}

template <std::size_t I = static_cast<std::size_t>(Kind::DaemonSet)>
std::optional<ObjectRef> find_read_only(const ClusterState& state, Kind kind,
                                        const kube::ObjectKey& key) {
  if constexpr (I < kKindCount) {
    if (kind != static_cast<Kind>(I)) return find_read_only<I + 1>(state, kind, key);
    const auto* object =
        state.find<std::variant_alternative_t<I, Object>>(key.namespace_, key.name);
    return object == nullptr ? std::nullopt : std::optional<ObjectRef>(object);
  } else {
    return std::nullopt;
  }
}

Failure bad_memory(std::string sentence) {
  return fail(ErrorCode::Invalid, std::move(sentence),
              "it was changed, or written by another version; record it again with this one");
}

Failure not_there(std::string_view kind, const std::string& name) {
  return bad_memory(fmt::format("{} {} is remembered, and not among the objects", kind, name));
}

}  // namespace

std::vector<ObjectRef> ObjectWalk::next(const ClusterState& state, std::size_t most) {
  std::vector<ObjectRef> refs;
  while (shelf_ < kOwnShelves + kReadOnlyKinds && refs.size() < most) {
    visit_shelf(state, shelf_, [&](const auto& map) {
      auto it = first_after(map, last_);
      for (; it != map.end() && refs.size() < most; ++it) {
        refs.emplace_back(&object_in(it->second));
        last_ = full_key(it->first);
      }
      if (it != map.end()) return;
      ++shelf_;
      last_.reset();
    });
  }
  return refs;
}

std::vector<ObjectRef> objects_of(const ClusterState& state) {
  return ObjectWalk().next(state, SIZE_MAX);
}

std::optional<ObjectRef> find_object(const ClusterState& state, Kind kind,
                                     const kube::ObjectKey& key) {
  const auto ref = [](const auto* object) {
    return object == nullptr ? std::nullopt : std::optional<ObjectRef>(object);
  };
  switch (kind) {
    case Kind::Pod: {
      const auto it = state.pods().find(key);
      return it == state.pods().end() ? std::nullopt : ref(&it->second.pod);
    }
    case Kind::Node: {
      const NodeRecord* record = state.find_node(key.name);
      return record == nullptr ? std::nullopt : ref(&record->node);
    }
    case Kind::NodeClaim: {
      if (const ClaimRecord* record = state.find_claim(key.name)) return ref(&record->claim);
      const auto it = state.foreign_claims().find(key.name);
      return it == state.foreign_claims().end() ? std::nullopt : ref(&it->second);
    }
    case Kind::NodePool:
      return ref(state.find_node_pool(key.name));
    case Kind::NodeClass:
      return ref(state.find_node_class(key.name));
    default:
      return find_read_only(state, kind, key);
  }
}

const kube::ObjectMeta& meta_of(ObjectRef object) {
  return std::visit([](const auto* typed) -> const kube::ObjectMeta& { return typed->meta; },
                    object);
}

json::value encode(ObjectRef object) {
  return std::visit([](const auto* typed) { return kube::encode(*typed); }, object);
}

MemoryCopy MemoryCopy::of(const ClusterState& state) {
  MemoryCopy memory{.picture = PictureMemory::of(state), .under_way = {}};
  memory.under_way.reserve(state.pending().size());
  for (const auto& [id, pending] : state.pending())
    memory.under_way.push_back({pending.since, {id, pending.reason, pending.action}});
  return memory;
}

std::size_t MemoryCopy::size() const {
  return picture.pods.size() + picture.nodes.size() + picture.claims.size() +
         picture.hyperpod.nodes.size() + under_way.size();
}

json::value encode(const MemoryCopy& memory) {
  json::object picture;
  FieldWriter writer(picture);
  Fields<PictureMemory>::walk(writer, memory.picture);
  json::array under_way;
  for (const MemoryCopy::UnderWay& pending : memory.under_way) {
    json::object entry;
    FieldWriter since(entry);
    since("since", pending.since);
    entry["effect"] = encode(pending.effect);
    under_way.push_back(std::move(entry));
  }
  return json::object{{"picture", std::move(picture)}, {"underWay", std::move(under_way)}};
}

Restoration::Restoration(Options options) : state_(std::move(options), {}) {}

Status Restoration::add(const json::value& object) {
  auto decoded = decode_object(object);
  if (!decoded) return fail(decoded.error());
  std::visit([&](auto&& typed) { place(std::forward<decltype(typed)>(typed)); },
             *std::move(decoded));
  return {};
}

template <typename T>
void Restoration::place(T object) {
  const std::string name = object.meta.name;
  if constexpr (std::is_same_v<T, kube::Pod>) {
    state_.pods_[{object.meta.namespace_, name}].pod = std::move(object);
  } else if constexpr (std::is_same_v<T, kube::Node>) {
    state_.nodes_[name].node = std::move(object);
  } else if constexpr (std::is_same_v<T, kube::NodePool>) {
    state_.pools_[name] = std::move(object);
  } else if constexpr (std::is_same_v<T, kube::HyperpodNodeClass>) {
    state_.classes_[name] = std::move(object);
  } else if constexpr (std::is_same_v<T, kube::NodeClaim>) {
    if (object.spec.node_class_ref.is_hyperpod()) {
      state_.claims_[name].claim = std::move(object);
    } else {
      state_.foreign_claims_[name] = std::move(object);
    }
  } else {
    const kube::ObjectKey key{object.meta.namespace_, name};
    state_.objects_.of<T>()[key] = std::move(object);
  }
}

template <std::size_t I>
void Restoration::remove_read_only(Kind kind, const kube::ObjectKey& key) {
  if constexpr (I < kKindCount) {
    if (kind != static_cast<Kind>(I)) return remove_read_only<I + 1>(kind, key);
    state_.objects_.of<std::variant_alternative_t<I, Object>>().erase(key);
  }
}

void Restoration::remove(Kind kind, const kube::ObjectKey& key) {
  switch (kind) {
    case Kind::Pod:
      state_.pods_.erase(key);
      return;
    case Kind::Node:
      state_.nodes_.erase(key.name);
      return;
    case Kind::NodeClaim:
      state_.claims_.erase(key.name);
      state_.foreign_claims_.erase(key.name);
      return;
    case Kind::NodePool:
      state_.pools_.erase(key.name);
      return;
    case Kind::NodeClass:
      state_.classes_.erase(key.name);
      return;
    default:
      return remove_read_only<static_cast<std::size_t>(Kind::DaemonSet)>(kind, key);
  }
}

void Restoration::index_pods() {
  for (auto& [key, record] : state_.pods_) {
    state_.pods_by_uid_.set(record.pod.meta.uid, &key);
    record.pod_class = state_.pod_classes_.intern(record.pod);
    state_.index_daemon_pod(record.pod, true);
    state_.bind(record);
    if (!record.nomination) continue;
    const Nomination& nomination = *record.nomination;
    auto& index = nomination.claim.empty() ? state_.nominated_to_node_ : state_.nominated_to_claim_;
    index[nomination.claim.empty() ? nomination.node : nomination.claim].insert(
        record.pod.meta.uid);
  }
}

void Restoration::index_nodes_and_claims() {
  for (auto& [name, record] : state_.nodes_) {
    state_.index_node(record.node);
    if (!record.claim.empty()) state_.nodes_by_claim_.emplace(record.claim, name);
  }
  for (auto& [name, record] : state_.claims_) {
    if (auto launch = decode_launch(record.claim.meta.annotations.get(kube::kLaunch))) {
      record.launch = std::move(*launch);
      state_.claims_by_batch_[record.launch->call.batch].insert(name);
    }
    if (!record.is_being_created) state_.claims_by_uid_[record.claim.meta.uid] = name;
    if (record.claim.meta.is_deleting()) state_.deleting_claims_.insert(name);
  }
}

// Interned in the order in which they were met.
Status Restoration::intern_classes(const PictureMemory& memory) {
  std::vector<PodClassId> classes;
  for (const PictureMemory::Class& entry : memory.classes) {
    const auto id = class_of(entry);
    if (!id) return fail(id.error());
    classes.push_back(*id);
  }
  for (const auto& [key, buffer] : state_.objects<kube::CapacityBuffer>())
    state_.remake_buffer_pods(key);
  for (const PictureMemory::Misfit& misfit : memory.misfits) {
    if (misfit.pod_class >= classes.size()) return bad_memory("a misfit names no class of pods");
    state_.misfits_.emplace(classes[misfit.pod_class], misfit.group, misfit.type);
  }
  return {};
}

// An object says that a claim is ours or another's, and not that one of its name was the other
// before.
void Restoration::keep_claims_of(const PictureMemory& memory) {
  std::set<std::string_view> ours, foreign;
  for (const PictureMemory::ClaimMemory& entry : memory.claims) ours.insert(entry.name);
  for (const std::string& name : memory.foreign_claims) foreign.insert(name);
  std::erase_if(state_.claims_, [&](const auto& entry) { return !ours.contains(entry.first); });
  std::erase_if(state_.foreign_claims_,
                [&](const auto& entry) { return !foreign.contains(entry.first); });
}

Result<PodClassId> Restoration::class_of(const PictureMemory::Class& entry) {
  if (entry.buffer) {
    state_.remake_buffer_pods(*entry.buffer);
    const auto pods = state_.buffer_pods_.find(*entry.buffer);
    if (pods == state_.buffer_pods_.end())
      return bad_memory(fmt::format("CapacityBuffer {} has no pods", entry.buffer->name));
    return pods->second.front().pod_class;
  }
  if (entry.pod) {
    const auto pod = state_.pods_.find(*entry.pod);
    if (pod == state_.pods_.end()) return not_there("pod", entry.pod->name);
    return state_.pod_classes_.intern(pod->second.pod);
  }
  const auto* like = entry.like ? std::get_if<kube::Pod>(&*entry.like) : nullptr;
  if (like == nullptr || like->scheduling.volume_claims.size() != entry.claim_names.size())
    return bad_memory("a class of pods does not say what it is like");
  kube::Pod pod = *like;
  for (std::size_t i = 0; i < entry.claim_names.size(); ++i)
    pod.scheduling.volume_claims[i].claim_name = entry.claim_names[i];
  const PodClassId of = state_.pod_classes_.intern(pod);
  return entry.claim_names.empty() ? of : state_.pod_classes_.intern_with_claims(of, pod);
}

// What is remembered of each pod, node and claim.
Status Restoration::put_records(const PictureMemory& memory) {
  for (const PictureMemory::PodMemory& entry : memory.pods) {
    const auto it = state_.pods_.find(entry.key);
    if (it == state_.pods_.end()) return not_there("pod", entry.key.name);
    PodRecord& record = it->second;
    record.pending_since = entry.pending_since;
    record.nomination = entry.nomination;
    record.verdict_version = entry.verdict_version;
    record.verdict = entry.verdict;
    record.verdict_at = entry.verdict_at;
    if (entry.is_pending) state_.pending_pods_.insert(entry.key);
  }
  for (const PictureMemory::NodeMemory& entry : memory.nodes) {
    const auto it = state_.nodes_.find(entry.name);
    if (it == state_.nodes_.end()) return not_there("Node", entry.name);
    it->second.claim = entry.claim;
    it->second.first_seen_ready = entry.first_seen_ready;
    it->second.deleting_since = entry.deleting_since;
  }
  for (const PictureMemory::ClaimMemory& entry : memory.claims) {
    const auto it = state_.claims_.find(entry.name);
    if (it == state_.claims_.end()) return not_there("NodeClaim", entry.name);
    ClaimRecord& record = it->second;
    record.launch_problem = entry.launch_problem;
    record.logical_id = entry.logical_id;
    record.is_being_created = entry.is_being_created;
    record.deleting_since = entry.deleting_since;
    record.node_name = entry.node_name;
  }
  return {};
}

Status Restoration::put_effects(const json::array& under_way) {
  for (const json::value& entry : under_way) {
    const json::object* members = entry.if_object();
    const json::value* effect = members == nullptr ? nullptr : members->if_contains("effect");
    if (effect == nullptr) return bad_memory("an effect under way is none");
    auto decoded = decode_effect(*effect);
    if (!decoded) return fail(decoded.error(), "an effect under way");
    DecodeProblem problem;
    FieldReader reader(entry, "underWay", problem);
    Time since;
    reader("since", since);
    if (problem.is_there()) return problem.failure();
    for (const Target& target : targets_of(decoded->action))
      state_.pending_targets_[target] = decoded->id;
    state_.pending_[decoded->id] =
        Pending{decoded->id, since, std::move(decoded->action), std::move(decoded->reason)};
  }
  return {};
}

Result<ClusterState> Restoration::finish(hyperpod::InstanceTypes types, const json::value& value) {
  const json::object* members = value.if_object();
  const json::value* picture = members == nullptr ? nullptr : members->if_contains("picture");
  const json::value* under_way = members == nullptr ? nullptr : members->if_contains("underWay");
  if (picture == nullptr || under_way == nullptr || !under_way->is_array())
    return bad_memory("the memory of the picture has no members \"picture\" and \"underWay\"");
  DecodeProblem problem;
  FieldReader reader(*picture, "picture", problem);
  PictureMemory memory;
  Fields<PictureMemory>::walk(reader, memory);
  reader.finish();
  if (problem.is_there()) return problem.failure();

  state_.types_ = std::move(types);
  state_.hyperpod_ = memory.hyperpod.view();
  if (auto done = intern_classes(memory); !done) return fail(done.error());
  keep_claims_of(memory);
  if (auto done = put_records(memory); !done) return fail(done.error());
  index_pods();
  index_nodes_and_claims();
  if (auto done = put_effects(under_way->get_array()); !done) return fail(done.error());
  memory.put_into(state_);  // what was indexed so far marked keys, and stands in the change log
  state_.index_everything();
  return std::move(state_);
}

}  // namespace hyperwright::state
