#include "kube/json.h"

#include <boost/json.hpp>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kube/json_documents.h"

namespace hyperwright::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

boost::json::value parse(std::string_view text) { return boost::json::parse(text); }

Time at(std::string_view text) { return parse_time(text).value(); }

// The document with the field at a JSON pointer set.
boost::json::value with(std::string_view document, std::string_view pointer,
                        boost::json::value value) {
  boost::json::value json = parse(document);
  const std::size_t slash = pointer.rfind('/');
  boost::json::value& parent = json.at_pointer(pointer.substr(0, slash));
  if (auto* array = parent.if_array()) {
    array->at(static_cast<std::size_t>(std::stoi(std::string(pointer.substr(slash + 1))))) =
        std::move(value);
  } else {
    parent.as_object()[pointer.substr(slash + 1)] = std::move(value);
  }
  return json;
}

std::string pod_error(std::string_view pointer, boost::json::value value) {
  const auto pod = decode_pod(with(kPodDocument, pointer, std::move(value)));
  return pod ? "none" : pod.error().text();
}

TEST(DecodePod, ReadsMetadataAndKeepsKnownAnnotationsOnly) {
  const ObjectMeta meta = decode_pod(parse(kPodDocument)).value().meta;
  EXPECT_EQ(meta.name, "web-1");
  EXPECT_EQ(meta.namespace_, "default");
  EXPECT_EQ(meta.resource_version, 42U);
  EXPECT_EQ(meta.generation, 3);
  EXPECT_EQ(meta.creation_time, at("2026-11-24T12:00:00Z"));
  EXPECT_EQ(meta.deletion_time, at("2026-11-24T13:00:00.25Z"));
  EXPECT_EQ(meta.deletion_grace_seconds, 30);
  EXPECT_EQ(meta.annotations, (StringMap{{"controller.kubernetes.io/pod-deletion-cost", "5"},
                                         {"karpenter.sh/do-not-disrupt", "true"}}));
  EXPECT_TRUE(meta.is_owned_by("apps/v1", "ReplicaSet"));
  EXPECT_EQ(meta.controller()->name, "web");
}

TEST(DecodePod, RequestsAreTheEffectiveOnes) {
  const Resources requests = decode_pod(parse(kPodDocument)).value().scheduling.requests;
  EXPECT_EQ(requests.get("cpu"), 3000 + 500 + 250)
      << "the resize holds 3, the second container 0.5, overhead 0.25";
  EXPECT_EQ(requests.get("memory"), std::int64_t{3} << 30) << "the container and its sidecar";
  EXPECT_EQ(requests.get("ephemeral-storage"), 10'000'000'000);
  EXPECT_EQ(requests.get("nvidia.com/gpu"), 1);
  EXPECT_EQ(requests.get("example.com/x"), 3);
  EXPECT_EQ(requests.get("pods"), 1);
}

TEST(DecodePod, ReadsConstraints) {
  const Scheduling scheduling = decode_pod(parse(kPodDocument)).value().scheduling;
  EXPECT_EQ(scheduling.node_selector, (StringMap{{"disk", "ssd"}}));
  ASSERT_EQ(scheduling.required_node_terms.size(), 2U);
  EXPECT_EQ(scheduling.required_node_terms[0].match_expressions[1].op, NodeOperator::Gt);
  EXPECT_EQ(scheduling.required_node_terms[1].match_fields[0].key, "metadata.name");
  EXPECT_EQ(scheduling.preferred_node_terms.at(0).weight, 7);
  EXPECT_EQ(scheduling.required_pod_affinity.at(0).namespace_selector, LabelSelector{});
  EXPECT_EQ(scheduling.preferred_pod_anti_affinity.at(0).term.selector->match_expressions[0].op,
            SelectorOperator::NotIn);
  const TopologySpreadConstraint& spread = scheduling.topology_spread.at(0);
  EXPECT_EQ(spread.max_skew, 2);
  EXPECT_EQ(spread.when_unsatisfiable, WhenUnsatisfiable::ScheduleAnyway);
  EXPECT_EQ(spread.min_domains, 3);
  EXPECT_EQ(spread.node_affinity_policy, NodeInclusionPolicy::Ignore);
  EXPECT_EQ(spread.node_taints_policy, NodeInclusionPolicy::Honor);
  EXPECT_EQ(scheduling.tolerations.at(1).op, TolerationOperator::Equal);
  EXPECT_EQ(scheduling.tolerations.at(2).toleration_seconds, 300);
  EXPECT_THAT(scheduling.host_ports, ElementsAre(HostPort{"10.0.0.1", 8080, "UDP"}));
  EXPECT_THAT(scheduling.volume_claims,
              ElementsAre(VolumeClaim{"data-0"}, VolumeClaim{"web-1-scratch", true, "fast"}));
  EXPECT_TRUE(scheduling.has_resource_claims);
  EXPECT_EQ(scheduling.priority, 1000);
}

TEST(DecodePod, HostPortsAreThoseOfContainersAndOfSidecars) {
  const auto ports = [](std::string_view init) {
    const std::string text = fmt::format(
        R"({{"metadata": {{"name": "p"}}, "spec": {{
            "containers": [{{"name": "app", "ports": [{{"containerPort": 80, "hostPort": 80}}]}}],
            "initContainers": [{{"name": "init", {}
                                "ports": [{{"containerPort": 81, "hostPort": 8080}}]}}]}}}})",
        init);
    return decode_pod(parse(text)).value().scheduling.host_ports;
  };
  EXPECT_THAT(ports(R"("restartPolicy": "Always",)"),
              ElementsAre(HostPort{"", 80, "TCP"}, HostPort{"", 8080, "TCP"}));
  EXPECT_THAT(ports(""), ElementsAre(HostPort{"", 80, "TCP"}))
      << "an init container has ended when the others begin";
}

TEST(DecodePod, ReadsWhatHasBecomeOfIt) {
  const Pod pod = decode_pod(parse(kPodDocument)).value();
  EXPECT_EQ(pod.node_name, "n1");
  EXPECT_EQ(pod.nominated_node_name, "n2");
  EXPECT_EQ(pod.phase, PodPhase::Pending);
  EXPECT_EQ(pod.scheduled_reason, "Unschedulable");
  EXPECT_EQ(pod.scheduled_transition_time, at("2026-11-24T12:00:01Z"));
  EXPECT_EQ(pod.start_time, at("2026-11-24T12:00:05Z"));
  EXPECT_TRUE(pod.is_ready);
  EXPECT_EQ(pod.termination_grace_seconds, 60);
}

TEST(DecodePod, ABarePodHasDefaults) {
  const Pod pod = decode_pod(parse(R"({"metadata": {"name": "p"}})")).value();
  EXPECT_EQ(pod.phase, PodPhase::Pending);
  EXPECT_EQ(pod.termination_grace_seconds, 30);
  EXPECT_EQ(to_text(pod.scheduling.requests), "pods 1");
  EXPECT_TRUE(pod.meta.creation_time.is_zero());
}

TEST(DecodePod, NothingOfItsSecretsStays) {
  const Pod pod = decode_pod(parse(kPodDocument)).value();
  EXPECT_EQ(boost::json::serialize(encode(pod)).find("hunter2"), std::string::npos);
}

TEST(DecodePod, ErrorsNameThePathAndTheValue) {
  EXPECT_EQ(pod_error("/spec/containers/1/resources/requests/cpu", "10x"),
            "Pod default/web-1: spec.containers[1].resources.requests.cpu: \"10x\" is no quantity; "
            "write a number with at "
            "most one suffix, such as 2, 500m, 1.5Gi or 2e3; there are n u m k M G T P E, and Ki "
            "Mi Gi Ti Pi Ei");
  EXPECT_EQ(pod_error("/spec/containers/0/resources/requests/cpu", "-1"),
            "Pod default/web-1: spec.containers[0].resources.requests.cpu must be 0 or more, it is "
            "\"-1\"");
  EXPECT_EQ(pod_error("/spec/tolerations/1/effect", "NoWay"),
            "Pod default/web-1: spec.tolerations[1].effect must be one of NoSchedule, "
            "PreferNoSchedule, NoExecute, it is \"NoWay\"");
  EXPECT_EQ(pod_error("/metadata/labels/app", 5),
            "Pod default/web-1: metadata.labels.app must be a text, it is 5");
  EXPECT_EQ(pod_error("/metadata/labels/example.com", false),
            "Pod default/web-1: metadata.labels[example.com] must be a text, it is false");
  EXPECT_EQ(pod_error("/spec/priority", 4294967296),
            "Pod default/web-1: spec.priority must be a whole number from -2147483648 to "
            "2147483647, it is 4294967296");
  EXPECT_EQ(pod_error("/spec/containers", "none"),
            "Pod default/web-1: spec.containers must be a list, it is \"none\"");
  EXPECT_EQ(pod_error("/spec/affinity", 1),
            "Pod default/web-1: spec.affinity must be an object, it is 1");
  EXPECT_EQ(pod_error("/status/startTime", "today"),
            "Pod default/web-1: status.startTime must be a time such as 2026-11-24T12:00:00Z, it "
            "is \"today\"");
}

TEST(DecodePod, WithoutANameItFailsAndSaysSo) {
  EXPECT_EQ(pod_error("/metadata/name", nullptr), "Pod has no metadata.name");
  EXPECT_EQ(pod_error("/metadata/name", 5),
            "Pod without a readable name: metadata.name must be a text, it is 5");
  EXPECT_EQ(decode_pod(parse("[]")).error().text(),
            "Pod without a readable name: the document must be an object, it is a list");
}

TEST(DecodePod, LongValuesAreCutBetweenCharacters) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "\xC3\xA9";
  const std::string error = pod_error("/spec/tolerations/1/effect", boost::json::string(text));
  EXPECT_LT(error.size(), 250U);
  EXPECT_NO_THROW((void)parse(boost::json::serialize(boost::json::string(error))));
  const std::string odd = pod_error("/spec/tolerations/1/effect", boost::json::string("x" + text));
  EXPECT_NO_THROW((void)parse(boost::json::serialize(boost::json::string(odd))));
}

TEST(DecodeNode, KeepsReadyAndTheConditionsOfHealthAgents) {
  const Node node = decode_node(parse(kNodeDocument)).value();
  ASSERT_EQ(node.conditions.size(), 2U);
  EXPECT_TRUE(is_ready(node));
  EXPECT_TRUE(is_false(node.conditions, "AcceleratedHardwareReady"));
  EXPECT_EQ(hostname(node), "h0");
  EXPECT_TRUE(node.unschedulable);
  EXPECT_EQ(node.taints.size(), 2U);
  EXPECT_EQ(node.allocatable.get("cpu"), 3920);
  EXPECT_EQ(node.capacity.overflow().size(), 0U) << "a zero is an absence";
  EXPECT_EQ(node.meta.annotations, (StringMap{{"hyperwright.dev/nodeclaim-uid", "u-3"}}));
}

TEST(DecodeDaemonSet, LimitsFillInMissingRequests) {
  const DaemonSet daemon_set = decode_daemon_set(parse(kDaemonSetDocument)).value();
  EXPECT_EQ(to_text(daemon_set.scheduling.requests), "cpu 100m, memory 128Mi, pods 1");
  EXPECT_EQ(daemon_set.scheduling.priority_class, "system-node-critical");
}

TEST(DecodeDaemonSet, ARequestOfZeroIsARequest) {
  const auto json =
      with(kDaemonSetDocument, "/spec/template/spec/containers/0/resources/requests/cpu", 0);
  EXPECT_EQ(decode_daemon_set(json).value().scheduling.requests.get("cpu"), 0);
}

TEST(DecodePodDisruptionBudget, CountsAndSharesAreKeptAsWritten) {
  const PodDisruptionBudget budget =
      decode_pod_disruption_budget(parse(kPodDisruptionBudgetDocument)).value();
  EXPECT_EQ(budget.min_available, "2");
  EXPECT_EQ(budget.max_unavailable, "25%");
  EXPECT_TRUE(budget.always_allow_unhealthy);
  EXPECT_EQ(budget.disruptions_allowed, 1);
  const auto without = with(kPodDisruptionBudgetDocument, "/spec/selector", nullptr);
  EXPECT_EQ(decode_pod_disruption_budget(without).value().selector, std::nullopt);
}

TEST(DecodeNodePool, ReadsSpecAndStatus) {
  const NodePool pool = decode_node_pool(parse(kNodePoolDocument)).value();
  EXPECT_THAT(pool.decode_problems, IsEmpty());
  EXPECT_EQ(pool.weight, 50);
  EXPECT_EQ(pool.replicas, 3);
  EXPECT_EQ(pool.limits->get("cpu"), 1'000'000);
  EXPECT_EQ(pool.limits->get("nodes"), 0) << "a listed zero is a limit of zero";
  EXPECT_EQ(pool.disruption.consolidate_after, Duration::minutes(90));
  EXPECT_EQ(pool.disruption.policy, ConsolidationPolicy::WhenEmpty);
  EXPECT_THAT(*pool.disruption.budgets.at(0).reasons, ElementsAre("Drifted", "Empty"));
  EXPECT_THAT(*pool.disruption.budgets.at(1).reasons, IsEmpty());
  EXPECT_EQ(pool.template_labels, (StringMap{{"team", "ml"}}));
  EXPECT_EQ(pool.template_annotations, (StringMap{{"example.com/owner", "me"}}))
      << "they go to nodes";
  EXPECT_EQ(pool.meta.annotations, (StringMap{{"karpenter.sh/nodepool-hash", "1"}}));
  EXPECT_TRUE(pool.template_spec.node_class_ref.is_hyperpod());
  EXPECT_EQ(pool.template_spec.requirements.at(0).min_values, 2);
  EXPECT_EQ(pool.template_spec.expire_after, std::nullopt);
  EXPECT_EQ(pool.template_spec.termination_grace_period, Duration::hours(1));
  EXPECT_EQ(pool.status_nodes, 4);
  EXPECT_EQ(pool.node_class_observed_generation, 5);
  EXPECT_TRUE(is_true(pool.conditions, "Ready"));
}

TEST(DecodeNodePool, AnnotationsOfTheTemplateThatAreTooMuchAreToldAndLeftOut) {
  boost::json::value json = parse(kNodePoolDocument);
  auto& annotations = json.at_pointer("/spec/template/metadata/annotations").as_object();
  annotations["a.com/most"] = std::string(kTemplateAnnotationBytesMax - 29, 'x');
  const NodePool most = decode_node_pool(json).value();
  EXPECT_EQ(most.template_annotations.bytes(), kTemplateAnnotationBytesMax);
  EXPECT_THAT(problems(most), IsEmpty());

  annotations["a.com/more"] = std::string(1'000'000, 'x');
  const NodePool more = decode_node_pool(json).value();
  EXPECT_THAT(more.template_annotations, IsEmpty());
  const auto told = testing::StartsWith(
      "spec.template.metadata.annotations: their keys and values have 1057354 bytes");
  EXPECT_THAT(problems(more), ElementsAre(told));
  EXPECT_THAT(problems(decode_node_pool(encode(more)).value()), ElementsAre(told))
      << "a picture that was kept says it, too";
}

TEST(DecodeNodePool, WhatIsAbsentHasTheDefaultsOfTheCrd) {
  const NodePool pool =
      decode_node_pool(parse(R"({"metadata": {"name": "p"}, "spec": {"template": {"spec": {}}}})"))
          .value();
  EXPECT_EQ(pool.template_spec.expire_after, Duration::hours(720));
  EXPECT_EQ(pool.template_spec.termination_grace_period, std::nullopt);
  EXPECT_EQ(pool.disruption.consolidate_after, Duration{});
  EXPECT_EQ(pool.disruption.policy, ConsolidationPolicy::WhenEmptyOrUnderutilized);
  EXPECT_THAT(pool.disruption.budgets, ElementsAre(DisruptionBudget{}));
  EXPECT_EQ(pool.limits, std::nullopt);
  EXPECT_EQ(pool.replicas, std::nullopt);
  const auto no_budgets =
      decode_node_pool(
          parse(R"({"metadata": {"name": "p"}, "spec": {"disruption": {"budgets": []}}})"))
          .value();
  EXPECT_THAT(no_budgets.disruption.budgets, IsEmpty()) << "an empty list is no limit";
}

TEST(DecodeNodePool, WhatCannotBeReadIsToldAndTheRestIsRead) {
  const auto told = [](std::string_view pointer, boost::json::value value) {
    const NodePool pool =
        decode_node_pool(with(kNodePoolDocument, pointer, std::move(value))).value();
    EXPECT_EQ(pool.template_labels.get("team"), "ml");
    EXPECT_FALSE(problems(pool).empty());
    return pool.decode_problems;
  };
  EXPECT_THAT(told("/spec/weight", 200),
              ElementsAre("spec.weight must be a whole number from 1 to 100, it is 200"));
  EXPECT_THAT(told("/spec/template/spec/requirements/0/operator", "Within"),
              ElementsAre(HasSubstr(
                  "spec.template.spec.requirements[0].operator must be one of In, NotIn")));
  EXPECT_THAT(told("/spec/template/spec/taints/0/effect", nullptr),
              ElementsAre("spec.template.spec.taints[0].effect must be there, it is absent"));
  EXPECT_THAT(told("/spec/template/spec/terminationGracePeriod", "Never"),
              ElementsAre(HasSubstr("must be a duration")));
  EXPECT_THAT(told("/spec/template/spec/expireAfter", "-5m"),
              ElementsAre(HasSubstr("or Never, it is \"-5m\"")));
  EXPECT_THAT(
      told("/spec/disruption/consolidationPolicy", "WhenUnderutilized"),
      ElementsAre(HasSubstr("must be one of WhenEmptyOrUnderutilized, WhenEmpty, Balanced")));
  EXPECT_THAT(told("/spec/limits/cpu", "many"),
              ElementsAre(HasSubstr("spec.limits.cpu: \"many\" is no quantity")));
  EXPECT_THAT(told("/spec/template/spec/requirements/0/minValues", 51),
              ElementsAre(HasSubstr("from 1 to 50")));
}

TEST(DecodeNodePool, ProblemsSurviveTheJournal) {
  const NodePool pool = decode_node_pool(with(kNodePoolDocument, "/spec/weight", 200)).value();
  EXPECT_EQ(decode_node_pool(encode(pool)).value(), pool);
}

TEST(DecodeNodeClaim, ReadsSpecAndStatusAndKeepsAnnotations) {
  const NodeClaim claim = decode_node_claim(parse(kNodeClaimDocument)).value();
  EXPECT_EQ(claim.node_pool(), "gpu");
  EXPECT_EQ(claim.meta.annotations.size(), 2U);
  EXPECT_EQ(claim.spec.requests.get("pods"), 3);
  EXPECT_EQ(claim.spec.expire_after, Duration::hours(720));
  EXPECT_EQ(claim.allocatable.get("memory"), -5);
  EXPECT_EQ(claim.provider_id, "aws:///a");
  EXPECT_EQ(claim.last_pod_event_time, at("2026-11-24T12:00:00Z"));
  EXPECT_EQ(find_condition(claim.conditions, "Launched")->reason, "AwaitingCapacity");
}

TEST(DecodeNodeClaim, AnnotationsStayUpTo64KiBAndOursAlways) {
  boost::json::value json = parse(kNodeClaimDocument);
  auto& annotations = json.at_pointer("/metadata/annotations").as_object();
  annotations["hyperwright.dev/launch"] = std::string(100'000, 'l');
  EXPECT_EQ(decode_node_claim(json).value().meta.annotations.size(), 1U);
  annotations["hyperwright.dev/launch"] = "x";
  annotations["a.com/big"] = std::string(64 * 1024, 'b');
  const StringMap kept = decode_node_claim(json).value().meta.annotations;
  EXPECT_TRUE(kept.contains("example.com/owner"));
  EXPECT_FALSE(kept.contains("a.com/big"));
}

TEST(DecodeNodeClaim, AClaimThatIsPartlyUnreadableIsSeenAllTheSame) {
  const NodeClaim claim =
      decode_node_claim(with(kNodeClaimDocument, "/spec/resources/requests/cpu", "x")).value();
  EXPECT_EQ(claim.meta.name, "gpu-7xk2p");
  EXPECT_THAT(claim.decode_problems, ElementsAre(HasSubstr("spec.resources.requests.cpu")));
}

TEST(DecodeNodeClass, ReadsSpecAndStatus) {
  const HyperpodNodeClass node_class =
      decode_hyperpod_node_class(parse(kNodeClassDocument)).value();
  EXPECT_THAT(node_class.instance_groups, ElementsAre("gpu-a", "cpu-a"));
  const NodeClassInstanceGroup& group = node_class.status_instance_groups.at(0);
  EXPECT_EQ(group.subnets.at(0).zone_id, "usw2-az2");
  EXPECT_EQ(group.desired_labels, (StringMap{{"nvidia.com/mig.config", "all-1g"}}));
  EXPECT_EQ(group.capacity_type, "Spot");
  EXPECT_THAT(node_class.decode_problems, IsEmpty());
}

TEST(DecodeNodeClass, MoreThanTenGroupsEmptyAndDoubleNamesAreTold) {
  boost::json::array groups;
  for (int i = 0; i < 11; ++i) groups.push_back(boost::json::string("g" + std::to_string(i)));
  const auto told = [](boost::json::array list) {
    return decode_hyperpod_node_class(
               with(kNodeClassDocument, "/spec/instanceGroups", std::move(list)))
        .value()
        .decode_problems;
  };
  EXPECT_THAT(told(groups), ElementsAre("spec.instanceGroups: 11 instance groups are listed, at "
                                        "most 10 are allowed; use more node classes"));
  EXPECT_THAT(told({"a", ""}), ElementsAre(HasSubstr("a name is empty")));
  EXPECT_THAT(told({"a", "b", "a"}), ElementsAre(HasSubstr("\"a\" is listed twice")));
}

TEST(Encode, WritesKindAndApiVersion) {
  EXPECT_EQ(encode(NodePool{}).at("apiVersion").as_string(), "karpenter.sh/v1");
  EXPECT_EQ(encode(HyperpodNodeClass{}).at("apiVersion").as_string(),
            "karpenter.sagemaker.amazonaws.com/v1");
  EXPECT_EQ(encode(HyperpodNodeClass{}).at("kind").as_string(), "HyperpodNodeClass");
  EXPECT_EQ(encode(Pod{}).at("kind").as_string(), "Pod");
  EXPECT_EQ(encode(DaemonSet{}).at("apiVersion").as_string(), "apps/v1");
  EXPECT_EQ(encode(PodDisruptionBudget{}).at("apiVersion").as_string(), "policy/v1");
}

TEST(Encode, ConditionsHaveEveryFieldThatKubernetesWants) {
  const Conditions conditions = {{.type = "Ready",
                                  .status = ConditionStatus::True,
                                  .reason = "Ready",
                                  .last_transition_time = at("2026-11-24T12:00:00Z"),
                                  .observed_generation = 2}};
  EXPECT_EQ(
      boost::json::serialize(encode(conditions)),
      R"([{"type":"Ready","status":"True","reason":"Ready","message":"","lastTransitionTime":"2026-11-24T12:00:00Z","observedGeneration":2}])");
}

TEST(Encode, WholeObjectsComeBack) {
  const auto comes_back = [](auto decode, std::string_view document) {
    const auto value = decode(parse(document)).value();
    EXPECT_EQ(decode(encode(value)).value(), value) << document;
  };
  comes_back(decode_pod, kPodDocument);
  comes_back(decode_node, kNodeDocument);
  comes_back(decode_node_pool, kNodePoolDocument);
  comes_back(decode_node_claim, kNodeClaimDocument);
  comes_back(decode_hyperpod_node_class, kNodeClassDocument);
  comes_back(decode_daemon_set, kDaemonSetDocument);
  comes_back(decode_pod_disruption_budget, kPodDisruptionBudgetDocument);
  comes_back(decode_persistent_volume, kPersistentVolumeDocument);
  comes_back(decode_persistent_volume_claim, kPersistentVolumeClaimDocument);
  comes_back(decode_storage_class, kStorageClassDocument);
  comes_back(decode_csi_node, kCsiNodeDocument);
  comes_back(decode_namespace, kNamespaceDocument);
  comes_back(decode_service, kServiceDocument);
  comes_back(decode_deployment, kDeploymentDocument);
  comes_back(decode_replica_set, kDeploymentDocument);
  comes_back(decode_stateful_set, kDeploymentDocument);
  comes_back(decode_replication_controller, kReplicationControllerDocument);
  comes_back(decode_pod_template, kPodTemplateDocument);
  comes_back(decode_node_overlay, kNodeOverlayDocument);
  comes_back(decode_capacity_buffer, kCapacityBufferDocument);
}

}  // namespace
}  // namespace hyperwright::kube
