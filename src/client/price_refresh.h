// Reads HyperPod's price list from the AWS Price List service, now and every twelve hours, page by
// page. Nobody waits for it: a list is told when it is complete. One that cannot be read is tried
// again later, and what is known stays.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/error.h"
#include "base/time.h"
#include "client/aws_client.h"
#include "client/http.h"
#include "hyperpod/price_list.h"

namespace hyperwright::client {

struct PriceRefreshSettings {
  std::string region;           // of the cluster
  Duration first = Duration();  // from the start to the first reading
  Duration every = Duration::hours(12);
  Duration after_failure = Duration::minutes(30);  // at least; and as much more at most, by chance
};

class PriceRefresh {
 public:
  using Clock = std::function<Time()>;
  // The list that was read, with what was wrong with single products; or why there is none. Called
  // on the HTTP client's thread, not after this object has ended.
  using Told = std::function<void(const Result<hyperpod::PriceList>&, const std::string& problem)>;

  PriceRefresh(HttpClient& http, AwsClient& aws, PriceRefreshSettings settings, Clock clock,
               std::uint64_t seed, Told told);
  ~PriceRefresh();
  PriceRefresh(const PriceRefresh&) = delete;
  PriceRefresh& operator=(const PriceRefresh&) = delete;

 private:
  class Reader;
  std::shared_ptr<Reader> reader_;  // shared with the call under way
};

}  // namespace hyperwright::client
