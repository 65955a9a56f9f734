#include "cli/replay_state.h"

#include <algorithm>
#include <array>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/table.h"
#include "kube/well_known.h"
#include "state/effect.h"

namespace hyperwright::cli {
namespace json = boost::json;
namespace {

// A table's rows, head first, and the names that the columns have in JSON.
struct Table {
  std::string title;
  std::string name;
  std::vector<std::string> members;
  std::vector<Row> rows;
};

std::string or_dash(std::string_view text) { return text.empty() ? "-" : std::string(text); }

// How long before the moment; "-": never.
std::string ago(Time at, Time now) { return at.is_zero() ? "-" : format_age(now - at); }

// The last of its conditions that holds.
std::string phase_of(const state::ClaimRecord& record) {
  if (record.is_being_created) return "Creating";
  if (record.is_deleting()) return "Deleting";
  static constexpr std::array<std::string_view, 3> kPhases = {
      kube::node_claim_condition::kInitialized, kube::node_claim_condition::kRegistered,
      kube::node_claim_condition::kLaunched};
  for (const std::string_view phase : kPhases) {
    if (kube::is_true(record.claim.conditions, phase)) return std::string(phase);
  }
  return record.logical_id.empty() ? "New" : "AwaitingCapacity";
}

Table nodes_of(const state::ClusterState& state, Time now) {
  Table table{"nodes", "nodes", {"name", "ready", "type", "zone", "pods", "nodeClaim", "age"}, {}};
  for (const auto& [name, record] : state.nodes()) {
    const kube::StringMap& labels = record.node.meta.labels;
    table.rows.push_back({name, kube::is_ready(record.node) ? "True" : "False",
                          or_dash(labels.get(kube::kInstanceType)),
                          or_dash(labels.get(kube::kZone)),
                          fmt::format("{}", state.usage(name).pods.size()), or_dash(record.claim),
                          ago(record.node.meta.creation_time, now)});
  }
  return table;
}

Table claims_of(const state::ClusterState& state, Time now) {
  Table table{"NodeClaims",
              "nodeClaims",
              {"name", "nodePool", "type", "zone", "capacity", "phase", "node", "logicalId", "age"},
              {}};
  for (const auto& [name, record] : state.claims()) {
    const kube::StringMap& labels = record.claim.meta.labels;
    table.rows.push_back(
        {name, or_dash(record.claim.node_pool()), or_dash(labels.get(kube::kInstanceType)),
         or_dash(labels.get(kube::kZone)), or_dash(labels.get(kube::kCapacityType)),
         phase_of(record), or_dash(record.node_name), or_dash(record.logical_id),
         ago(record.claim.meta.creation_time, now)});
  }
  return table;
}

Table pods_of(const state::ClusterState& state, Time now) {
  Table table{
      "pods that wait", "pendingPods", {"namespace", "name", "waits", "plannedTo", "verdict"}, {}};
  for (const kube::ObjectKey& key : state.pending_pods()) {
    const state::PodRecord& record = state.pods().at(key);
    std::string planned;
    if (record.nomination) {
      planned = record.nomination->claim.empty() ? "node/" + record.nomination->node
                                                 : "nodeclaim/" + record.nomination->claim;
    }
    table.rows.push_back({key.namespace_, key.name, ago(record.pending_since, now),
                          or_dash(planned), or_dash(record.verdict)});
  }
  return table;
}

Table effects_of(const state::ClusterState& state, Time now) {
  Table table{
      "effects under way", "effectsUnderWay", {"id", "effect", "target", "reason", "since"}, {}};
  for (const auto& [id, pending] : state.pending()) {
    std::vector<std::string> targets;
    for (const state::Target& target : state::targets_of(pending.action))
      targets.push_back(target.name);
    table.rows.push_back({fmt::format("{}", id), std::string(state::name_of(pending.action)),
                          or_dash(fmt::format("{}", fmt::join(targets, ","))),
                          or_dash(pending.reason), ago(pending.since, now)});
  }
  return table;
}

std::vector<Table> tables_of(const state::ClusterState& state, Time now) {
  return {nodes_of(state, now), claims_of(state, now), pods_of(state, now), effects_of(state, now)};
}

// "nodeClaim" is headed NODECLAIM, as kubectl would.
Row head_of(const Table& table) {
  Row head;
  for (std::string member : table.members) {
    std::ranges::transform(member, member.begin(), [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    head.push_back(std::move(member));
  }
  return head;
}

}  // namespace

std::string text_of(const Moment& moment, const state::ClusterState& state) {
  std::string out = fmt::format("{}, after turn {}, at {}\n", moment.file, moment.turn,
                                format_micro_time(moment.at));
  if (!state.is_synced()) out += "the picture of the cluster is not complete yet\n";
  for (const Table& table : tables_of(state, moment.at)) {
    if (table.rows.empty()) {
      out += fmt::format("\nno {}\n", table.title);
      continue;
    }
    std::vector<Row> rows = {head_of(table)};
    rows.insert(rows.end(), table.rows.begin(), table.rows.end());
    out += fmt::format("\n{} {}\n{}", table.rows.size(), table.title, table_of(rows));
  }
  return out;
}

std::string json_of(const Moment& moment, const state::ClusterState& state) {
  json::object object = {{"file", moment.file},
                         {"turn", moment.turn},
                         {"at", format_micro_time(moment.at)},
                         {"synced", state.is_synced()}};
  for (const Table& table : tables_of(state, moment.at)) {
    json::array rows;
    for (const Row& row : table.rows) {
      json::object entry;
      for (std::size_t i = 0; i < row.size(); ++i) {
        if (row[i] != "-") entry[table.members[i]] = row[i];
      }
      rows.push_back(std::move(entry));
    }
    object[table.name] = std::move(rows);
  }
  return json::serialize(object) + '\n';
}

}  // namespace hyperwright::cli
