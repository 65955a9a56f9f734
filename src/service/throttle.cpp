#include "service/throttle.h"

#include <algorithm>

namespace hyperwright::service {
namespace {

constexpr std::int64_t kMicroTokens = 1'000'000;  // one request

}  // namespace

bool take_token(Turn& turn, std::string_view operation) {
  const auto& limits = turn.scenario().throttle;
  if (!limits) return true;
  auto bucket = std::ranges::find(turn.state.buckets, operation, &Bucket::operation);
  if (bucket == turn.state.buckets.end()) {
    turn.state.buckets.push_back({std::string(operation), limits->burst * kMicroTokens, turn.now});
    bucket = turn.state.buckets.end() - 1;
  }
  // A request each second is one millionth of a request each microsecond. An hour fills any bucket,
  // and keeps the product small.
  const Duration idle = std::min(turn.now - bucket->filled, Duration::hours(1));
  const std::int64_t filled =
      bucket->micro_tokens + idle.in_microseconds() * limits->requests_per_second;
  bucket->micro_tokens = std::min(filled, limits->burst * kMicroTokens);
  bucket->filled = turn.now;
  if (bucket->micro_tokens < kMicroTokens) return false;
  bucket->micro_tokens -= kMicroTokens;
  return true;
}

}  // namespace hyperwright::service
