// Which price counts: that of --prices, else the Price List service's, else the one that is built
// in. What the service said is kept in the file of --price-cache from run to run.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "cli/controller_options.h"
#include "client/aws_client.h"
#include "client/http.h"
#include "client/kept_file.h"
#include "client/price_refresh.h"
#include "hyperpod/instance_type.h"
#include "hyperpod/price_list.h"
#include "runtime/inbox.h"
#include "runtime/log.h"

namespace hyperwright::cli {

// The instance types, and the text of the file of --prices.
struct PricedTypes {
  hyperpod::InstanceTypes types;
  std::string own_prices{};

  // Puts the list under the prices of the file.
  void take(const hyperpod::PriceList& list);
  [[nodiscard]] std::vector<hyperpod::TypePrice> prices() const;
};

// "DIR/prices-us-west-2.csv" where --price-cache names a folder, else the file that it names; "":
// there is no such flag. Fails with Invalid where the folder is not there.
Result<std::string> price_cache_file(const std::string& price_cache, const std::string& region);

// The list that was kept; without prices: nothing is kept yet. Fails where the file cannot be read
// as one.
Result<hyperpod::PriceList> read_price_cache(const std::string& file, const std::string& region);

// What the controller begins with: the kept list goes into `types`, and is returned. Told in the
// log: how old it is, since nobody may ever read a newer one; or that it cannot be read, and is
// left out.
hyperpod::PriceList take_kept_prices(PricedTypes& types, const std::string& file,
                                     const std::string& region, const runtime::Log& log);

// For commands that look once: the types with what --price-cache keeps of `region`. A file that
// cannot be read as one is told and left out, as the controller does.
Result<PricedTypes> priced_types(PricedTypes types, const std::string& price_cache,
                                 const std::string& region);

// Reads the price list while the controller runs: what is new goes to the loop, and to the file.
// What it does on the HTTP client's thread waits for nothing.
class PriceWatch {
 public:
  struct World {
    client::HttpClient& http;
    client::AwsClient& aws;
    runtime::Inbox& inbox;
    const runtime::Log& log;
  };
  // `known`: what the loop begins with, of which `kept` is the file's part.
  PriceWatch(const World& world, PricedTypes known, const hyperpod::PriceList& kept,
             const std::string& cache_file, std::uint64_t seed);

 private:
  void take(const Result<hyperpod::PriceList>& list, const std::string& problem);
  void tell_missing(const hyperpod::PriceList& list);

  const World world_;
  PricedTypes known_;
  const std::unique_ptr<client::KeptFile> cache_;  // nullptr: none is wanted
  std::pair<std::vector<std::string>, std::vector<std::string>>
      told_missing_;              // without price, shape
  client::PriceRefresh refresh_;  // last: it calls back
};

}  // namespace hyperwright::cli
