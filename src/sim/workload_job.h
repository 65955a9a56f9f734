// The Job controller: runs pods until enough of them have succeeded.
//
//   completions N                 done when N pods have succeeded, at most `parallelism` at a time
//   completions absent            a work queue: done when one has succeeded and none is active
//   completionMode Indexed        done when a pod of each index 0 … N-1 has succeeded
//
// A pod that is over is counted into the status once; the finalizer
// batch.kubernetes.io/job-tracking holds it until then, so that nothing is lost when its node goes.
// A pod that is being deleted counts as failed, unless podFailurePolicy or podReplacementPolicy:
// Failed say to wait for its end. After a failure the next pod waits 10 s, then 20 s, … up to 10
// minutes; after more than backoffLimit the Job has failed.
//
// Not covered: backoffLimitPerIndex, successPolicy, elastic indexed Jobs.
// Source: Kubernetes, Concepts > Workloads > Jobs; kube-controller-manager, pkg/controller/job.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <boost/json/fwd.hpp>

#include "sim/workload_changes.h"
#include "sim/workload_due.h"
#include "sim/workload_events.h"
#include "sim/workload_pods.h"

namespace hyperwright::sim {

class JobController {
 public:
  JobController(KubernetesApi& api, EventRecorder& events)
      : api_(api), events_(events), jobs_(api, "jobs.batch"), pods_(api, "Job") {}

  void step(Time now);
  [[nodiscard]] Time next_wake() const { return dirty_.empty() ? due_.next() : Time{}; }

 private:
  struct Backoff {
    std::int64_t failures = 0;  // since the last success
    Time last_failure;
  };
  struct Ending {                // empty: the Job goes on
    std::string_view condition;  // Complete or Failed
    std::string_view reason;
    std::string message;
    [[nodiscard]] bool is_over() const { return !condition.empty(); }
  };

  void reconcile(const ObjectName& name, Time now);
  // Takes the pods that are over into `status`; answers an ending when a rule fails the Job.
  Ending count_pods(const boost::json::object& job, boost::json::object& status, Time now);
  [[nodiscard]] Ending ending_of(const boost::json::object& job, const boost::json::object& status,
                                 Time now) const;
  void manage_pods(const boost::json::object& job, const boost::json::object& status, Time now);
  void create_pods(const boost::json::object& job, const boost::json::object& status,
                   std::int64_t count, Time now);
  void delete_pods(const boost::json::object& job, std::int64_t count, Time now);
  void end(const boost::json::object& job, boost::json::object& status, const Ending& ending,
           Time now);
  void release(std::string_view job_uid, Time now);
  void remove_when_expired(const boost::json::object& job, Time now);
  void write_status(const boost::json::object& job, boost::json::object status, Time now);

  KubernetesApi& api_;
  EventRecorder& events_;
  ChangeFollower jobs_;
  OwnedPods pods_;
  std::map<std::string, Backoff, std::less<>> backoffs_;  // by the Job's uid
  ObjectNames dirty_;
  DueTimes<ObjectName, ObjectNameLess> due_;
};

}  // namespace hyperwright::sim
