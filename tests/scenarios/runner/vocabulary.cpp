#include "tests/scenarios/runner/vocabulary.h"

#include <array>

#include <fmt/format.h>

#include "kube/well_known.h"
#include "tests/scenarios/runner/topology_words.h"

namespace hyperwright::scenarios {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kShortKeys = {
    {{"zone", kube::kZone},
     {"type", kube::kInstanceType},
     {"capacity", kube::kCapacityType},
     {"arch", kube::kArch},
     {"os", kube::kOs},
     {"pool", kube::kNodePool},
     {"group", kube::kInstanceGroup},
     {"hostname", kube::kHostname}}};

constexpr std::array<std::pair<std::string_view, kube::NodeOperator>, 6> kOperators = {
    {{"in", kube::NodeOperator::In},
     {"not in", kube::NodeOperator::NotIn},
     {"gt", kube::NodeOperator::Gt},
     {"gte", kube::NodeOperator::Gte},
     {"lt", kube::NodeOperator::Lt},
     {"lte", kube::NodeOperator::Lte}}};

kube::NodeRequirement requirement(const std::string& word, const YAML::Node& value,
                                  std::string_view what, Problems& problems) {
  kube::NodeRequirement made{
      .key = label_key(word), .op = kube::NodeOperator::In, .values = {}, .min_values = {}};
  if (value.IsScalar() && value.Scalar() == "exists") {
    made.op = kube::NodeOperator::Exists;
  } else if (value.IsScalar() && value.Scalar() == "absent") {
    made.op = kube::NodeOperator::DoesNotExist;
  } else if (!value.IsMap()) {
    made.values = texts_of(value, fmt::format("{}: {}", what, word), problems);
  } else {
    Fields fields(value, fmt::format("{}: {}", what, word), problems);
    if (const auto minimum = fields.take("min")) {
      made.min_values = static_cast<std::int32_t>(number_of(*minimum).value_or(0));
      made.op = kube::NodeOperator::Exists;
    }
    for (const auto& [name, op] : kOperators) {
      if (const auto operand = fields.take(name)) {
        made.op = op;
        made.values = texts_of(*operand, fields.what(), problems);
      }
    }
  }
  return made;
}

std::optional<kube::TaintEffect> effect_of(std::string_view text) {
  for (const auto effect : {kube::TaintEffect::NoSchedule, kube::TaintEffect::PreferNoSchedule,
                            kube::TaintEffect::NoExecute}) {
    if (kube::to_string(effect) == text) return effect;
  }
  return std::nullopt;
}

struct KeyValueEffect {
  std::string key, value;
  std::optional<kube::TaintEffect> effect;
  bool has_value = false;
};

KeyValueEffect split(std::string_view text) {
  KeyValueEffect parts;
  if (const std::size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    parts.effect = effect_of(text.substr(colon + 1));
    if (parts.effect) text = text.substr(0, colon);
  }
  const std::size_t equals = text.find('=');
  parts.has_value = equals != std::string_view::npos;
  parts.key = text.substr(0, equals);
  if (parts.has_value) parts.value = text.substr(equals + 1);
  return parts;
}

std::vector<kube::Toleration> tolerations_of(Fields& fields) {
  std::vector<kube::Toleration> list;
  for (const std::string& text : fields.texts("tolerations")) {
    kube::Toleration toleration;
    if (text == "all") {
      toleration.op = kube::TolerationOperator::Exists;
    } else {
      const KeyValueEffect parts = split(text);
      toleration.key = parts.key;
      toleration.op =
          parts.has_value ? kube::TolerationOperator::Equal : kube::TolerationOperator::Exists;
      toleration.value = parts.value;
      toleration.effect = parts.effect;
    }
    list.push_back(std::move(toleration));
  }
  return list;
}

std::vector<kube::PreferredNodeTerm> preferences_of(Fields& fields) {
  std::vector<kube::PreferredNodeTerm> list;
  const auto node = fields.take("prefer");
  if (!node) return list;
  const auto add = [&](const YAML::Node& item) {
    kube::PreferredNodeTerm term;
    Fields parts(item, fields.what() + ": prefer", fields.problems());
    term.weight = static_cast<std::int32_t>(parts.number("weight", 1));
    if (const auto all = parts.take("requires")) {
      term.term.match_expressions = requirements_of(*all, parts.what(), fields.problems());
    }
    for (const auto& [word, value] : parts.rest()) {
      term.term.match_expressions.push_back(
          requirement(word, value, parts.what(), fields.problems()));
    }
    list.push_back(std::move(term));
  };
  if (node->IsSequence()) {
    for (const YAML::Node& item : *node) add(item);
  } else {
    add(*node);
  }
  return list;
}

kube::Container container_of(const YAML::Node& node, const std::string& what, Problems& problems) {
  kube::Container container;
  Fields fields(node, what, problems);
  container.restart_always = fields.flag("sidecar", false);
  read_resources(fields, container.requests);
  return container;
}

void read_containers(Fields& fields, kube::Resources& requests) {
  kube::PodResources parts;
  bool is_said = false;
  const auto read = [&](std::string_view key, std::vector<kube::Container>& list) {
    const auto node = fields.take(key);
    if (!node) return;
    is_said = true;
    for (const YAML::Node& item : *node) {
      list.push_back(
          container_of(item, fmt::format("{}: {}", fields.what(), key), fields.problems()));
    }
  };
  read("containers", parts.containers);
  read("init", parts.init_containers);
  if (const auto node = fields.take("pod level")) {
    is_said = true;
    parts.pod_level_requests =
        resources_of(*node, fields.what() + ": pod level", fields.problems());
  }
  if (const auto node = fields.take("overhead")) {
    is_said = true;
    parts.overhead = resources_of(*node, fields.what() + ": overhead", fields.problems());
  }
  if (!is_said) return;
  // What stands beside them is one more container.
  parts.containers.push_back({.name = "main",
                              .requests = requests,
                              .limits = {},
                              .host_ports = {},
                              .restart_always = false,
                              .actuated = {},
                              .allocated = {}});
  requests = kube::effective_requests(parts);
}

}  // namespace

std::string label_key(std::string_view word) {
  for (const auto& [name, key] : kShortKeys) {
    if (name == word) return std::string(key);
  }
  return std::string(word);
}

std::vector<kube::NodeRequirement> requirements_of(const YAML::Node& node, std::string_view what,
                                                   Problems& problems) {
  std::vector<kube::NodeRequirement> list;
  const auto add = [&](const YAML::Node& map) {
    Fields fields(map, std::string(what), problems);
    for (const auto& [word, value] : fields.rest())
      list.push_back(requirement(word, value, what, problems));
  };
  if (node.IsSequence()) {
    for (const YAML::Node& item : node) add(item);
  } else {
    add(node);
  }
  return list;
}

std::vector<kube::Taint> taints_of(Fields& fields, std::string_view key) {
  std::vector<kube::Taint> list;
  for (const std::string& text : fields.texts(key)) {
    const KeyValueEffect parts = split(text);
    list.push_back({parts.key, parts.value, parts.effect.value_or(kube::TaintEffect::NoSchedule)});
  }
  return list;
}

void read_resources(Fields& fields, kube::Resources& resources) {
  const auto set = [&](std::string_view name, const YAML::Node& node) {
    const auto parsed = kube::parse_amount(name, node.IsScalar() ? node.Scalar() : "");
    if (!parsed)
      return fields.problem(node, fmt::format("{}: {}", fields.what(), parsed.error().text()));
    resources.set(name, *parsed);
  };
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kWords = {
      {{"cpu", "cpu"},
       {"memory", "memory"},
       {"gpu", "nvidia.com/gpu"},
       {"efa", "vpc.amazonaws.com/efa"}}};
  for (const auto& [word, name] : kWords) {
    if (const auto node = fields.take(word)) set(name, *node);
  }
  if (const auto node = fields.take("requests")) {
    Fields inner(*node, fields.what() + ": requests", fields.problems());
    for (const auto& [name, value] : inner.rest()) set(name, value);
  }
}

kube::Resources resources_of(const YAML::Node& node, std::string_view what, Problems& problems) {
  kube::Resources resources;
  Fields fields(node, std::string(what), problems);
  for (const auto& [name, value] : fields.rest()) {
    const auto parsed = kube::parse_amount(name, value.IsScalar() ? value.Scalar() : "");
    if (parsed) {
      resources.set(name, *parsed);
    } else {
      fields.problem(value, fmt::format("{}: {}", what, parsed.error().text()));
    }
  }
  return resources;
}

void read_scheduling(Fields& fields, const kube::StringMap& labels, kube::Scheduling& pod) {
  read_resources(fields, pod.requests);
  read_containers(fields, pod.requests);
  pod.requests.set(kube::Resource::Pods, 1);
  if (const auto node = fields.take("limits")) {
    // The API server takes limits for requests that are missing.
    resources_of(*node, fields.what() + ": limits", fields.problems())
        .for_each([&](std::string_view name, std::int64_t limit) {
          if (pod.requests.get(name) == 0) pod.requests.set(name, limit);
        });
  }
  for (const auto& [word, value] : fields.pairs("select"))
    pod.node_selector.set(label_key(word), value);
  if (const auto node = fields.take("requires")) {
    pod.required_node_terms.push_back(
        {requirements_of(*node, fields.what() + ": requires", fields.problems()), {}});
  }
  if (const auto node = fields.take("any of")) {
    for (const YAML::Node& term : *node) {
      pod.required_node_terms.push_back(
          {requirements_of(term, fields.what() + ": any of", fields.problems()), {}});
    }
  }
  pod.preferred_node_terms = preferences_of(fields);
  pod.tolerations = tolerations_of(fields);
  for (const std::string& port : fields.texts("ports")) {
    pod.host_ports.push_back(
        {"", static_cast<std::int32_t>(number_of(YAML::Node(port)).value_or(0)), "TCP"});
  }
  read_topology(fields, labels, pod);
}

}  // namespace hyperwright::scenarios
