#include "kube/requirement.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::kube {

// For RapidCheck's reports.
static void showValue(const NodeRequirement& one, std::ostream& out) {
  out << Requirement::from(one).text();
}

namespace {

using testing::ElementsAre;

NodeRequirement written(std::string key, NodeOperator op, std::vector<std::string> values = {},
                        std::optional<std::int32_t> min_values = {}) {
  return {std::move(key), op, std::move(values), min_values};
}
Requirement req(NodeOperator op, std::vector<std::string> values = {}) {
  return Requirement::from(written("k", op, std::move(values)));
}

TEST(Requirement, InIsItsValuesSortedAndDistinct) {
  const Requirement in = req(NodeOperator::In, {"b", "a", "b"});
  EXPECT_THAT(in.values(), ElementsAre("a", "b"));
  EXPECT_TRUE(in.has("a"));
  EXPECT_FALSE(in.has("c"));
}

TEST(Requirement, TheOperatorIsThatOfTheSet) {
  EXPECT_EQ(req(NodeOperator::In, {}).op(), NodeOperator::DoesNotExist);
  EXPECT_EQ(req(NodeOperator::NotIn, {}).op(), NodeOperator::Exists);
  EXPECT_EQ(req(NodeOperator::Gt, {"1"}).op(), NodeOperator::Exists);
  EXPECT_EQ(req(NodeOperator::NotIn, {"a"}).op(), NodeOperator::NotIn);
}

TEST(Requirement, BoundsAreInclusiveAndOfNumbersOnly) {
  EXPECT_FALSE(req(NodeOperator::Gt, {"5"}).has("5"));
  EXPECT_TRUE(req(NodeOperator::Gt, {"5"}).has("6"));
  EXPECT_TRUE(req(NodeOperator::Gte, {"5"}).has("5"));
  EXPECT_FALSE(req(NodeOperator::Lt, {"5"}).has("5"));
  EXPECT_TRUE(req(NodeOperator::Lte, {"5"}).has("005"));
  for (const char* text : {"", "x", "7.0", "1e3"})
    EXPECT_FALSE(req(NodeOperator::Gte, {"0"}).has(text)) << text;
}

TEST(Requirement, ABoundThatIsNoNumberOrLeavesNoneMatchesNothing) {
  for (const auto& bad :
       {req(NodeOperator::Gt, {"x"}), req(NodeOperator::Lt, {}), req(NodeOperator::Gt, {"1", "2"}),
        req(NodeOperator::Gt, {"9223372036854775807"}),
        req(NodeOperator::Lt, {"-9223372036854775808"})}) {
    EXPECT_FALSE(bad.intersects(Requirement::exists("k")));
    EXPECT_FALSE(bad.allows_absence());
  }
}

TEST(Requirement, OldKeysGetTheirStableNames) {
  EXPECT_EQ(Requirement::in("beta.kubernetes.io/arch", {"amd64"}).key(), "kubernetes.io/arch");
  EXPECT_EQ(normalized_key("failure-domain.beta.kubernetes.io/zone"),
            "topology.kubernetes.io/zone");
  EXPECT_EQ(normalized_key("example.com/zone"), "example.com/zone");
}

TEST(Requirement, AnIntersectionKeepsExclusionsWithinItsBounds) {
  const Requirement both =
      req(NodeOperator::Gte, {"5"}).intersection(req(NodeOperator::NotIn, {"3", "x", "9"}));
  EXPECT_THAT(both.values(), ElementsAre("9"));
  EXPECT_EQ(both.gte(), 5);
  EXPECT_FALSE(both.has("9"));
}

TEST(Requirement, AFiniteIntersectionHasNoBounds) {
  const Requirement both =
      req(NodeOperator::Gte, {"5"}).intersection(req(NodeOperator::In, {"3", "7", "x"}));
  EXPECT_THAT(both.values(), ElementsAre("7"));
  EXPECT_EQ(both.gte(), std::nullopt);
}

TEST(Requirement, BoundsThatCrossLeaveNothing) {
  const Requirement below = req(NodeOperator::Lt, {"1"}), above = req(NodeOperator::Gt, {"1"});
  EXPECT_FALSE(below.intersects(above));
  EXPECT_EQ(below.intersection(above).op(), NodeOperator::DoesNotExist);
  EXPECT_FALSE(below.intersection(above).allows_absence()) << "a bound wants the key to be there";
}

TEST(Requirement, TheLargerMinValuesStays) {
  Requirement a = req(NodeOperator::In, {"a"}), b = a;
  a.set_min_values(2);
  EXPECT_EQ(a.intersection(b).min_values(), 2);
  b.set_min_values(3);
  EXPECT_EQ(a.intersection(b).min_values(), 3);
}

TEST(Requirement, AbsenceMeetsNotInAndDoesNotExistOnly) {
  EXPECT_TRUE(req(NodeOperator::NotIn, {"a"}).allows_absence());
  EXPECT_TRUE(req(NodeOperator::DoesNotExist).allows_absence());
  EXPECT_FALSE(req(NodeOperator::In, {"a"}).allows_absence());
  EXPECT_FALSE(req(NodeOperator::Exists).allows_absence());
  EXPECT_FALSE(req(NodeOperator::Gt, {"1"}).allows_absence());
  EXPECT_FALSE(
      req(NodeOperator::NotIn, {"a"}).intersection(req(NodeOperator::Exists)).allows_absence());
}

TEST(Requirement, AnyValueIsOneThatItHas) {
  EXPECT_EQ(req(NodeOperator::In, {"b", "a"}).any_value(), "a");
  EXPECT_EQ(req(NodeOperator::NotIn, {"0", "1"}).any_value(), "2");
  EXPECT_EQ(req(NodeOperator::Gt, {"41"}).any_value(), "42");
  EXPECT_EQ(req(NodeOperator::DoesNotExist).any_value(), std::nullopt);
  EXPECT_EQ(req(NodeOperator::Lt, {"0"}).any_value(), std::nullopt)
      << "no label value starts with a minus";
  const Requirement only_five =
      req(NodeOperator::Gte, {"5"}).intersection(req(NodeOperator::Lte, {"5"}));
  EXPECT_EQ(only_five.any_value(), "5");
  EXPECT_EQ(only_five.intersection(req(NodeOperator::NotIn, {"5"})).any_value(), std::nullopt);
}

TEST(Requirement, TextShowsFiveValuesAndCountsTheRest) {
  EXPECT_EQ(req(NodeOperator::In, {"a", "b"}).text(), "k In [a b]");
  EXPECT_EQ(req(NodeOperator::NotIn, {"1", "2", "3", "4", "5", "6", "7"}).text(),
            "k NotIn [1 2 3 4 5 and 2 others]");
  EXPECT_EQ(req(NodeOperator::Exists).text(), "k Exists");
  EXPECT_EQ(req(NodeOperator::DoesNotExist).text(), "k DoesNotExist");
  EXPECT_EQ(req(NodeOperator::Gt, {"4"}).intersection(req(NodeOperator::Lte, {"9"})).text(),
            "k Exists >=5 <=9");
  EXPECT_EQ(req(NodeOperator::In, {"a"}).intersection(req(NodeOperator::In, {"b"})).text(),
            "k In []");
  Requirement two = req(NodeOperator::In, {"a", "b"});
  two.set_min_values(2);
  EXPECT_EQ(two.text(), "k In [a b] minValues 2");
}

TEST(Requirement, WrittenFormHasAnEntryForEachBoundAndKeepsExclusions) {
  const Requirement all = req(NodeOperator::Gte, {"5"})
                              .intersection(req(NodeOperator::Lt, {"10"}))
                              .intersection(req(NodeOperator::NotIn, {"7"}));
  EXPECT_THAT(all.written(), ElementsAre(written("k", NodeOperator::Gte, {"5"}),
                                         written("k", NodeOperator::Lte, {"9"}),
                                         written("k", NodeOperator::NotIn, {"7"})));
  EXPECT_THAT(req(NodeOperator::Lt, {"0"}).written(),
              ElementsAre(written("k", NodeOperator::Lt, {"0"})));
}

// ---- Properties. The twin of a requirement is the list of the operators that it was made of: a
// value, or the absence of the key, meets all of them or does not.

using Twin = std::vector<NodeRequirement>;

std::optional<std::int64_t> number(const std::string& text) {
  char* end = nullptr;
  const long long value = std::strtoll(text.c_str(), &end, 10);
  return !text.empty() && *end == '\0' ? std::optional<std::int64_t>(value) : std::nullopt;
}

bool meets(const NodeRequirement& one, const std::optional<std::string>& value) {
  const bool is_listed = value && std::ranges::find(one.values, *value) != one.values.end();
  switch (one.op) {
    case NodeOperator::In:
      return is_listed;
    case NodeOperator::NotIn:
      return !is_listed;
    case NodeOperator::Exists:
      return value.has_value();
    case NodeOperator::DoesNotExist:
      return !value;
    default:
      break;
  }
  const auto own = value ? number(*value) : std::nullopt;
  if (!own) return false;
  const std::int64_t bound = *number(one.values[0]);
  switch (one.op) {
    case NodeOperator::Gt:
      return *own > bound;
    case NodeOperator::Lt:
      return *own < bound;
    case NodeOperator::Gte:
      return *own >= bound;
    default:
      return *own <= bound;
  }
}

bool meets(const Twin& twin, const std::optional<std::string>& value) {
  return std::ranges::all_of(twin, [&](const NodeRequirement& one) { return meets(one, value); });
}

// Other spellings of the numbers are in it, as no finite list of exclusions holds them all.
const std::vector<std::string>& universe() {
  static const std::vector<std::string> values = [] {
    std::vector<std::string> all = {"", "a", "b", "c", "x7", "1.0"};
    for (int n = -3; n <= 9; ++n) {
      for (const char* zeros : {"", "0", "00"})
        all.push_back(fmt::format("{}{}{}", n < 0 ? "-" : "", zeros, std::abs(n)));
    }
    return all;
  }();
  return values;
}

rc::Gen<NodeRequirement> any_written() {
  const auto op = rc::gen::element(NodeOperator::In, NodeOperator::NotIn, NodeOperator::Exists,
                                   NodeOperator::DoesNotExist, NodeOperator::Gt, NodeOperator::Lt,
                                   NodeOperator::Gte, NodeOperator::Lte);
  return rc::gen::mapcat(op, [](NodeOperator drawn) {
    const bool is_list = drawn == NodeOperator::In || drawn == NodeOperator::NotIn;
    const bool is_bare = drawn == NodeOperator::Exists || drawn == NodeOperator::DoesNotExist;
    const auto list = rc::gen::container<std::vector<std::string>>(
        rc::gen::element<std::string>("a", "b", "c", "0", "1", "2", "03", "4", "5", "6", "-1"));
    const auto bound = rc::gen::map(rc::gen::inRange(-1, 8),
                                    [](int n) { return std::vector{fmt::format("{}", n)}; });
    const auto values = is_bare   ? rc::gen::just(std::vector<std::string>{})
                        : is_list ? rc::Gen<std::vector<std::string>>(list)
                                  : rc::Gen<std::vector<std::string>>(bound);
    const auto min_values = rc::gen::maybe(rc::gen::inRange<std::int32_t>(1, 4));
    return rc::gen::apply(
        [drawn](std::vector<std::string> v, rc::Maybe<std::int32_t> m) {
          return written("k", drawn, std::move(v), m ? std::optional(*m) : std::nullopt);
        },
        values, min_values);
  });
}

Requirement made(const Twin& twin) {
  Requirement result = Requirement::from(twin[0]);
  for (const NodeRequirement& one : twin) result = result.intersection(Requirement::from(one));
  return result;
}

rc::Gen<Twin> any_twin() {
  return rc::gen::nonEmpty(rc::gen::resize(4, rc::gen::container<Twin>(any_written())));
}

RC_GTEST_PROP(RequirementAlgebra, HasWhatEveryPartHas, ()) {
  const Twin twin = *any_twin();
  const Requirement requirement = made(twin);
  for (const std::string& value : universe())
    RC_ASSERT(requirement.has(value) == meets(twin, value));
  RC_ASSERT(requirement.allows_absence() == meets(twin, std::nullopt));
}

RC_GTEST_PROP(RequirementAlgebra, IntersectionIsCommutativeAssociativeAndIdempotent, ()) {
  const Requirement a = made(*any_twin()), b = made(*any_twin()), c = made(*any_twin());
  RC_ASSERT(a.intersection(b) == b.intersection(a));
  RC_ASSERT(a.intersection(b).intersection(c) == a.intersection(b.intersection(c)));
  RC_ASSERT(a.intersection(a) == a);
}

RC_GTEST_PROP(RequirementAlgebra, IntersectsWhereSomeValueMeetsBoth, ()) {
  const Twin left = *any_twin(), right = *any_twin();
  const Requirement a = made(left), b = made(right);
  const bool share = std::ranges::any_of(universe(), [&](const std::string& value) {
    return meets(left, value) && meets(right, value);
  });
  RC_ASSERT(a.intersects(b) == share);
  RC_ASSERT(a.intersects(b) == b.intersects(a));
  RC_ASSERT(a.intersects(b) == (a.intersection(b).op() != NodeOperator::DoesNotExist));
}

RC_GTEST_PROP(RequirementAlgebra, AnyValueIsMember, ()) {
  const Requirement a = made(*any_twin());
  if (const auto value = a.any_value()) RC_ASSERT(a.has(*value));
}

RC_GTEST_PROP(RequirementAlgebra, WrittenFormSaysTheSame, ()) {
  const Requirement a = made(*any_twin());
  const Requirements back = Requirements::from(a.written());
  RC_ASSERT(back.size() == 1U);
  RC_ASSERT(*back.begin() == a);
}

}  // namespace
}  // namespace hyperwright::kube
