#include "kube/crd_comparison.h"

#include <algorithm>
#include <string_view>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "kube/json_members.h"

namespace hyperwright::kube {
namespace json = boost::json;
namespace {

constexpr std::string_view kLabel = "app.kubernetes.io/part-of";
constexpr std::string_view kOurs = "hyperwright";

const json::value& version_of(const json::value& definition, std::string_view name) {
  static const json::value kNothing;
  const json::array& versions = list_at(at(definition, "spec"), "versions");
  const auto found = std::ranges::find_if(versions, [&](const json::value& version) {
    return text_at(version, "name") == name && at(version, "served") == true;
  });
  return found == versions.end() ? kNothing : *found;
}

void compare_enums(const json::value& ours, const json::value& theirs, const std::string& path,
                   std::vector<std::string>& missing) {
  const json::array* wanted = at(ours, "enum").if_array();
  const json::array* taken = at(theirs, "enum").if_array();
  if (wanted == nullptr || taken == nullptr) return;  // without a list, anything is taken
  for (const json::value& word : *wanted) {
    if (std::ranges::find(*taken, word) != taken->end()) continue;
    missing.push_back(fmt::format("{} {}", path, json::serialize(word)));
  }
}

void compare_schemas(const json::value& ours, const json::value& theirs, const std::string& path,
                     std::vector<std::string>& missing) {
  if (at(theirs, "x-kubernetes-preserve-unknown-fields") == true) return;
  const std::string_view wanted = text_at(ours, "type");
  const std::string_view taken = text_at(theirs, "type");
  if (!wanted.empty() && !taken.empty() && wanted != taken) {
    missing.push_back(fmt::format("{} of type {}", path, wanted));
    return;
  }
  compare_enums(ours, theirs, path, missing);
  if (const json::object* properties = at(ours, "properties").if_object()) {
    for (const auto& [name, property] : *properties) {
      const std::string_view key(name.data(), name.size());
      if (path.empty() && (key == "apiVersion" || key == "kind" || key == "metadata")) continue;
      const std::string full = path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
      const json::value& other = at(at(theirs, "properties"), key);
      if (other.is_null()) {
        missing.push_back(full);
      } else {
        compare_schemas(property, other, full, missing);
      }
    }
  }
  for (const auto& [member, suffix] :
       {std::pair("items", "[]"), std::pair("additionalProperties", "")}) {
    const json::value& inner = at(ours, member);
    const json::value& other = at(theirs, member);
    if (inner.is_object() && other.is_object()) {
      compare_schemas(inner, other, path + suffix, missing);
    }
  }
}

std::string owner_of(const json::value& metadata) {
  const json::value& annotations = at(metadata, "annotations");
  const std::string_view release = text_at(annotations, "meta.helm.sh/release-name");
  if (release.empty()) return {};
  return fmt::format("Helm release {} in {}", release,
                     text_at(annotations, "meta.helm.sh/release-namespace"));
}

}  // namespace

CrdComparison compare_crd(const json::value& ours, const json::value& installed) {
  const json::value& metadata = at(installed, "metadata");
  CrdComparison found{.is_ours = text_at(at(metadata, "labels"), kLabel) == kOurs,
                      .owner = owner_of(metadata)};
  const json::value& wanted = at(ours, "spec").at("versions").at(0);
  const std::string_view scope = text_at(at(ours, "spec"), "scope");
  if (text_at(at(installed, "spec"), "scope") != scope) {
    found.missing.push_back(fmt::format("scope {}", scope));
  }
  const json::value& theirs = version_of(installed, text_at(wanted, "name"));
  if (theirs.is_null()) {
    found.missing.push_back(fmt::format("version {}", text_at(wanted, "name")));
    return found;
  }
  if (const json::object* subresources = at(wanted, "subresources").if_object()) {
    for (const auto& [name, subresource] : *subresources) {
      const std::string_view key(name.data(), name.size());
      if (at(at(theirs, "subresources"), key).is_null())
        found.missing.push_back(fmt::format("subresource {}", key));
    }
  }
  compare_schemas(at(at(wanted, "schema"), "openAPIV3Schema"),
                  at(at(theirs, "schema"), "openAPIV3Schema"), {}, found.missing);
  return found;
}

std::string in_words(const std::vector<std::string>& missing) {
  constexpr std::size_t kNamed = 8;
  if (missing.size() <= kNamed) return fmt::format("{}", fmt::join(missing, ", "));
  return fmt::format("{} and {} more", fmt::join(missing.begin(), missing.begin() + kNamed, ", "),
                     missing.size() - kNamed);
}

bool is_established(const json::value& definition) {
  return std::ranges::any_of(list_at(at(definition, "status"), "conditions"),
                             [](const json::value& condition) {
                               return text_at(condition, "type") == "Established" &&
                                      text_at(condition, "status") == "True";
                             });
}

}  // namespace hyperwright::kube
