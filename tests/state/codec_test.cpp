#include "state/codec.h"

#include <array>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/random.h"
#include "tests/state/generators.h"

namespace hyperwright::state {
namespace {

namespace json = boost::json;

json::value parsed(std::string_view text) {
  return json::parse({text.data(), text.size()}, {}, {.allow_invalid_utf8 = true});
}
std::string problem_of_event(std::string_view text) {
  const auto decoded = decode_event(parsed(text));
  return decoded ? "none" : decoded.error().text();
}
std::string problem_of_effect(std::string_view text) {
  const auto decoded = decode_effect(parsed(text));
  return decoded ? "none" : decoded.error().text();
}

// As a value, and as a line of text that is read again.
template <typename T, typename Decode>
void expect_round_trip(const T& value, Decode decode) {
  const json::value encoded = encode(value);
  const auto direct = decode(encoded);
  if (!direct) RC_FAIL(direct.error().text() + " in " + json::serialize(encoded));
  RC_ASSERT(*direct == value);
  const std::string line = json::serialize(encoded);
  const auto read = decode(parsed(line));
  if (!read) RC_FAIL(read.error().text() + " in " + line);
  RC_ASSERT(*read == value);
  RC_ASSERT(line.find('\n') == std::string::npos);
}

RC_GTEST_PROP(Codec, EventsComeBackAsTheyWere, (const Event& event)) {
  expect_round_trip(event, decode_event);
}
RC_GTEST_PROP(Codec, EffectsComeBackAsTheyWere, (const Effect& effect)) {
  expect_round_trip(effect, decode_effect);
}
RC_GTEST_PROP(Codec, OptionsComeBackAsTheyWere, (const Options& options)) {
  expect_round_trip(options, decode_options);
}

TEST(Codec, InstanceTypesComeBackAsTheyWere) {
  hyperpod::InstanceTypes types = hyperpod::InstanceTypes::shipped();
  std::vector<hyperpod::InstanceType> list(types.all().begin(), types.all().end());
  list.front().known_capacity.emplace().set("example.com/thing", 3);
  list.front().known_allocatable.emplace();
  list.back().on_demand = hyperpod::Price{hyperpod::MicroDollars(1'250'001), true};
  types = hyperpod::InstanceTypes::of(std::move(list));
  const auto read = decode_instance_types(parsed(json::serialize(encode(types))));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, types);
  EXPECT_FALSE(decode_instance_types(parsed(R"([{"name":"a","wings":2}])")));
  EXPECT_FALSE(decode_instance_types(parsed("{}")));
}

TEST(Codec, APriceOfAnOlderJournalHasNoOrigin) {
  const auto read = decode_event(parsed(R"({"priced":[{"type":"ml.a","microDollars":5}]})"));
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(*read, Event(Priced{{{"ml.a", {hyperpod::MicroDollars(5), false}, {}}}}));
  const auto types =
      decode_instance_types(parsed(R"([{"name":"ml.a","onDemand":{"microDollars":5}}])"));
  ASSERT_TRUE(types) << types.error().text();
  EXPECT_EQ(types->all()[0].on_demand, (hyperpod::Price{hyperpod::MicroDollars(5), false}));
  EXPECT_EQ(types->all()[0].price_origin, hyperpod::PriceOrigin{});
}

// The random draw may leave an alternative out; none is forgotten here.
RC_GTEST_PROP(Codec, EveryActionComesBackAsItWas, ()) {
  for (std::size_t i = 0; i < std::variant_size_v<Action>; ++i) {
    const Effect effect{.id = i, .reason = "test", .action = generators::action(i)};
    RC_ASSERT(effect.action.index() == i);
    expect_round_trip(effect, decode_effect);
  }
}

TEST(Codec, APersonCanReadIt) {
  EXPECT_EQ(json::serialize(encode(Event(Synced{Kind::NodeClass}))),
            R"({"synced":"HyperpodNodeClass"})");
  EXPECT_EQ(
      json::serialize(encode(Event(Gone{
          .kind = Kind::Pod, .key = {"default", "web-0"}, .uid = "u1", .resource_version = 812}))),
      R"({"gone":{"kind":"Pod","namespace":"default","name":"web-0","uid":"u1","version":812}})");
  EXPECT_EQ(json::serialize(encode(
                Event(Answered{.effect = 7, .outcome = Outcome::Retry, .message = "throttled"}))),
            R"({"answered":{"effect":7,"outcome":"Retry","message":"throttled"}})");
  EXPECT_EQ(
      json::serialize(encode(Effect{.id = 7, .reason = "empty", .action = DescribeCluster{}})),
      R"({"id":7,"reason":"empty","DescribeCluster":{}})");
  const MarkUnavailable unavailable{{"gpu", "ml.p5.48xlarge", "us-west-2a"},
                                    Time::from_unix_seconds(1'800'000'000)};
  EXPECT_EQ(
      json::serialize(
          encode(Effect{.id = 8, .reason = "insufficient_capacity", .action = unavailable})),
      R"({"id":8,"reason":"insufficient_capacity","MarkUnavailable":)"
      R"({"offering":{"group":"gpu","type":"ml.p5.48xlarge","zone":"us-west-2a"},"until":"2027-01-15T08:00:00Z"}})");
  EXPECT_EQ(
      json::serialize(encode(Options{.cluster = "ml"})),
      R"({"cluster":"ml","batchIdle":"1s","batchMax":"10s","registrationTimeout":"30m0s","capacityTimeout":"10m0s","unavailableFor":"3m0s","preferencePolicy":"Respect","minValuesPolicy":"Strict","featureGates":{"reservedCapacity":true}})");
}

TEST(Codec, AProblemNamesItsPlaceAndWhatWouldDo) {
  const std::array<std::array<std::string_view, 2>, 16> cases = {{
      {"7", "it is no JSON object"},
      {"{}", "it is none of changed, gone, synced, answered and priced"},
      {R"({"synced":"Job"})",
       R"(member "synced" is "Job"; it must be one of Pod, Node, NodePool,)"},
      {R"({"synced":7})", R"(member "synced" is no text)"},
      {R"({"synced":"Pod","gone":{}})", R"(member "gone.kind" is missing)"},
      {R"({"synced":"Pod","extra":1})", R"(member "extra" is not known here)"},
      {R"({"gone":[]})", R"(member "gone" is no object)"},
      {R"({"gone":{"kind":"Pod","version":-1}})",
       R"(member "gone.version" is -1; it must be a whole number from 0 to 18446744073709551615)"},
      {R"({"gone":{"kind":"Pod","nmae":"a"}})", R"(member "gone.nmae" is not known here)"},
      {R"({"answered":{"effect":1}})", R"(member "answered.outcome" is missing)"},
      {R"({"answered":{"effect":1,"outcome":"Done","subnets":{}}})",
       R"(member "answered.subnets" is no list)"},
      {R"({"answered":{"effect":1,"outcome":"Done","nodes":{"items":[{"status":"Running"},{"status":"Runing"}]}}})",
       R"(member "answered.nodes.items[1].status" is "Runing"; it must be one of Running, Failure,)"},
      {R"({"answered":{"effect":1,"outcome":"Done","event":{"level":"Error","of":"Instance","time":"noon"}}})",
       R"(member "answered.event.time" cannot be read: "noon" is no time)"},
      {R"({"answered":{"effect":1,"outcome":"Done","node":{"status":"Running"},"cluster":{"status":"InService","nodeRecovery":"None"}}})",
       R"(member "answered.node" is not known here)"},
      {R"({"changed":{"kind":"Job"}})",
       R"(member "changed" cannot be read: it is no object of a kind that is watched)"},
      {R"({"changed":{"kind":"Pod"}})",
       R"(member "changed" cannot be read: Pod has no metadata.name)"},
  }};
  for (const auto& [text, problem] : cases)
    EXPECT_EQ(problem_of_event(text).substr(0, problem.size()), problem) << text;
}

TEST(Codec, AProblemOfAnEffectNamesItsPlaceToo) {
  const std::array<std::array<std::string_view, 2>, 7> cases = {{
      {"[]", "it is no JSON object"},
      {R"({"id":1,"reason":"x"})", "it has no action"},
      {R"({"id":1,"Explode":{}})", R"(member "Explode" is no action that is known)"},
      {R"({"id":1,"DescribeCluster":{},"BackOff":{}})", R"(member "BackOff" is not known here)"},
      {R"({"id":"1","DescribeCluster":{}})", R"(member "id" is "1"; it must be a whole number)"},
      {R"({"BatchAddClusterNodes":{"specifications":[{"count":2147483648}]}})",
       R"(member "BatchAddClusterNodes.specifications[0].count" is 2147483648; it must be a whole number from -2147483648 to 2147483647)"},
      {R"({"UpdateNodePoolStatus":{"pool":{"kind":"Pod","metadata":{"name":"a"}}}})",
       R"(member "UpdateNodePoolStatus.pool" is a Pod; it must be a NodePool)"},
  }};
  for (const auto& [text, problem] : cases)
    EXPECT_EQ(problem_of_effect(text).substr(0, problem.size()), problem) << text;
}

TEST(Codec, EveryProblemHasARemedy) {
  for (const char* text : {"7", "{}", R"({"synced":"Job"})", R"({"changed":{}})",
                           R"({"answered":{"effect":1,"outcome":"Done","event":{"time":"x"}}})"}) {
    const auto decoded = decode_event(parsed(text));
    ASSERT_FALSE(decoded) << text;
    EXPECT_EQ(decoded.error().code(), ErrorCode::Invalid);
    EXPECT_FALSE(decoded.error().remedy().empty()) << text;
  }
}

// --- documents that are nearly right ---

json::value& any_place_in(json::value& document, Random& random) {
  json::value* place = &document;
  while (true) {
    if (auto* object = place->if_object();
        object != nullptr && !object->empty() && random.chance(800)) {
      place =
          &(object->begin() + static_cast<std::ptrdiff_t>(random.below(object->size())))->value();
    } else if (auto* array = place->if_array();
               array != nullptr && !array->empty() && random.chance(800)) {
      place = &(*array)[random.below(array->size())];
    } else {
      return *place;
    }
  }
}
void mutate(json::value& document, Random& random) {
  static const std::vector<json::value> kOdd = {
      nullptr,        true,         0, -1, 7, UINT64_MAX, 0.5, "", "Pod", "2026-11-24T12:00:00Z",
      json::object{}, json::array{}};
  json::value& place = any_place_in(document, random);
  auto* object = place.if_object();
  if (object != nullptr && !object->empty() && random.chance(300)) {
    object->erase(object->begin() + static_cast<std::ptrdiff_t>(random.below(object->size())));
  } else if (object != nullptr && random.chance(300)) {
    (*object)["odd"] = 1;
  } else {
    place = kOdd[random.below(kOdd.size())];
  }
}

// Whatever was done to it: no crash, and either an error that says something or a value that
// encodes again.
template <typename T, typename Decode>
void expect_mutants_to_be_refused_or_read(const T& value, Decode decode) {
  Random random(*rc::gen::arbitrary<std::uint64_t>());
  for (int i = 0; i < 20; ++i) {
    json::value mutant = encode(value);
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) mutate(mutant, random);
    const auto decoded = decode(mutant);
    if (!decoded) {
      RC_ASSERT(!decoded.error().text().empty());
      continue;
    }
    const auto again = decode(encode(*decoded));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == *decoded);
  }
}
RC_GTEST_PROP(Codec, MutatedEventsAreRefusedOrReadAsSomethingElse, (const Event& event)) {
  expect_mutants_to_be_refused_or_read(event, decode_event);
}
RC_GTEST_PROP(Codec, MutatedEffectsAreRefusedOrReadAsSomethingElse, (const Effect& effect)) {
  expect_mutants_to_be_refused_or_read(effect, decode_effect);
}
RC_GTEST_PROP(Codec, ALineThatWasCutIsNoJson, (const Event& event)) {
  const std::string line = json::serialize(encode(event));
  boost::system::error_code error;
  const auto cut = *rc::gen::inRange<std::size_t>(0, line.size());
  json::parse({line.data(), cut}, error, {}, {.allow_invalid_utf8 = true});
  RC_ASSERT(error.failed());
}

}  // namespace
}  // namespace hyperwright::state
