// Amounts of resources: what a pod asks for, what a node offers, what a limit allows.
//
// One int64 a resource: cpu in milli-cores, memory, ephemeral-storage and hugepages in bytes, all
// else in whole units. The known names have fixed slots; others (extended resources) stand in a
// small list sorted by name. A zero is the same as an absence, except where the text says "listed".
//
// Source of the maths: Kubernetes, KEP-753 and pkg/util/resource; Karpenter, pkg/utils/resources.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace hyperwright::kube {

enum class Resource : std::uint8_t {
  Cpu,               // cpu, milli-cores
  Memory,            // memory, bytes
  EphemeralStorage,  // ephemeral-storage, bytes
  Pods,              // pods
  NvidiaGpu,         // nvidia.com/gpu
  NeuronCore,        // aws.amazon.com/neuroncore
  Neuron,  // aws.amazon.com/neuron (devices; the older name neurondevice is an overflow name)
  Efa,     // vpc.amazonaws.com/efa
  Nodes,   // nodes: counts nodes, in limits and usage only
};
inline constexpr std::size_t kResourceCount = 9;

std::string_view to_string(Resource resource);

class Resources {
 public:
  using Overflow = std::vector<std::pair<std::string, std::int64_t>>;  // sorted by name, no zeros

  [[nodiscard]] std::int64_t get(Resource resource) const {
    return slots_[static_cast<std::size_t>(resource)];
  }
  [[nodiscard]] std::int64_t get(std::string_view name) const;
  void set(Resource resource, std::int64_t amount) {
    slots_[static_cast<std::size_t>(resource)] = amount;
  }
  void set(std::string_view name, std::int64_t amount);
  [[nodiscard]] const std::array<std::int64_t, kResourceCount>& slots() const { return slots_; }
  [[nodiscard]] const Overflow& overflow() const { return overflow_; }
  [[nodiscard]] bool is_zero() const;

  // Saturating sums; a difference may be negative.
  Resources& operator+=(const Resources& other);
  Resources& operator-=(const Resources& other);
  friend Resources operator+(Resources a, const Resources& b) { return a += b; }
  friend Resources operator-(Resources a, const Resources& b) { return a -= b; }
  [[nodiscard]] Resources times(std::int64_t count) const;
  // Per resource the larger / the smaller of both.
  [[nodiscard]] Resources max(const Resources& other) const;
  [[nodiscard]] Resources min(const Resources& other) const;
  bool operator==(const Resources&) const = default;
  // A total order without meaning, for sorting.
  auto operator<=>(const Resources&) const = default;

  // Every amount is at most what `total` has of it, an absent one counting as zero; and false where
  // any amount of `total` is negative, even of a resource that is not asked for, as in Karpenter:
  // such a node is over-committed.
  [[nodiscard]] bool fits(const Resources& total) const;
  // The first resource that does not fit, in slot order, then by name; nullopt: all fit.
  [[nodiscard]] std::optional<std::string> first_misfit(const Resources& total) const;

  // Calls visit(std::string_view name, std::int64_t amount) for each non-zero amount: slots in
  // order, then the overflow by name.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (std::size_t i = 0; i < kResourceCount; ++i) {
      if (slots_[i] != 0) visit(to_string(static_cast<Resource>(i)), slots_[i]);
    }
    for (const auto& [name, amount] : overflow_) visit(std::string_view(name), amount);
  }

 private:
  std::array<std::int64_t, kResourceCount> slots_{};
  Overflow overflow_;
};

// Limits of a NodePool: only the listed names are limited, and a listed zero is a limit of zero.
struct Limits {
  std::vector<std::pair<std::string, std::int64_t>>
      amounts;  // sorted by name; units as in Resources
  bool operator==(const Limits&) const = default;
  [[nodiscard]] std::optional<std::int64_t> get(std::string_view name) const;
  // The first name whose usage is above its limit; equal is allowed. nullopt: none.
  [[nodiscard]] std::optional<std::string> exceeded_by(const Resources& usage) const;
};

// The amount of `text` in this resource's unit (milli-cores for cpu). Fails with Invalid.
Result<std::int64_t> parse_amount(std::string_view name, std::string_view text);
// The canonical text of an amount: "1500m", "2", "16Gi".
std::string format_amount(std::string_view name, std::int64_t amount);
// "cpu 2, memory 16Gi, nvidia.com/gpu 1", for messages; "nothing" when zero.
std::string to_text(const Resources& resources);

}  // namespace hyperwright::kube
