// Reads a scenario from YAML. Whatever is wrong is told with its line, its path, and the word that
// was probably meant.
#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "base/number.h"
#include "hyperpod/instance_type.h"
#include "service/patterns.h"
#include "service/scenario.h"

namespace hyperwright::service {
namespace {

constexpr std::int32_t kCountMax = 1'000'000;
constexpr Duration kDelayMax = Duration::hours(std::int64_t{24} * 365);

// Edits that turn one word into the other: insertions, deletions, replacements.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& words) {
  return *std::ranges::min_element(
      words, {}, [word](std::string_view known) { return distance(word, known); });
}

// The first problem of the document.
class Problems {
 public:
  explicit Problems(std::string_view name) : name_(name) {}
  void keep(const YAML::Mark& mark, std::string_view sentence, std::string remedy) {
    if (first_) return;
    const std::string place =
        mark.is_null() ? std::string(name_) : fmt::format("{}:{}", name_, mark.line + 1);
    first_ = Error(ErrorCode::Invalid, fmt::format("{}: {}", place, sentence), std::move(remedy));
  }
  [[nodiscard]] const std::optional<Error>& first() const { return first_; }

 private:
  std::string_view name_;
  std::optional<Error> first_;
};

struct Value {
  YAML::Node node;
  std::string path;
  Problems* problems;

  void wrong(std::string_view sentence, std::string remedy) const {
    problems->keep(node.Mark(), fmt::format("{} {}", path, sentence), std::move(remedy));
  }
  [[nodiscard]] std::string text() const {
    if (node.IsScalar() && !node.Scalar().empty()) return node.Scalar();
    wrong("is no text", "write one word");
    return {};
  }
};

using Field = std::pair<std::string_view, std::function<void(const Value&)>>;

// Hands each entry of a map to its field.
void read_map(const Value& value, const std::vector<Field>& fields) {
  std::vector<std::string_view> names;
  names.reserve(fields.size());
  for (const Field& field : fields) names.push_back(field.first);
  if (!value.node.IsMap()) {
    value.wrong("is no map",
                fmt::format("write {{key: value}}; the keys are {}", fmt::join(names, ", ")));
    return;
  }
  std::vector<std::string> seen;
  for (const auto& entry : value.node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : std::string{};
    const std::string path = value.path == "scenario" ? key : fmt::format("{}.{}", value.path, key);
    const auto field = std::ranges::find(fields, key, &Field::first);
    if (field == fields.end()) {
      value.problems->keep(entry.first.Mark(), fmt::format("{} is not known", path),
                           fmt::format("did you mean \"{}\"? The keys are {}", nearest(key, names),
                                       fmt::join(names, ", ")));
    } else if (std::ranges::find(seen, key) != seen.end()) {
      value.problems->keep(entry.first.Mark(), fmt::format("{} is there twice", path),
                           "remove one of them");
    } else {
      seen.push_back(key);
      field->second({entry.second, path, value.problems});
    }
  }
}

template <typename Element>
std::function<void(const Value&)> list_of(std::vector<Element>& list,
                                          Element (*read)(const Value&)) {
  return [&list, read](const Value& value) {
    if (!value.node.IsSequence()) {
      value.wrong("is no list", "write [{...}, {...}]");
      return;
    }
    for (std::size_t i = 0; i < value.node.size(); ++i) {
      list.push_back(read({value.node[i], fmt::format("{}[{}]", value.path, i), value.problems}));
    }
  };
}

std::function<void(const Value&)> duration(Duration& result) {
  return [&result](const Value& value) {
    const std::string text = value.text();
    const auto parsed = parse_duration(text);
    if (!parsed || *parsed < Duration{} || *parsed > kDelayMax) {
      value.wrong(fmt::format("\"{}\" is no span of time from 0s to a year", text),
                  R"(write such as "90s", "10m" or "2h")");
    } else {
      result = *parsed;
    }
  };
}

std::optional<std::int32_t> read_count(const Value& value, std::int32_t min, std::int32_t max) {
  const std::string text = value.text();
  const auto count = parse_count(text);
  if (count && *count >= min && *count <= max) return count;
  value.wrong(fmt::format("\"{}\" is no whole number from {} to {}", text, min, max),
              "write a number without a unit");
  return std::nullopt;
}

std::function<void(const Value&)> count(std::int32_t& result, std::int32_t min = 0,
                                        std::int32_t max = kCountMax) {
  return [&result, min, max](const Value& value) {
    result = read_count(value, min, max).value_or(result);
  };
}

void read_percent(const Value& value, std::int32_t& result) {
  std::string text = value.text();
  const bool is_percent = text.ends_with('%');
  if (is_percent) text.pop_back();
  const auto parsed = parse_count(text);
  if (is_percent && parsed && *parsed <= 100) {
    result = *parsed;
  } else {
    value.wrong("is no share from 0% to 100%", R"(write such as "10%")");
  }
}

std::function<void(const Value&)> text(std::string& result) {
  return [&result](const Value& value) { result = value.text(); };
}

std::function<void(const Value&)> type(std::string& result) {
  return [&result](const Value& value) {
    result = value.text();
    if (hyperpod::InstanceTypes::shipped().find(result) != nullptr) return;
    std::vector<std::string_view> names;
    for (const hyperpod::InstanceType& known : hyperpod::InstanceTypes::shipped().all())
      names.push_back(known.name);
    value.wrong(fmt::format("\"{}\" is no instance type", result),
                fmt::format("did you mean \"{}\"?", nearest(result, names)));
  };
}

std::function<void(const Value&)> zone(std::string& result) {
  return [&result](const Value& value) {
    result = value.text();
    if (!kZonePattern.matches(result)) {
      value.wrong(fmt::format("\"{}\" is no availability zone", result),
                  "write such as us-east-1a");
    }
  };
}

void check_window(const Value& value, const Window& window) {
  if (window.from >= window.until)
    value.wrong("ends before it begins", "let `until` be later than `from`");
}

CapacityLine read_capacity(const Value& value) {
  CapacityLine line;
  read_map(value, {{"type", type(line.type)},
                   {"zone", zone(line.zone)},
                   {"available", count(line.available)},
                   {"from", duration(line.when.from)},
                   {"until", duration(line.when.until)}});
  if (value.node.IsMap() && !value.node["available"])
    value.wrong("has no `available`", "say how many instances there are");
  check_window(value, line.when);
  return line;
}

Fault read_fault(const Value& value) {
  Fault fault;
  read_map(value, {{"group", text(fault.group)},
                   {"type", type(fault.type)},
                   {"from", duration(fault.when.from)},
                   {"until", duration(fault.when.until)}});
  check_window(value, fault.when);
  return fault;
}

void read_subnets(const Value& value, Scenario& scenario) {
  if (!value.node.IsMap()) {
    value.wrong("is no map", "write {subnet-a: us-east-1a}");
    return;
  }
  for (const auto& entry : value.node) {
    const std::string id = entry.first.IsScalar() ? entry.first.Scalar() : std::string{};
    if (!kVpcIdPattern.matches(id) || id.size() > 32) {
      value.wrong(fmt::format("names the subnet \"{}\"", id),
                  "use letters, digits and dashes, 32 at most");
    }
    if (std::ranges::find(scenario.subnets, id, &std::pair<std::string, std::string>::first) !=
        scenario.subnets.end()) {
      value.problems->keep(entry.first.Mark(), fmt::format("{}.{} is there twice", value.path, id),
                           "remove one of them");
    }
    std::string in;
    zone(in)({entry.second, fmt::format("{}.{}", value.path, id), value.problems});
    scenario.subnets.emplace_back(id, in);
  }
}

void read_throttle(const Value& value, Scenario& scenario) {
  ThrottleLimits limits;
  read_map(value, {{"requests_per_second", count(limits.requests_per_second, 1)},
                   {"burst", count(limits.burst, 1)}});
  if (limits.requests_per_second == 0 || limits.burst == 0) {
    value.wrong("needs requests_per_second and burst", "write {requests_per_second: 5, burst: 10}");
  }
  scenario.throttle = limits;
}

void read_scenario(const Value& root, Scenario& scenario) {
  Delays& delays = scenario.delays;
  std::int32_t quota = -1;
  const auto read_delays = [&delays](const Value& value) {
    read_map(value, {{"cluster", duration(delays.cluster)},
                     {"launch", duration(delays.launch)},
                     {"register", duration(delays.join)},
                     {"terminate", duration(delays.terminate)},
                     {"retry", duration(delays.retry)},
                     {"jitter", [&delays](const Value& share) {
                        read_percent(share, delays.jitter_percent);
                      }}});
  };
  read_map(root,
           {{"subnets", [&scenario](const Value& value) { read_subnets(value, scenario); }},
            {"delays", read_delays},
            {"capacity", list_of(scenario.capacity, read_capacity)},
            {"never_joins", list_of(scenario.never_joins, read_fault)},
            {"failing_lifecycle_script", list_of(scenario.failing_lifecycle_script, read_fault)},
            {"throttle", [&scenario](const Value& value) { read_throttle(value, scenario); }},
            {"quota", [&quota](const Value& value) {
               read_map(value, {{"instances_per_cluster", count(quota)}});
             }}});
  if (quota >= 0) scenario.instances_per_cluster = quota;
}

}  // namespace

Result<Scenario> parse_scenario(std::string_view yaml, std::string_view name) {
  Problems problems(name);
  Scenario scenario;
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsNull()) read_scenario({root, "scenario", &problems}, scenario);
  } catch (const YAML::Exception& exception) {
    problems.keep(exception.mark, fmt::format("this is no YAML: {}", exception.msg),
                  "check indentation and brackets");
  }
  if (problems.first()) return fail(*problems.first());
  return scenario;
}

}  // namespace hyperwright::service
