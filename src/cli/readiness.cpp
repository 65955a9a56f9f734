#include "cli/readiness.h"

namespace hyperwright::cli {

void Readiness::waits(const Status& seen) {
  const std::lock_guard lock(mutex_);
  problem_of_lease_ = seen ? std::string() : seen.error().text();
}

void Readiness::leads() {
  const std::lock_guard lock(mutex_);
  leads_ = true;
}

void Readiness::has_picture(bool is_complete) {
  const std::lock_guard lock(mutex_);
  has_picture_ = is_complete;
}

std::string Readiness::problem() const {
  const std::lock_guard lock(mutex_);
  if (!leads_) return problem_of_lease_;
  return has_picture_ ? std::string() : "the picture of the cluster is not complete yet";
}

}  // namespace hyperwright::cli
