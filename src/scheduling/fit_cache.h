// What pods ask, each question once: thousands of kinds of pods share a few dozen sizes and a
// handful of requirements, and two that ask the same get the very same answer, by address.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <vector>

#include "base/bitset.h"
#include "scheduling/existing_nodes.h"
#include "scheduling/feasibility.h"
#include "scheduling/host_rules.h"
#include "scheduling/topology.h"

namespace hyperwright::scheduling {

using QuestionId = std::uint32_t;  // labels and taints
using SizeId = std::uint32_t;      // requests and host ports
using PlaceId = std::uint32_t;     // a domain for some keys, and a side for some groups

// Existing nodes for one question, place and size, in the order in which they are filled. Free
// space only falls, so that those before `next` are behind us.
struct NodeQueue {
  const std::vector<std::uint32_t>* nodes = nullptr;
  std::size_t next = 0;
};

class FitCache {
 public:
  FitCache(const state::ClusterState& state, ExistingNodes& nodes, const Topology& topology)
      : state_(state), nodes_(nodes), topology_(topology) {}
  void add_pool(const OfferingCatalogue& catalogue) { pools_.push_back(&catalogue); }

  QuestionId question(const Level& level, const std::vector<kube::Toleration>& tolerations);
  SizeId size(const kube::Resources& requests, const std::vector<kube::HostPort>& ports);
  PlaceId place(const Domains& domains, const Sides& sides = {});
  const HostRules* rules(HostRules rules);

  // Valid as long as the cache is.
  const Fit& fit(std::size_t pool, QuestionId question, PlaceId place, SizeId size,
                 std::span<const state::PodClassId> pod_classes);
  const Bitset& nodes(QuestionId question);
  NodeQueue& queue(QuestionId question, PlaceId place, SizeId size);

 private:
  using Question = std::tuple<std::vector<kube::Requirements>, std::vector<kube::Toleration>, bool>;
  using Size = std::pair<kube::Resources, std::vector<kube::HostPort>>;

  const state::ClusterState& state_;
  ExistingNodes& nodes_;
  const Topology& topology_;
  std::vector<const OfferingCatalogue*> pools_;
  std::map<Question, QuestionId> question_ids_;
  std::vector<const Question*> questions_;
  std::map<Size, SizeId> size_ids_;
  std::vector<const Size*> sizes_;
  using Place = std::pair<Domains, Sides>;
  std::map<Place, PlaceId> place_ids_;
  std::vector<const Place*> places_;
  std::map<HostRules, std::unique_ptr<const HostRules>> rules_;
  std::map<std::tuple<std::size_t, QuestionId, PlaceId>, LabelFit> labels_;
  std::map<std::pair<std::size_t, SizeId>, Bitset> takers_;
  // Fits of kinds that were not taken somewhere are their own: their first class is in the key.
  std::map<std::tuple<std::size_t, QuestionId, PlaceId, SizeId, std::uint32_t>, Fit> fits_;
  std::map<QuestionId, Bitset> suitable_;
  std::map<std::pair<QuestionId, PlaceId>, std::vector<std::uint32_t>> lists_;
  std::map<std::tuple<QuestionId, PlaceId, SizeId>, NodeQueue> queues_;
};

}  // namespace hyperwright::scheduling
