// Metadata of an object, and what is told about an object as a whole: its name, and what of it
// could not be read.

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"
#include "kube/json_parts.h"
#include "kube/well_known.h"

namespace hyperwright::kube {
namespace {

constexpr std::size_t kAnnotationBytesMax = std::size_t{64} * 1024;

bool is_known_annotation(std::string_view key) {
  return key.starts_with("karpenter.sh/") || key.starts_with("hyperwright.dev/") ||
         key == kPodDeletionCost;
}

StringMap decode_annotations(const JsonField& field, KeptAnnotations kept) {
  StringMap known;
  std::size_t bytes = 0;
  field.each_member([&](const JsonField& entry) {
    if (!is_known_annotation(entry.name()) || !entry.exists()) return;
    known.set(entry.name(), entry.text());
    bytes += entry.name().size() + entry.text().size();
  });
  if (kept == KeptAnnotations::Known) return known;
  StringMap all = known;
  for (const auto& [key, value] : decode_string_map(field)) {
    if (is_known_annotation(key) || bytes + key.size() + value.size() > kAnnotationBytesMax)
      continue;
    all.set(key, value);
    bytes += key.size() + value.size();
  }
  return all;
}

std::vector<OwnerReference> decode_owners(const JsonField& field) {
  std::vector<OwnerReference> owners;
  owners.reserve(field.item_count());
  field.each_item([&](const JsonField& owner) {
    owners.push_back({.api_version = std::string(owner.at("apiVersion").text()),
                      .kind = std::string(owner.at("kind").text()),
                      .name = std::string(owner.at("name").text()),
                      .uid = std::string(owner.at("uid").text()),
                      .controller = owner.at("controller").boolean(),
                      .block_owner_deletion = owner.at("blockOwnerDeletion").boolean()});
  });
  return owners;
}

std::uint64_t decode_resource_version(const JsonField& field) {
  const std::string_view text = field.text();
  if (text.empty()) return 0;
  std::uint64_t version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  if (error != std::errc{} || end != text.data() + text.size())
    field.must_be("a whole number, as text");
  return version;
}

boost::json::object encode_owner(const OwnerReference& owner) {
  boost::json::object json = {{"apiVersion", owner.api_version},
                              {"kind", owner.kind},
                              {"name", owner.name},
                              {"uid", owner.uid}};
  if (owner.controller) json["controller"] = true;
  if (owner.block_owner_deletion) json["blockOwnerDeletion"] = true;
  return json;
}

boost::json::object encode_meta(const ObjectMeta& meta) {
  boost::json::object json;
  put_text(json, "name", meta.name);
  put_text(json, "namespace", meta.namespace_);
  put_text(json, "uid", meta.uid);
  if (meta.resource_version != 0)
    json["resourceVersion"] = fmt::format("{}", meta.resource_version);
  if (meta.generation != 0) json["generation"] = meta.generation;
  if (!meta.creation_time.is_zero()) json["creationTimestamp"] = encode_time(meta.creation_time);
  if (meta.deletion_time) json["deletionTimestamp"] = encode_time(*meta.deletion_time);
  if (meta.deletion_grace_seconds)
    json["deletionGracePeriodSeconds"] = *meta.deletion_grace_seconds;
  put_object(json, "labels", encode_map(meta.labels));
  put_object(json, "annotations", encode_map(meta.annotations));
  put_array(json, "finalizers", encode_texts(meta.finalizers));
  boost::json::array owners;
  for (const OwnerReference& owner : meta.owner_references) owners.push_back(encode_owner(owner));
  put_array(json, "ownerReferences", std::move(owners));
  return json;
}

std::string object_text(std::string_view kind, const ObjectMeta& meta) {
  if (meta.namespace_.empty()) return fmt::format("{} {}", kind, meta.name);
  return fmt::format("{} {}/{}", kind, meta.namespace_, meta.name);
}

}  // namespace

ObjectMeta decode_meta(const JsonField& meta, KeptAnnotations kept) {
  ObjectMeta result;
  result.name = meta.at("name").text();
  result.namespace_ = meta.at("namespace").text();
  result.uid = meta.at("uid").text();
  result.resource_version = decode_resource_version(meta.at("resourceVersion"));
  result.generation = meta.at("generation").integer();
  result.creation_time = meta.at("creationTimestamp").time();
  result.deletion_time = meta.at("deletionTimestamp").optional_time();
  if (const JsonField grace = meta.at("deletionGracePeriodSeconds"); grace.exists()) {
    result.deletion_grace_seconds = grace.integer();
  }
  result.labels = decode_string_map(meta.at("labels"));
  result.annotations = decode_annotations(meta.at("annotations"), kept);
  result.finalizers = meta.at("finalizers").texts();
  result.owner_references = decode_owners(meta.at("ownerReferences"));
  return result;
}

Status check_has_name(std::string_view kind, const ObjectMeta& meta, const JsonProblems& problems) {
  if (!meta.name.empty()) return {};
  return fail(ErrorCode::Invalid,
              problems.empty() ? fmt::format("{} has no metadata.name", kind)
                               : fmt::format("{} without a readable name: {}", kind,
                                             problems.sentences().front()),
              fmt::format("send a {} as the Kubernetes API writes it", kind));
}

Failure decode_failure(std::string_view kind, const ObjectMeta& meta,
                       const JsonProblems& problems) {
  return fail(ErrorCode::Invalid,
              fmt::format("{}: {}", object_text(kind, meta), problems.sentences().front()),
              fmt::format("correct this field of the {}", kind));
}

boost::json::object encode_kind(std::string_view api_version, std::string_view kind,
                                const ObjectMeta& meta) {
  return {{"apiVersion", api_version}, {"kind", kind}, {"metadata", encode_meta(meta)}};
}

void put_decode_problems(boost::json::object& object, const std::vector<std::string>& problems) {
  put_array(object, "decodeProblems", encode_texts(problems));
}

std::vector<std::string> decode_problems_of(const boost::json::value& document,
                                            const JsonProblems& found) {
  JsonProblems ignored;
  const JsonField root(document, ignored);
  std::vector<std::string> problems = root.at("decodeProblems").texts();
  for (const std::string& problem : found.sentences()) {
    if (std::ranges::find(problems, problem) == problems.end()) problems.push_back(problem);
  }
  return problems;
}

boost::json::value encode(const ObjectMeta& meta) { return encode_meta(meta); }

}  // namespace hyperwright::kube
