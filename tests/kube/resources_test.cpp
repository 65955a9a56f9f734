#include "kube/resources.h"

#include <map>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::kube {
namespace {

Resources of(std::initializer_list<std::pair<const char*, std::int64_t>> amounts) {
  Resources resources;
  for (const auto& [name, amount] : amounts) resources.set(name, amount);
  return resources;
}

TEST(Resources, KnownNamesHaveSlotsAndOthersAListSortedByName) {
  const Resources resources =
      of({{"example.com/b", 2}, {"cpu", 1500}, {"example.com/a", 1}, {"nvidia.com/gpu", 8}});
  EXPECT_EQ(resources.get(Resource::Cpu), 1500);
  EXPECT_EQ(resources.get("nvidia.com/gpu"), 8);
  EXPECT_EQ(resources.overflow(),
            (Resources::Overflow{{"example.com/a", 1}, {"example.com/b", 2}}));
  EXPECT_EQ(resources.get("example.com/c"), 0);
}

TEST(Resources, AZeroIsAnAbsence) {
  Resources resources = of({{"example.com/a", 1}});
  resources.set("example.com/a", 0);
  EXPECT_EQ(resources, Resources{});
  EXPECT_TRUE(resources.is_zero());
}

TEST(Resources, SumsSaturate) {
  EXPECT_EQ((of({{"cpu", INT64_MAX}}) + of({{"cpu", 1}})).get("cpu"), INT64_MAX);
  EXPECT_EQ((of({{"cpu", INT64_MIN}}) - of({{"cpu", 1}})).get("cpu"), INT64_MIN);
  EXPECT_EQ(of({{"a.b/c", INT64_MAX}}).times(-2).get("a.b/c"), INT64_MIN);
}

TEST(Resources, FitsWhereNothingIsMoreThanThereIs) {
  EXPECT_TRUE(of({{"cpu", 2}, {"a.b/c", 1}}).fits(of({{"cpu", 2}, {"a.b/c", 1}})));
  EXPECT_FALSE(of({{"cpu", 3}}).fits(of({{"cpu", 2}})));
  EXPECT_FALSE(of({{"a.b/c", 1}}).fits(of({{"cpu", 2}})));
  EXPECT_TRUE(Resources{}.fits(Resources{}));
}

TEST(Resources, NothingFitsANodeThatIsOverCommittedInAnyResource) {
  EXPECT_FALSE(of({{"cpu", 1}}).fits(of({{"cpu", 2}, {"memory", -1}})));
  EXPECT_FALSE(of({{"cpu", 1}}).fits(of({{"cpu", 2}, {"a.b/c", -1}})));
}

TEST(Resources, FirstMisfitIsInSlotOrderThenByName) {
  EXPECT_EQ(of({{"memory", 2}, {"a.b/c", 2}}).first_misfit(of({{"memory", 1}, {"a.b/c", 1}})),
            "memory");
  EXPECT_EQ(of({{"a.b/d", 2}}).first_misfit(of({{"a.b/c", -1}})), "a.b/c");
  EXPECT_EQ(of({{"cpu", 1}}).first_misfit(of({{"cpu", 1}})), std::nullopt);
}

TEST(Resources, TextNamesAmountsInTheirUnits) {
  EXPECT_EQ(to_text(of({{"memory", std::int64_t{16} << 30},
                        {"cpu", 2000},
                        {"nvidia.com/gpu", 1},
                        {"hugepages-2Mi", 4 << 20}})),
            "cpu 2, memory 16Gi, nvidia.com/gpu 1, hugepages-2Mi 4Mi");
  EXPECT_EQ(to_text({}), "nothing");
}

TEST(Amount, CpuIsInMilliCoresAndAllElseInWholeUnitsRoundedUp) {
  EXPECT_EQ(parse_amount("cpu", "1.5").value(), 1500);
  EXPECT_EQ(parse_amount("cpu", "1u").value(), 1);
  EXPECT_EQ(parse_amount("memory", "1500m").value(), 2);
  EXPECT_EQ(parse_amount("nvidia.com/gpu", "8").value(), 8);
  EXPECT_FALSE(parse_amount("cpu", "9E"));
}

TEST(Limits, OnlyListedNamesAreLimitedAndEqualIsAllowed) {
  const Limits limits{{{"cpu", 2000}, {"nodes", 0}}};
  EXPECT_EQ(limits.exceeded_by(of({{"cpu", 2000}, {"memory", 1}})), std::nullopt);
  EXPECT_EQ(limits.exceeded_by(of({{"cpu", 2001}})), "cpu");
  EXPECT_EQ(limits.exceeded_by(of({{"nodes", 1}})), "nodes");
  EXPECT_EQ(limits.get("nodes"), 0);
  EXPECT_EQ(limits.get("memory"), std::nullopt);
}

// The twin is a plain map from names to amounts.
using Twin = std::map<std::string, std::int64_t>;

rc::Gen<Twin> any_amounts() {
  const auto name = rc::gen::element<std::string>("cpu", "memory", "pods", "vpc.amazonaws.com/efa",
                                                  "a.b/c", "a.b/d", "a.b/e", "z.y/x");
  const auto entry = rc::gen::pair(name, rc::gen::inRange<std::int64_t>(-3, 4));
  const auto entries = rc::gen::container<std::vector<std::pair<std::string, std::int64_t>>>(entry);
  return rc::gen::map(entries, [](const auto& list) { return Twin(list.begin(), list.end()); });
}

Resources from(const Twin& twin) {
  Resources resources;
  for (const auto& [name, amount] : twin) resources.set(name, amount);
  return resources;
}

template <typename Combine>
Resources combined(const Twin& a, const Twin& b, Combine combine) {
  Twin both = a;
  both.insert(b.begin(), b.end());
  for (auto& [name, amount] : both) {
    const auto get = [&key = name](const Twin& twin) {
      return twin.contains(key) ? twin.at(key) : 0;
    };
    amount = combine(get(a), get(b));
  }
  return from(both);
}

RC_GTEST_PROP(Resources, SumsAndExtremesAreThoseOfAMap, ()) {
  const Twin a = *any_amounts(), b = *any_amounts();
  RC_ASSERT(from(a) + from(b) == combined(a, b, [](auto x, auto y) { return x + y; }));
  RC_ASSERT(from(a) - from(b) == combined(a, b, [](auto x, auto y) { return x - y; }));
  RC_ASSERT(from(a).max(from(b)) == combined(a, b, [](auto x, auto y) { return std::max(x, y); }));
  RC_ASSERT(from(a).min(from(b)) == combined(a, b, [](auto x, auto y) { return std::min(x, y); }));
  RC_ASSERT(from(a).times(3) == from(a) + from(a) + from(a));
}

RC_GTEST_PROP(Resources, FitsIsTheAbsenceOfAMisfit, ()) {
  const Resources asked = from(*any_amounts()), total = from(*any_amounts());
  RC_ASSERT(asked.fits(total) == !asked.first_misfit(total).has_value());
  bool fits = true;
  (total - asked.max({})).for_each([&](std::string_view, std::int64_t rest) {
    fits = fits && rest >= 0;
  });
  RC_ASSERT(asked.fits(total) == fits);
}

RC_GTEST_PROP(Amount, TextsRoundTrip, (std::int64_t amount)) {
  RC_PRE(amount != INT64_MIN && amount != INT64_MAX);
  for (const char* name : {"cpu", "memory", "hugepages-1Gi", "nvidia.com/gpu"}) {
    RC_ASSERT(parse_amount(name, format_amount(name, amount)).value() == amount);
  }
}

}  // namespace
}  // namespace hyperwright::kube
