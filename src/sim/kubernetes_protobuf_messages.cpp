#include "sim/kubernetes_protobuf_messages.h"

#include <algorithm>
#include <array>

namespace hyperwright::sim::protobuf {
namespace {

constexpr std::array kObjectMetaFields = {
    Field{1, "name", Form::Text},
    Field{2, "generateName", Form::Text},
    Field{3, "namespace", Form::Text},
    Field{4, "selfLink", Form::Ignored},
    Field{5, "uid", Form::Ignored},
    Field{6, "resourceVersion", Form::Text},
    Field{7, "generation", Form::Ignored},
    Field{8, "creationTimestamp", Form::Ignored},
    Field{11, "labels", Form::TextMap},
    Field{12, "annotations", Form::TextMap},
    Field{14, "finalizers", Form::Text, true},
};
constexpr Message kObjectMeta{"ObjectMeta", kObjectMetaFields};

constexpr std::array kLabelSelectorRequirementFields = {
    Field{1, "key", Form::Text},
    Field{2, "operator", Form::Text},
    Field{3, "values", Form::Text, true},
};
constexpr Message kLabelSelectorRequirement{"LabelSelectorRequirement",
                                            kLabelSelectorRequirementFields};

constexpr std::array kLabelSelectorFields = {
    Field{1, "matchLabels", Form::TextMap},
    Field{2, "matchExpressions", Form::Message, true, &kLabelSelectorRequirement},
};
constexpr Message kLabelSelector{"LabelSelector", kLabelSelectorFields};

constexpr std::array kLocalObjectReferenceFields = {Field{1, "name", Form::Text}};
constexpr Message kLocalObjectReference{"LocalObjectReference", kLocalObjectReferenceFields};

constexpr std::array kContainerPortFields = {
    Field{1, "name", Form::Text},
    Field{2, "hostPort", Form::Number},
    Field{3, "containerPort", Form::Number},
    Field{4, "protocol", Form::Text},
    Field{5, "hostIP", Form::Text},
};
constexpr Message kContainerPort{"ContainerPort", kContainerPortFields};

constexpr std::array kEnvVarFields = {Field{1, "name", Form::Text}, Field{2, "value", Form::Text}};
constexpr Message kEnvVar{"EnvVar", kEnvVarFields};

constexpr std::array kResourceRequirementsFields = {Field{1, "limits", Form::QuantityMap},
                                                    Field{2, "requests", Form::QuantityMap}};
constexpr Message kResourceRequirements{"ResourceRequirements", kResourceRequirementsFields};

constexpr std::array kContainerFields = {
    Field{1, "name", Form::Text},
    Field{2, "image", Form::Text},
    Field{3, "command", Form::Text, true},
    Field{4, "args", Form::Text, true},
    Field{5, "workingDir", Form::Text},
    Field{6, "ports", Form::Message, true, &kContainerPort},
    Field{7, "env", Form::Message, true, &kEnvVar},
    Field{8, "resources", Form::Message, false, &kResourceRequirements},
    Field{13, "terminationMessagePath", Form::Text},
    Field{14, "imagePullPolicy", Form::Text},
    Field{16, "stdin", Form::Flag},
    Field{17, "stdinOnce", Form::Flag},
    Field{18, "tty", Form::Flag},
    Field{20, "terminationMessagePolicy", Form::Text},
};
constexpr Message kContainer{"Container", kContainerFields};

constexpr std::array kPodSpecFields = {
    Field{2, "containers", Form::Message, true, &kContainer},
    Field{3, "restartPolicy", Form::Text},
    Field{4, "terminationGracePeriodSeconds", Form::NumberOrNone},
    Field{5, "activeDeadlineSeconds", Form::NumberOrNone},
    Field{6, "dnsPolicy", Form::Text},
    Field{7, "nodeSelector", Form::TextMap},
    Field{8, "serviceAccountName", Form::Text},
    Field{9, "serviceAccount", Form::Text},
    Field{10, "nodeName", Form::Text},
    Field{11, "hostNetwork", Form::Flag},
    Field{12, "hostPID", Form::Flag},
    Field{13, "hostIPC", Form::Flag},
    Field{16, "hostname", Form::Text},
    Field{17, "subdomain", Form::Text},
    Field{19, "schedulerName", Form::Text},
    Field{20, "initContainers", Form::Message, true, &kContainer},
    Field{24, "priorityClassName", Form::Text},
};
constexpr Message kPodSpec{"PodSpec", kPodSpecFields};

constexpr std::array kPodTemplateSpecFields = {
    Field{1, "metadata", Form::Message, false, &kObjectMeta},
    Field{2, "spec", Form::Message, false, &kPodSpec},
};
constexpr Message kPodTemplateSpec{"PodTemplateSpec", kPodTemplateSpecFields};

constexpr std::array kDeploymentStrategyFields = {Field{1, "type", Form::Text}};
constexpr Message kDeploymentStrategy{"DeploymentStrategy", kDeploymentStrategyFields};

constexpr std::array kDeploymentSpecFields = {
    Field{1, "replicas", Form::NumberOrNone},
    Field{2, "selector", Form::Message, false, &kLabelSelector},
    Field{3, "template", Form::Message, false, &kPodTemplateSpec},
    Field{4, "strategy", Form::Message, false, &kDeploymentStrategy},
    Field{5, "minReadySeconds", Form::Number},
    Field{6, "revisionHistoryLimit", Form::NumberOrNone},
    Field{7, "paused", Form::Flag},
    Field{9, "progressDeadlineSeconds", Form::NumberOrNone},
};
constexpr Message kDeploymentSpec{"DeploymentSpec", kDeploymentSpecFields};

constexpr std::array kJobSpecFields = {
    Field{1, "parallelism", Form::NumberOrNone},
    Field{2, "completions", Form::NumberOrNone},
    Field{3, "activeDeadlineSeconds", Form::NumberOrNone},
    Field{4, "selector", Form::Message, false, &kLabelSelector},
    Field{5, "manualSelector", Form::FlagOrNone},
    Field{6, "template", Form::Message, false, &kPodTemplateSpec},
    Field{7, "backoffLimit", Form::NumberOrNone},
    Field{8, "ttlSecondsAfterFinished", Form::NumberOrNone},
    Field{9, "completionMode", Form::Text},
    Field{10, "suspend", Form::FlagOrNone},
};
constexpr Message kJobSpec{"JobSpec", kJobSpecFields};

constexpr std::array kServicePortFields = {
    Field{1, "name", Form::Text},       Field{2, "protocol", Form::Text},
    Field{3, "port", Form::Number},     Field{4, "targetPort", Form::IntOrString},
    Field{5, "nodePort", Form::Number}, Field{6, "appProtocol", Form::Text},
};
constexpr Message kServicePort{"ServicePort", kServicePortFields};

constexpr std::array kServiceSpecFields = {
    Field{1, "ports", Form::Message, true, &kServicePort},
    Field{2, "selector", Form::TextMap},
    Field{3, "clusterIP", Form::Text},
    Field{4, "type", Form::Text},
    Field{5, "externalIPs", Form::Text, true},
    Field{7, "sessionAffinity", Form::Text},
    Field{8, "loadBalancerIP", Form::Text},
    Field{10, "externalName", Form::Text},
    Field{11, "externalTrafficPolicy", Form::Text},
    Field{12, "healthCheckNodePort", Form::Number},
    Field{13, "publishNotReadyAddresses", Form::Flag},
};
constexpr Message kServiceSpec{"ServiceSpec", kServiceSpecFields};

constexpr std::array kBudgetSpecFields = {
    Field{1, "minAvailable", Form::IntOrString},
    Field{2, "selector", Form::MessageOrNone, false, &kLabelSelector},
    Field{3, "maxUnavailable", Form::IntOrString},
    Field{4, "unhealthyPodEvictionPolicy", Form::Text},
};
constexpr Message kBudgetSpec{"PodDisruptionBudgetSpec", kBudgetSpecFields};

constexpr std::array kResourceAttributesFields = {
    Field{1, "namespace", Form::Text}, Field{2, "verb", Form::Text},
    Field{3, "group", Form::Text},     Field{4, "version", Form::Text},
    Field{5, "resource", Form::Text},  Field{6, "subresource", Form::Text},
    Field{7, "name", Form::Text},
};
constexpr Message kResourceAttributes{"ResourceAttributes", kResourceAttributesFields};

constexpr std::array kNonResourceAttributesFields = {Field{1, "path", Form::Text},
                                                     Field{2, "verb", Form::Text}};
constexpr Message kNonResourceAttributes{"NonResourceAttributes", kNonResourceAttributesFields};

constexpr std::array kAccessReviewSpecFields = {
    Field{1, "resourceAttributes", Form::Message, false, &kResourceAttributes},
    Field{2, "nonResourceAttributes", Form::Message, false, &kNonResourceAttributes},
};
constexpr Message kAccessReviewSpec{"SelfSubjectAccessReviewSpec", kAccessReviewSpecFields};

constexpr std::array kRulesReviewSpecFields = {Field{1, "namespace", Form::Text}};
constexpr Message kRulesReviewSpec{"SelfSubjectRulesReviewSpec", kRulesReviewSpecFields};

constexpr Field kMetadata{1, "metadata", Form::Message, false, &kObjectMeta};
constexpr Field kStatus{3, "status", Form::Ignored};

constexpr std::array kConfigMapFields = {kMetadata, Field{2, "data", Form::TextMap},
                                         Field{3, "binaryData", Form::BytesMap},
                                         Field{4, "immutable", Form::FlagOrNone}};
constexpr std::array kDeploymentFields = {
    kMetadata, Field{2, "spec", Form::Message, false, &kDeploymentSpec}, kStatus};
constexpr std::array kJobFields = {kMetadata, Field{2, "spec", Form::Message, false, &kJobSpec},
                                   kStatus};
constexpr std::array kNamespaceFields = {kMetadata, Field{2, "spec", Form::Ignored}, kStatus};
constexpr std::array kBudgetFields = {
    kMetadata, Field{2, "spec", Form::Message, false, &kBudgetSpec}, kStatus};
constexpr std::array kPriorityClassFields = {
    kMetadata, Field{2, "value", Form::NumberOrNone}, Field{3, "globalDefault", Form::Flag},
    Field{4, "description", Form::Text}, Field{5, "preemptionPolicy", Form::Text}};
constexpr std::array kSecretFields = {
    kMetadata, Field{2, "data", Form::BytesMap}, Field{3, "type", Form::Text},
    Field{4, "stringData", Form::TextMap}, Field{5, "immutable", Form::FlagOrNone}};
constexpr std::array kAccessReviewFields = {
    kMetadata, Field{2, "spec", Form::Message, false, &kAccessReviewSpec}, kStatus};
constexpr std::array kRulesReviewFields = {
    kMetadata, Field{2, "spec", Form::Message, false, &kRulesReviewSpec}, kStatus};
constexpr std::array kSelfSubjectReviewFields = {kMetadata, Field{2, "status", Form::Ignored}};
constexpr std::array kServiceFields = {
    kMetadata, Field{2, "spec", Form::Message, false, &kServiceSpec}, kStatus};
constexpr std::array kServiceAccountFields = {
    kMetadata, Field{3, "imagePullSecrets", Form::Message, true, &kLocalObjectReference},
    Field{4, "automountServiceAccountToken", Form::FlagOrNone}};

struct Kind {
  std::string_view api_version;
  Message message;
};

constexpr std::array kKinds = {
    Kind{"apps/v1", {"Deployment", kDeploymentFields}},
    Kind{"authentication.k8s.io/v1", {"SelfSubjectReview", kSelfSubjectReviewFields}},
    Kind{"authorization.k8s.io/v1", {"SelfSubjectAccessReview", kAccessReviewFields}},
    Kind{"authorization.k8s.io/v1", {"SelfSubjectRulesReview", kRulesReviewFields}},
    Kind{"batch/v1", {"Job", kJobFields}},
    Kind{"policy/v1", {"PodDisruptionBudget", kBudgetFields}},
    Kind{"scheduling.k8s.io/v1", {"PriorityClass", kPriorityClassFields}},
    Kind{"v1", {"ConfigMap", kConfigMapFields}},
    Kind{"v1", {"Namespace", kNamespaceFields}},
    Kind{"v1", {"Secret", kSecretFields}},
    Kind{"v1", {"Service", kServiceFields}},
    Kind{"v1", {"ServiceAccount", kServiceAccountFields}},
};

}  // namespace

const Message* find_message(std::string_view api_version, std::string_view kind) {
  const auto* it = std::ranges::find_if(kKinds, [&](const Kind& row) {
    return row.api_version == api_version && row.message.name == kind;
  });
  return it == kKinds.end() ? nullptr : &it->message;
}

}  // namespace hyperwright::sim::protobuf
