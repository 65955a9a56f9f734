#include "state/hyperpod_view.h"

#include <algorithm>

namespace hyperwright::state {

const hyperpod::Subnet* HyperPodView::find_subnet(std::string_view id) const {
  const auto it = std::ranges::lower_bound(subnets_, id, {}, &hyperpod::Subnet::id);
  return it != subnets_.end() && it->id == id ? &*it : nullptr;
}

std::vector<std::string> HyperPodView::unknown_subnets() const {
  std::set<std::string> unknown;
  if (!cluster_) return {};
  for (const hyperpod::InstanceGroup& group : cluster_->groups) {
    for (const std::string& id : hyperpod::subnets_of(group, *cluster_)) {
      const hyperpod::Subnet* subnet = find_subnet(id);
      if (subnet == nullptr || subnet->zone.empty()) unknown.insert(id);
    }
  }
  return {unknown.begin(), unknown.end()};
}

const hyperpod::TrainingPlan* HyperPodView::find_training_plan(std::string_view name) const {
  const auto it = training_plans_.find(name);
  return it == training_plans_.end() || !it->second ? nullptr : &*it->second;
}

bool HyperPodView::is_training_plan_hidden(std::string_view name) const {
  const auto it = training_plans_.find(name);
  return it != training_plans_.end() && !it->second;
}

std::vector<std::string> HyperPodView::training_plans() const {
  std::set<std::string> names;
  if (!cluster_) return {};
  for (const hyperpod::InstanceGroup& group : cluster_->groups) {
    if (!group.training_plan_arn.empty())
      names.emplace(hyperpod::training_plan_name(group.training_plan_arn));
  }
  return {names.begin(), names.end()};
}

const HyperPodView::NodeRecord* HyperPodView::find_node(std::string_view logical_id) const {
  const auto it = nodes_.find(logical_id);
  return it == nodes_.end() ? nullptr : &it->second;
}

std::string HyperPodView::logical_id_of(std::string_view instance_id) const {
  const auto it = logical_ids_.find(instance_id);
  return it == logical_ids_.end() ? std::string{} : it->second;
}

std::string HyperPodView::launch_failure(std::string_view logical_id) const {
  const auto it = launch_failures_.find(logical_id);
  return it == launch_failures_.end() ? std::string{} : it->second;
}

std::vector<std::string> HyperPodView::events_to_describe() const {
  std::vector<std::string> ids;
  ids.reserve(events_to_describe_.size());
  for (const EventToDescribe& event : events_to_describe_) ids.push_back(event.id);
  std::ranges::reverse(ids);
  return ids;
}

void HyperPodView::fold_cluster(hyperpod::Cluster cluster, Time now) {
  // What is the same stays where it is: the solver's offerings point into it.
  if (cluster_ != cluster) cluster_ = std::move(cluster);
  cluster_read_at_ = now;
  cluster_problem_.clear();
}

void HyperPodView::fold_cluster_problem(std::string problem, Time now) {
  cluster_read_at_ = now;
  cluster_problem_ = std::move(problem);
}

void HyperPodView::fold_subnets(const std::vector<hyperpod::Subnet>& subnets) {
  subnets_problem_.clear();
  for (const hyperpod::Subnet& subnet : subnets) {
    const auto it = std::ranges::lower_bound(subnets_, subnet.id, {}, &hyperpod::Subnet::id);
    if (it != subnets_.end() && it->id == subnet.id) {
      *it = subnet;
    } else {
      subnets_.insert(it, subnet);
    }
  }
}

bool HyperPodView::fold_training_plan(hyperpod::TrainingPlan plan) {
  std::optional<hyperpod::TrainingPlan>& known = training_plans_[plan.name];
  if (known == plan) return false;
  known = std::move(plan);
  return true;
}

// What was read once stays: it is nearer to the truth than nothing.
bool HyperPodView::fold_hidden_training_plan(const std::string& name) {
  return training_plans_.try_emplace(name).second;
}

void HyperPodView::begin_list(Time now) {
  list_begun_at_ = now;
  next_page_ = std::string{};
}

bool HyperPodView::put(const hyperpod::Node& node, Time now) {
  if (node.logical_id.empty()) return false;
  NodeRecord& record = nodes_[node.logical_id];
  record.seen_at = now;
  hyperpod::Node merged = node;
  // A list names neither zone nor capacity type: what a description said stays, for the same
  // instance.
  if (merged.zone.empty() && merged.instance_id == record.node.instance_id) {
    merged.zone = record.node.zone;
    merged.zone_id = record.node.zone_id;
    merged.capacity_type = record.node.capacity_type;
    if (merged.private_dns_hostname.empty())
      merged.private_dns_hostname = record.node.private_dns_hostname;
  }
  if (record.node == merged) return false;
  if (!record.node.instance_id.empty() && record.node.instance_id != merged.instance_id) {
    logical_ids_.erase(record.node.instance_id);
  }
  if (!merged.instance_id.empty()) logical_ids_[merged.instance_id] = merged.logical_id;
  if (merged.status == hyperpod::InstanceStatus::Running) launch_failures_.erase(merged.logical_id);
  record.node = std::move(merged);
  return true;
}

std::vector<std::string> HyperPodView::fold_nodes(const hyperpod::Page<hyperpod::Node>& page,
                                                  Time now) {
  std::vector<std::string> changed;
  nodes_read_at_ = now;
  for (const hyperpod::Node& node : page.items) {
    if (put(node, now)) changed.push_back(node.logical_id);
  }
  if (!next_page_) return changed;
  if (!page.next_token.empty()) {
    next_page_ = page.next_token;
    return changed;
  }
  // The list is complete: what it did not name is gone, unless it was seen after the list began.
  next_page_.reset();
  nodes_listed_at_ = list_begun_at_;
  std::vector<std::string> gone;
  for (const auto& [logical_id, record] : nodes_) {
    if (record.seen_at < list_begun_at_) gone.push_back(logical_id);
  }
  for (const std::string& logical_id : gone) {
    erase_node(logical_id);
    changed.push_back(logical_id);
  }
  return changed;
}

void HyperPodView::abandon_list(Time now) {
  next_page_.reset();
  nodes_read_at_ = now;
}

std::vector<std::string> HyperPodView::fold_node(const hyperpod::Node& node, Time now) {
  return put(node, now) ? std::vector{node.logical_id} : std::vector<std::string>{};
}

std::vector<std::string> HyperPodView::lose_instance(std::string_view instance_id, Time now) {
  const std::string logical_id = logical_id_of(instance_id);
  if (logical_id.empty()) return {};
  NodeRecord& record = nodes_.at(logical_id);
  record.node.instance_id.clear();
  record.seen_at = now;
  logical_ids_.erase(logical_ids_.find(instance_id));
  return {logical_id};
}

void HyperPodView::erase_node(std::string_view logical_id) {
  if (const auto failure = launch_failures_.find(logical_id); failure != launch_failures_.end()) {
    launch_failures_.erase(failure);
  }
  const auto it = nodes_.find(logical_id);
  if (it == nodes_.end()) return;
  if (!it->second.node.instance_id.empty()) logical_ids_.erase(it->second.node.instance_id);
  nodes_.erase(it);
}

namespace {

// An event that names no group may be of any.
bool concerns_open_launch(const HyperPodView::OpenSince& open, const std::string& group,
                          Time time) {
  return std::ranges::any_of(open, [&](const auto& entry) {
    return (group.empty() || entry.first == group) && entry.second <= time;
  });
}

}  // namespace

void HyperPodView::fold_events(const hyperpod::Page<hyperpod::ClusterEvent>& page, Time asked_after,
                               const OpenSince& open, Time now) {
  for (const hyperpod::ClusterEvent& event : page.items) {
    if (event.time > newest_event_) newest_event_ = event.time;
    if (!events_seen_.insert(event.id).second) continue;
    if (event.level == hyperpod::EventLevel::Error &&
        event.resource_type == hyperpod::EventResourceType::Instance) {
      events_to_describe_.insert({event.time, event.id, event.group});
    }
  }
  std::erase_if(events_to_describe_, [&](const EventToDescribe& event) {
    return !concerns_open_launch(open, event.group, event.time);
  });
  // Two a second are read: what is older than so many has its say in the list, or by a time-out.
  static constexpr std::size_t kToDescribeMax = 500;
  while (events_to_describe_.size() > kToDescribeMax)
    events_to_describe_.erase(events_to_describe_.begin());
  events_read_at_ = now;
  if (!page.next_token.empty()) {
    next_events_page_ = page.next_token;
    return;
  }
  next_events_page_.reset();
  // Events may become visible a little late: the watermark stays a minute behind the newest one.
  const Time watermark = newest_event_ - Duration::minutes(1);
  events_after_ = std::max(asked_after, watermark);
  static constexpr std::size_t kSeenMax = 10'000;
  if (events_seen_.size() > kSeenMax) events_seen_.clear();
}

std::string HyperPodView::fold_event(const hyperpod::ClusterEvent& event) {
  forget_event(event.id);
  if (event.node_logical_id.empty()) return {};
  const auto it = nodes_.find(event.node_logical_id);
  const bool runs =
      it != nodes_.end() && it->second.node.status == hyperpod::InstanceStatus::Running;
  if (!runs) {
    launch_failures_[event.node_logical_id] =
        event.failure_message.empty() ? event.description : event.failure_message;
  }
  return event.node_logical_id;
}

void HyperPodView::forget_event(std::string_view event_id) {
  std::erase_if(events_to_describe_,
                [&](const EventToDescribe& event) { return event.id == event_id; });
}

}  // namespace hyperwright::state
