// The controllers, one file each. What each of them does is said in its file's head; the order in
// which they look at one change is in controllers.cpp.
#pragma once

#include "controllers/controller.h"

namespace hyperwright::controllers {

void hyperpod_observation(const Context& context, const state::Key& key, Decision& decision);
void node_class_status(const Context& context, const state::Key& key, Decision& decision);
void seen_capacity(const Context& context, const state::Key& key, Decision& decision);
void node_overlay_status(const Context& context, const state::Key& key, Decision& decision);
void node_pool_status(const Context& context, const state::Key& key, Decision& decision);
void capacity_buffer(const Context& context, const state::Key& key, Decision& decision);
void static_capacity(const Context& context, const state::Key& key, Decision& decision);
void provisioning(const Context& context, const state::Key& key, Decision& decision);
void launch(const Context& context, const state::Key& key, Decision& decision);
void nodeclaim_lifecycle(const Context& context, const state::Key& key, Decision& decision);
void termination(const Context& context, const state::Key& key, Decision& decision);
void garbage_collection(const Context& context, const state::Key& key, Decision& decision);
void disruption(const Context& context, const state::Key& key, Decision& decision);
void expiration(const Context& context, const state::Key& key, Decision& decision);

}  // namespace hyperwright::controllers
