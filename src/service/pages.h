// Pages of a list. A NextToken names the last element that was given out, by the key that the list
// is sorted by, so that a page goes on at the right place whatever came and went in between.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/request_reader.h"

namespace hyperwright::service {

inline constexpr std::int32_t kPageMax = 100;

struct PageRequest {
  std::int32_t size = kPageMax;
  std::string token{};
  bool is_descending = false;
};
// MaxResults, NextToken and SortOrder.
PageRequest read_page_request(const RequestReader& reader, bool is_descending_by_default);

// Opaque to clients; nullopt: it is none of ours, or of another list or order.
std::string make_token(std::string_view list, std::string_view key);
std::optional<std::string> key_of_token(std::string_view list, std::string_view token);

template <typename Record>
struct PageOf {
  std::vector<const Record*> records{};
  std::string next_token{};
};

// One page of `records`; `key` gives each its unique sort key. `list` names operation and order,
// for the token. nullopt: the token is not valid.
template <typename Record, typename Key>
std::optional<PageOf<Record>> page_of(std::vector<const Record*> records,
                                      const PageRequest& request, std::string list, Key key) {
  list += request.is_descending ? ":descending" : ":ascending";
  std::ranges::sort(records, {}, [&key](const Record* record) { return key(*record); });
  if (request.is_descending) std::ranges::reverse(records);
  if (!request.token.empty()) {
    const auto last = key_of_token(list, request.token);
    if (!last) return std::nullopt;
    std::erase_if(records, [&](const Record* record) {
      return request.is_descending ? key(*record) >= *last : key(*record) <= *last;
    });
  }
  PageOf<Record> page{std::move(records)};
  const auto size = static_cast<std::size_t>(request.size);
  if (page.records.size() > size) {
    page.records.resize(size);
    page.next_token = make_token(list, key(*page.records.back()));
  }
  return page;
}

// A number as a text that sorts as the number does.
std::string sortable(std::uint64_t number);

}  // namespace hyperwright::service
