#include "sim/story.h"

#include <algorithm>
#include <array>
#include <span>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/crds.h"
#include "sim/kubernetes_yaml.h"

namespace hyperwright::sim {
namespace json = boost::json;
namespace {

std::string text_in(const json::value& value, std::string_view key) {
  const json::object* object = value.if_object();
  const json::value* found = object == nullptr ? nullptr : object->if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->get_string()) : std::string{};
}

// The documents of a text that separates them by lines of "---".
Result<std::vector<json::value>> documents(std::string_view text) {
  std::vector<json::value> list;
  while (!text.empty()) {
    const std::size_t end = text.find("\n---");
    const std::string_view document = text.substr(0, end);
    auto value = parse_yaml(document);
    if (!value) return fail(value.error());
    if (!value->is_null()) list.push_back(std::move(*value));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    const std::size_t next = text.find('\n');
    text.remove_prefix(next == std::string_view::npos ? text.size() : next + 1);
  }
  return list;
}

// A misspelled word would be a part of the story that never happens.
Status check_words(const json::value& value, std::span<const std::string_view> known) {
  if (!value.is_object())
    return fail(ErrorCode::Invalid, "this is no mapping", "see examples/demo-story.yaml");
  for (const auto& [key, ignored] : value.get_object()) {
    if (std::ranges::find(known, std::string_view(key)) == known.end())
      return fail(ErrorCode::Invalid,
                  fmt::format("\"{}\" is not known here", std::string_view(key)),
                  fmt::format("it is one of {}", fmt::join(known, ", ")));
  }
  return {};
}

Result<StoryStep> parse_step(const json::value& value) {
  static constexpr std::array<std::string_view, 4> kWords = {"at", "say", "apply", "delete"};
  if (auto checked = check_words(value, kWords); !checked) return fail(checked.error());
  StoryStep step;
  step.say = text_in(value, "say");
  const std::string at = text_in(value, "at");
  const auto time = parse_duration(at);
  if (!time) return fail(time.error(), fmt::format("at \"{}\"", at));
  step.at = *time;
  auto manifests = documents(text_in(value, "apply"));
  if (!manifests) return fail(manifests.error(), "apply");
  step.apply = std::move(*manifests);
  if (const json::value* removed = value.get_object().if_contains("delete")) {
    if (!removed->is_array())
      return fail(ErrorCode::Invalid, "delete is no list", "write [deployment/web, job/train]");
    for (const json::value& item : removed->get_array()) {
      const std::string text = item.is_string() ? std::string(item.get_string()) : std::string{};
      const std::size_t slash = text.find('/');
      if (slash == std::string::npos)
        return fail(ErrorCode::Invalid, fmt::format("delete \"{}\" is no kind/name", text),
                    "write deployment/web");
      step.removed.emplace_back(text.substr(0, slash), text.substr(slash + 1));
    }
  }
  return step;
}

const ResourceType* type_of(const KubernetesApi& api, std::string_view api_version,
                            std::string_view kind) {
  for (const ResourceType* type : api.types()) {
    const std::string version =
        type->group.empty() ? type->version : type->group + "/" + type->version;
    if (type->kind == kind && version == api_version) return type;
  }
  return nullptr;
}

std::string resource_of(const ResourceType& type) {
  return type.group.empty() ? type.plural : type.plural + "." + type.group;
}

const ResourceType* type_by_word(const KubernetesApi& api, std::string_view word) {
  for (const ResourceType* type : api.types()) {
    const bool is_short = std::ranges::find(type->short_names, word) != type->short_names.end();
    if (type->singular == word || type->plural == word || is_short) return type;
  }
  return nullptr;
}

}  // namespace

std::string Story::cluster_name() const { return text_in(cluster, "ClusterName"); }

Result<Story> parse_story(std::string_view yaml, std::string_view name) {
  auto value = parse_yaml(yaml);
  if (!value) return fail(value.error(), std::string(name));
  static constexpr std::array<std::string_view, 3> kWords = {"scenario", "cluster", "steps"};
  if (auto checked = check_words(*value, kWords); !checked)
    return fail(checked.error(), std::string(name));
  Story story;
  story.name = name;
  auto scenario =
      service::parse_scenario(text_in(*value, "scenario"), fmt::format("{}: scenario", name));
  if (!scenario) return fail(scenario.error());
  story.scenario = std::move(*scenario);
  const json::value* cluster = value->get_object().if_contains("cluster");
  const json::value* steps = value->get_object().if_contains("steps");
  if (cluster == nullptr || steps == nullptr || !steps->is_array()) {
    return fail(ErrorCode::Invalid, fmt::format("{} has no cluster or no list of steps", name),
                "see examples/demo-story.yaml");
  }
  story.cluster = *cluster;
  for (const json::value& item : steps->get_array()) {
    auto step = parse_step(item);
    std::string where = fmt::format("{}: steps[{}]", name, story.steps.size());
    if (!step) return fail(step.error(), where);
    step->where = std::move(where);
    story.steps.push_back(std::move(*step));
  }
  std::ranges::stable_sort(story.steps, {}, &StoryStep::at);
  return story;
}

Status apply_manifest(KubernetesApi& api, const json::value& manifest, Time now) {
  const std::string kind = text_in(manifest, "kind");
  const std::string api_version = text_in(manifest, "apiVersion");
  const ResourceType* type = type_of(api, api_version, kind);
  if (type == nullptr) {
    return fail(ErrorCode::Invalid, fmt::format("{} of {} is not served", kind, api_version),
                "look at kubectl api-resources");
  }
  const json::value* metadata = manifest.get_object().if_contains("metadata");
  const std::string name = metadata == nullptr ? std::string{} : text_in(*metadata, "name");
  std::string namespace_ = metadata == nullptr ? std::string{} : text_in(*metadata, "namespace");
  if (type->namespaced && namespace_.empty()) namespace_ = "default";
  const auto applied =
      api.patch(resource_of(*type), namespace_, name, PatchType::Apply, manifest, now);
  if (!applied)
    return fail(ErrorCode::Invalid, fmt::format("{} {}: {}", kind, name, applied.error().message));
  return {};
}

Status prepare(Simulation& simulation, const Story& story) {
  for (const std::string_view crd : kube::crds()) {
    const auto manifest = parse_yaml(crd);
    if (!manifest) return fail(manifest.error(), "a CRD");
    if (auto applied = apply_manifest(simulation.kubernetes(), *manifest, simulation.now());
        !applied)
      return applied;
  }
  const service::Answer answer =
      simulation.hyperpod().call("CreateCluster", story.cluster, simulation.now());
  if (!answer.is_success()) {
    return fail(
        ErrorCode::Invalid,
        fmt::format("{}: cluster: {}: {}", story.name, answer.error_type(), answer.error_message()),
        "write it as the body of CreateCluster: see examples/demo-story.yaml");
  }
  return {};
}

Status play(Simulation& simulation, const StoryStep& step) {
  for (const json::value& manifest : step.apply) {
    if (auto applied = apply_manifest(simulation.kubernetes(), manifest, simulation.now());
        !applied)
      return fail(applied.error(), step.where);
  }
  for (const auto& [word, name] : step.removed) {
    const ResourceType* type = type_by_word(simulation.kubernetes(), word);
    if (type == nullptr)
      return fail(ErrorCode::Invalid,
                  fmt::format("{}: delete {}/{}: no such kind", step.where, word, name),
                  "write kinds as kubectl takes them: pod, deployment, job");
    const auto removed = simulation.kubernetes().remove(
        resource_of(*type), type->namespaced ? "default" : "", name, simulation.now());
    // A user at the terminal may have deleted it before.
    if (!removed && removed.error().code != 404) {
      return fail(ErrorCode::Invalid, fmt::format("{}: delete {}/{}: {}", step.where, word, name,
                                                  removed.error().message));
    }
  }
  return {};
}

}  // namespace hyperwright::sim
