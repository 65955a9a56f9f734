// Which claim a Node belongs to, and which Node stands behind a claim, in whatever order they
// become known.
#include <algorithm>
#include <functional>
#include <map>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "state/cluster_state.h"
#include "tests/state/picture.h"

namespace hyperwright::state {
namespace {

TEST(NodeMatching, ByTheInstanceThatHyperPodNamesForTheLogicalId) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1")});
  picture.comes(node("n1", "i-1"));
  EXPECT_EQ(picture.state.find_node("n1")->claim, "c1");
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "n1");
}

TEST(NodeMatching, ByTheClaimsUidOnTheNode) {
  Picture picture;
  kube::Node carries = node("n1");
  carries.meta.annotations.set(kube::kNodeClaimUid, "uid-c1");
  picture.comes(claim("c1", "l1"));
  picture.comes(carries);
  EXPECT_EQ(picture.state.find_node("n1")->claim, "c1");
}

TEST(NodeMatching, ByTheClaimsUidWhenTheClaimComesLaterAndKnowsNoLogicalId) {
  Picture picture;
  kube::Node carries = node("n1");
  carries.meta.annotations.set(kube::kNodeClaimUid, "uid-c1");
  picture.comes(carries);
  picture.comes(claim("c1"));
  EXPECT_EQ(picture.state.find_node("n1")->claim, "c1");
}

TEST(NodeMatching, ADescriptionOfOneNodeIsEnough) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.comes(node("n1", "i-1"));
  EXPECT_EQ(picture.state.find_node("n1")->claim, "");
  picture.keys();
  picture.asks(DescribeClusterNode{"i-1"}, instance("l1", "i-1"));
  EXPECT_EQ(picture.state.find_node("n1")->claim, "c1");
  EXPECT_EQ(picture.keys(), (Keys{{Of::NodeClaim, "c1"}, {Of::Node, "n1"}, {Of::HyperPod, ""}}));
}

TEST(NodeMatching, OthersAreForeign) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1"), instance("l2", "i-2")});
  picture.comes(node("of-no-claim", "i-2"));
  kube::Node elsewhere = node("of-another-cluster");
  elsewhere.provider_id = hyperpod::provider_id("usw2-az1", "zzzzzzzzzzzz", "i-1");
  picture.comes(elsewhere);
  picture.comes(node("of-no-cluster"));
  for (const char* name : {"of-no-claim", "of-another-cluster", "of-no-cluster"}) {
    EXPECT_EQ(picture.state.find_node(name)->claim, "") << name;
  }
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "");
}

TEST(NodeMatching, OfTwoNodesTheOneOfTheCurrentInstanceStandsBehindTheClaim) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-0a")});
  picture.comes(node("old", "i-0a"));
  picture.lists({instance("l1", "i-0b")});  // node recovery replaced the instance
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "old");
  picture.keys();
  picture.comes(node("new", "i-0b"));
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "new");
  EXPECT_EQ(picture.state.find_node("old")->claim, "c1") << "it is still ours";
  EXPECT_TRUE(picture.keys().contains({Of::Node, "new"}));
  picture.comes(node("old", "i-0a"));
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "new");
  picture.goes(node("old"));
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "new");
}

TEST(NodeMatching, TheNewNodeMayBeSeenBeforeTheReplacementIsListed) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-0a")});
  picture.comes(node("old", "i-0a"));
  picture.comes(node("new", "i-0b"));
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "old");
  picture.lists({instance("l1", "i-0b")});
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "new");
}

TEST(NodeMatching, ANodeThatGoesLeavesTheClaimToAnother) {
  Picture picture;
  picture.is_ready();
  picture.comes(claim("c1", "l1"));
  picture.lists({instance("l1", "i-1")});
  picture.comes(node("n1", "i-1"));
  kube::Node other = node("n2", "i-2");
  other.meta.annotations.set(kube::kNodeClaimUid, "uid-c1");
  picture.comes(other);
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "n1");
  picture.keys();
  picture.goes(node("n1"));
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "n2");
  EXPECT_TRUE(picture.keys().contains({Of::NodeClaim, "c1"}));
  picture.goes(node("n2"));
  EXPECT_EQ(picture.state.find_claim("c1")->node_name, "");
}

// What is matched does not depend on which of Node, claim, instance and cluster was known first.
RC_GTEST_PROP(NodeMatching, DoesNotDependOnTheOrderOfArrival, ()) {
  constexpr int kClaims = 3;
  Picture picture;
  std::vector<std::function<void()>> arrivals;
  for (int i = 0; i < kClaims; ++i) {
    const std::string n = std::to_string(i);
    arrivals.emplace_back([&picture, n] { picture.comes(claim("c" + n, "l" + n)); });
    arrivals.emplace_back([&picture, n] { picture.comes(node("n" + n, "i-" + n)); });
    arrivals.emplace_back([&picture, n] {
      picture.asks(DescribeClusterNode{"i-" + n}, instance("l" + n, "i-" + n));
    });
  }
  arrivals.emplace_back([&picture] { picture.is_described(); });
  arrivals.emplace_back([&picture] { picture.everything_is_listed(); });
  while (!arrivals.empty()) {
    const auto next = arrivals.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(arrivals));
    (*next)();
    arrivals.erase(next);
  }
  for (int i = 0; i < kClaims; ++i) {
    const std::string n = std::to_string(i);
    RC_ASSERT(picture.state.find_node("n" + n)->claim == "c" + n);
    RC_ASSERT(picture.state.find_claim("c" + n)->node_name == "n" + n);
  }
}

}  // namespace
}  // namespace hyperwright::state
