// What is known of the HyperPod cluster: its description, the zones of its subnets, its nodes by
// logical id, and what its events said about launches.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "hyperpod/cluster.h"
#include "hyperpod/wire.h"

namespace hyperwright::state {

class HyperPodView {
 public:
  struct NodeRecord {
    hyperpod::Node node;
    Time seen_at;
  };

  // --- what it knows ---
  [[nodiscard]] const std::optional<hyperpod::Cluster>& cluster() const { return cluster_; }
  [[nodiscard]] Time cluster_read_at() const { return cluster_read_at_; }
  // Why the last DescribeCluster failed; "" if it did not.
  [[nodiscard]] const std::string& cluster_problem() const { return cluster_problem_; }
  [[nodiscard]] const std::vector<hyperpod::Subnet>& subnets() const {
    return subnets_;
  }  // sorted by id
  [[nodiscard]] const hyperpod::Subnet* find_subnet(std::string_view id) const;
  // Subnets that groups use and whose zone is not known.
  [[nodiscard]] std::vector<std::string> unknown_subnets() const;
  [[nodiscard]] const std::string& subnets_problem() const { return subnets_problem_; }

  // nullptr: nobody was told of it, yet or at all.
  [[nodiscard]] const hyperpod::TrainingPlan* find_training_plan(std::string_view name) const;
  // It was asked for, and we may not read it: how many instances it has will not be known.
  [[nodiscard]] bool is_training_plan_hidden(std::string_view name) const;
  // Names of the plans that groups of the cluster draw on, sorted.
  [[nodiscard]] std::vector<std::string> training_plans() const;

  [[nodiscard]] const std::map<std::string, NodeRecord, std::less<>>& nodes() const {
    return nodes_;
  }  // by logical id
  [[nodiscard]] const NodeRecord* find_node(std::string_view logical_id) const;
  // "" if no list named this instance.
  [[nodiscard]] std::string logical_id_of(std::string_view instance_id) const;
  // When the newest complete list was begun; zero: there was none.
  [[nodiscard]] Time nodes_listed_at() const { return nodes_listed_at_; }
  // A list that is being paged through: the token of its next page; nullopt: none is.
  [[nodiscard]] const std::optional<std::string>& next_page() const { return next_page_; }
  // When any list, complete or not, last gave an answer.
  [[nodiscard]] Time nodes_read_at() const { return nodes_read_at_; }

  [[nodiscard]] Time events_after() const { return events_after_; }
  [[nodiscard]] Time events_read_at() const { return events_read_at_; }
  [[nodiscard]] const std::optional<std::string>& next_events_page() const {
    return next_events_page_;
  }
  // Ids of Error events of instances whose details are to be read, newest first: what was said last
  // of the launches that are open counts.
  [[nodiscard]] std::vector<std::string> events_to_describe() const;
  // What an event or a node's status said about a failed launch; "" if nothing did.
  [[nodiscard]] std::string launch_failure(std::string_view logical_id) const;

  // --- what it is told ---
  void fold_cluster(hyperpod::Cluster cluster, Time now);
  void fold_cluster_problem(std::string problem, Time now);
  void fold_subnets(const std::vector<hyperpod::Subnet>& subnets);
  void fold_subnets_problem(std::string problem) { subnets_problem_ = std::move(problem); }
  // Says whether anything is new.
  bool fold_training_plan(hyperpod::TrainingPlan plan);
  bool fold_hidden_training_plan(const std::string& name);
  void begin_list(Time now);
  // Returns the logical ids whose record changed, appeared or went.
  std::vector<std::string> fold_nodes(const hyperpod::Page<hyperpod::Node>& page, Time now);
  // The page could not be read, or enough was seen: the list is begun anew the next time.
  void abandon_list(Time now);
  // DescribeClusterNode. An answer without a logical id is dropped.
  std::vector<std::string> fold_node(const hyperpod::Node& node, Time now);
  // HyperPod does not know the instance any more; its logical id may get another.
  std::vector<std::string> lose_instance(std::string_view instance_id, Time now);
  // The logical id is gone at HyperPod.
  void erase_node(std::string_view logical_id);
  // Groups with open launches, and since when: details are read of what is said of them since then,
  // and of nothing else.
  using OpenSince = std::map<std::string, Time, std::less<>>;
  void fold_events(const hyperpod::Page<hyperpod::ClusterEvent>& page, Time asked_after,
                   const OpenSince& open, Time now);
  // The page could not be read: the events are read anew from the watermark.
  void abandon_events() { next_events_page_.reset(); }
  // Returns the logical id that the event speaks of; "" if none.
  std::string fold_event(const hyperpod::ClusterEvent& event);
  void forget_event(std::string_view event_id);

 private:
  friend struct HyperPodMemory;  // snapshot.h
  bool put(const hyperpod::Node& node, Time now);

  std::optional<hyperpod::Cluster> cluster_;
  Time cluster_read_at_;
  std::string cluster_problem_;
  std::vector<hyperpod::Subnet> subnets_;
  std::string subnets_problem_;
  std::map<std::string, std::optional<hyperpod::TrainingPlan>, std::less<>>
      training_plans_;  // by name; nullopt: hidden
  std::map<std::string, NodeRecord, std::less<>> nodes_;
  std::map<std::string, std::string, std::less<>> logical_ids_;  // by instance id
  Time nodes_listed_at_, nodes_read_at_, list_begun_at_;
  std::optional<std::string> next_page_;
  Time events_after_, events_read_at_, newest_event_;
  std::optional<std::string> next_events_page_;
  std::set<std::string, std::less<>>
      events_seen_;  // of the newest second, which the next answer repeats
  struct EventToDescribe {
    Time time;
    std::string id;
    std::string group;
    auto operator<=>(const EventToDescribe&) const = default;
  };
  std::set<EventToDescribe> events_to_describe_;
  std::map<std::string, std::string, std::less<>> launch_failures_;  // by logical id
};

}  // namespace hyperwright::state
