#include "kube/object_meta.h"

#include <algorithm>

namespace hyperwright::kube {

bool ObjectMeta::has_finalizer(std::string_view finalizer) const {
  return std::ranges::find(finalizers, finalizer) != finalizers.end();
}

bool ObjectMeta::is_owned_by(std::string_view api_version, std::string_view kind) const {
  return std::ranges::any_of(owner_references, [&](const OwnerReference& owner) {
    return owner.api_version == api_version && owner.kind == kind;
  });
}

const OwnerReference* ObjectMeta::controller() const {
  const auto it = std::ranges::find_if(owner_references, &OwnerReference::controller);
  return it == owner_references.end() ? nullptr : &*it;
}

}  // namespace hyperwright::kube
