// Refusals that are no shortage: the group, or the whole cluster, takes no launches for a while
// that doubles with each refusal, and its users are told on their NodeClass and NodePool.
#pragma once

#include <string>
#include <string_view>

#include "controllers/controller.h"

namespace hyperwright::controllers {

struct BackOffLengths {
  Duration first = Duration::seconds(30);
  Duration longest = Duration::minutes(30);
};

// Backs off the group of this claim. Nothing while it is backed off already.
void back_off(const Context& context, const state::ClaimRecord& claim, std::string_view reason,
              const std::string& why, BackOffLengths lengths, Decision& decision);

// Backs off the whole cluster: credentials, or a quota, that concern whatever is asked for. It is
// told on the claim's NodeClass and NodePool.
void back_off_cluster(const Context& context, const state::ClaimRecord& claim,
                      std::string_view reason, const std::string& why, Decision& decision);

// When launches of this group may be asked for again; zero: now.
Time backed_off_until(const Context& context, std::string_view group);

}  // namespace hyperwright::controllers
