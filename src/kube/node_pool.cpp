#include "kube/node_pool.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "kube/well_known.h"

namespace hyperwright::kube {
namespace {

// A condition's message has 32 KiB.
constexpr std::size_t kProblemsMax = 16;
constexpr std::size_t kProblemBytesMax = 1'000;

// Of a key that may be as long as all annotations together.
constexpr std::size_t kKeyBytesShown = 100;

class Problems {
 public:
  explicit Problems(std::vector<std::string> found) {
    for (std::string& problem : found) push_back(std::move(problem));
  }
  void push_back(std::string problem) {
    ++count_;
    if (sentences_.size() == kProblemsMax) return;
    if (problem.size() > kProblemBytesMax)
      problem = fmt::format("{}...", first_bytes(problem, kProblemBytesMax));
    sentences_.push_back(std::move(problem));
  }
  std::vector<std::string> take() {
    if (count_ > sentences_.size())
      sentences_.push_back(fmt::format("and {} more", count_ - sentences_.size()));
    return std::move(sentences_);
  }

 private:
  std::vector<std::string> sentences_;
  std::size_t count_ = 0;
};

void check_labels(const StringMap& labels, Problems& problems) {
  for (const StringMap::Entry& label : labels) {
    const auto add = [&](std::string_view what) {
      problems.push_back(fmt::format("spec.template.metadata.labels[{}]: {}", label.first, what));
    };
    if (const auto problem = label_key_problem(label.first)) {
      add(*problem);
    } else if (label.first == kNodePool || is_restricted_label(label.first)) {
      add("this key is set by the autoscaler; remove it");
    }
    if (const auto problem = label_value_problem(label.second)) add(*problem);
  }
}

// As the API server judges them on each NodeClaim: keys as of labels, but for upper-case letters
// before the slash.
void check_annotations(const StringMap& annotations, Problems& problems) {
  for (const StringMap::Entry& annotation : annotations) {
    const std::string_view shown = first_bytes(annotation.first, kKeyBytesShown);
    const auto add = [&](std::string_view what) {
      problems.push_back(fmt::format("spec.template.metadata.annotations[{}]: {}", shown, what));
    };
    if (const auto problem = label_key_problem(lower(annotation.first))) {
      add(*problem);
    } else if (is_set_by_autoscaler(annotation.first)) {
      add("this annotation is set by the autoscaler; remove it");
    }
  }
  if (const auto problem = template_annotations_problem(annotations.bytes()))
    problems.push_back(fmt::format("spec.template.metadata.annotations: {}", *problem));
}

struct PlacedTaint {
  const Taint* taint;
  std::string place;  // "taints[0]"
};

void check_taints(const NodeClaimSpec& spec, Problems& problems) {
  std::vector<PlacedTaint> seen;
  const auto check_list = [&](const std::vector<Taint>& taints, std::string_view list) {
    for (std::size_t i = 0; i < taints.size(); ++i) {
      const Taint& taint = taints[i];
      const std::string place = fmt::format("{}[{}]", list, i);
      const auto add = [&](std::string_view what) {
        problems.push_back(fmt::format("spec.template.spec.{}: {}", place, what));
      };
      if (const auto problem = label_key_problem(taint.key)) add(*problem);
      if (const auto problem = label_value_problem(taint.value)) add(*problem);
      const auto first = std::ranges::find_if(
          seen, [&](const PlacedTaint& other) { return other.taint->is_same(taint); });
      if (first == seen.end()) {
        seen.push_back({&taint, place});
      } else {
        problems.push_back(fmt::format(
            "taint \"{}\" with effect {} stands in spec.template.spec.{} and {}; remove one",
            taint.key, to_string(taint.effect), first->place, place));
      }
    }
  };
  check_list(spec.taints, "taints");
  check_list(spec.startup_taints, "startupTaints");
}

void check_requirements(const std::vector<NodeRequirement>& requirements, Problems& problems) {
  for (std::size_t i = 0; i < requirements.size(); ++i) {
    const auto add = [&](std::string_view what) {
      problems.push_back(fmt::format("spec.template.spec.requirements[{}]: {}", i, what));
    };
    if (const Status valid = validate(requirements[i]); !valid) {
      add(fmt::format("{}; {}", valid.error().text(), valid.error().remedy()));
    } else if (normalized_key(requirements[i].key) == kNodePool) {
      add(fmt::format("key {} is set by the autoscaler; remove it", kNodePool));
    }
  }
}

void check_node_class(const NodeClassReference& reference, Problems& problems) {
  const auto check_field = [&](const std::string& value, std::string_view field,
                               std::string_view example) {
    if (!value.empty()) return;
    problems.push_back(
        fmt::format("spec.template.spec.nodeClassRef.{} is empty; write {}", field, example));
  };
  check_field(reference.group, "group", kNodeClassGroup);
  check_field(reference.kind, "kind", kNodeClassKind);
  check_field(reference.name, "name", "the name of a HyperpodNodeClass");
}

// FNV-1a, 64 bits, of texts that are each led by their length, so that no two templates write the
// same.
class Hash {
 public:
  void add(std::string_view text) {
    add_bytes(fmt::format("{}:", text.size()));
    add_bytes(text);
  }
  void add(std::int64_t number) { add(std::string_view(fmt::format("{}", number))); }
  void add(const StringMap& map) {
    add(static_cast<std::int64_t>(map.size()));
    for (const auto& [key, value] : map) {
      add(key);
      add(value);
    }
  }
  void add(std::vector<Taint> taints) {
    std::ranges::sort(taints);
    add(static_cast<std::int64_t>(taints.size()));
    for (const Taint& taint : taints) {
      add(taint.key);
      add(taint.value);
      add(to_string(taint.effect));
    }
  }
  void add(const std::optional<Duration>& duration) {
    add(duration ? std::string_view("for") : std::string_view("ever"));
    if (duration) add(duration->in_microseconds());
  }
  [[nodiscard]] std::uint64_t value() const { return value_; }

 private:
  void add_bytes(std::string_view text) {
    for (const char c : text) {
      value_ ^= static_cast<unsigned char>(c);
      value_ *= 0x100000001b3U;
    }
  }
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace

std::vector<std::string> problems(const NodePool& pool) {
  Problems problems(pool.decode_problems);
  check_labels(pool.template_labels, problems);
  check_annotations(pool.template_annotations, problems);
  check_taints(pool.template_spec, problems);
  check_requirements(pool.template_spec.requirements, problems);
  check_node_class(pool.template_spec.node_class_ref, problems);
  return problems.take();
}

std::optional<std::string> template_annotations_problem(std::size_t bytes) {
  if (bytes <= kTemplateAnnotationBytesMax) return std::nullopt;
  return fmt::format("their keys and values have {} bytes, at most {} go on to nodes; remove some",
                     bytes, kTemplateAnnotationBytesMax);
}

bool is_set_by_autoscaler(std::string_view annotation) {
  return annotation.starts_with("hyperwright.dev/") || annotation == kTerminationTimestamp;
}

std::string template_hash(const NodePool& pool) {
  const NodeClaimSpec& spec = pool.template_spec;
  Hash hash;
  hash.add(pool.template_labels);
  hash.add(pool.template_annotations);
  hash.add(spec.taints);
  hash.add(spec.startup_taints);
  hash.add(spec.node_class_ref.group);
  hash.add(spec.node_class_ref.kind);
  hash.add(spec.node_class_ref.name);
  hash.add(spec.expire_after);
  hash.add(spec.termination_grace_period);
  return fmt::format("{}", hash.value());
}

}  // namespace hyperwright::kube
