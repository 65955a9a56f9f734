#include "controllers/controllers.h"

namespace hyperwright::controllers {

std::span<const Controller> all_controllers() {
  using Of = state::Key::Of;
  // First what is observed, then what is wanted, then what is bought, lives and goes.
  static const std::vector<Controller> kControllers = {
      {"hyperpod.observation", {Of::HyperPod, Of::Node}, hyperpod_observation},
      {"nodeclass.status", {Of::NodeClass, Of::HyperPod}, node_class_status},
      {"nodeclass.seencapacity", {Of::NodeClass, Of::Node}, seen_capacity},
      {"nodeoverlay", {Of::NodeOverlays, Of::NodePool, Of::NodeClass}, node_overlay_status},
      {"nodepool.status", {Of::NodePool}, node_pool_status},
      {"capacitybuffer", {Of::CapacityBuffer}, capacity_buffer},
      {"static.capacity", {Of::NodePool}, static_capacity},
      {"provisioner", {Of::PendingPods, Of::Node}, provisioning},
      {"nodeclaim.launch", {Of::Launch}, launch},
      {"nodeclaim.lifecycle", {Of::NodeClaim, Of::Node}, nodeclaim_lifecycle},
      {"termination", {Of::NodeClaim, Of::Node}, termination},
      {"garbagecollection", {Of::HyperPod, Of::NodeClaim, Of::Node}, garbage_collection},
      {"expiration", {Of::NodeClaim}, expiration},
      {"disruption", {Of::NodePool, Of::NodeClaim, Of::Node}, disruption},
  };
  return kControllers;
}

}  // namespace hyperwright::controllers
