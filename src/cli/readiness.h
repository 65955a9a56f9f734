// What /readyz says of a controller.
//
//   1. It is not ready before it has seen the Lease: one that may not read or write it never leads,
//      and a rollout must not take it for one that could.
//   2. While another holds the Lease it is as ready as it can be.
//   3. The one that leads is ready once its picture of the cluster is complete.
#pragma once

#include <mutex>
#include <string>

#include "base/error.h"

namespace hyperwright::cli {

// Any thread.
class Readiness {
 public:
  // Another holds the Lease, or why that is not known.
  void waits(const Status& seen);
  void leads();
  void has_picture(bool is_complete);

  // Why it is not ready; "": it is.
  [[nodiscard]] std::string problem() const;

 private:
  mutable std::mutex mutex_;
  std::string problem_of_lease_ = "the lease was not looked at yet";
  bool leads_ = false;
  bool has_picture_ = false;
};

}  // namespace hyperwright::cli
