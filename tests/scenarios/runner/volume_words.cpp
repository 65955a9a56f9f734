#include "tests/scenarios/runner/volume_words.h"

#include <fmt/format.h>

#include "base/time.h"
#include "tests/scenarios/runner/vocabulary.h"

namespace hyperwright::scenarios {
namespace {

constexpr const char* kUsualDriver = "disk.csi.example.com";

std::vector<kube::NodeSelectorTerm> terms_of(const YAML::Node& list, const std::string& what,
                                             Problems& problems) {
  std::vector<kube::NodeSelectorTerm> terms;
  for (const YAML::Node& item : list) terms.push_back({requirements_of(item, what, problems), {}});
  return terms;
}

kube::StorageClass storage_class(Fields& fields, const std::string& name, Time now) {
  kube::StorageClass made;
  made.meta.name = name;
  made.provisioner = kube::csi_driver_of(fields.text("driver", kUsualDriver));
  made.waits_for_consumer = fields.text("binding", "WaitForFirstConsumer") != "Immediate";
  made.is_default = fields.flag("default", false);
  const auto age = parse_duration(fields.text("age", "0s"));
  made.meta.creation_time = now - age.value_or(Duration::seconds(0));
  if (const auto list = fields.take("topologies"))
    made.allowed_topologies = terms_of(*list, fields.what() + ": topologies", fields.problems());
  return made;
}

kube::PersistentVolume volume(Fields& fields, const std::string& name, Time now) {
  kube::PersistentVolume made;
  made.meta.name = name;
  made.is_local = fields.flag("local", false);
  made.is_local |= fields.flag("host path", false);
  const bool is_csi = !fields.flag("nfs", false) && !made.is_local;
  const std::string driver = fields.text("driver", is_csi ? kUsualDriver : "");
  made.csi_driver = kube::csi_driver_of(driver);
  made.csi_handle = fields.text("handle");
  if (fields.flag("deleting", false)) made.meta.deletion_time = now;
  if (const auto list = fields.take("any of"))
    made.node_terms = terms_of(*list, fields.what() + ": any of", fields.problems());
  // What else is said is one term.
  kube::NodeSelectorTerm term;
  for (const auto& [word, value] : fields.rest()) {
    YAML::Node single;
    single[word] = value;
    for (auto& requirement : requirements_of(single, fields.what(), fields.problems()))
      term.match_expressions.push_back(std::move(requirement));
  }
  if (!term.match_expressions.empty()) made.node_terms.push_back(std::move(term));
  return made;
}

std::vector<state::Object> claim(Fields& fields, const std::string& name,
                                 const state::ClusterState& state, Time now) {
  std::vector<state::Object> objects;
  kube::PersistentVolumeClaim made;
  made.meta.name = name;
  made.meta.namespace_ = fields.text("namespace", "default");
  if (const auto node = fields.take("class")) made.storage_class = node->Scalar();
  made.volume_name = fields.text("volume");
  if (made.volume_name == "auto") {
    const auto* of_class =
        made.storage_class ? state.find<kube::StorageClass>("", *made.storage_class) : nullptr;
    kube::PersistentVolume its_volume;
    its_volume.meta.name = made.volume_name = fmt::format("pv-{}", name);
    its_volume.csi_driver = of_class == nullptr ? kUsualDriver : of_class->provisioner;
    its_volume.csi_handle = its_volume.meta.name;
    objects.emplace_back(std::move(its_volume));
  }
  const bool is_named = !made.volume_name.empty();
  made.is_bind_completed = fields.flag("bound", is_named);
  made.phase = fields.text("phase", made.is_bind_completed ? "Bound" : "Pending");
  if (fields.flag("deleting", false)) made.meta.deletion_time = now;
  objects.emplace_back(std::move(made));
  return objects;
}

}  // namespace

std::vector<state::Object> volume_objects(std::string_view kind, const std::string& name,
                                          const YAML::Node& value, const state::ClusterState& state,
                                          Time now, Problems& problems) {
  Fields fields(value, fmt::format("{} \"{}\"", kind, name), problems);
  if (kind == "storageclass") return {storage_class(fields, name, now)};
  if (kind == "pv") return {volume(fields, name, now)};
  return claim(fields, name, state, now);
}

kube::CsiNode csi_node_of(Fields& node, const std::string& name) {
  kube::CsiNode made;
  made.meta.name = name;
  for (const auto& [driver, limit] : node.pairs("csi limit"))
    made.limits[driver] = number_of(YAML::Node(limit)).value_or(0);
  return made;
}

void read_volumes(Fields& fields, const std::string& pod_name, kube::Scheduling& pod) {
  for (const std::string& name : fields.texts("volumes"))
    pod.volume_claims.push_back({.claim_name = name, .is_ephemeral = false, .storage_class = {}});
  const auto list = fields.take("ephemeral volumes");
  if (!list) return;
  for (const YAML::Node& item : *list) {
    Fields parts(item, fields.what() + ": ephemeral volumes", fields.problems());
    kube::VolumeClaim mounted{
        .claim_name = fmt::format("{}-volume-{}", pod_name, pod.volume_claims.size()),
        .is_ephemeral = true,
        .storage_class = {}};
    if (const auto name = parts.take("class")) mounted.storage_class = name->Scalar();
    pod.volume_claims.push_back(std::move(mounted));
  }
}

}  // namespace hyperwright::scenarios
