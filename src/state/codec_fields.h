// How a value is written as a JSON object, and read again, from one description of its fields:
//
//   template <>
//   struct Fields<hyperpod::Subnet> {
//     static void walk(auto& io, auto& subnet) {
//       io("id", subnet.id);
//       io("zone", subnet.zone);
//     }
//   };
//
// `io` is a FieldWriter (the value is const) or a FieldReader (the value is filled). Because both
// walk the same description, no name can differ between the two directions, and no field can be
// forgotten in one. Empty values are left out by the writer; the reader empties what is absent. The
// first thing that is wrong is kept in a Problem with its path, and reads after it do nothing.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "base/time.h"
#include "hyperpod/enum_text.h"
#include "hyperpod/instance_type.h"
#include "kube/string_map.h"
#include "state/event.h"
#include "state/options.h"

namespace hyperwright::state {

template <typename T>
struct Fields;

template <typename T>
concept HasFields = requires { sizeof(Fields<T>); };
template <typename T>
concept Number = std::integral<T> && !std::same_as<T, bool>;
template <typename T>
concept Word = std::is_enum_v<T>;

// How many enumerators there are of an enumeration that is not HyperPod's; 0: it is HyperPod's.
template <Word E>
constexpr std::size_t kWordCount = 0;
template <>
inline constexpr std::size_t kWordCount<Kind> = kKindCount;
template <>
inline constexpr std::size_t kWordCount<hyperpod::PriceSource> = hyperpod::kPriceSourceCount;
template <>
inline constexpr std::size_t kWordCount<Outcome> = static_cast<std::size_t>(Outcome::Unknown) + 1;
template <>
inline constexpr std::size_t kWordCount<PreferencePolicy> = 2;
template <>
inline constexpr std::size_t kWordCount<MinValuesPolicy> = 2;
template <>
inline constexpr std::size_t kWordCount<kube::WhenUnsatisfiable> = 2;
template <>
inline constexpr std::size_t kWordCount<kube::NodeInclusionPolicy> = 2;

// The words of an enumeration.
template <Word E>
std::vector<std::string_view> words_of() {
  std::vector<std::string_view> words;
  if constexpr (kWordCount<E> != 0) {
    for (std::size_t i = 0; i < kWordCount<E>; ++i) words.push_back(to_string(static_cast<E>(i)));
  } else {
    for (const auto& text : hyperpod::enum_texts<E>()) words.push_back(text.second);
  }
  return words;
}
template <Word E>
std::optional<E> parse_word(std::string_view text) {
  if constexpr (kWordCount<E> != 0) {
    const auto words = words_of<E>();
    const auto at = std::ranges::find(words, text);
    return at == words.end() ? std::nullopt : std::optional(static_cast<E>(at - words.begin()));
  } else {
    return hyperpod::enum_of<E>(text);
  }
}

class FieldWriter {
 public:
  // `into` outlives the writer.
  explicit FieldWriter(boost::json::object& into) : object_(&into) {}

  void operator()(std::string_view name, const std::string& text);
  void operator()(std::string_view name, bool flag);
  void operator()(std::string_view name, Time time);
  void operator()(std::string_view name, Duration duration);
  void operator()(std::string_view name, const kube::StringMap& map);
  void operator()(std::string_view name, const std::vector<std::string>& texts);
  void operator()(std::string_view name, const Object& object);
  void operator()(std::string_view name, const kube::NodeClaim& claim);
  void operator()(std::string_view name, const kube::NodePool& pool);
  void operator()(std::string_view name, const kube::HyperpodNodeClass& node_class);
  void operator()(std::string_view name, const kube::NodeOverlay& overlay);
  void operator()(std::string_view name, const kube::CapacityBuffer& buffer);
  template <Number N>
  void operator()(std::string_view name, N number) {
    if constexpr (std::is_signed_v<N>) {
      signed_number(name, number);
    } else {
      unsigned_number(name, number);
    }
  }
  template <Word E>
  void operator()(std::string_view name, E word) {
    text(name, to_string(word));
  }
  template <HasFields T>
  void operator()(std::string_view name, const T& value) {
    FieldWriter inner = object(name);
    Fields<T>::walk(inner, value);
  }
  template <HasFields T>
  void operator()(std::string_view name, const std::vector<T>& values) {
    if (!begin_list(name, values.size())) return;
    for (const T& value : values) {
      FieldWriter inner = element(name);
      Fields<T>::walk(inner, value);
    }
  }
  // A value that is there is written even if it is empty: that is what tells it from one that is
  // not.
  template <typename T>
  void operator()(std::string_view name, const std::optional<T>& value) {
    if (!value) return;
    keep_empty_ = true;
    (*this)(name, *value);
    keep_empty_ = false;
  }

 private:
  void text(std::string_view name, std::string_view text);
  void signed_number(std::string_view name, std::int64_t number);
  void unsigned_number(std::string_view name, std::uint64_t number);
  FieldWriter object(std::string_view name);
  bool begin_list(std::string_view name, std::size_t size);
  FieldWriter element(std::string_view name);

  boost::json::object* object_;
  bool keep_empty_ = false;
};

// The first thing that is wrong in one decoding.
class DecodeProblem {
 public:
  void keep(std::string sentence);
  void keep(const Error& error, const std::string& path);
  [[nodiscard]] bool is_there() const { return first_.has_value(); }
  // Requires: it is there.
  [[nodiscard]] Failure failure() const;

 private:
  std::optional<Error> first_;
};

class FieldReader {
 public:
  // `json` and `problem` outlive the reader. `path` is "" for the whole value.
  FieldReader(const boost::json::value& json, std::string path, DecodeProblem& problem);

  void operator()(std::string_view name, std::string& text);
  void operator()(std::string_view name, bool& flag);
  void operator()(std::string_view name, Time& time);
  void operator()(std::string_view name, Duration& duration);
  void operator()(std::string_view name, kube::StringMap& map);
  void operator()(std::string_view name, std::vector<std::string>& texts);
  void operator()(std::string_view name, Object& object);
  void operator()(std::string_view name, kube::NodeClaim& claim);
  void operator()(std::string_view name, kube::NodePool& pool);
  void operator()(std::string_view name, kube::HyperpodNodeClass& node_class);
  void operator()(std::string_view name, kube::NodeOverlay& overlay);
  void operator()(std::string_view name, kube::CapacityBuffer& buffer);
  template <Number N>
  void operator()(std::string_view name, N& number) {
    if constexpr (std::is_signed_v<N>) {
      number = static_cast<N>(
          signed_number(name, std::numeric_limits<N>::min(), std::numeric_limits<N>::max()));
    } else {
      number = static_cast<N>(unsigned_number(name, std::numeric_limits<N>::max()));
    }
  }
  template <Word E>
  void operator()(std::string_view name, E& word) {
    const std::string found = text(name);
    const auto parsed = parse_word<E>(found);
    if (parsed) {
      word = *parsed;
    } else {
      unknown_word(name, found, words_of<E>());
    }
  }
  template <HasFields T>
  void operator()(std::string_view name, T& value) {
    FieldReader inner = object(name);
    Fields<T>::walk(inner, value);
    inner.finish();
  }
  template <HasFields T>
  void operator()(std::string_view name, std::vector<T>& values) {
    values.clear();
    for (FieldReader& inner : elements(name)) {
      Fields<T>::walk(inner, values.emplace_back());
      inner.finish();
    }
  }
  template <typename T>
  void operator()(std::string_view name, std::optional<T>& value) {
    if (has(name)) {
      (*this)(name, value.emplace());
    } else {
      value.reset();
    }
  }

  [[nodiscard]] bool has(std::string_view name) const;
  // The one member whose name is not among `others`; "" if there is none. Several are told by
  // finish().
  [[nodiscard]] std::string other_than(std::initializer_list<std::string_view> others) const;
  // A sentence about this place, or about a member of it.
  void wrong(std::string_view name, std::string_view what);
  // Members that nobody asked for are wrong.
  void finish();

 private:
  FieldReader(const boost::json::object* object, std::string path, DecodeProblem& problem)
      : object_(object), path_(std::move(path)), problem_(&problem) {}
  const boost::json::value* take(std::string_view name);
  [[nodiscard]] std::string path_of(std::string_view name) const;
  std::string text(std::string_view name);
  std::int64_t signed_number(std::string_view name, std::int64_t least, std::int64_t most);
  std::uint64_t unsigned_number(std::string_view name, std::uint64_t most);
  FieldReader object(std::string_view name);
  std::vector<FieldReader> elements(std::string_view name);
  void unknown_word(std::string_view name, std::string_view found,
                    const std::vector<std::string_view>& words);
  template <typename T>
  void typed_object(std::string_view name, T& typed);

  const boost::json::object* object_;  // nullptr: there is nothing to read
  std::string path_;
  DecodeProblem* problem_;
  std::vector<std::string> asked_;
};

}  // namespace hyperwright::state
