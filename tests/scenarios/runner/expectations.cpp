#include "tests/scenarios/runner/expectations.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "hyperpod/money.h"
#include "kube/well_known.h"
#include "tests/scenarios/runner/vocabulary.h"
#include "tests/scheduling/plan_check.h"

namespace hyperwright::scenarios {
namespace {

using CountsByValue = std::map<std::string, std::int64_t>;

std::string text_of(const CountsByValue& counts) {
  std::vector<std::string> parts;
  for (const auto& [value, count] : counts) parts.push_back(fmt::format("{}: {}", value, count));
  return fmt::format("{{{}}}", fmt::join(parts, ", "));
}

std::string text_of(const YAML::Node& node) {
  YAML::Emitter out;
  out << YAML::Flow << node;
  return out.c_str();
}

class Comparison {
 public:
  Comparison(World& world, Problems& problems) : world_(world), problems_(problems) {}

  void compare(const YAML::Node& key, const YAML::Node& value) {
    line_ = line_of(key);
    claim_ = key.Scalar();
    if (claim_ == "new nodes") return new_nodes(value);
    if (claim_ == "new nodes offer") return offers(value);
    if (claim_ == "new nodes request") return requests(value);
    if (claim_ == "new nodes labels") return labels(value);
    if (claim_ == "cost") return cost(value);
    if (claim_.ends_with(" effective zone")) return effective_zone(value);
    if (claim_.ends_with(" placed")) return placed(value);
    if (claim_.ends_with(" pending")) return pending(value);
    if (claim_ == "new nodes min values") return min_values(value);
    if (const std::size_t by = claim_.find(" skew by "); by != std::string::npos)
      return skew(claim_.substr(0, by), claim_.substr(by + 9), value);
    if (const std::size_t by = claim_.find(" by "); by != std::string::npos) {
      return by_label(claim_.substr(0, by), claim_.substr(by + 4), value);
    }
    const std::string meant =
        nearest(claim_, {"new nodes", "new nodes offer", "new nodes request", "new nodes labels",
                         "new nodes min values", "cost", "X placed", "X pending", "X by zone",
                         "X skew by zone", "X effective zone"});
    problem(fmt::format("then: unknown claim \"{}\"{}", claim_,
                        meant.empty() ? "" : fmt::format("; \"{}\" is meant?", meant)));
  }

  std::vector<Difference> take() { return std::move(differences_); }

 private:
  void problem(std::string text) { problems_.push_back({line_, std::move(text)}); }
  void expect(bool is_met, std::string wanted, std::string got) {
    if (!is_met) differences_.push_back({line_, claim_, std::move(wanted), std::move(got)});
  }

  std::vector<std::string> pods(std::string_view name) {
    std::vector<std::string> names = world_.pods_of(name);
    if (names.empty()) problem(fmt::format("then: there is no pod \"{}\"", name));
    return names;
  }

  void count(std::int64_t got, const YAML::Node& value, const std::string& all_of) {
    if (value.IsMap()) {
      Fields fields(value, claim_, problems_);
      const std::int64_t most = fields.number("at most", 0);
      return expect(got <= most, fmt::format("at most {}", most), fmt::format("{}{}", got, all_of));
    }
    const auto wanted = number_of(value);
    if (!wanted) return problem(fmt::format("then: {}: a number is wanted, or at most", claim_));
    expect(got == *wanted, fmt::format("{}", *wanted), fmt::format("{}{}", got, all_of));
  }

  void placed(const YAML::Node& value) {
    const auto names = pods(claim_.substr(0, claim_.size() - 7));
    std::int64_t count_placed = 0;
    std::string first_verdict;
    for (const std::string& name : names) {
      const Place place = world_.place_of(name);
      if (place.is_placed) ++count_placed;
      if (!place.is_placed && first_verdict.empty())
        first_verdict = fmt::format(" ({}: {})", name, place.verdict);
    }
    count(count_placed, value, first_verdict);
  }

  void pending(const YAML::Node& value) {
    const auto names = pods(claim_.substr(0, claim_.size() - 8));
    std::int64_t count_pending = 0;
    std::vector<std::string> verdicts;
    for (const std::string& name : names) {
      const Place place = world_.place_of(name);
      if (place.is_placed) continue;
      ++count_pending;
      if (std::ranges::find(verdicts, place.verdict) == verdicts.end())
        verdicts.push_back(place.verdict);
    }
    const std::string why =
        verdicts.empty() ? "" : fmt::format(" ({})", fmt::join(verdicts, " | "));
    if (!value.IsMap()) return count(count_pending, value, why);
    Fields fields(value, claim_, problems_);
    if (const auto wanted = fields.take("count")) count(count_pending, *wanted, why);
    const std::string because = fields.text("because");
    for (const std::string& verdict : verdicts) {
      expect(verdict.find(because) != std::string::npos, fmt::format("because \"{}\"", because),
             verdict);
    }
  }

  void effective_zone(const YAML::Node& value) {
    constexpr std::string_view kClaim = " effective zone";
    for (const std::string& name : pods(claim_.substr(0, claim_.size() - kClaim.size()))) {
      const std::string zone = world_.effective_zone_of(name);
      expect(zone == text_of(value), text_of(value), fmt::format("{} ({})", zone, name));
    }
  }

  // Between the domains where some of them are; the least is zero for nodes, as Karpenter has it.
  void skew(std::string_view name, std::string_view label, const YAML::Node& value) {
    CountsByValue counts;
    for (const std::string& pod : pods(name)) {
      const Place place = world_.place_of(pod);
      if (place.is_placed) ++counts[value_of(place, label)];
    }
    std::int64_t least = label == "node" || counts.empty() ? 0 : counts.begin()->second;
    std::int64_t most = 0;
    for (const auto& [domain, number] : counts) {
      least = std::min(least, number);
      most = std::max(most, number);
    }
    count(most - least, value, fmt::format(" {}", text_of(counts)));
  }

  static std::string value_of(const Place& place, std::string_view label) {
    if (label == "node") return place.node;
    const std::string_view value = place.labels.get(label_key(label));
    return value.empty() ? "(none)" : std::string(value);
  }

  void by_label(std::string_view name, std::string_view label, const YAML::Node& value) {
    CountsByValue counts;
    for (const std::string& pod : pods(name)) {
      const Place place = world_.place_of(pod);
      if (place.is_placed) ++counts[value_of(place, label)];
    }
    if (value.IsSequence()) {
      std::vector<std::int64_t> wanted;
      std::vector<std::int64_t> got;
      for (const YAML::Node& item : value) wanted.push_back(number_of(item).value_or(-1));
      for (const auto& [text, number] : counts) got.push_back(number);
      std::ranges::sort(wanted);
      std::ranges::sort(got);
      return expect(wanted == got, text_of(value), text_of(counts));
    }
    CountsByValue wanted;
    std::optional<std::int64_t> most;
    Fields fields(value, claim_, problems_);
    if (const auto at_most = fields.take("at most")) most = number_of(*at_most);
    for (const auto& [text, number] : fields.rest()) wanted[text] = number_of(number).value_or(-1);
    if (!most) return expect(wanted == counts, text_of(wanted), text_of(counts));
    const bool is_met =
        std::ranges::all_of(counts, [&](const auto& entry) { return entry.second <= *most; });
    expect(is_met, fmt::format("at most {} each", *most), text_of(counts));
  }

  void new_nodes(const YAML::Node& value) {
    std::vector<std::string> types;
    for (const scheduling::NewNode& node : world_.plan().new_nodes)
      types.push_back(node.offering.key.type);
    std::ranges::sort(types);
    const std::string got = fmt::format(" ({})", fmt::join(types, ", "));
    if (!value.IsSequence()) return count(static_cast<std::int64_t>(types.size()), value, got);
    std::vector<std::string> wanted = texts_of(value, claim_, problems_);
    std::ranges::sort(wanted);
    expect(wanted == types, text_of(value), got);
  }

  void min_values(const YAML::Node& value) {
    Fields fields(value, claim_, problems_);
    for (const auto& [key, number] : fields.rest()) {
      for (const scheduling::NewNode& node : world_.plan().new_nodes) {
        const kube::Requirement* requirement = node.requirements->find(label_key(key));
        const auto got = requirement == nullptr ? std::nullopt : requirement->min_values();
        expect(got && *got == number_of(number), fmt::format("{}: {}", key, number.Scalar()),
               fmt::format("{}: {}", key, got ? fmt::format("{}", *got) : "none"));
      }
    }
    if (world_.plan().new_nodes.empty()) expect(false, text_of(value), "no new node");
  }

  void offers(const YAML::Node& value) {
    if (const auto number = number_of(value)) {
      for (const scheduling::NewNode& node : world_.plan().new_nodes) {
        const auto types = static_cast<std::int64_t>(node.compatible_types->size());
        expect(types == *number, value.Scalar(), fmt::format("{}", types));
      }
      return;
    }
    const std::vector<std::string> wanted = texts_of(value, claim_, problems_);
    for (const scheduling::NewNode& node : world_.plan().new_nodes) {
      expect(*node.compatible_types == wanted, text_of(value),
             fmt::format("[{}]", fmt::join(*node.compatible_types, ", ")));
    }
    if (world_.plan().new_nodes.empty()) expect(false, text_of(value), "no new node");
  }

  void requests(const YAML::Node& value) {
    const kube::Resources wanted = resources_of(value, claim_, problems_);
    for (const scheduling::NewNode& node : world_.plan().new_nodes) {
      expect(node.requests == wanted, kube::to_text(wanted), kube::to_text(node.requests));
    }
    if (world_.plan().new_nodes.empty()) expect(false, kube::to_text(wanted), "no new node");
  }

  void labels(const YAML::Node& value) {
    Fields fields(value, claim_, problems_);
    for (const auto& [key, text] : fields.rest()) {
      for (const scheduling::NewNode& node : world_.plan().new_nodes) {
        const std::string* got = node.labels->find(label_key(key));
        const std::string shown = fmt::format("{}: {}", key, got == nullptr ? "absent" : *got);
        if (text.IsNull()) {
          expect(got == nullptr, fmt::format("{}: absent", key), shown);
        } else {
          const bool is_met = got != nullptr && (text.Scalar() == "any" || text.Scalar() == *got);
          expect(is_met, fmt::format("{}: {}", key, text.Scalar()), shown);
        }
      }
    }
  }

  void cost(const YAML::Node& value) {
    const hyperpod::MicroDollars got = scheduling::price_of(world_.plan());
    const bool is_bound = value.IsMap();
    const std::string text =
        is_bound ? Fields(value, claim_, problems_).text("at most") : value.Scalar();
    const auto wanted = hyperpod::parse_dollars(text);
    if (!wanted) return problem(wanted.error().text());
    expect(is_bound ? got <= *wanted : got == *wanted,
           fmt::format("{}{}", is_bound ? "at most " : "", hyperpod::format_dollars(*wanted, 6)),
           hyperpod::format_dollars(got, 6));
  }

  World& world_;
  Problems& problems_;
  int line_ = 0;
  std::string claim_;
  std::vector<Difference> differences_;
};

}  // namespace

std::vector<Difference> differences(const YAML::Node& then, World& world, Problems& problems) {
  Comparison comparison(world, problems);
  if (!then.IsMap()) {
    problems.push_back({line_of(then), "then must be a map of claims"});
    return {};
  }
  for (const auto& entry : then) comparison.compare(entry.first, entry.second);
  return comparison.take();
}

}  // namespace hyperwright::scenarios
