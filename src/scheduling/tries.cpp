#include "scheduling/tries.h"

namespace hyperwright::scheduling {
namespace {

constexpr int kTriesTogether = 4;
constexpr int kTriesMax = 8;

}  // namespace

bool Tries::is_answer(const TryOutcome& outcome, const Learned& learned) {
  if (is_best_again_) return true;
  // Of two that are as good the later one knew more.
  const bool is_best = !best_ || !best_outcome_.is_better_than(outcome);
  if (is_best) {
    best_ = next_;
    best_outcome_ = outcome;
  }
  if (!outcome.has_learned || number_ == kTriesMax) {
    next_ = *best_;
    is_best_again_ = true;
    return is_best;
  }
  ++number_;
  next_ = {number_ > kTriesTogether ? Pace::OneByOne : Pace::Together, learned};
  return false;
}

}  // namespace hyperwright::scheduling
