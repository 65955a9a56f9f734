#include "controllers/launch_stamp.h"

#include <algorithm>
#include <map>

#include "controllers/record.h"
#include "kube/well_known.h"

namespace hyperwright::controllers {
namespace {

struct OpenCall {
  state::LaunchCall call;
  std::vector<std::vector<std::size_t>> members;  // by specification: places in `wanted`
};

void close(OpenCall& open, Random& random, std::vector<state::Launch>& launches) {
  if (open.call.specifications.empty()) return;
  open.call.batch = random.uuid();
  for (std::size_t i = 0; i < open.members.size(); ++i) {
    for (const std::size_t place : open.members[i]) launches[place] = state::Launch{open.call, i};
  }
  open = OpenCall{};
}

}  // namespace

std::vector<state::Launch> group_into_calls(const std::vector<Wanted>& wanted,
                                            std::size_t specifications_max, Random& random) {
  std::map<std::pair<hyperpod::OfferingKey, bool>, std::vector<std::size_t>> by_offering;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    by_offering[{wanted[i].offering, wanted[i].is_flexible}].push_back(i);
  std::vector<state::Launch> launches(wanted.size());
  OpenCall open;
  for (const auto& [offering, places] : by_offering) {
    std::size_t taken = 0;
    while (taken < places.size()) {
      const auto room = static_cast<std::size_t>(hyperpod::kAddNodesMax - open.call.nodes());
      if (room == 0 || open.call.specifications.size() == specifications_max) {
        close(open, random, launches);
        continue;
      }
      const std::size_t count = std::min(room, places.size() - taken);
      open.call.specifications.push_back(
          {offering.first, offering.second, static_cast<std::int32_t>(count)});
      const auto from = places.begin() + static_cast<std::ptrdiff_t>(taken);
      open.members.emplace_back(from, from + static_cast<std::ptrdiff_t>(count));
      taken += count;
      // More of the same offering must not stand in this call a second time.
      if (taken < places.size()) close(open, random, launches);
    }
  }
  close(open, random, launches);
  return launches;
}

void stamp_anew(const Context& context, const std::vector<const state::ClaimRecord*>& claims,
                std::size_t specifications_max, std::string_view reason, Decision& decision) {
  std::vector<Wanted> wanted;
  for (const state::ClaimRecord* claim : claims) {
    const Time free_at =
        context.state.next_try({state::Target::Of::NodeClaim, claim->claim.meta.name});
    if (free_at > context.now)
      return decision.look_again(std::min(free_at, context.now + Duration::seconds(2)));
    const state::LaunchSpecification& specification =
        claim->launch->call.specifications[claim->launch->specification];
    wanted.push_back({specification.offering, specification.is_flexible});
  }
  const std::vector<state::Launch> launches =
      group_into_calls(wanted, specifications_max, context.random);
  for (std::size_t i = 0; i < claims.size(); ++i) {
    state::PatchNodeClaim patch = patch_of(claims[i]->claim);
    patch.set_annotations.set(kube::kLaunch, state::encode_launch(launches[i]));
    decision.emit(std::move(patch), std::string(reason));
  }
}

}  // namespace hyperwright::controllers
