// The cluster of a scenario: what `given` and `when` say becomes events, each batch is solved and
// carried out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "scheduling/plan.h"
#include "tests/scenarios/runner/fields.h"
#include "tests/scheduling/cluster_builder.h"

namespace hyperwright::scenarios {

// "pods web x 6": kind "pods", name "web", count 6.
struct EntryName {
  std::string kind;
  std::string name;
  int count = 1;
};

// Where a pod is after the last batch.
struct Place {
  bool is_placed = false;
  std::string node;  // or the claim, while the node is on its way
  kube::StringMap labels;
  std::string verdict;  // why it has no place
};

class World {
 public:
  explicit World(Problems& problems) : problems_(problems) {}

  void given(const YAML::Node& node);
  void when(const YAML::Node& node);
  // Solves for all that wait, checks the plan from first principles, and carries it out.
  void run(scheduling::ClusterBuilder::Until until);

  // Names of pods: one pod, all pods of `pods X`, or "all"; empty: there is no such thing.
  [[nodiscard]] std::vector<std::string> pods_of(std::string_view name) const;
  [[nodiscard]] Place place_of(const std::string& pod);
  // The zone that it could be placed in before the last batch was; see scheduling/effective_zone.h.
  [[nodiscard]] std::string effective_zone_of(const std::string& pod) const;
  [[nodiscard]] const scheduling::Plan& plan() const { return plan_; }
  // What the checker found wrong with the last plan.
  [[nodiscard]] const std::vector<std::string>& unsound() const { return unsound_; }

 private:
  struct Entry {
    EntryName name;
    YAML::Node key;
    YAML::Node value;
  };
  struct Type {
    hyperpod::InstanceType type;
    kube::StringMap labels;
    std::vector<std::string> capacity;
  };

  std::vector<Entry> entries_of(const YAML::Node& node, std::string_view where);
  void build_catalogue(const std::vector<Entry>& entries);
  void set_catalogue(const Entry& entry);
  void set_type(const Entry& entry);
  void add_groups_by_label();
  void add_group(const Entry& entry);
  void add_reservation(const Entry& entry);
  std::vector<std::string> groups_for(const std::string& pool);
  void apply(const Entry& entry);
  void put_pool(const Entry& entry);
  void put_node(const Entry& entry);
  void put_pods(const Entry& entry);
  kube::Pod pod_of(Fields& fields, const std::string& name);
  void put_daemon_set(const Entry& entry);
  void put_manifests(const Entry& entry);
  void mark_unavailable(const Entry& entry);
  void erase(const Entry& entry);

  Problems& problems_;
  std::vector<Type> types_;
  std::map<std::string, std::string> pool_of_group_;  // of those that one pool alone names
  std::optional<scheduling::ClusterBuilder> cluster_;
  std::vector<std::pair<std::string, std::string>> pods_;  // (group, name), in order of appearance
  scheduling::Plan plan_;
  std::map<std::string, std::string> verdicts_;         // by UID
  std::map<std::string, std::string> effective_zones_;  // by UID
  std::vector<std::string> unsound_;
  bool is_spot_everywhere_ = false;  // Karpenter's fake provider sells spot in two zones
};

}  // namespace hyperwright::scenarios
