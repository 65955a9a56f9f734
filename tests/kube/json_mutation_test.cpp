// Documents that are nearly right, by the thousand: rich documents with fields that are missing,
// doubled, of other types or with other values. Decoding must never crash; what it accepts must
// come back from encoding unchanged, to the last field; what it refuses must name itself.

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "kube/json.h"
#include "tests/kube/json_documents.h"

namespace hyperwright::kube {
namespace {

namespace json = boost::json;

// Words that mean something in some field, and some that do not anywhere.
json::value any_scalar(Random& random) {
  static const std::vector<json::value> kWords = {"",
                                                  "a",
                                                  "b",
                                                  "gpu",
                                                  "5",
                                                  "-1",
                                                  "0",
                                                  "10x",
                                                  "1.5Gi",
                                                  "100m",
                                                  "2e3",
                                                  "0.1n",
                                                  "9E",
                                                  "99E",
                                                  "9223372036854775807",
                                                  "In",
                                                  "NotIn",
                                                  "Exists",
                                                  "DoesNotExist",
                                                  "Gt",
                                                  "Lt",
                                                  "Gte",
                                                  "Lte",
                                                  "NoSchedule",
                                                  "NoExecute",
                                                  "PreferNoSchedule",
                                                  "Never",
                                                  "30s",
                                                  "1h30m",
                                                  "1.5h",
                                                  "500ms",
                                                  "-5m",
                                                  "1us",
                                                  "2026-11-24T12:00:00Z",
                                                  "2026-11-24T12:00:00.123456Z",
                                                  "0001-01-01T00:00:00Z",
                                                  "9999-12-31T23:59:59Z",
                                                  "Always",
                                                  "True",
                                                  "False",
                                                  "Unknown",
                                                  "Honor",
                                                  "Ignore",
                                                  "ScheduleAnyway",
                                                  "Running",
                                                  "Succeeded",
                                                  "Infeasible",
                                                  "Unschedulable",
                                                  "PodScheduled",
                                                  "PodResizePending",
                                                  "Ready",
                                                  "MemoryPressure",
                                                  "WhenEmpty",
                                                  "Balanced",
                                                  "cpu",
                                                  "100%",
                                                  "25%",
                                                  "007",
                                                  "UDP",
                                                  "yes",
                                                  "WaitForFirstConsumer",
                                                  "kubernetes.io/gce-pd",
                                                  "Bound",
                                                  "karpenter.sh/x",
                                                  "\n\t\"\\",
                                                  "\xF0\x9F\x90\x8B",
                                                  nullptr,
                                                  true,
                                                  false,
                                                  0,
                                                  1,
                                                  7,
                                                  -1,
                                                  50,
                                                  101,
                                                  65536,
                                                  INT64_MAX,
                                                  INT64_MIN,
                                                  UINT64_MAX,
                                                  0.5,
                                                  1e300,
                                                  -0.0,
                                                  json::object{},
                                                  json::array{}};
  return kWords[random.below(kWords.size())];
}

std::string any_key(Random& random) {
  static const std::vector<std::string> kKeys = {"cpu",
                                                 "memory",
                                                 "pods",
                                                 "nodes",
                                                 "nvidia.com/gpu",
                                                 "example.com/x",
                                                 "a",
                                                 "",
                                                 "karpenter.sh/y",
                                                 "hyperwright.dev/z",
                                                 "Spot",
                                                 "name",
                                                 "key",
                                                 "operator",
                                                 "values",
                                                 "effect",
                                                 "value",
                                                 "resources",
                                                 "requests",
                                                 "limits",
                                                 "claims",
                                                 "ephemeral",
                                                 "reasons",
                                                 "schedule",
                                                 "minValues",
                                                 "decodeProblems",
                                                 "csi",
                                                 "hostPath",
                                                 "azureFile",
                                                 "count"};
  return kKeys[random.below(kKeys.size())];
}

json::value any_json(Random& random, int depth) {
  if (depth == 0 || random.chance(400)) return any_scalar(random);
  if (random.chance(500)) {
    json::array array;
    for (std::uint64_t i = random.below(4); i > 0; --i)
      array.push_back(any_json(random, depth - 1));
    return array;
  }
  json::object object;
  for (std::uint64_t i = random.below(4); i > 0; --i)
    object[any_key(random)] = any_json(random, depth - 1);
  return object;
}

// Changes one place: walks down by chance, and stops by chance.
void mutate(json::value& value, Random& random) {
  auto* object = value.if_object();
  auto* array = value.if_array();
  const std::size_t size = object != nullptr  ? object->size()
                           : array != nullptr ? array->size()
                                              : 0;
  if (size > 0 && !random.chance(100)) {
    const std::size_t at = random.below(size);
    mutate(object != nullptr ? (object->begin() + static_cast<std::ptrdiff_t>(at))->value()
                             : (*array)[at],
           random);
    return;
  }
  if (object != nullptr && random.chance(700)) {
    if (size > 0 && random.chance(300)) {
      object->erase(object->begin() + static_cast<std::ptrdiff_t>(random.below(size)));
    } else {
      (*object)[any_key(random)] = any_scalar(random);
    }
  } else if (array != nullptr && size > 0 && random.chance(700)) {
    const std::size_t at = random.below(size);
    if (random.chance(500)) {
      array->push_back(json::value((*array)[at]));
    } else {
      array->erase(array->begin() + static_cast<std::ptrdiff_t>(at));
    }
  } else {
    value = random.chance(100) ? any_json(random, 3) : any_scalar(random);
  }
}

// What came of a document: 1 accepted, 0 refused.
template <typename Decode>
int hold(Decode decode, const json::value& document) {
  const auto decoded = decode(document);
  if (!decoded) {
    RC_ASSERT(decoded.error().code() == ErrorCode::Invalid);
    RC_ASSERT(!decoded.error().text().empty());
    RC_ASSERT(!decoded.error().remedy().empty());
    return 0;
  }
  const auto again = decode(encode(*decoded));
  if (!again) RC_FAIL(again.error().text() + " in " + json::serialize(encode(*decoded)));
  if (!(*again == *decoded))
    RC_FAIL("differs: " + json::serialize(encode(*decoded)) + " and " +
            json::serialize(encode(*again)));
  return 1;
}

template <typename Decode>
void hold_under_mutation(Decode decode, std::string_view text) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  const json::value document = json::parse(text);
  int accepted = 0;
  for (int i = 0; i < 10 || (accepted == 0 && i < 100); ++i) {
    json::value mutated = document;
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) mutate(mutated, random);
    accepted += hold(decode, mutated);
  }
  // Where nothing is ever accepted, nothing is tested.
  RC_ASSERT(accepted > 0);
  (void)hold(decode, any_json(random, 5));
}

RC_GTEST_PROP(JsonMutation, Pods, ()) { hold_under_mutation(decode_pod, kPodDocument); }
RC_GTEST_PROP(JsonMutation, Nodes, ()) { hold_under_mutation(decode_node, kNodeDocument); }
RC_GTEST_PROP(JsonMutation, NodePools, ()) {
  hold_under_mutation(decode_node_pool, kNodePoolDocument);
}
RC_GTEST_PROP(JsonMutation, NodeClaims, ()) {
  hold_under_mutation(decode_node_claim, kNodeClaimDocument);
}
RC_GTEST_PROP(JsonMutation, NodeClasses, ()) {
  hold_under_mutation(decode_hyperpod_node_class, kNodeClassDocument);
}
RC_GTEST_PROP(JsonMutation, DaemonSets, ()) {
  hold_under_mutation(decode_daemon_set, kDaemonSetDocument);
}
RC_GTEST_PROP(JsonMutation, PodDisruptionBudgets, ()) {
  hold_under_mutation(decode_pod_disruption_budget, kPodDisruptionBudgetDocument);
}

RC_GTEST_PROP(JsonMutation, PersistentVolumes, ()) {
  hold_under_mutation(decode_persistent_volume, kPersistentVolumeDocument);
}
RC_GTEST_PROP(JsonMutation, PersistentVolumeClaims, ()) {
  hold_under_mutation(decode_persistent_volume_claim, kPersistentVolumeClaimDocument);
}
RC_GTEST_PROP(JsonMutation, StorageClasses, ()) {
  hold_under_mutation(decode_storage_class, kStorageClassDocument);
}
RC_GTEST_PROP(JsonMutation, CsiNodes, ()) {
  hold_under_mutation(decode_csi_node, kCsiNodeDocument);
}
RC_GTEST_PROP(JsonMutation, Namespaces, ()) {
  hold_under_mutation(decode_namespace, kNamespaceDocument);
}
RC_GTEST_PROP(JsonMutation, Services, ()) { hold_under_mutation(decode_service, kServiceDocument); }
RC_GTEST_PROP(JsonMutation, Deployments, ()) {
  hold_under_mutation(decode_deployment, kDeploymentDocument);
}
RC_GTEST_PROP(JsonMutation, ReplicationControllers, ()) {
  hold_under_mutation(decode_replication_controller, kReplicationControllerDocument);
}
RC_GTEST_PROP(JsonMutation, PodTemplates, ()) {
  hold_under_mutation(decode_pod_template, kPodTemplateDocument);
}
RC_GTEST_PROP(JsonMutation, NodeOverlays, ()) {
  hold_under_mutation(decode_node_overlay, kNodeOverlayDocument);
}
RC_GTEST_PROP(JsonMutation, CapacityBuffers, ()) {
  hold_under_mutation(decode_capacity_buffer, kCapacityBufferDocument);
}

}  // namespace
}  // namespace hyperwright::kube
