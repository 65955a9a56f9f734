// Arbitrary events and effects for RapidCheck: every alternative of Event, Payload and Action.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "state/effect.h"
#include "state/event.h"
#include "state/options.h"
#include "tests/state/generators_hyperpod.h"
#include "tests/state/generators_kube.h"

namespace hyperwright::generators {

// Times and spans that only our own values have: "never", and what lies before 1970.
inline Time any_time() {
  return *rc::gen::element(Time{}, time(), Time::max(),
                           Time::from_unix_microseconds(std::numeric_limits<std::int64_t>::min()),
                           Time::from_unix_microseconds(-1));
}
inline Duration any_duration() {
  return *rc::gen::element(duration(), Duration::microseconds(-90'000'001), Duration::max(),
                           Duration::microseconds(std::numeric_limits<std::int64_t>::min()));
}
inline std::uint64_t id() {
  return *rc::gen::element<std::uint64_t>(0, 1, 1 << 20, std::numeric_limits<std::uint64_t>::max());
}
inline kube::ObjectKey object_key() { return {text(), text()}; }

inline state::Object object() {
  switch (number(static_cast<int>(state::kKindCount) - 1)) {
    case 0:
      return pod();
    case 1:
      return node();
    case 2:
      return node_pool();
    case 3:
      return node_claim();
    case 4:
      return node_class();
    case 5:
      return daemon_set();
    case 6:
      return pod_disruption_budget();
    case 7:
      return persistent_volume();
    case 8:
      return persistent_volume_claim();
    case 9:
      return storage_class();
    case 10:
      return csi_node();
    case 11:
      return namespace_();
    case 12:
      return service();
    case 13:
      return workload<kube::ReplicaSet>();
    case 14:
      return workload<kube::StatefulSet>();
    case 15:
      return replication_controller();
    case 16:
      return workload<kube::Deployment>();
    case 17:
      return pod_template();
    case 18:
      return node_overlay();
    default:
      return capacity_buffer();
  }
}
inline state::Payload payload() {
  switch (number(static_cast<int>(std::variant_size_v<state::Payload>) - 1)) {
    case 0:
      return std::monostate{};
    case 1:
      return object();
    case 2:
      return hyperpod_cluster();
    case 3:
      return several(subnet);
    case 4:
      return page_of(hyperpod_node);
    case 5:
      return hyperpod_node();
    case 6:
      return add_result();
    case 7:
      return delete_result();
    case 8:
      return page_of(cluster_event);
    case 9:
      return cluster_event();
    default:
      return training_plan();
  }
}
inline state::Kind kind() { return one_of<state::Kind>(static_cast<int>(state::kKindCount)); }
inline state::Event event() {
  switch (number(static_cast<int>(std::variant_size_v<state::Event>) - 1)) {
    case 0:
      return state::Changed{object()};
    case 1:
      return state::Gone{kind(), object_key(), text(), id()};
    case 2:
      return state::Synced{kind()};
    case 3:
      return state::Answered{id(), one_of<state::Outcome>(10), text(), payload()};
    default:
      return state::Priced{several([] {
        return hyperpod::TypePrice{
            text(),
            {hyperpod::MicroDollars(number(1'000'000'000)), chance()},
            {one_of<hyperpod::PriceSource>(static_cast<int>(hyperpod::kPriceSourceCount)),
             any_time()}};
      })};
  }
}

inline state::Action action(std::size_t which) {
  using namespace state;  // NOLINT(google-build-using-namespace): all of its actions, in order
  switch (which) {
    case 0:
      return CreateNodeClaim{node_claim(), several(text)};
    case 1:
      return PatchNodeClaim{text(),       text(),       id(),
                            string_map(), string_map(), maybe([] { return several(word); })};
    case 2:
      return UpdateNodeClaimStatus{node_claim()};
    case 3:
      return DeleteNodeClaim{text(), text()};
    case 4:
      return PatchNode{.name = text(),
                       .uid = text(),
                       .resource_version = id(),
                       .set_labels = string_map(),
                       .set_annotations = string_map(),
                       .taints = maybe([] { return several(taint); }),
                       .finalizers = maybe([] { return several(word); }),
                       .owner_references = maybe([] { return meta().owner_references; })};
    case 5:
      return DeleteNode{text(), text()};
    case 6:
      return EvictPod{object_key(), text()};
    case 7:
      return DeletePod{object_key(), text(), number(30)};
    case 8:
      return PatchNodePool{text(), string_map()};
    case 9:
      return UpdateNodePoolStatus{node_pool()};
    case 10:
      return PatchNodeClass{text(), string_map()};
    case 11:
      return UpdateNodeClassStatus{node_class()};
    case 12:
      return UpdateNodeOverlayStatus{node_overlay()};
    case 13:
      return UpdateCapacityBufferStatus{capacity_buffer()};
    case 14:
      return RecordEvent{text(), object_key(), text(), chance(), text(), text(), any_duration()};
    case 15:
      return BatchAddClusterNodes{text(), several(add_specification)};
    case 16:
      return BatchDeleteClusterNodes{several(text)};
    case 17:
      return DescribeCluster{};
    case 18:
      return DescribeSubnets{several(text)};
    case 19:
      return ListClusterNodes{text()};
    case 20:
      return DescribeClusterNode{text()};
    case 21:
      return DescribeTrainingPlan{text()};
    case 22:
      return ListClusterEvents{any_time(), text()};
    case 23:
      return DescribeClusterEvent{text()};
    case 24:
      return NominatePods{text(), text(), several(text)};
    case 25:
      return KeepRoom{id(), several([] { return KeepRoom::Room{object_key(), chance()}; }),
                      several(text)};
    case 26:
      return MarkUnschedulable{several(text), id(), text()};
    case 27:
      return MarkUnavailable{offering_key(), any_time()};
    default:
      return BackOff{text(), any_time(), text()};
  }
}
inline state::Action action() {
  return action(
      static_cast<std::size_t>(number(static_cast<int>(std::variant_size_v<state::Action>) - 1)));
}
inline state::Effect effect() { return {id(), text(), action()}; }

inline state::Options options() {
  state::Options options;
  options.cluster = text();
  for (Duration* const wait :
       {&options.batch_idle, &options.batch_max, &options.registration_timeout,
        &options.capacity_timeout, &options.unavailable_for})
    *wait = any_duration();
  options.preference_policy = one_of<state::PreferencePolicy>(2);
  options.min_values_policy = one_of<state::MinValuesPolicy>(2);
  options.default_spread = several([] {
    state::DefaultSpreadConstraint constraint = spread();
    constraint.selector.reset();
    constraint.match_label_keys.clear();
    return constraint;
  });
  options.gates = {chance(), chance(), chance(), chance()};
  options.discounts.list =
      several([] { return hyperpod::Discount{text(), text(), text(), number(1'000'000)}; });
  return options;
}

}  // namespace hyperwright::generators

namespace rc {

template <>
struct Arbitrary<hyperwright::state::Event> {
  static Gen<hyperwright::state::Event> arbitrary() {
    return gen::exec(&hyperwright::generators::event);
  }
};
template <>
struct Arbitrary<hyperwright::state::Effect> {
  static Gen<hyperwright::state::Effect> arbitrary() {
    return gen::exec(&hyperwright::generators::effect);
  }
};
template <>
struct Arbitrary<hyperwright::state::Options> {
  static Gen<hyperwright::state::Options> arbitrary() {
    return gen::exec(&hyperwright::generators::options);
  }
};

}  // namespace rc
