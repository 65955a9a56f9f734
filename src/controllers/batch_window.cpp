#include "controllers/batch_window.h"

#include <algorithm>

namespace hyperwright::controllers {

void BatchWindow::add_new(Time since) {
  first_ = std::min(first_.value_or(since), since);
  last_ = std::max(last_, since);
}

void BatchWindow::add_failed(Time verdict_at, Time inputs_changed_at) {
  const Time close =
      std::min(inputs_changed_at + idle_, std::max(verdict_at + max_, inputs_changed_at));
  failed_close_ = std::min(failed_close_.value_or(close), close);
}

std::optional<Time> BatchWindow::closes() const {
  std::optional<Time> close = failed_close_;
  if (first_) {
    const Time own = std::min(last_ + idle_, *first_ + max_);
    close = std::min(close.value_or(own), own);
  }
  return close;
}

bool add_to(BatchWindow& window, const state::ClusterState& state, const state::PodRecord& pod,
            Time since) {
  if (pod.nomination || pod.verdict_version == state.solver_inputs_version()) return false;
  if (pod.verdict_version == 0) {
    window.add_new(since);
  } else {
    window.add_failed(pod.verdict_at, state.solver_inputs_changed_at());
  }
  return true;
}

}  // namespace hyperwright::controllers
