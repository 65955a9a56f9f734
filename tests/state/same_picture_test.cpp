// The same events give the same picture, and the order in which the kinds are listed does not
// matter: what is seen of a picture, as text, is compared.
#include <algorithm>
#include <functional>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "state/codec.h"
#include "state/snapshot.h"
#include "tests/state/generators.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

// Everything that can be read, in the order in which it is read.
std::string seen(const ClusterState& state) {
  std::string text;
  const auto line = [&]<typename... Args>(fmt::format_string<Args...> format, Args&&... args) {
    text += fmt::format(format, std::forward<Args>(args)...) + '\n';
  };
  for (const auto& [key, record] : state.pods()) {
    line("pod {}/{} {} class {} since {} verdict {} {}", key.namespace_, key.name,
         boost::json::serialize(encode(Event(Changed{record.pod}))),
         boost::json::serialize(encode(Event(Changed{kube::Pod{
             .meta = {.name = "c", .labels = state.pod_classes().get(record.pod_class).labels}}}))),
         record.pending_since.unix_microseconds(), record.verdict_version, record.verdict);
    if (record.nomination) line("  to {} {}", record.nomination->node, record.nomination->claim);
  }
  for (const auto& key : state.pending_pods()) line("pending {}/{}", key.namespace_, key.name);
  for (const auto& [name, record] : state.nodes()) {
    line("node {} {} of {}", name, boost::json::serialize(encode(Event(Changed{record.node}))),
         record.claim);
    line("  deleting since {}", record.deleting_since.unix_microseconds());
    std::vector<std::string> pods;
    for (const PodRecord* pod : state.usage(name).pods) pods.push_back(pod->pod.meta.name);
    line("  pods {} cpu {}", fmt::join(pods, " "),
         state.usage(name).requested.get(kube::Resource::Cpu));
  }
  for (const auto& [name, record] : state.claims()) {
    line("claim {} {} id {} node {} {} {}", name,
         boost::json::serialize(encode(Event(Changed{record.claim}))), record.logical_id,
         record.node_name, record.is_being_created, record.launch_problem);
    line("  deleting since {}", record.deleting_since.unix_microseconds());
    if (record.launch)
      line("  batch of {}", state.claims_of_launch(record.launch->call.batch).size());
  }
  for (const auto& [name, claim] : state.foreign_claims()) line("foreign {}", name);
  for (const auto& [name, pool] : state.node_pools())
    line("pool {} {}", name, pool.meta.generation);
  for (const auto& [name, node_class] : state.node_classes()) line("class {}", name);
  for (const auto& [key, set] : state.objects<kube::DaemonSet>()) line("daemon set {}", key.name);
  for (const auto& [key, budget] : state.objects<kube::PodDisruptionBudget>())
    line("budget {}", key.name);
  for (const auto& [key, claim] : state.objects<kube::PersistentVolumeClaim>())
    line("volume claim {} {}", key.name, claim.volume_name);
  for (const auto& [key, pods] : state.buffer_pods()) line("buffer {} {}", key.name, pods.size());
  for (const std::string& name : state.buffer_plan().claims) line("room on {}", name);
  for (const auto& [id, record] : state.hyperpod().nodes())
    line("instance {} {}", id, record.node.instance_id);
  for (const auto& [id, pending] : state.pending())
    line("pending {} {}", id, name_of(pending.action));
  for (const auto& [key, pod] : state.unplaced_pods())
    line("unplaced {}/{} {}", key.namespace_, key.name, pod->pod.meta.uid);
  const ClaimIndex& index = state.claim_index();
  for (std::size_t i = 0; i < ClaimIndex::kSets; ++i)
    line("claims {}: {}", i, fmt::join(index.of(static_cast<ClaimIndex::Of>(i)), " "));
  for (const auto& [at, name] : index.registered())
    line("registered {} {}", name, at.unix_microseconds());
  line("unowned {}; orphans {}", fmt::join(index.unowned_instances(), " "),
       fmt::join(index.orphan_nodes(), " "));
  line("next {} version {}", state.next_time().unix_microseconds(), state.solver_inputs_version());
  return text;
}

// Any events and effects at all, also those that make no sense together: two pictures that are told
// the same agree at every step, on what they show and on the keys that they mark, and no step stops
// the process.
RC_GTEST_PROP(SamePicture, TheSameEventsGiveTheSamePicture, ()) {
  Picture one, two;
  EffectId id = 0;
  const int steps = *rc::gen::inRange(1, 25);
  for (int i = 0; i < steps; ++i) {
    const int what = generators::number(9);
    if (what == 0) {
      const Duration passed = Duration::seconds(generators::number(40));
      one.passes(passed);
      two.passes(passed);
    } else if (what <= 3) {
      const Effect effect{.id = ++id, .reason = "any", .action = generators::action()};
      one.state.fold_emitted(effect, one.now);
      two.state.fold_emitted(effect, two.now);
    } else if (what == 4 && id > 0) {
      const Event answer =
          Answered{static_cast<EffectId>(1 + generators::number(static_cast<int>(id))),
                   generators::one_of<Outcome>(9), generators::text(), generators::payload()};
      one.state.fold(answer, one.now);
      two.state.fold(answer, two.now);
    } else {
      const Event event = generators::event();
      one.state.fold(event, one.now);
      two.state.fold(event, two.now);
    }
    RC_ASSERT(one.keys() == two.keys());
    RC_ASSERT(seen(one.state) == seen(two.state));
  }
}

// As a journal writes it and reads it: text in between.
ClusterState restored(const ClusterState& state) {
  const auto as_text = [](const boost::json::value& value) {
    return boost::json::parse(boost::json::serialize(value), {}, {.allow_invalid_utf8 = true});
  };
  Restoration restoration(state.options());
  for (const ObjectRef object : objects_of(state)) {
    const auto added = restoration.add(as_text(encode(object)));
    if (!added) RC_FAIL(added.error().text());
  }
  auto picture = restoration.finish(state.instance_types(), as_text(encode(MemoryCopy::of(state))));
  if (!picture) RC_FAIL(picture.error().text());
  return *std::move(picture);
}

// Classes of pods are forgotten when no pod is of them: a number is not a class's for ever.
std::string memory_of(const ClusterState& state) {
  boost::json::value memory = encode(MemoryCopy::of(state));
  boost::json::object& picture = memory.at("picture").as_object();
  std::set<std::string> misfits;
  if (const boost::json::value* found = picture.if_contains("misfits")) {
    for (boost::json::value misfit : found->as_array()) {
      const boost::json::value* place = misfit.as_object().if_contains("class");
      const auto number = place == nullptr ? 0 : place->to_number<std::size_t>();
      misfit.as_object()["class"] = picture.at("classes").at(number);
      misfits.insert(boost::json::serialize(misfit));
    }
  }
  picture.erase("misfits");
  picture.erase("classes");
  return fmt::format("{} {}", boost::json::serialize(memory), fmt::join(misfits, " "));
}

// Of one uid there is one object; what is drawn at random would have many.
Event with_own_uid(Event event) {
  if (auto* changed = std::get_if<Changed>(&event)) {
    std::visit(
        [](auto& object) {
          object.meta.uid = object.meta.namespace_ + '/' + object.meta.name + object.meta.uid;
        },
        changed->object);
  }
  return event;
}

// The loop creates no claims of another Karpenter's.
Action of_ours(Action action) {
  if (auto* create = std::get_if<CreateNodeClaim>(&action))
    create->claim.spec.node_class_ref = new_claim("c").spec.node_class_ref;
  return action;
}

// Which is restored at every step, and goes on as the other: what it remembers, text for text, and
// the keys that it marks.
RC_GTEST_PROP(SamePicture, ARestoredPictureGoesOnAsTheOneThatItWasTakenOf, ()) {
  Picture one, two;
  EffectId id = 0;
  const int steps = *rc::gen::inRange(1, 25);
  for (int i = 0; i < steps; ++i) {
    two.state = restored(two.state);
    RC_ASSERT(memory_of(one.state) == memory_of(two.state));
    const int what = generators::number(9);
    if (what == 0) {
      const Duration passed = Duration::seconds(generators::number(40));
      one.passes(passed);
      two.passes(passed);
    } else if (what <= 3) {
      const Effect effect{.id = ++id, .reason = "any", .action = of_ours(generators::action())};
      one.state.fold_emitted(effect, one.now);
      two.state.fold_emitted(effect, two.now);
    } else if (what == 4 && id > 0) {
      const Event answer =
          Answered{static_cast<EffectId>(1 + generators::number(static_cast<int>(id))),
                   generators::one_of<Outcome>(9), generators::text(), generators::payload()};
      one.state.fold(answer, one.now);
      two.state.fold(answer, two.now);
    } else {
      const Event event = with_own_uid(generators::event());
      one.state.fold(event, one.now);
      two.state.fold(event, two.now);
    }
    RC_ASSERT(memory_of(one.state) == memory_of(two.state));
    RC_ASSERT(seen(one.state) == seen(two.state));
    RC_ASSERT(one.keys() == two.keys());
  }
}

// One cluster at rest: two claims with their nodes, a foreign node, pods that run and that wait,
// and the rest.
std::vector<std::function<void(Picture&)>> a_cluster() {
  std::vector<std::function<void(Picture&)>> arrivals;
  std::uint64_t version = 1;
  const auto comes = [&](auto object) {
    object.meta.resource_version = version++;
    arrivals.emplace_back([object](Picture& picture) { picture.comes(object); });
  };
  comes(node_pool("pool"));
  comes(node_class("class"));
  comes(daemon_set("agent"));
  comes(initialized(claim("c1", "l1")));
  comes(claim("c2", "l2"));
  comes(of_another_karpenter(claim("theirs")));
  comes(node("n1", "i-1"));
  comes(node("n2", "i-2"));
  comes(node("stranger"));
  comes(pod("a", {.node = "n1"}));
  comes(pod("b", {.node = "n2", .cpu_millis = 300}));
  comes(pod("ds", {.node = "n1", .is_of_daemon_set = true}));
  comes(waiting_pod("w"));
  kube::PersistentVolumeClaim data;
  data.meta = {.name = "data", .namespace_ = "default", .uid = "v"};
  data.volume_name = "pv";
  comes(data);
  kube::PodTemplate headroom;
  headroom.meta = {.name = "headroom", .namespace_ = "default", .uid = "t"};
  headroom.scheduling.requests = cpu(100);
  comes(headroom);
  kube::CapacityBuffer spare;
  spare.meta = {.name = "spare", .namespace_ = "default", .uid = "b"};
  spare.pod_template = "headroom";
  spare.replicas = 3;
  comes(spare);
  for (std::size_t i = 0; i < kKindCount; ++i) {
    arrivals.emplace_back(
        [i](Picture& picture) { picture.state.fold(Synced{static_cast<Kind>(i)}, picture.now); });
  }
  arrivals.emplace_back([](Picture& picture) { picture.is_described(); });
  arrivals.emplace_back(
      [](Picture& picture) { picture.lists({instance("l1", "i-1"), instance("l2", "i-2")}); });
  return arrivals;
}

// The same, on a cluster that makes sense, with plans, verdicts, shapes that did not suit, and
// pods of volume claims.
TEST(SamePictureTest, ARestoredClusterGoesOn) {
  Picture one;
  for (const auto& arrives : a_cluster()) arrives(one);
  kube::Pod mounting = waiting_pod("db-0");
  mounting.scheduling.volume_claims = {{.claim_name = "data-db-0"},
                                       {.claim_name = "db-0-scratch", .is_ephemeral = true}};
  one.comes(mounting);
  one.emits(NominatePods{.node = {}, .claim = "c1", .pods = {"uid-db-0"}});
  one.emits(NominatePods{.node = "n2", .claim = {}, .pods = {"uid-w"}});
  one.emits(MarkUnavailable{{"gpu", "ml.g5.xlarge", "us-west-2a"}, one.now + Duration::minutes(3)});
  one.emits(BackOff{"gpu", one.now + Duration::minutes(1), "why"});
  one.answers(one.emits(CreateNodeClaim{new_claim("c4"), {}}), Outcome::Rejected, {}, "too long");
  one.comes(claim("c5", "l5"));
  one.goes(claim("c5", "l5"));
  one.emits(CreateNodeClaim{new_claim("c3", launch("other")), {"uid-w"}});
  one.passes(Duration::minutes(1));
  ASSERT_TRUE(one.state.has_misfits());
  Picture two;
  two.now = one.now;
  two.state = restored(one.state);
  EXPECT_EQ(seen(one.state), seen(two.state));
  EXPECT_EQ(memory_of(one.state), memory_of(two.state));
  EXPECT_EQ(one.keys(), two.keys());
  for (Picture* picture : {&one, &two}) {
    picture->comes(waiting_pod("late", {.version = 900}));
    picture->goes(node("n1", "i-1"));
    picture->passes(Duration::minutes(5));
  }
  EXPECT_EQ(seen(one.state), seen(two.state));
  EXPECT_EQ(memory_of(one.state), memory_of(two.state));
  EXPECT_EQ(one.keys(), two.keys());
}

// Which counted them by instance group, and knew no instance without a claim.
TEST(SamePictureTest, OfAnOlderJournalIsRead) {
  Picture picture;
  boost::json::value memory = encode(MemoryCopy::of(picture.state));
  memory.at("picture").as_object()["creationFailures"] =
      boost::json::array{boost::json::object{{"name", "gpu"}, {"count", 3}}};
  Restoration restoration(picture.state.options());
  const auto read = restoration.finish(picture.state.instance_types(), memory);
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(read->creation_failure("gpu", picture.now), nullptr);
}

RC_GTEST_PROP(SamePicture, TheOrderOfTheFirstListsDoesNotMatter, ()) {
  Picture in_order, shuffled;
  auto arrivals = a_cluster();
  for (const auto& arrives : arrivals) arrives(in_order);
  while (!arrivals.empty()) {
    const auto next = arrivals.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(arrivals));
    (*next)(shuffled);
    arrivals.erase(next);
  }
  const auto without_counter = [](std::string text) { return text.substr(0, text.rfind("next ")); };
  RC_ASSERT(without_counter(seen(shuffled.state)) == without_counter(seen(in_order.state)));
  RC_ASSERT(shuffled.state.is_synced());
}

}  // namespace
}  // namespace hyperwright::state
