#include "cli/price_sources.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.h"
#include "client/clock.h"
#include "client/file_text.h"

namespace hyperwright::cli {
namespace {

// When the oldest of its prices was read. Requires one.
Time oldest_of(const hyperpod::PriceList& list) {
  return std::ranges::min_element(list.prices, {}, &hyperpod::ListPrice::as_of)->as_of;
}

// From the start to the first reading: at once, unless the file is young enough.
Duration first_reading(const hyperpod::PriceList& kept, Time now) {
  if (kept.prices.empty()) return {};
  const Time oldest = oldest_of(kept);
  const Duration every = client::PriceRefreshSettings{}.every;
  // A file of the future is as old as nobody knows.
  return oldest > now ? Duration() : std::max(Duration(), oldest + every - now);
}

// How many of `after` cost something else than `before`; both are sorted by type.
std::ptrdiff_t count_changed(const std::vector<hyperpod::TypePrice>& before,
                             const std::vector<hyperpod::TypePrice>& after) {
  return std::ranges::count_if(after, [&](const hyperpod::TypePrice& each) {
    const auto was = std::ranges::lower_bound(before, each.type, {}, &hyperpod::TypePrice::type);
    return was == before.end() || was->type != each.type || was->price != each.price;
  });
}

std::unique_ptr<client::KeptFile> cache_of(const std::string& file, const runtime::Log& log) {
  if (file.empty()) return nullptr;
  return std::make_unique<client::KeptFile>(
      file, [&log](const Error& error) { log.error("the price list could not be kept", error); });
}

}  // namespace

void PricedTypes::take(const hyperpod::PriceList& list) {
  types.set_prices(list.type_prices());
  if (own_prices.empty()) return;
  check(types.apply_prices(own_prices).has_value(), "the file of --prices was read before");
}

std::vector<hyperpod::TypePrice> PricedTypes::prices() const {
  std::vector<hyperpod::TypePrice> prices;
  for (const hyperpod::InstanceType& type : types.all()) {
    if (type.on_demand) prices.push_back({type.name, *type.on_demand, type.price_origin});
  }
  return prices;
}

Result<std::string> price_cache_file(const std::string& price_cache, const std::string& region) {
  if (price_cache.empty()) return std::string();
  const std::filesystem::path path(price_cache);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    return (path / fmt::format("prices-{}.csv", region)).string();
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  if (std::filesystem::is_directory(folder, ignored)) return price_cache;
  return fail(ErrorCode::Invalid,
              fmt::format("--price-cache {}: folder {} is not there", price_cache, folder.string()),
              "make the folder, or name another");
}

Result<hyperpod::PriceList> read_price_cache(const std::string& file, const std::string& region) {
  if (file.empty()) return hyperpod::PriceList{};
  const auto text = client::read_file_text(file);
  if (!text && text.error().code() == ErrorCode::NotFound) return hyperpod::PriceList{};
  if (!text) return fail(text.error());
  auto list = hyperpod::parse_price_list(*text, region);
  if (!list) return fail(list.error(), file);
  return list;
}

hyperpod::PriceList take_kept_prices(PricedTypes& types, const std::string& file,
                                     const std::string& region, const runtime::Log& log) {
  auto kept = read_price_cache(file, region);
  if (!kept) {
    log.error("the kept price list is not used", kept.error());
    return {};
  }
  if (kept->prices.empty()) return {};
  types.take(*kept);
  log.write(runtime::LogLevel::Info, "took the kept price list",
            {{"file", file},
             {"prices", std::to_string(kept->prices.size())},
             {"oldest", format_time(oldest_of(*kept))}});
  return *std::move(kept);
}

Result<PricedTypes> priced_types(PricedTypes types, const std::string& price_cache,
                                 const std::string& region) {
  const auto file = price_cache_file(price_cache, region);
  if (!file) return fail(file.error());
  const auto kept = read_price_cache(*file, region);
  if (kept) {
    types.take(*kept);
  } else {
    print_error(Error(kept.error(), "the kept price list is not used"));
  }
  return types;
}

PriceWatch::PriceWatch(const World& world, PricedTypes known, const hyperpod::PriceList& kept,
                       const std::string& cache_file, std::uint64_t seed)
    : world_(world),
      known_(std::move(known)),
      cache_(cache_of(cache_file, world.log)),
      refresh_(
          world.http, world.aws,
          {.region = world.aws.settings().region, .first = first_reading(kept, client::wall_now())},
          client::wall_now, seed,
          [this](const Result<hyperpod::PriceList>& list, const std::string& problem) {
            take(list, problem);
          }) {}

void PriceWatch::take(const Result<hyperpod::PriceList>& list, const std::string& problem) {
  using runtime::LogLevel;
  if (!list && list.error().code() == ErrorCode::NotFound) {
    // A region or an endpoint without a price list: nothing to mend.
    world_.log.write(LogLevel::Info, "no price list is offered here, prices stay as they are",
                     {{"reason", list.error().text()}});
    return;
  }
  if (!list) {
    const std::string remedy = "allow pricing:GetProducts, or start with --no-price-list";
    world_.log.write(
        LogLevel::Warn, "the price list could not be read, prices stay as they are",
        {{"error", list.error().text()},
         {"remedy", list.error().code() == ErrorCode::Forbidden ? remedy : list.error().remedy()}});
    return;
  }
  const auto before = known_.prices();
  known_.take(*list);
  auto prices = known_.prices();
  world_.log.write(LogLevel::Info, "read the price list",
                   {{"region", list->region},
                    {"prices", std::to_string(list->prices.size())},
                    {"changed", std::to_string(count_changed(before, prices))}});
  if (!problem.empty())
    world_.log.write(LogLevel::Warn, "a product of the price list was left out",
                     {{"error", problem}});
  tell_missing(*list);
  if (prices != before) world_.inbox.put(state::Priced{std::move(prices)});
  if (cache_) cache_->keep(hyperpod::format_price_list(*list));
}

// Once for each set of types: which the list does not have. The built-in price stays, if there is
// one.
void PriceWatch::tell_missing(const hyperpod::PriceList& list) {
  std::vector<std::string> missing, unknown;
  for (const hyperpod::InstanceType& type : known_.types.all()) {
    if (!type.on_demand) missing.push_back(type.name);
  }
  for (const hyperpod::ListPrice& price : list.prices) {
    if (known_.types.find(price.type) == nullptr) unknown.push_back(price.type);
  }
  if (std::pair(missing, unknown) == told_missing_) return;
  told_missing_ = {missing, unknown};
  if (!missing.empty()) {
    world_.log.write(runtime::LogLevel::Info, "instance types without a price are not bought",
                     {{"instance-types", fmt::format("{}", fmt::join(missing, ", "))}});
  }
  if (!unknown.empty()) {
    world_.log.write(runtime::LogLevel::Info,
                     "the price list has instance types whose shape is not known",
                     {{"instance-types", fmt::format("{}", fmt::join(unknown, ", "))}});
  }
}

}  // namespace hyperwright::cli
