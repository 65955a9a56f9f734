#include "doctor/definitions.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/crd_comparison.h"

namespace hyperwright::doctor {
namespace json = boost::json;
namespace {

constexpr std::string_view kInstall = "hyperwright crds --apply";
constexpr std::string_view kReplace =
    "upgrade what it belongs to, or replace it for both: hyperwright crds --apply --force";
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

bool has(const std::vector<std::string>& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
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
                    std::string(kReplace))};
  }
  if (!theirs.document) return {};
  check(ours.document.has_value(), "our own definition is known whole");
  const kube::CrdComparison compared = kube::compare_crd(*ours.document, *theirs.document);
  const std::vector<std::string>& missing = compared.missing;
  if (missing.empty()) return {};
  const std::size_t shown = std::min(missing.size(), kFieldsShownMax);
  const std::vector<std::string> first(missing.begin(),
                                       missing.begin() + static_cast<std::ptrdiff_t>(shown));
  return {warning(
      kDefinitions,
      fmt::format(
          "{} is another definition than ours and lacks {}{}", ours.name, fmt::join(first, ", "),
          missing.size() > shown ? fmt::format(" and {} more", missing.size() - shown) : ""),
      std::string(compared.is_ours ? kInstall : kReplace))};
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
  }
  definition.document = value;
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
    is_hidden = is_hidden || !theirs->document;
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
