#include "runtime/leadership.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json_members.h"

namespace hyperwright::runtime {
namespace json = boost::json;

using kube::text_at;

Result<LeaseRecord> decode_lease(const json::value& lease) {
  const json::value& metadata = kube::at(lease, "metadata");
  const json::value& spec = kube::at(lease, "spec");
  if (!metadata.is_object()) return fail(ErrorCode::Invalid, "the Lease has no metadata");
  LeaseRecord record;
  record.resource_version = text_at(metadata, "resourceVersion");
  record.holder = text_at(spec, "holderIdentity");
  if (const auto* seconds = kube::at(spec, "leaseDurationSeconds").if_int64())
    record.duration = Duration::seconds(*seconds);
  if (const auto* transitions = kube::at(spec, "leaseTransitions").if_int64())
    record.transitions = static_cast<std::int32_t>(*transitions);
  record.acquired = parse_time(text_at(spec, "acquireTime")).value_or(Time{});
  record.renewed = parse_time(text_at(spec, "renewTime")).value_or(Time{});
  return record;
}

json::value encode_lease(const LeaseRecord& record, std::string_view namespace_name,
                         std::string_view name) {
  json::object metadata{{"name", name}, {"namespace", namespace_name}};
  if (!record.resource_version.empty()) metadata["resourceVersion"] = record.resource_version;
  return json::object{{"apiVersion", "coordination.k8s.io/v1"},
                      {"kind", "Lease"},
                      {"metadata", std::move(metadata)},
                      {"spec", json::object{{"holderIdentity", record.holder},
                                            {"leaseDurationSeconds", record.duration.in_seconds()},
                                            {"acquireTime", format_micro_time(record.acquired)},
                                            {"renewTime", format_micro_time(record.renewed)},
                                            {"leaseTransitions", record.transitions}}}};
}

std::optional<LeaseRecord> Leadership::want(const std::optional<LeaseRecord>& seen, Time now) {
  LeaseRecord wanted{
      .holder = identity_, .duration = timings_.duration, .acquired = now, .renewed = now};
  if (!seen) return wanted;
  if (seen->resource_version != version_seen_) {
    version_seen_ = seen->resource_version;
    changed_at_ = now;
  }
  holder_seen_ = seen->holder;
  wanted.resource_version = seen->resource_version;
  wanted.transitions = seen->transitions;
  if (seen->holder == identity_) {
    wanted.acquired = seen->acquired;
    return wanted;
  }
  held_ = false;  // whatever we thought: the Lease names somebody else, or nobody
  const bool is_held = !seen->holder.empty() && now < changed_at_ + seen->duration;
  if (is_held) return std::nullopt;
  ++wanted.transitions;
  return wanted;
}

void Leadership::renewed(const LeaseRecord& record, Time now) {
  held_ = record.holder == identity_;
  last_renewal_ = now;
}

Duration Leadership::patience(Duration longest, Time now) const {
  if (!is_leader(now)) return longest;
  return std::min(longest, last_renewal_ + timings_.renew_deadline - now);
}

std::optional<LeaseRecord> Leadership::release(const std::optional<LeaseRecord>& seen, Time now) {
  held_ = false;
  if (!seen || seen->holder != identity_) return std::nullopt;
  LeaseRecord released = *seen;
  released.holder.clear();
  released.duration = Duration::seconds(1);
  released.renewed = now;
  return released;
}

}  // namespace hyperwright::runtime
