#include "sim/kubernetes_watch.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

namespace json = boost::json;

struct KubernetesWatchTest : KubernetesTest {
  // "ADDED a, MODIFIED b"
  std::string events(Watch& watch) {
    std::string out;
    std::string lines = watch.next_lines(api, now);
    for (std::size_t start = 0; start < lines.size();) {
      const std::size_t end = lines.find('\n', start);
      const json::object event = json::parse(lines.substr(start, end - start)).as_object();
      out += fmt::format("{}{} {}", out.empty() ? "" : ", ", text_field(event, {"type"}),
                         name_of(event.at("object").as_object()));
      start = end + 1;
    }
    return out;
  }
};

TEST_F(KubernetesWatchTest, BeginsWithWhatExists) {
  make_pod("a");
  Watch watch({.resource = "pods"});
  EXPECT_EQ(events(watch), "ADDED a");
  make_pod("b");
  EXPECT_EQ(events(watch), "ADDED b");
  EXPECT_EQ(events(watch), "");
}

TEST_F(KubernetesWatchTest, BeginsAfterAResourceVersion) {
  const ObjectPtr a = make_pod("a");
  make_pod("b");
  ASSERT_TRUE(api.remove("pods", "default", "a", now));
  Watch watch({.resource = "pods", .resource_version = resource_version_of(*a)});
  EXPECT_EQ(events(watch), "ADDED b, DELETED a");
}

TEST_F(KubernetesWatchTest, SelectsByNamespaceLabelsAndFields) {
  make("namespaces", "{metadata: {name: shop}}");
  Watch in_shop({.resource = "configmaps", .select = {.ns = "shop"}});
  Watch one({.resource = "configmaps",
             .select = {.fields = *parse_field_selector("configmaps", "metadata.name=b")}});
  EXPECT_EQ(events(in_shop), "");
  EXPECT_EQ(events(one), "");
  make("configmaps", "{metadata: {name: a}}");
  make("configmaps", "{metadata: {name: b, namespace: shop}}");
  EXPECT_EQ(events(in_shop), "ADDED b");
  EXPECT_EQ(events(one), "ADDED b");
}

TEST_F(KubernetesWatchTest, WhatBeginsToMatchIsAddedAndWhatEndsIsDeleted) {
  Watch watch(
      {.resource = "pods", .select = {.labels = *parse_label_selector("app=web,tier=front")}});
  make_pod("a");
  EXPECT_EQ(events(watch), "");
  ASSERT_TRUE(merge("pods", "default", "a", "{metadata: {labels: {tier: front}}}"));
  EXPECT_EQ(events(watch), "ADDED a");
  ASSERT_TRUE(merge("pods", "default", "a", "{metadata: {labels: {other: x}}}"));
  EXPECT_EQ(events(watch), "MODIFIED a");
  ASSERT_TRUE(merge("pods", "default", "a", "{metadata: {labels: {tier: back}}}"));
  EXPECT_EQ(events(watch), "DELETED a");
  ASSERT_TRUE(api.remove("pods", "default", "a", now));
  EXPECT_EQ(events(watch), "");
}

TEST_F(KubernetesWatchTest, EveryStateIsToldAsItWas) {
  Watch watch({.resource = "configmaps", .resource_version = api.resource_version()});
  make("configmaps", "{metadata: {name: a}, data: {x: '1'}}");
  ASSERT_TRUE(merge("configmaps", "default", "a", "{data: {x: '2'}}"));
  const std::string lines = watch.next_lines(api, now);
  EXPECT_LT(lines.find(R"("x":"1")"), lines.find(R"("x":"2")"));
}

TEST_F(KubernetesWatchTest, OneThatIsTooFarBehindEndsWithGone) {
  Watch watch({.resource = "configmaps", .resource_version = api.resource_version()});
  make("configmaps", "{metadata: {name: a}}");
  for (std::size_t i = 0; i < kLogLength; ++i) {
    ASSERT_TRUE(merge("configmaps", "default", "a", fmt::format("{{data: {{x: '{}'}}}}", i)));
  }
  const json::object event = json::parse(watch.next_lines(api, now)).as_object();
  EXPECT_EQ(text_field(event, {"type"}), "ERROR");
  EXPECT_EQ(int_field(event, {"object", "code"}), 410);
  EXPECT_EQ(text_field(event, {"object", "reason"}), "Expired");
  EXPECT_TRUE(watch.is_over());
  EXPECT_EQ(watch.next_lines(api, now), "");
}

TEST_F(KubernetesWatchTest, BookmarksSayHowFarItIs) {
  Watch without({.resource = "pods"});
  Watch with({.resource = "pods", .allows_bookmarks = true});
  make("configmaps", "{metadata: {name: a}}");
  without.next_lines(api, now);
  with.next_lines(api, now);
  EXPECT_EQ(without.bookmark(api), "");
  const json::object event = json::parse(with.bookmark(api)).as_object();
  EXPECT_EQ(text_field(event, {"type"}), "BOOKMARK");
  EXPECT_EQ(text_field(event, {"object", "kind"}), "Pod");
  EXPECT_EQ(text_field(event, {"object", "metadata", "resourceVersion"}),
            std::to_string(api.resource_version()));
}

TEST_F(KubernetesWatchTest, TablesNameTheirColumnsOnce) {
  Watch watch({.resource = "pods", .rendering = Rendering::Table});
  make_pod("a");
  const json::object first = json::parse(watch.next_lines(api, now)).as_object();
  EXPECT_EQ(text_field(first, {"object", "kind"}), "Table");
  EXPECT_FALSE(array_field(first, {"object", "columnDefinitions"})->empty());
  make_pod("b");
  const json::object second = json::parse(watch.next_lines(api, now)).as_object();
  EXPECT_TRUE(array_field(second, {"object", "columnDefinitions"})->empty());
}

TEST_F(KubernetesWatchTest, EndsWithItsDefinition) {
  make_widget_definition();
  Watch watch({.resource = "widgets.example.dev"});
  watch.next_lines(api, now);
  ASSERT_TRUE(
      api.remove("customresourcedefinitions.apiextensions.k8s.io", "", "widgets.example.dev", now));
  EXPECT_EQ(watch.next_lines(api, now), "");
  EXPECT_TRUE(watch.is_over());
}

}  // namespace
}  // namespace hyperwright::sim
