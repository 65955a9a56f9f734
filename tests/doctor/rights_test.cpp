// The list of rights is what is called and what is granted, and a missing one is told by resource.
#include "doctor/rights.h"

#include <algorithm>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "runtime/calls.h"
#include "tests/doctor/every_effect.h"

namespace hyperwright::doctor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using Rights = std::set<Right>;

std::vector<std::string> parts_of(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::string_view part = path.substr(0, path.find('/'));
    parts.emplace_back(part);
    path.remove_prefix(part.size());
  }
  return parts;
}

// "PATCH /apis/karpenter.sh/v1/nodepools/gpu/status" is to patch nodepools/status of karpenter.sh.
Right right_of(const runtime::KubernetesCall& call) {
  std::vector<std::string> parts = parts_of(call.path);
  const bool is_named = parts[0] == "apis";
  Right right{.group = is_named ? parts[1] : "", .resource = {}, .verb = {}};
  parts.erase(parts.begin(), parts.begin() + (is_named ? 3 : 2));
  if (parts[0] == "namespaces" && parts.size() > 2) parts.erase(parts.begin(), parts.begin() + 2);
  right.resource = parts[0];
  if (parts.size() > 2) right.resource += "/" + parts[2];
  right.verb = call.method == "POST" ? "create" : call.method == "PATCH" ? "patch" : "delete";
  return right;
}

bool is_write(const Right& right) {
  return right.verb != "list" && right.verb != "watch" && right.verb != "get" && !right.is_of_lease;
}

Rights granted_by(const std::string& file) {
  Rights rights;
  for (const YAML::Node& document : YAML::LoadAllFromFile(file)) {
    const auto kind = document["kind"].as<std::string>();
    if (kind != "ClusterRole" && kind != "Role") continue;
    for (const YAML::Node& rule : document["rules"]) {
      for (const auto& group : rule["apiGroups"]) {
        for (const auto& resource : rule["resources"]) {
          for (const auto& verb : rule["verbs"]) {
            rights.insert({group.as<std::string>(), resource.as<std::string>(),
                           verb.as<std::string>(), kind == "Role"});
          }
        }
      }
    }
  }
  return rights;
}

TEST(Rights, EveryEffectMayBeCarriedOutAndNothingElseIsAskedFor) {
  Rights called;
  for (const state::Effect& effect : test::every_effect()) {
    if (const auto call = runtime::kubernetes_call(effect, Time::from_unix_seconds(1)))
      called.insert(right_of(*call));
  }
  Rights listed;
  for (const Right& right : all_kubernetes_rights()) {
    if (is_write(right)) listed.insert(right);
  }
  EXPECT_EQ(called, listed);
}

TEST(Rights, EveryKindThatIsWatchedMayBeListedAndWatched) {
  EXPECT_EQ(std::ranges::count(all_kubernetes_rights(), "watch", &Right::verb),
            static_cast<std::ptrdiff_t>(state::kKindCount));
  EXPECT_EQ(std::ranges::count(all_kubernetes_rights(), "list", &Right::verb),
            static_cast<std::ptrdiff_t>(state::kKindCount));
}

TEST(Rights, RbacYamlGrantsExactlyThese) {
  const std::vector<Right> all = all_kubernetes_rights();
  EXPECT_EQ(granted_by(std::string(HYPERWRIGHT_SOURCE_DIR) + "/deploy/rbac.yaml"),
            Rights(all.begin(), all.end()));
}

TEST(Rights, OfKindsThatNoGateOpensNoneIsAskedFor) {
  const auto speaks_of = [](const std::vector<Right>& rights, std::string_view resource) {
    return std::ranges::any_of(
        rights, [&](const Right& right) { return right.resource.starts_with(resource); });
  };
  state::Options options;
  EXPECT_FALSE(speaks_of(kubernetes_rights(options), "capacitybuffers"));
  EXPECT_FALSE(speaks_of(kubernetes_rights(options), "nodeoverlays"));
  options.gates.capacity_buffer = true;
  EXPECT_TRUE(speaks_of(kubernetes_rights(options), "capacitybuffers/status"));
}

AskedRight asked(std::string resource, std::string verb, bool is_allowed) {
  return {{"karpenter.sh", std::move(resource), std::move(verb)}, is_allowed};
}

TEST(Rights, AreToldInOneLineWhenAllAreThere) {
  const Findings findings = check_rights(
      "me", std::vector{asked("nodepools", "list", true), asked("nodepools", "watch", true)});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Ok);
  EXPECT_EQ(findings[0].found, "me may do all that the controller does (2 rights)");
}

TEST(Rights, MissingOnesAreAProblemForEachResource) {
  const Findings findings = check_rights(
      "me", std::vector{asked("nodeclaims", "create", false), asked("nodeclaims", "list", true),
                        asked("nodeclaims", "patch", false), asked("nodepools", "list", false)});
  ASSERT_THAT(findings, SizeIs(2));
  EXPECT_EQ(findings[0].found, "me may not create, patch nodeclaims.karpenter.sh");
  EXPECT_EQ(findings[1].found, "me may not list nodepools.karpenter.sh");
  EXPECT_EQ(findings[0].verdict, Verdict::Problem);
  EXPECT_THAT(findings[0].remedy, HasSubstr("deploy/rbac.yaml"));
}

TEST(Rights, WithoutEventsItGoesOnInSilence) {
  const Findings findings =
      check_rights("me", std::vector{AskedRight{{"", "events", "create"}, false}});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Warning);
}

TEST(Rights, AQuestionThatIsNotAnsweredIsAProblemAndToldOnce) {
  const auto refused = [] {
    return AskedRight{{"", "pods", "list"}, fail(ErrorCode::Forbidden, "403", "ask an admin")};
  };
  const Findings findings = check_rights("me", std::vector{refused(), refused()});
  ASSERT_THAT(findings, SizeIs(1));
  EXPECT_EQ(findings[0].verdict, Verdict::Problem);
  EXPECT_EQ(findings[0].found, "could not be asked: 2 of 2 rights: 403");
  EXPECT_EQ(findings[0].remedy, "ask an admin");
}

}  // namespace
}  // namespace hyperwright::doctor
