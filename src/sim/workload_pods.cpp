#include "sim/workload_pods.h"

#include <utility>

#include <boost/json.hpp>

#include "sim/kubernetes_fields.h"
#include "sim/workload_objects.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

OwnedPod judged(const ObjectPtr& pod) {
  OwnedPod out{.object = pod};
  const std::string_view phase = text_field(*pod, {"status", "phase"});
  out.is_succeeded = phase == "Succeeded";
  out.is_failed = phase == "Failed";
  const bool is_terminal = out.is_succeeded || out.is_failed;
  out.is_terminating = !is_terminal && is_deleting(*pod);
  out.is_active = !is_terminal && !out.is_terminating;
  out.is_ready = out.is_active && is_ready_pod(*pod);
  return out;
}

void count(PodsOfOwner& owner, const OwnedPod& pod, std::int64_t by) {
  if (pod.is_active) owner.active += by;
  if (pod.is_ready) owner.ready += by;
  if (pod.is_succeeded) owner.succeeded += by;
  if (pod.is_failed) owner.failed += by;
  if (pod.is_terminating) owner.terminating += by;
}

}  // namespace

ObjectNames OwnedPods::follow() {
  ObjectNames touched;
  const ChangeFollower::News news = changes_.take();
  if (news.is_relist) {
    for (auto& [uid, name] : names_) touched.insert(name);
    owners_.clear();
    names_.clear();
  }
  for (const Change& change : news.changes) {
    if (change.kind == ChangeKind::Deleted) {
      forget(*change.object, touched);
    } else {
      // A reference may have been taken away, or the name may be another pod's now.
      if (change.previous != nullptr) {
        const json::object* before = controller_of(*change.previous);
        const json::object* after = controller_of(*change.object);
        if (before != nullptr &&
            (after == nullptr || text_field(*before, {"uid"}) != text_field(*after, {"uid"}))) {
          forget(*change.previous, touched);
        }
      }
      put(change.object, touched);
    }
  }
  return touched;
}

const PodsOfOwner& OwnedPods::of(std::string_view owner_uid) const {
  const auto it = owners_.find(owner_uid);
  return it == owners_.end() ? none_ : it->second;
}

void OwnedPods::put(const ObjectPtr& pod, ObjectNames& touched) {
  const json::object* controller = controller_of(*pod);
  if (controller == nullptr || text_field(*controller, {"kind"}) != kind_) return;
  const std::string_view uid = text_field(*controller, {"uid"});
  auto found = owners_.find(uid);
  if (found == owners_.end()) {
    found = owners_.emplace(std::string(uid), PodsOfOwner{}).first;
    names_.emplace(std::string(uid), ObjectName{std::string(namespace_of(*pod)),
                                                std::string(text_field(*controller, {"name"}))});
  }
  PodsOfOwner& owner = found->second;
  OwnedPod& slot = owner.pods[std::string(name_of(*pod))];
  if (slot.object != nullptr) count(owner, slot, -1);
  slot = judged(pod);
  count(owner, slot, 1);
  touched.insert(names_.find(uid)->second);
}

void OwnedPods::forget(const json::object& pod, ObjectNames& touched) {
  const json::object* controller = controller_of(pod);
  if (controller == nullptr || text_field(*controller, {"kind"}) != kind_) return;
  const auto found = owners_.find(text_field(*controller, {"uid"}));
  if (found == owners_.end()) return;
  const auto it = found->second.pods.find(name_of(pod));
  if (it == found->second.pods.end() || uid_of(*it->second.object) != uid_of(pod)) return;
  count(found->second, it->second, -1);
  found->second.pods.erase(it);
  const auto name = names_.find(text_field(*controller, {"uid"}));
  touched.insert(name->second);
  if (found->second.pods.empty()) {
    owners_.erase(found);
    names_.erase(name);
  }
}

}  // namespace hyperwright::sim
