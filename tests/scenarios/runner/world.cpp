#include "tests/scenarios/runner/world.h"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/number.h"
#include "kube/well_known.h"
#include "scheduling/effective_zone.h"
#include "tests/scenarios/runner/manifests.h"
#include "tests/scenarios/runner/offering_words.h"
#include "tests/scenarios/runner/selecting_objects.h"
#include "tests/scenarios/runner/settings.h"
#include "tests/scenarios/runner/vocabulary.h"
#include "tests/scenarios/runner/volume_words.h"
#include "tests/scheduling/assorted_types.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scenarios {
namespace {

// The order in which entries take effect, whatever their order in the document is.
const std::vector<std::string> kKinds = {
    "settings",  "zones",        "catalogue",   "type",
    "group",     "pools",        "pool",        "reservation",
    "overlay",   "storageclass", "pv",          "pvc",
    "service",   "replicaset",   "statefulset", "replicationcontroller",
    "namespace", "daemonset",    "node",        "pod",
    "pods",      "manifests",    "offering",    "delete"};

EntryName parse_name(std::string_view text) {
  EntryName name;
  const std::size_t space = text.find(' ');
  name.kind = text.substr(0, space);
  if (space == std::string_view::npos) return name;
  std::string_view rest = text.substr(space + 1);
  if (const std::size_t times = rest.rfind(" x "); times != std::string_view::npos) {
    if (const auto count = parse_count(rest.substr(times + 3))) {
      name.count = *count;
      rest = rest.substr(0, times);
    }
  }
  name.name = rest;
  return name;
}

hyperpod::CapacityType capacity_type_of(std::string_view word) {
  return word == "spot" ? hyperpod::CapacityType::Spot : hyperpod::CapacityType::OnDemand;
}

// "replicaset web": the owner of a pod; a single word is a DaemonSet.
kube::OwnerReference owner_of(const std::string& text, bool is_controller) {
  const std::map<std::string, std::pair<std::string, std::string>> kinds = {
      {"daemonset", {"apps/v1", "DaemonSet"}},
      {"replicaset", {"apps/v1", "ReplicaSet"}},
      {"statefulset", {"apps/v1", "StatefulSet"}},
      {"job", {"batch/v1", "Job"}},
      {"node", {"v1", "Node"}},
      {"replicationcontroller", {"v1", "ReplicationController"}}};
  const std::size_t space = text.find(' ');
  const auto kind = kinds.find(text.substr(0, space));
  if (space == std::string::npos || kind == kinds.end())
    return {"apps/v1", "DaemonSet", text, "uid-daemon-" + text, is_controller, true};
  const std::string name = text.substr(space + 1);
  const std::string prefix = kind->first == "daemonset" ? "daemon" : kind->first;
  return {kind->second.first,           kind->second.second, name,
          "uid-" + prefix + "-" + name, is_controller,       true};
}

kube::PodPhase phase_of(const std::string& word, kube::PodPhase usual) {
  if (word == "Succeeded") return kube::PodPhase::Succeeded;
  if (word == "Failed") return kube::PodPhase::Failed;
  if (word == "Running") return kube::PodPhase::Running;
  if (word == "Pending") return kube::PodPhase::Pending;
  return usual;
}

// The labels that Karpenter's fake provider gives its types.
kube::StringMap fake_labels(const hyperpod::InstanceType& type) {
  const std::int64_t cpu = type.capacity().get(kube::Resource::Cpu) / 1000;
  const bool is_large =
      cpu > 4 && type.capacity().get(kube::Resource::Memory) > (std::int64_t{8} << 30);
  kube::StringMap labels{{"integer", fmt::format("{}", cpu)},
                         {"size", is_large ? "large" : "small"}};
  if (is_large) labels.set("special", "optional");
  return labels;
}

}  // namespace

std::vector<World::Entry> World::entries_of(const YAML::Node& node, std::string_view where) {
  std::vector<Entry> entries;
  if (!node.IsDefined() || node.IsNull()) return entries;
  if (!node.IsMap()) {
    problems_.push_back({line_of(node), fmt::format("{} must be a map", where)});
    return entries;
  }
  std::vector<std::string> seen;
  for (const auto& item : node) {
    Entry entry{parse_name(item.first.Scalar()), item.first, item.second};
    if (std::ranges::find(seen, item.first.Scalar()) != seen.end()) {
      problems_.push_back({line_of(item.first), fmt::format("{}: \"{}\" stands there twice", where,
                                                            item.first.Scalar())});
    }
    seen.push_back(item.first.Scalar());
    if (std::ranges::find(kKinds, entry.name.kind) == kKinds.end()) {
      const std::string meant = nearest(entry.name.kind, kKinds);
      problems_.push_back(
          {line_of(item.first),
           fmt::format("{}: unknown word \"{}\"{}", where, entry.name.kind,
                       meant.empty() ? "" : fmt::format("; \"{}\" is meant?", meant))});
      continue;
    }
    entries.push_back(std::move(entry));
  }
  // Never sorted in place: assigning to a YAML::Node changes the document that it stands for.
  std::vector<Entry> ordered;
  for (const std::string& kind : kKinds) {
    for (const Entry& entry : entries) {
      if (entry.name.kind == kind) ordered.push_back(entry);
    }
  }
  return ordered;
}

void World::given(const YAML::Node& node) {
  const std::vector<Entry> entries = entries_of(node, "given");
  build_catalogue(entries);
  const bool has_pools = std::ranges::any_of(entries, [](const Entry& e) {
    return e.name.kind == "pool" || e.name.kind == "pools" || e.name.kind == "manifests";
  });
  if (!has_pools) {
    kube::NodePool pool = cluster_->pool("default");
    pool.limits = kube::Limits{{{"cpu", 2'000'000}}};
    cluster_->put_pool(std::move(pool));
  }
  for (const Entry& entry : entries) apply(entry);
}

void World::when(const YAML::Node& node) {
  if (!cluster_) given(YAML::Node());
  for (const Entry& entry : entries_of(node, "when")) apply(entry);
}

void World::build_catalogue(const std::vector<Entry>& entries) {
  for (hyperpod::InstanceType& type : scheduling::default_types()) {
    types_.push_back({type, fake_labels(type), {"on-demand", "spot"}});
  }
  std::vector<std::string> zones = {"z1", "z2", "z3"};
  state::Options options{.cluster = "test"};
  for (const Entry& entry : entries) {
    if (entry.name.kind == "settings") read_settings(entry.value, options, problems_);
    if (entry.name.kind == "catalogue") set_catalogue(entry);
    if (entry.name.kind == "type") set_type(entry);
    if (entry.name.kind == "overlay") options.gates.node_overlay = true;
    if (entry.name.kind == "zones") zones = texts_of(entry.value, "zones", problems_);
  }
  std::vector<hyperpod::InstanceType> types;
  for (const Type& entry : types_) types.push_back(entry.type);
  cluster_.emplace(std::move(types), std::move(options));
  cluster_->set_zones(zones);
  cluster_->clear_groups();
  const bool has_groups =
      std::ranges::any_of(entries, [](const Entry& e) { return e.name.kind == "group"; });
  if (!has_groups) add_groups_by_label();
  for (const Entry& entry : entries) {
    if (entry.name.kind == "group") add_group(entry);
    if (entry.name.kind == "reservation") add_reservation(entry);
  }
}

void World::set_catalogue(const Entry& entry) {
  if (entry.value.IsScalar() && entry.value.Scalar() == "default") return;
  types_.clear();
  if (entry.value.IsScalar() && entry.value.Scalar() == "none") return;
  if (entry.value.IsScalar() && entry.value.Scalar() == "hyperpod") {
    for (const hyperpod::InstanceType& type : hyperpod::InstanceTypes::shipped().all())
      types_.push_back({type, {}, {"on-demand"}});
    return;
  }
  if (entry.value.IsScalar() && entry.value.Scalar() == "assorted") {
    for (const hyperpod::InstanceType& type : scheduling::assorted_types())
      types_.push_back({type, {}, {"on-demand", "spot"}});
    is_spot_everywhere_ = true;
    return;
  }
  Fields fields(entry.value, "catalogue", problems_);
  const auto count = static_cast<int>(fields.number("incremental", 0));
  if (count == 0)
    fields.problem(entry.key,
                   "catalogue is default, none, hyperpod, assorted, or {incremental: n}");
  for (hyperpod::InstanceType& type : scheduling::incremental_types(count)) {
    types_.push_back({type, fake_labels(type), {"on-demand", "spot"}});
  }
}

void World::set_type(const Entry& entry) {
  Fields fields(entry.value, fmt::format("type \"{}\"", entry.name.name), problems_);
  scheduling::TypeShape shape{.name = entry.name.name};
  shape.cpu = fields.text("cpu", shape.cpu);
  shape.memory = fields.text("memory", shape.memory);
  shape.pods = fields.number("pods", shape.pods);
  shape.arch = fields.text("arch", shape.arch);
  if (const std::string price = fields.text("price"); !price.empty()) {
    if (const auto dollars = hyperpod::parse_dollars(price)) {
      shape.price = *dollars;
    } else {
      fields.problem(entry.value, dollars.error().text());
    }
  }
  for (const auto& [name, count] : fields.pairs("resources")) {
    shape.others.emplace_back(name, number_of(YAML::Node(count)).value_or(0));
  }
  Type made{scheduling::make_type(shape), {}, {"on-demand", "spot"}};
  for (const auto& [label, value] : fields.pairs("labels")) made.labels.set(label, value);
  if (const std::vector<std::string> capacity = fields.texts("capacity"); !capacity.empty())
    made.capacity = capacity;
  std::erase_if(types_, [&](const Type& other) { return other.type.name == shape.name; });
  types_.push_back(std::move(made));
}

// Labels stand on groups: one flexible group for each capacity type and set of labels.
void World::add_groups_by_label() {
  std::vector<kube::StringMap> sets;
  for (const Type& entry : types_) {
    if (std::ranges::find(sets, entry.labels) == sets.end()) sets.push_back(entry.labels);
  }
  for (const std::string_view capacity : {"on-demand", "spot"}) {
    for (std::size_t i = 0; i < sets.size(); ++i) {
      hyperpod::InstanceGroup group;
      group.name = i == 0 ? std::string(capacity) : fmt::format("{}-{}", capacity, i + 1);
      for (const Type& entry : types_) {
        const bool is_sold = std::ranges::find(entry.capacity, capacity) != entry.capacity.end();
        if (entry.labels == sets[i] && is_sold) group.instance_types.push_back(entry.type.name);
      }
      if (group.instance_types.empty()) continue;
      hyperpod::InstanceGroup& added = cluster_->add_group(group.name);
      added.instance_types = group.instance_types;
      added.labels = sets[i];
      added.capacity_type = capacity_type_of(capacity);
      if (capacity == "spot" && added.subnets.size() > 2 && !is_spot_everywhere_)
        added.subnets.resize(2);
    }
  }
}

void World::add_group(const Entry& entry) {
  Fields fields(entry.value, fmt::format("group \"{}\"", entry.name.name), problems_);
  hyperpod::InstanceGroup& group = cluster_->add_group(entry.name.name);
  if (const auto types = fields.texts("types"); !types.empty()) group.instance_types = types;
  if (const auto zones = fields.texts("zone"); !zones.empty()) {
    group.subnets.clear();
    for (const std::string& zone : zones) group.subnets.push_back("subnet-" + zone);
  }
  group.capacity_type = capacity_type_of(fields.text("capacity", "on-demand"));
  group.is_flexible = fields.flag("flexible", true);
  for (const auto& [label, value] : fields.pairs("labels")) group.labels.set(label, value);
  group.taints = taints_of(fields, "taints");
}

// The labels of its type stand on its group.
void World::add_reservation(const Entry& entry) {
  const std::string& name = entry.name.name;
  const ReservationWords words = reservation_of(name, entry.value, problems_);
  hyperpod::InstanceGroup& group =
      cluster_->add_reservation(name, words.type, words.zone, words.count);
  for (const Type& type : types_) {
    if (type.type.name == words.type) group.labels = type.labels;
  }
  if (!words.pool.empty()) pool_of_group_[name] = words.pool;
}

// The groups that a pool names if the scenario does not say which: all but those of other pools.
std::vector<std::string> World::groups_for(const std::string& pool) {
  std::vector<std::string> names;
  for (const hyperpod::InstanceGroup& group : cluster_->groups()) {
    const auto owner = pool_of_group_.find(group.name);
    if (owner == pool_of_group_.end() || owner->second == pool) names.push_back(group.name);
  }
  return names;
}

void World::apply(const Entry& entry) {
  const std::string& kind = entry.name.kind;
  if (kind == "overlay") {
    cluster_->put_overlay(overlay_of(entry.name.name, entry.value, problems_));
    return cluster_->judge_overlays();
  }
  if (auto object = selecting_object(kind, entry.name.name, entry.value, problems_))
    return cluster_->put(*std::move(object));
  if (is_about_volumes(kind)) {
    for (state::Object& object : volume_objects(kind, entry.name.name, entry.value,
                                                cluster_->state(), cluster_->now(), problems_))
      cluster_->put(std::move(object));
    return;
  }
  if (kind == "pool") return put_pool(entry);
  if (kind == "node") return put_node(entry);
  if (kind == "pod" || kind == "pods") return put_pods(entry);
  if (kind == "daemonset") return put_daemon_set(entry);
  if (kind == "manifests") return put_manifests(entry);
  if (kind == "offering") return mark_unavailable(entry);
  if (kind == "delete") return erase(entry);
}

void World::put_pool(const Entry& entry) {
  Fields fields(entry.value, fmt::format("pool \"{}\"", entry.name.name), problems_);
  kube::NodePool pool = cluster_->pool(entry.name.name);
  if (const auto node = fields.take("requires")) {
    pool.template_spec.requirements =
        requirements_of(*node, fields.what() + ": requires", problems_);
  }
  for (const std::string_view word : {"zone", "type", "capacity", "arch"}) {
    if (const auto node = fields.take(word)) {
      YAML::Node single;
      single[std::string(word)] = *node;
      for (auto& requirement : requirements_of(single, fields.what(), problems_)) {
        pool.template_spec.requirements.push_back(std::move(requirement));
      }
    }
  }
  for (const auto& [label, value] : fields.pairs("labels"))
    pool.template_labels.set(label_key(label), value);
  pool.template_spec.taints = taints_of(fields, "taints");
  pool.template_spec.startup_taints = taints_of(fields, "startup taints");
  pool.weight = static_cast<std::int32_t>(fields.number("weight", 0));
  if (const auto node = fields.take("limits")) {
    kube::Limits limits;
    for (const auto& [name, text] : Fields(*node, fields.what() + ": limits", problems_).rest()) {
      limits.amounts.emplace_back(name, scheduling::amount(name, text.Scalar()));
    }
    std::ranges::sort(limits.amounts);
    pool.limits = std::move(limits);
  }
  if (!fields.flag("ready", true)) pool.conditions.clear();
  if (fields.flag("deleting", false)) pool.meta.deletion_time = cluster_->now();
  if (const std::int64_t replicas = fields.number("replicas", -1); replicas >= 0)
    pool.replicas = replicas;
  std::vector<std::string> groups = fields.texts("groups");
  if (groups.empty()) groups = groups_for(entry.name.name);
  cluster_->put_pool(std::move(pool), std::move(groups));
}

void World::put_node(const Entry& entry) {
  Fields fields(entry.value, fmt::format("node \"{}\"", entry.name.name), problems_);
  scheduling::NodeShape shape;
  shape.name = entry.name.name;
  shape.pool = fields.text("pool", "default");
  if (shape.pool == "none") shape.pool.clear();
  shape.type = fields.text("type", shape.type);
  shape.zone = fields.text("zone", shape.zone);
  if (shape.zone == "none") shape.zone.clear();
  shape.capacity_type = fields.text("capacity", shape.capacity_type);
  for (const auto& [label, value] : fields.pairs("labels"))
    shape.labels.set(label_key(label), value);
  shape.taints = taints_of(fields, "taints");
  shape.is_unschedulable = fields.flag("cordoned", false);
  shape.is_deleting = fields.flag("deleting", false);
  if (fields.flag("disrupted", false)) {
    shape.taints.push_back({std::string(kube::kTaintDisrupted), "", kube::TaintEffect::NoSchedule});
  }
  for (const auto& [name, text] : fields.pairs("reports")) {
    shape.reports.emplace_back(name, scheduling::amount(name, text));
  }
  const std::string stage = fields.text("state", "initialized");
  shape.has_node = stage != "coming";
  shape.is_registered = stage == "registered" || stage == "initialized";
  shape.is_initialized = stage == "initialized";
  if (shape.has_node && !shape.is_registered && stage != "unregistered") {
    fields.problem(
        entry.key,
        fmt::format("{}: state is coming, unregistered, registered or initialized", fields.what()));
  }
  if (kube::CsiNode csi = csi_node_of(fields, shape.name); !csi.limits.empty())
    cluster_->put(std::move(csi));
  cluster_->put_node(shape);
}

void World::put_pods(const Entry& entry) {
  const bool is_group = entry.name.kind == "pods";
  for (int i = 0; i < entry.name.count; ++i) {
    // The first reading tells of all problems; the others would only repeat them.
    Problems repeated;
    Fields fields(entry.value, fmt::format("{} \"{}\"", entry.name.kind, entry.name.name),
                  i == 0 ? problems_ : repeated);
    std::string name = entry.name.name;
    if (is_group) {
      const auto known =
          std::ranges::count(pods_, entry.name.name, &std::pair<std::string, std::string>::first);
      name = fmt::format("{}-{}", entry.name.name, known);
    }
    cluster_->put_pod(pod_of(fields, name));
    std::erase_if(pods_, [&](const auto& known) { return known.second == name; });
    pods_.emplace_back(entry.name.name, name);
  }
}

kube::Pod World::pod_of(Fields& fields, const std::string& name) {
  kube::Pod pod = cluster_->pod(name);
  pod.meta.namespace_ = fields.text("namespace", "default");
  for (const auto& [label, value] : fields.pairs("labels")) pod.meta.labels.set(label, value);
  read_scheduling(fields, pod.meta.labels, pod.scheduling);
  read_volumes(fields, name, pod.scheduling);
  pod.scheduling.priority = static_cast<std::int32_t>(fields.number("priority", 0));
  if (const std::string node = fields.text("on"); !node.empty()) {
    pod.node_name = node;
    pod.phase = kube::PodPhase::Running;
    pod.scheduled_reason.clear();
  }
  // kube-scheduler has not looked at it yet.
  if (!fields.flag("seen", true)) pod.scheduled_reason.clear();
  pod.phase = phase_of(fields.text("phase"), pod.phase);
  if (fields.flag("terminating", false)) pod.meta.deletion_time = cluster_->now();
  const bool is_controller = fields.flag("controlled", true);
  if (const std::string owner = fields.text("of"); !owner.empty())
    pod.meta.owner_references.push_back(owner_of(owner, is_controller));
  return pod;
}

void World::put_daemon_set(const Entry& entry) {
  Fields fields(entry.value, fmt::format("daemonset \"{}\"", entry.name.name), problems_);
  kube::DaemonSet set;
  set.meta.name = entry.name.name;
  read_scheduling(fields, {}, set.scheduling);
  cluster_->put_daemon_set(std::move(set));
}

void World::put_manifests(const Entry& entry) {
  for (state::Object& object : objects_of(entry.value, problems_)) {
    if (const auto* pool = std::get_if<kube::NodePool>(&object)) {
      kube::NodePool ready = cluster_->pool(pool->meta.name);
      ready.template_labels = pool->template_labels;
      const kube::NodeClassReference node_class = ready.template_spec.node_class_ref;
      ready.template_spec = pool->template_spec;
      ready.template_spec.node_class_ref = node_class;
      ready.limits = pool->limits;
      ready.weight = pool->weight;
      cluster_->put_pool(std::move(ready));
    } else if (const auto* pod = std::get_if<kube::Pod>(&object)) {
      kube::Pod pending = cluster_->pod(pod->meta.name);
      pending.meta.labels = pod->meta.labels;
      pending.scheduling = pod->scheduling;
      cluster_->put_pod(std::move(pending));
      pods_.emplace_back(pod->meta.name, pod->meta.name);
    } else if (const auto* set = std::get_if<kube::DaemonSet>(&object)) {
      cluster_->put_daemon_set(*set);
    } else {
      cluster_->put(std::move(object));
    }
  }
}

// offering small-instance-type z1 spot: unavailable
void World::mark_unavailable(const Entry& entry) {
  const std::string& text = entry.name.name;
  const std::size_t first = text.find(' ');
  const std::size_t second = text.find(' ', first + 1);
  if (first == std::string::npos || second == std::string::npos || !entry.value.IsScalar() ||
      entry.value.Scalar() != "unavailable") {
    problems_.push_back({line_of(entry.key), "write: offering TYPE ZONE CAPACITY: unavailable"});
    return;
  }
  const std::string type = text.substr(0, first);
  for (const hyperpod::InstanceGroup& group : cluster_->groups()) {
    const bool sells = std::ranges::find(group.instance_types, type) != group.instance_types.end();
    if (sells &&
        hyperpod::karpenter_word(hyperpod::capacity_type_of(group)) == text.substr(second + 1)) {
      cluster_->mark_unavailable({group.name, type, text.substr(first + 1, second - first - 1)});
    }
  }
}

void World::erase(const Entry& entry) {
  const std::string& name = entry.name.name;
  std::vector<std::string> pods = pods_of(name == "pending" ? "all" : name);
  if (name == "pending")
    std::erase_if(pods, [&](const std::string& pod) { return place_of(pod).is_placed; });
  for (const std::string& pod : pods) {
    cluster_->erase_pod(pod);
    std::erase_if(pods_, [&](const auto& known) { return known.second == pod; });
  }
  if (pods.empty() && name != "pending") cluster_->erase_node(name);
}

void World::run(scheduling::ClusterBuilder::Until until) {
  const auto waiting = cluster_->waiting();
  scheduling::Supply supply;
  for (const auto& [zone, pods] :
       scheduling::pods_by_effective_zone(supply, cluster_->state(), waiting, cluster_->now())) {
    for (const state::PodRecord* pod : pods) effective_zones_[pod->pod.meta.uid] = zone;
  }
  plan_ = cluster_->solve();
  unsound_ = scheduling::problems_of(plan_, cluster_->state(), waiting, cluster_->now());
  verdicts_.clear();
  for (const scheduling::Unplaced& unplaced : plan_.unplaced) {
    for (const std::string& uid : unplaced.pods) verdicts_[uid] = unplaced.verdict();
  }
  cluster_->carry_out(plan_, until);
}

std::vector<std::string> World::pods_of(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [group, pod] : pods_) {
    if (name == "all" || group == name || pod == name) names.push_back(pod);
  }
  return names;
}

std::string World::effective_zone_of(const std::string& pod) const {
  const auto zone = effective_zones_.find("uid-" + pod);
  return zone == effective_zones_.end() ? std::string{} : zone->second;
}

Place World::place_of(const std::string& pod) {
  Place place;
  const state::ClusterState& state = cluster_->state();
  const state::PodRecord* record = state.find_pod("uid-" + pod);
  if (record == nullptr) return place;
  std::string node = record->pod.node_name;
  std::string claim;
  if (node.empty() && record->nomination) {
    node = record->nomination->node;
    claim = record->nomination->claim;
  }
  if (const state::NodeRecord* found = state.find_node(node)) {
    place = {true, node, found->node.meta.labels, {}};
  } else if (const state::ClaimRecord* found_claim = state.find_claim(claim)) {
    place = {true, claim, found_claim->claim.meta.labels, {}};
  } else if (const auto verdict = verdicts_.find(record->pod.meta.uid);
             verdict != verdicts_.end()) {
    place.verdict = verdict->second;
  }
  return place;
}

}  // namespace hyperwright::scenarios
