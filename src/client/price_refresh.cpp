#include "client/price_refresh.h"

#include <mutex>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/random.h"
#include "client/retry.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

constexpr const char* kOperation = "GetProducts";
// All of a region's fit on three; more is a loop.
constexpr int kPagesMax = 100;

}  // namespace

class PriceRefresh::Reader : public std::enable_shared_from_this<Reader> {
 public:
  Reader(HttpClient& http, AwsClient& aws, PriceRefreshSettings settings, Clock clock,
         std::uint64_t seed, Told told)
      : http_(http),
        aws_(aws),
        settings_(std::move(settings)),
        clock_(std::move(clock)),
        random_(seed),
        told_(std::move(told)) {}

  void read_after(Duration wait) {
    http_.after(wait, [self = weak_from_this()] {
      if (const auto reader = self.lock()) reader->begin();
    });
  }

  void end() {
    const std::lock_guard lock(mutex_);
    is_ended_ = true;
  }

 private:
  void begin() {
    const std::lock_guard lock(mutex_);
    if (is_ended_) return;
    list_ = {.region = settings_.region};
    problem_.clear();
    pages_ = 0;
    ask({});
  }

  // Requires the mutex, as all below do.
  void ask(std::string_view next_token) {
    ++pages_;
    aws_.call(kOperation, hyperpod::get_products_request(settings_.region, next_token),
              [self = weak_from_this()](const Result<json::value>& answer) {
                if (const auto reader = self.lock()) reader->take(answer);
              });
  }

  void take(const Result<json::value>& answer) {
    const std::lock_guard lock(mutex_);
    if (is_ended_) return;
    if (!answer) return tell_failure(answer.error());
    auto page = hyperpod::decode_products(*answer, settings_.region, clock_());
    if (!page) return tell_failure(page.error());
    if (problem_.empty()) problem_ = page->problem;
    list_.add(std::move(page->prices));
    if (!page->next_token.empty()) {
      if (pages_ < kPagesMax) return ask(page->next_token);
      return tell_failure(
          Error(ErrorCode::Invalid, fmt::format("{}: more than {} pages", kOperation, kPagesMax)));
    }
    if (list_.prices.empty()) {
      return tell_failure(
          Error(ErrorCode::NotFound,
                fmt::format("{}: no price of a HyperPod instance in {}{}{}", kOperation,
                            settings_.region, problem_.empty() ? "" : ": ", problem_)));
    }
    told_(list_, problem_);
    read_after(settings_.every);
  }

  void tell_failure(const Error& error) {
    told_(fail(error), {});
    // What is not allowed or not offered will not be in half an hour.
    const bool may_pass = error.code() != ErrorCode::Forbidden &&
                          error.code() != ErrorCode::NotFound && error.code() != ErrorCode::Invalid;
    const Duration wait = may_pass ? settings_.after_failure : settings_.every;
    read_after(wait + drawn_up_to(settings_.after_failure, random_));
  }

  HttpClient& http_;
  AwsClient& aws_;
  const PriceRefreshSettings settings_;
  const Clock clock_;
  std::mutex mutex_;
  bool is_ended_ = false;
  Random random_;
  const Told told_;
  hyperpod::PriceList list_;
  std::string problem_;
  int pages_ = 0;
};

PriceRefresh::PriceRefresh(HttpClient& http, AwsClient& aws, PriceRefreshSettings settings,
                           Clock clock, std::uint64_t seed, Told told)
    : reader_(std::make_shared<Reader>(http, aws, std::move(settings), std::move(clock), seed,
                                       std::move(told))) {
  reader_->read_after(settings.first);
}

PriceRefresh::~PriceRefresh() { reader_->end(); }

}  // namespace hyperwright::client
