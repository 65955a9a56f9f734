// Kubernetes events, as a controller's recorder writes them, with what keeps a real one from
// flooding the API:
//
//   1. The same event of an object again counts up, and makes no new one.
//   2. More than ten of one reason, within ten minutes, that differ in their message only, are told
//   in one,
//      "(combined from similar events): …".
//   3. An object has 25 events at hand, and gets one back every five minutes; what is beyond is
//   dropped.
//   4. An event is removed an hour after it was last told.
//
// Source: client-go, tools/record, events_cache; kube-apiserver's --event-ttl.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_api.h"

namespace hyperwright::sim {

struct EventText {
  std::string_view type = "Normal";  // or "Warning"
  std::string_view reason;
  std::string_view message;
  std::string_view component;  // "default-scheduler", "deployment-controller", …
};

class EventRecorder {
 public:
  explicit EventRecorder(KubernetesApi& api) : api_(api) {}

  void record(const boost::json::object& about, const EventText& event, Time now);

 private:
  struct Told {
    ObjectName name;
    std::int64_t count = 1;
    Time last;
    std::size_t object_size =
        0;  // its key begins with the object's key, and that of object and reason
    std::size_t reason_size = 0;
  };
  struct Similar {
    std::int64_t count = 0;
    Time since;
  };
  struct Allowance {
    std::int64_t left = 0;
    Time since;
  };

  bool take_allowance(const std::string& object, Time now);
  void expire(Time now);

  KubernetesApi& api_;
  std::map<std::string, Told> told_;               // by object, reason and message
  std::map<std::string, Similar> similar_;         // by object and reason
  std::map<std::string, Allowance> allowances_;    // by object and component
  std::deque<std::pair<Time, std::string>> ages_;  // of told_, the oldest first
  std::uint64_t count_ = 0;
};

}  // namespace hyperwright::sim
