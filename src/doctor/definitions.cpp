#include "doctor/definitions.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace hyperwright::doctor {
namespace json = boost::json;
namespace {

constexpr std::string_view kInstall = "hyperwright crds | kubectl apply -f -";
constexpr std::size_t kFieldsShownMax = 4;

// A member of an object; nullptr: no object, or no such member.
const json::value* member(const json::value& value, std::string_view name) {
  const json::object* object = value.if_object();
  return object == nullptr ? nullptr : object->if_contains(name);
}

std::string text_of(const json::value* value) {
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

bool is_true(const json::value* value) {
  return value != nullptr && value->is_bool() && value->get_bool();
}

const json::array& list_of(const json::value* value) {
  static const json::array kNone;
  return value != nullptr && value->is_array() ? value->get_array() : kNone;
}

bool is_established(const json::value* status) {
  if (status == nullptr) return true;  // our own file has none
  return std::ranges::any_of(list_of(member(*status, "conditions")), [](const json::value& each) {
    return text_of(member(each, "type")) == "Established" &&
           text_of(member(each, "status")) == "True";
  });
}

class Comparison {
 public:
  void compare(const json::value& ours, const json::value& theirs, const std::string& path) {
    if (is_true(member(theirs, "x-kubernetes-preserve-unknown-fields"))) return;
    if (const json::value* items = member(ours, "items")) descend(*items, theirs, "items", path);
    if (const json::value* values = member(ours, "additionalProperties"))
      descend(*values, theirs, "additionalProperties", path);
    const json::value* properties = member(ours, "properties");
    const json::object* fields = properties == nullptr ? nullptr : properties->if_object();
    if (fields == nullptr || member(theirs, "additionalProperties") != nullptr) return;
    const json::value* known = member(theirs, "properties");
    for (const auto& field : *fields) {
      const std::string_view key(field.key().data(), field.key().size());
      const std::string name = path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
      const json::value* other = known == nullptr ? nullptr : member(*known, key);
      if (other != nullptr) {
        compare(field.value(), *other, name);
      } else if (!is_of_every_object(name)) {
        missing.push_back(name);
      }
    }
  }

  std::vector<std::string> missing;

 private:
  // They need not stand in a schema.
  static bool is_of_every_object(std::string_view name) {
    return name == "apiVersion" || name == "kind" || name == "metadata";
  }

  void descend(const json::value& ours, const json::value& theirs, std::string_view word,
               const std::string& path) {
    const json::value* other = member(theirs, word);
    if (other != nullptr) compare(ours, *other, path);
  }
};

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

const json::value* schema_of(const Definition& definition, std::string_view version) {
  const auto it =
      std::ranges::find(definition.schemas, version, &std::pair<std::string, json::value>::first);
  return it == definition.schemas.end() ? nullptr : &it->second;
}

// The controller starts without it; absent, there is none of it.
bool is_needed(const Definition& ours, const state::Options& options) {
  if (ours.kind == "NodeOverlay") return options.gates.node_overlay;
  if (ours.kind == "CapacityBuffer") return options.gates.capacity_buffer;
  return true;
}

// Two controllers of the same objects must speak one version of them.
Findings check_sharing(const Definition& ours, const Definition& theirs) {
  if (ours.kind != "NodePool" && ours.kind != "NodeClaim") return {};
  std::vector<std::string> others;
  for (const auto* list : {&theirs.served, &theirs.stored}) {
    for (const std::string& version : *list) {
      if (version != ours.storage_version && !has(others, version)) others.push_back(version);
    }
  }
  if (others.empty()) return {};
  return {problem(kOtherKarpenter,
                  fmt::format("{} is also there as {}: it is of a Karpenter before version 1",
                              theirs.name, fmt::join(others, ", ")),
                  "upgrade the other Karpenter to v1 and migrate what is stored, or remove it; "
                  "HyperPod allows another one at v1 alone")};
}

Findings check_version(const Definition& ours, const Definition& theirs) {
  const std::string& version = ours.storage_version;
  if (!theirs.is_established) {
    return {problem(kDefinitions,
                    fmt::format("{} is there, but the API server does not serve it yet", ours.name),
                    fmt::format("kubectl describe crd {} says why", ours.name))};
  }
  if (!has(theirs.served, version)) {
    return {problem(kDefinitions,
                    fmt::format("{} is served as {}, not as {}", ours.name,
                                fmt::join(theirs.served, ", "), version),
                    std::string(kInstall))};
  }
  const json::value* schema = schema_of(theirs, version);
  if (schema == nullptr) return {};
  const json::value* wanted = schema_of(ours, version);
  check(wanted != nullptr, "our own definition has a schema");
  const auto missing = missing_fields(*wanted, *schema);
  if (missing.empty()) return {};
  const std::size_t shown = std::min(missing.size(), kFieldsShownMax);
  const std::vector<std::string> first(missing.begin(),
                                       missing.begin() + static_cast<std::ptrdiff_t>(shown));
  return {warning(
      kDefinitions,
      fmt::format(
          "{} is another definition than ours and drops {}{}", ours.name, fmt::join(first, ", "),
          missing.size() > shown ? fmt::format(" and {} more fields", missing.size() - shown) : ""),
      std::string(kInstall))};
}

}  // namespace

Result<Definition> decode_definition(const json::value& value) {
  Definition definition;
  const json::value* spec = member(value, "spec");
  const json::value* metadata = member(value, "metadata");
  if (spec == nullptr || metadata == nullptr)
    return fail(ErrorCode::Invalid, "a custom resource definition has no metadata or spec");
  definition.name = text_of(member(*metadata, "name"));
  if (const json::value* names = member(*spec, "names"))
    definition.kind = text_of(member(*names, "kind"));
  for (const json::value& version : list_of(member(*spec, "versions"))) {
    const std::string name = text_of(member(version, "name"));
    if (is_true(member(version, "served"))) definition.served.push_back(name);
    if (is_true(member(version, "storage"))) definition.storage_version = name;
    const json::value* schema = member(version, "schema");
    const json::value* root = schema == nullptr ? nullptr : member(*schema, "openAPIV3Schema");
    if (root != nullptr) definition.schemas.emplace_back(name, *root);
  }
  const json::value* status = member(value, "status");
  definition.is_established = is_established(status);
  if (status != nullptr) {
    for (const json::value& version : list_of(member(*status, "storedVersions")))
      definition.stored.push_back(text_of(&version));
  }
  if (definition.name.empty() || definition.served.empty()) {
    return fail(
        ErrorCode::Invalid,
        fmt::format("custom resource definition \"{}\" serves no version", definition.name));
  }
  return definition;
}

std::vector<std::string> missing_fields(const json::value& ours, const json::value& theirs) {
  Comparison comparison;
  comparison.compare(ours, theirs, "");
  return std::move(comparison.missing);
}

Findings check_definitions(const std::vector<AskedDefinition>& asked,
                           const state::Options& options) {
  Findings findings;
  std::vector<std::string> good;
  bool is_hidden = false;
  for (const auto& [ours, theirs] : asked) {
    if (!theirs) {
      const Error& error = theirs.error();
      if (error.code() != ErrorCode::NotFound) {
        findings.push_back(not_checked(kDefinitions, fmt::format("{}: {}", ours.name, error.text()),
                                       error.remedy()));
      } else if (is_needed(ours, options)) {
        findings.push_back(problem(kDefinitions, fmt::format("{} is not installed", ours.name),
                                   std::string(kInstall)));
      }
      continue;
    }
    is_hidden = is_hidden || theirs->schemas.empty();
    Findings found = check_version(ours, *theirs);
    if (found.empty()) good.push_back(fmt::format("{} {}", ours.name, ours.storage_version));
    const Findings sharing = check_sharing(ours, *theirs);
    found.insert(found.end(), sharing.begin(), sharing.end());
    findings.insert(findings.end(), found.begin(), found.end());
  }
  if (!good.empty()) {
    findings.insert(
        findings.begin(),
        ok(kDefinitions, fmt::format("{}{}", fmt::join(good, ", "),
                                     is_hidden ? "; their fields may not be read" : "")));
  }
  return findings;
}

}  // namespace hyperwright::doctor
