#include "cli/scheduler_config.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "base/number.h"
#include "kube/requirement.h"

namespace hyperwright::cli {
namespace {

using Constraint = state::DefaultSpreadConstraint;

constexpr std::string_view kKeyRemedy =
    "write a label of nodes, such as topology.kubernetes.io/zone";
constexpr std::string_view kUnsatisfiableRemedy = "write DoNotSchedule or ScheduleAnyway";
constexpr std::string_view kPolicyRemedy = "write Honor or Ignore";

// One value of the document, and where it stands.
struct Value {
  YAML::Node node;
  std::string path;  // "podTopologySpread.defaultConstraints[0].maxSkew"; "": the whole
  std::string_view file;

  [[nodiscard]] Failure wrong(std::string_view what, std::string_view remedy) const {
    return wrong_at(node, fmt::format("{} {}", path.empty() ? "the document" : path, what), remedy);
  }
  [[nodiscard]] Failure wrong_at(const YAML::Node& at, std::string_view sentence,
                                 std::string_view remedy) const {
    const YAML::Mark mark = at.Mark();
    return fail(ErrorCode::Invalid,
                mark.is_null() ? fmt::format("{}: {}", file, sentence)
                               : fmt::format("{}:{}: {}", file, mark.line + 1, sentence),
                std::string(remedy));
  }
  [[nodiscard]] std::string text() const { return node.IsScalar() ? node.Scalar() : std::string{}; }
};

using Read = std::function<Status(const Value&)>;
using Field = std::pair<std::string_view, Read>;

// Hands each entry of a map to its field; one that is null is as absent.
Status read_map(const Value& map, const std::vector<Field>& fields) {
  std::vector<std::string_view> names;
  names.reserve(fields.size());
  for (const Field& field : fields) names.push_back(field.first);
  const std::string known = fmt::format("the fields are {}", fmt::join(names, ", "));
  if (map.node.IsNull()) return {};
  if (!map.node.IsMap()) return map.wrong("is no map", known);
  std::vector<std::string> seen;
  for (const auto& entry : map.node) {
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : std::string{};
    const std::string path = map.path.empty() ? name : fmt::format("{}.{}", map.path, name);
    const auto field = std::ranges::find(fields, name, &Field::first);
    if (field == fields.end())
      return map.wrong_at(entry.first, fmt::format("{} is not known", path), known);
    if (std::ranges::find(seen, name) != seen.end())
      return map.wrong_at(entry.first, fmt::format("{} stands there twice", path),
                          "remove one of the two");
    seen.push_back(name);
    if (entry.second.IsNull()) continue;
    if (auto read = field->second({entry.second, path, map.file}); !read) return read;
  }
  return {};
}

Read whole_number(std::int32_t& result) {
  return [&result](const Value& value) -> Status {
    const auto number = value.node.IsScalar() ? parse_count(value.text()) : std::nullopt;
    if (!number || *number < 1) {
      return value.wrong(
          value.node.IsScalar() ? fmt::format("is \"{}\"", value.text()) : "is no number",
          "write a whole number of 1 or more");
    }
    result = *number;
    return {};
  };
}

// One of two words.
template <typename Enum>
Read word(Enum& result, std::pair<std::string_view, Enum> one,
          std::pair<std::string_view, Enum> other, std::string_view remedy) {
  return [&result, one, other, remedy](const Value& value) -> Status {
    const std::string text = value.text();
    if (text != one.first && text != other.first)
      return value.wrong(fmt::format("is \"{}\"", text), remedy);
    result = text == one.first ? one.second : other.second;
    return {};
  };
}

Read topology_key(std::string& result) {
  return [&result](const Value& value) -> Status {
    result = value.text();
    if (result.empty()) return value.wrong("is empty", kKeyRemedy);
    if (const auto problem = kube::label_key_problem(result))
      return value.wrong(fmt::format("is no label key: {}", *problem), kKeyRemedy);
    return {};
  };
}

Status refuse(const Value& value) {
  if (value.node.IsSequence() && value.node.size() == 0) return {};
  return value.wrong("may not be set",
                     "remove it: which pods are counted is said by the selectors of each pod's "
                     "Services and controller");
}

Result<Constraint> read_constraint(const Value& value) {
  Constraint constraint;
  std::int32_t max_skew = 0;
  std::int32_t min_domains = 0;
  std::optional<kube::WhenUnsatisfiable> when;
  const Read set_when = [&](const Value& field) -> Status {
    return word(when.emplace(), {"DoNotSchedule", kube::WhenUnsatisfiable::DoNotSchedule},
                {"ScheduleAnyway", kube::WhenUnsatisfiable::ScheduleAnyway},
                kUnsatisfiableRemedy)(field);
  };
  const auto policy = [](kube::NodeInclusionPolicy& into) {
    return word(into, {"Honor", kube::NodeInclusionPolicy::Honor},
                {"Ignore", kube::NodeInclusionPolicy::Ignore}, kPolicyRemedy);
  };
  const Status read =
      read_map(value, {{"maxSkew", whole_number(max_skew)},
                       {"topologyKey", topology_key(constraint.topology_key)},
                       {"whenUnsatisfiable", set_when},
                       {"minDomains", whole_number(min_domains)},
                       {"nodeAffinityPolicy", policy(constraint.node_affinity_policy)},
                       {"nodeTaintsPolicy", policy(constraint.node_taints_policy)},
                       {"labelSelector", refuse},
                       {"matchLabelKeys", refuse}});
  if (!read) return fail(read.error());
  if (max_skew == 0) return value.wrong("has no maxSkew", "write maxSkew: 1, or more");
  if (constraint.topology_key.empty()) return value.wrong("has no topologyKey", kKeyRemedy);
  if (!when) return value.wrong("has no whenUnsatisfiable", kUnsatisfiableRemedy);
  constraint.max_skew = max_skew;
  constraint.when_unsatisfiable = *when;
  if (min_domains > 0) constraint.min_domains = min_domains;
  return constraint;
}

Status read_constraints(const Value& list, std::vector<Constraint>& constraints) {
  if (!list.node.IsSequence()) return list.wrong("is no list", "write [{maxSkew: 1, ...}]");
  for (std::size_t i = 0; i < list.node.size(); ++i) {
    const Value value{list.node[i], fmt::format("{}[{}]", list.path, i), list.file};
    auto constraint = read_constraint(value);
    if (!constraint) return fail(constraint.error());
    const auto same = std::ranges::find_if(constraints, [&](const Constraint& other) {
      return other.topology_key == constraint->topology_key &&
             other.when_unsatisfiable == constraint->when_unsatisfiable;
    });
    if (same != constraints.end()) {
      return value.wrong(
          fmt::format("has the topologyKey {} and the whenUnsatisfiable of {}[{}]",
                      constraint->topology_key, list.path, same - constraints.begin()),
          "remove one of the two");
    }
    constraints.push_back(*std::move(constraint));
  }
  return {};
}

}  // namespace

Result<std::vector<Constraint>> parse_scheduler_config(std::string_view text,
                                                       std::string_view file) {
  std::vector<Constraint> constraints;
  const Read default_constraints = [&](const Value& list) {
    return read_constraints(list, constraints);
  };
  const Read spread = [&](const Value& map) {
    return read_map(map, {{"defaultConstraints", default_constraints}});
  };
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(std::string(text));
    if (documents.size() > 1) {
      return fail(ErrorCode::Invalid, fmt::format("{}: has {} documents", file, documents.size()),
                  "leave one of them in the file");
    }
    const YAML::Node root = documents.empty() ? YAML::Node() : documents.front();
    const Status read = read_map({root, "", file}, {{"podTopologySpread", spread}});
    if (!read) return fail(read.error());
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::Invalid, fmt::format("{}:{}: {}", file, error.mark.line + 1, error.msg),
                "write a YAML or JSON document: {podTopologySpread: {defaultConstraints: [...]}}");
  }
  return constraints;
}

}  // namespace hyperwright::cli
