#include "doctor/definitions.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/crd_comparison.h"
#include "kube/json_members.h"

namespace hyperwright::doctor {
namespace json = boost::json;
namespace {

using kube::at;
using kube::list_at;
using kube::member;
using kube::text_at;

constexpr std::string_view kInstall = "hyperwright crds --apply";
constexpr std::string_view kReplace =
    "upgrade what it belongs to, or replace it for both: hyperwright crds --apply --force";

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
  if (compared.missing.empty()) return {};
  return {warning(kDefinitions,
                  fmt::format("{} is another definition than ours and lacks {}", ours.name,
                              kube::in_words(compared.missing)),
                  std::string(compared.is_ours ? kInstall : kReplace))};
}

}  // namespace

Result<Definition> decode_definition(const json::value& value) {
  Definition definition;
  const json::value& spec = at(value, "spec");
  if (spec.is_null() || member(value, "metadata") == nullptr)
    return fail(ErrorCode::Invalid, "a custom resource definition has no metadata or spec");
  definition.name = text_at(at(value, "metadata"), "name");
  definition.kind = text_at(at(spec, "names"), "kind");
  for (const json::value& version : list_at(spec, "versions")) {
    const std::string name(text_at(version, "name"));
    if (at(version, "served") == true) definition.served.push_back(name);
    if (at(version, "storage") == true) definition.storage_version = name;
  }
  definition.document = value;
  // Our own file has no status.
  const bool is_installed = member(value, "status") != nullptr;
  definition.is_established = !is_installed || kube::is_established(value);
  for (const json::value& version : list_at(at(value, "status"), "storedVersions")) {
    if (version.is_string()) definition.stored.emplace_back(version.get_string());
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
        findings.push_back(unanswered(kDefinitions, Error(error, ours.name)));
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
