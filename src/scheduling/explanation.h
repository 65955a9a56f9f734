// Why a pod has no place, or has the one it has, as data: which NodePools, instance types,
// offerings and existing nodes were ruled out, by what.
//
// Nothing is cut short. Every offering is asked every rule, and falls to the set of rules that it
// fails:
//
//   6 types, cpu 4, a taint         outcome {Resource cpu}          4 types
//                                   outcome {Resource cpu, Taint}   1 type
//                                   outcome {}                      1 type: it would do
//
// An instance type has several offerings (group, zone, capacity type). It stands in the outcome of
// the one that comes nearest: the one that fails the fewest rules, and of those the cheapest. So
// each type, each offering and each node stands in exactly one outcome, the outcomes' counts sum up
// to the total, and a rule's count is the sum of the outcomes that it is in.
//
// The data is made for pods without a place, once a demand and a plan, and for others when somebody
// asks. The sentence (explanation_text.cpp) is made of the data alone. An Event has the
// 1,024 bytes of it that Kubernetes takes: it begins with the nearest reason and its remedy.
//
// Source of the names: Kubernetes and Karpenter,
// pkg/controllers/provisioning/scheduling/nodeclaim.go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hyperpod/offering.h"
#include "kube/resources.h"
#include "scheduling/not_offered.h"

namespace hyperwright::scheduling {

// What can rule an offering or a node out, in the order in which it is asked.
enum class Rule : std::uint8_t {
  Taint,         // key: of the taint
  Requirement,   // key: of the label
  Availability,  // the offering is without capacity for now
  Reservation,   // key: its id; all of its instances are taken
  Resource,      // key: its name
  DaemonSets,    // key: a resource of which they alone ask for more than there is
  HostPort,      // key: the port
  Misfit,        // nodes of this group and type did not take such pods when they were there
  Volume,        // key: the driver of which no more volumes can be attached, or the claim
  MinValues,     // key: of the label of which too few values would be left
  Limit,         // key: of the NodePool's limit
  Affinity,      // key: of the topology; these three are the constraints between pods
  AntiAffinity,
  Spread,
};
std::string_view to_string(Rule rule);

struct RuledOut {
  Rule rule = Rule::Taint;
  std::string key{};
  std::string wanted{};       // what the pod asks for
  std::string found{};        // what comes nearest to that, or all that there is
  std::string note{};         // where that was found, or what more there is to say; may be ""
  std::size_t count = 0;      // types (of a pool) or nodes that fail it
  std::size_t offerings = 0;  // of a pool
};

struct Outcome {
  std::vector<std::size_t> rules;  // indices of Tally::rules, ascending; empty: nothing is against
  std::size_t count = 0;           // types or nodes
  std::size_t offerings = 0;
};

struct Tally {
  std::size_t total = 0;      // types or nodes
  std::size_t offerings = 0;  // of a pool
  std::vector<RuledOut> rules;
  std::vector<Outcome> outcomes;  // most of them first
};

// How far a pod comes in a pool, nearest last: the step at which the last offering was lost, where
// the rules are asked one after the other.
enum class Step : std::uint8_t {
  Offered,
  Tolerated,
  Matching,
  Available,
  Fitting,
  Open,  // minValues
  WithinLimits,
  Allowed,  // by the constraints between pods
  Placed    // nothing is lost
};

struct PoolExplanation {
  std::string pool;
  std::vector<NotOffered> not_offered;  // groups and types that are left out
  Tally types;
  Step lost_at = Step::Offered;
  std::optional<std::size_t> decisive;  // of types.rules: what took the last ones at that step
  // Offerings that would do, and those that only lack capacity, cheapest first, some of them.
  std::vector<hyperpod::Offering> usable;
  std::vector<hyperpod::Offering> without_capacity;
};

// Where the pod is, or is planned to be.
struct Placement {
  enum class Where : std::uint8_t { Nowhere, Bound, Node, Claim, NewNode };
  Where where = Where::Nowhere;
  std::string name{};                            // of the Node or NodeClaim
  std::string node_pool{};                       // "": nobody's
  std::optional<hyperpod::Offering> offering{};  // as it was bought, where that is known
  std::size_t pods_beside = 0;                   // a new node: those that it is bought for too
};
std::string_view to_string(Placement::Where where);

struct Explanation {
  kube::Resources requests;             // with one of "pods"
  std::string rejection;                // why no node is looked for at all; "": one is
  std::vector<NotOffered> not_offered;  // pools that cannot be used at all
  std::vector<PoolExplanation> pools;   // in the order in which they are tried
  std::vector<RuledOut> between_pods;   // every constraint that it has with other pods
  std::optional<Tally> nodes;           // those that exist or are coming; only where asked for
  Placement placement;
};

// One sentence for people: the nearest miss, what can be done about it, and how many types of each
// pool fell to what; or where the pod is.
std::string sentence_of(const Explanation& explanation);

// "ml.m5.xlarge in us-east-1a (on-demand, $0.23 an hour)"
std::string text_of(const hyperpod::Offering& offering);

}  // namespace hyperwright::scheduling
