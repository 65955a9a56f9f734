// Who of several controllers acts: the holder of a Lease. Pure: what is read and written, and when,
// is the caller's; this decides.
//
//   1. A free or expired Lease may be taken. It is expired when it has not changed for its duration
//      by the watcher's own clock, so that clocks that differ do no harm.
//   2. The holder renews it every `retry`; who has not renewed for `renew_deadline` stops acting,
//      which is before anybody else may take it. No call and no rest lasts beyond that.
//
// Source: k8s.io/client-go, tools/leaderelection.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "base/time.h"

namespace hyperwright::runtime {

struct LeaseRecord {
  std::string holder;
  Duration duration;
  Time acquired;
  Time renewed;
  std::int32_t transitions = 0;
  std::string resource_version;
  bool operator==(const LeaseRecord&) const = default;
};

Result<LeaseRecord> decode_lease(const boost::json::value& lease);
// A whole Lease object; of an existing one it goes as a merge patch, with its resource version.
boost::json::value encode_lease(const LeaseRecord& record, std::string_view namespace_name,
                                std::string_view name);

struct LeaseTimings {
  Duration duration = Duration::seconds(15);
  Duration renew_deadline = Duration::seconds(10);
  Duration retry = Duration::seconds(2);
};

class Leadership {
 public:
  Leadership(std::string identity, LeaseTimings timings)
      : identity_(std::move(identity)), timings_(timings) {}

  // What to write after the Lease was read (nullopt: there is none); nullopt: nothing, somebody
  // else holds it.
  std::optional<LeaseRecord> want(const std::optional<LeaseRecord>& seen, Time now);
  // The write was accepted at `now`.
  void renewed(const LeaseRecord& record, Time now);
  // What to write to give the Lease up at once; nullopt: it is not held.
  std::optional<LeaseRecord> release(const std::optional<LeaseRecord>& seen, Time now);

  [[nodiscard]] bool is_leader(Time now) const {
    return held_ && now < last_renewal_ + timings_.renew_deadline;
  }
  // How much of `longest` a call, or a rest, may take now: a leader must see the end of its time
  // when it comes.
  [[nodiscard]] Duration patience(Duration longest, Time now) const;
  [[nodiscard]] const std::string& holder_seen() const { return holder_seen_; }

 private:
  std::string identity_;
  LeaseTimings timings_;
  std::string version_seen_, holder_seen_;
  Time changed_at_;
  bool held_ = false;
  Time last_renewal_;
};

}  // namespace hyperwright::runtime
