// PersistentVolume, PersistentVolumeClaim, StorageClass and CSINode.
#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_affinity.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {
namespace {

constexpr std::string_view kBindCompleted = "pv.kubernetes.io/bind-completed";
constexpr std::string_view kIsDefaultClass = "storageclass.kubernetes.io/is-default-class";
constexpr std::string_view kIsDefaultClassBeta = "storageclass.beta.kubernetes.io/is-default-class";

// A volume source of an in-tree plugin: its field of the spec, the plugin, and the fields that name
// the volume.
struct InTreeSource {
  std::string_view field;
  std::string_view plugin;
  std::string_view handle;
  std::string_view second_handle;  // "": one field names it
};
constexpr InTreeSource kInTreeSources[] = {
    {"awsElasticBlockStore", "kubernetes.io/aws-ebs", "volumeID", ""},
    {"gcePersistentDisk", "kubernetes.io/gce-pd", "pdName", ""},
    {"cinder", "kubernetes.io/cinder", "volumeID", ""},
    {"azureDisk", "kubernetes.io/azure-disk", "diskURI", ""},
    {"azureFile", "kubernetes.io/azure-file", "secretName", "shareName"},
    {"vsphereVolume", "kubernetes.io/vsphere-volume", "volumePath", ""},
    {"portworxVolume", "kubernetes.io/portworx-volume", "volumeID", ""},
};

std::string in_tree_handle(const JsonField& source, const InTreeSource& in_tree) {
  std::string handle(source.at(in_tree.handle).text());
  // The plugin wrote "aws://us-west-2a/vol-1" where the driver says "vol-1".
  if (in_tree.field == "awsElasticBlockStore") handle.erase(0, handle.rfind('/') + 1);
  if (!in_tree.second_handle.empty()) {
    handle += '/';
    handle += source.at(in_tree.second_handle).text();
  }
  return handle;
}

void decode_source(const JsonField& spec, PersistentVolume& volume) {
  if (const JsonField csi = spec.at("csi"); csi.exists()) {
    volume.csi_driver = csi.at("driver").text();
    volume.csi_handle = csi.at("volumeHandle").text();
    return;
  }
  for (const InTreeSource& in_tree : kInTreeSources) {
    const JsonField source = spec.at(in_tree.field);
    if (!source.exists()) continue;
    volume.csi_driver = csi_driver_of(in_tree.plugin);
    volume.csi_handle = in_tree_handle(source, in_tree);
    return;
  }
}

// Annotations that only their own kind's codec reads: they are not among those that are kept.
bool is_annotated(const JsonField& root, std::string_view key, std::string_view value) {
  const JsonField meta = root.at("metadata");
  const JsonField annotations = meta.at("annotations");
  return annotations.at(key).if_text() == value;
}

void put_annotation(boost::json::object& json, std::string_view key, std::string_view value) {
  boost::json::object& meta = json["metadata"].as_object();
  if (!meta.contains("annotations")) meta["annotations"] = boost::json::object{};
  meta["annotations"].as_object()[key] = value;
}

std::vector<NodeSelectorTerm> decode_topologies(const JsonField& topologies) {
  std::vector<NodeSelectorTerm> terms;
  topologies.each_item([&](const JsonField& topology) {
    NodeSelectorTerm& term = terms.emplace_back();
    const JsonField expressions = topology.at("matchLabelExpressions");
    expressions.each_item([&](const JsonField& expression) {
      term.match_expressions.push_back({.key = std::string(expression.at("key").text()),
                                        .op = NodeOperator::In,
                                        .values = expression.at("values").texts(),
                                        .min_values = {}});
    });
  });
  return terms;
}

boost::json::array encode_topologies(const std::vector<NodeSelectorTerm>& terms) {
  boost::json::array json;
  for (const NodeSelectorTerm& term : terms) {
    boost::json::array expressions;
    for (const NodeRequirement& expression : term.match_expressions) {
      expressions.push_back({{"key", expression.key}, {"values", encode_texts(expression.values)}});
    }
    boost::json::object topology;
    topology["matchLabelExpressions"] = std::move(expressions);
    json.push_back(std::move(topology));
  }
  return json;
}

}  // namespace

Result<PersistentVolume> decode_persistent_volume(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField affinity = spec.at("nodeAffinity");
  const JsonField required = affinity.at("required");
  PersistentVolume volume;
  volume.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("PersistentVolume", volume.meta, problems); !named)
    return fail(named.error());
  decode_source(spec, volume);
  volume.is_local = spec.at("local").exists() || spec.at("hostPath").exists();
  volume.node_terms = decode_node_terms(required.at("nodeSelectorTerms"));
  if (!problems.empty()) return decode_failure("PersistentVolume", volume.meta, problems);
  return volume;
}

boost::json::value encode(const PersistentVolume& volume) {
  boost::json::object spec;
  if (!volume.csi_driver.empty() || !volume.csi_handle.empty()) {
    spec["csi"] = {{"driver", volume.csi_driver}, {"volumeHandle", volume.csi_handle}};
  }
  if (volume.is_local) spec["local"] = boost::json::object{};
  if (!volume.node_terms.empty()) {
    boost::json::object required;
    required["nodeSelectorTerms"] = encode_node_terms(volume.node_terms);
    spec["nodeAffinity"] = {{"required", std::move(required)}};
  }
  boost::json::object json = encode_kind("v1", "PersistentVolume", volume.meta);
  json["spec"] = std::move(spec);
  return json;
}

Result<PersistentVolumeClaim> decode_persistent_volume_claim(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField status = root.at("status");
  PersistentVolumeClaim claim;
  claim.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("PersistentVolumeClaim", claim.meta, problems); !named)
    return fail(named.error());
  if (const JsonField name = spec.at("storageClassName"); name.exists())
    claim.storage_class = name.text();
  claim.volume_name = spec.at("volumeName").text();
  claim.phase = status.at("phase").text();
  claim.is_bind_completed = is_annotated(root, kBindCompleted, "yes");
  if (!problems.empty()) return decode_failure("PersistentVolumeClaim", claim.meta, problems);
  return claim;
}

boost::json::value encode(const PersistentVolumeClaim& claim) {
  boost::json::object spec, status;
  if (claim.storage_class) spec["storageClassName"] = *claim.storage_class;
  put_text(spec, "volumeName", claim.volume_name);
  put_text(status, "phase", claim.phase);
  boost::json::object json = encode_kind("v1", "PersistentVolumeClaim", claim.meta);
  if (claim.is_bind_completed) put_annotation(json, kBindCompleted, "yes");
  json["spec"] = std::move(spec);
  json["status"] = std::move(status);
  return json;
}

Result<StorageClass> decode_storage_class(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  StorageClass storage_class;
  storage_class.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("StorageClass", storage_class.meta, problems); !named)
    return fail(named.error());
  storage_class.provisioner = csi_driver_of(root.at("provisioner").text());
  storage_class.waits_for_consumer = root.at("volumeBindingMode").text() == "WaitForFirstConsumer";
  storage_class.is_default = is_annotated(root, kIsDefaultClass, "true") ||
                             is_annotated(root, kIsDefaultClassBeta, "true");
  storage_class.allowed_topologies = decode_topologies(root.at("allowedTopologies"));
  if (!problems.empty()) return decode_failure("StorageClass", storage_class.meta, problems);
  return storage_class;
}

boost::json::value encode(const StorageClass& storage_class) {
  boost::json::object json = encode_kind("storage.k8s.io/v1", "StorageClass", storage_class.meta);
  if (storage_class.is_default) put_annotation(json, kIsDefaultClass, "true");
  json["provisioner"] = storage_class.provisioner;
  json["volumeBindingMode"] =
      storage_class.waits_for_consumer ? "WaitForFirstConsumer" : "Immediate";
  put_array(json, "allowedTopologies", encode_topologies(storage_class.allowed_topologies));
  return json;
}

Result<CsiNode> decode_csi_node(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  const JsonField spec = root.at("spec");
  const JsonField drivers = spec.at("drivers");
  CsiNode node;
  node.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("CSINode", node.meta, problems); !named)
    return fail(named.error());
  drivers.each_item([&](const JsonField& driver) {
    const JsonField allocatable = driver.at("allocatable");
    if (const JsonField count = allocatable.at("count"); count.exists())
      node.limits[std::string(driver.at("name").text())] = count.count();
  });
  if (!problems.empty()) return decode_failure("CSINode", node.meta, problems);
  return node;
}

boost::json::value encode(const CsiNode& node) {
  boost::json::array drivers;
  for (const auto& [driver, count] : node.limits) {
    boost::json::object allocatable;
    allocatable["count"] = count;
    drivers.push_back({{"name", driver}, {"allocatable", std::move(allocatable)}});
  }
  boost::json::object spec;
  spec["drivers"] = std::move(drivers);
  boost::json::object json = encode_kind("storage.k8s.io/v1", "CSINode", node.meta);
  json["spec"] = std::move(spec);
  return json;
}

}  // namespace hyperwright::kube
