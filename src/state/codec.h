// JSON codecs of what passes through the loop: events, effects, and the options that it starts
// with. Journal, replay and tests stand on them.
//
//   {"changed": {"apiVersion": "v1", "kind": "Node", "metadata": {...}, ...}}
//   {"gone": {"kind": "Pod", "namespace": "default", "name": "web-0", "uid": "...", "version":
//   812}}
//   {"synced": "NodePool"}
//   {"answered": {"effect": 7, "outcome": "Done", "deleted": {"successful": ["i-0c1"]}}}
//   {"priced": [{"type": "ml.p5.48xlarge", "microDollars": 66048000, "source": "PriceList", "asOf":
//   "2026-11-24T12:00:00Z"}]}
//   {"id": 7, "reason": "empty", "BatchDeleteClusterNodes": {"logicalIds": ["i-0c1"]}}
//
//   1. decode(encode(x)) == x. Kubernetes objects are written in Kubernetes' own form
//   (kube/json.h), so for
//      them it holds for every object that came through that door, or was made of what did.
//   2. What is empty (no text, 0, false, no elements) is left out.
//   3. Decoding is strict: an unknown member, a missing word or a number out of range fails with
//   its path.
//      A journal that was changed, or written by another version, must not play back as something
//      else.
//   4. Texts from outside may be invalid UTF-8, in an error message for instance. They are kept as
//   they
//      are: a reader of journals parses with boost::json::parse_options::allow_invalid_utf8.
#pragma once

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "hyperpod/instance_type.h"
#include "state/effect.h"
#include "state/event.h"
#include "state/options.h"

namespace hyperwright::state {

boost::json::value encode(const Event& event);
Result<Event> decode_event(const boost::json::value& json);

boost::json::value encode(const Effect& effect);
Result<Effect> decode_effect(const boost::json::value& json);

boost::json::value encode(const Options& options);
Result<Options> decode_options(const boost::json::value& json);

boost::json::value encode(const hyperpod::InstanceTypes& types);
Result<hyperpod::InstanceTypes> decode_instance_types(const boost::json::value& json);

}  // namespace hyperwright::state
