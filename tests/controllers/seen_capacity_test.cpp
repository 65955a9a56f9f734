#include "tests/controllers/picture.h"

namespace hyperwright::controllers::test {
namespace {

using testing::IsEmpty;

TEST(SeenCapacity, WhatANodeShowsIsRememberedOnItsClassOnce) {
  Picture p;
  p.put(pool("p"));
  p.put_running("p-a", "p");
  const Key key{Key::Of::Node, "node-p-a"};
  const Effects effects = p.look("nodeclass.seencapacity", key);
  const auto patch = only<state::PatchNodeClass>(effects);
  EXPECT_EQ(patch.name, "main");
  EXPECT_EQ(patch.set_annotations.get(kube::kSeenCapacity),
            R"({"cpu":{"ml.c5.xlarge":{"cpu":"4","memory":"16Gi","pods":"14"}}})");
  p.accept(effects);
  EXPECT_THAT(p.look("nodeclass.seencapacity", key), IsEmpty());
  EXPECT_THAT(p.look("nodeclass.seencapacity", {Key::Of::NodeClass, "main"}), IsEmpty());
}

// Else the cheapest type, whose nodes show a little less than the catalogue says, would be bought
// again and again for a pod that asks for all but that.
TEST(SeenCapacity, PlansRestOnWhatNodesShowed) {
  for (const auto& [seen, bought] :
       {std::pair("", "ml.c5.xlarge"),
        std::pair(R"({"cpu":{"ml.c5.xlarge":{"cpu":"3490m"}}})", "ml.c5.4xlarge")}) {
    Picture p;
    kube::HyperpodNodeClass remembering = node_class("main", {"cpu", "big", "gpu"});
    remembering.meta.annotations.set(kube::kSeenCapacity, seen);
    p.put(remembering);
    p.put(pool("p"));
    p.settle();
    p.put(pending_pod("web", "3500m"));
    p.wait(Duration::seconds(1));
    const auto create =
        only<state::CreateNodeClaim>(p.look("provisioner", {Key::Of::PendingPods, {}}));
    EXPECT_EQ(create.claim.meta.labels.get(kube::kInstanceType), bought) << seen;
  }
}

}  // namespace
}  // namespace hyperwright::controllers::test
