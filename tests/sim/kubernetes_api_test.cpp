#include "sim/kubernetes_api.h"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "sim/kubernetes_fields.h"

namespace hyperwright::sim {
namespace {

namespace json = boost::json;

const Time kNow = Time::from_unix_seconds(1'770'000'000);

json::object parse(const char* text) { return json::parse(text).as_object(); }

struct KubernetesApiTest : testing::Test {
  KubernetesApi api{Random(1), kNow};

  json::object pod(const std::string& name) {
    json::object object = parse(R"({"metadata":{},"spec":{"containers":[{"name":"main","image":"app:1"}]}})");
    object_at(object, {"metadata"})["name"] = name;
    return object;
  }
  ObjectPtr make(std::string_view resource, json::object object) {
    auto created = api.create(resource, std::move(object), kNow);
    EXPECT_TRUE(created.has_value()) << created.error().message;
    return *created;
  }
};

TEST_F(KubernetesApiTest, StartsWithTheNamespacesOfEveryCluster) {
  EXPECT_EQ(api.list("namespaces").size(), 4U);
  EXPECT_NE(api.find("namespaces", "", "kube-system"), nullptr);
}

TEST_F(KubernetesApiTest, ANewPodHasWhatClientsRelyOn) {
  const ObjectPtr created = make("pods", pod("web-0"));
  EXPECT_EQ(text_field(*created, {"kind"}), "Pod");
  EXPECT_EQ(namespace_of(*created), "default");
  EXPECT_EQ(uid_of(*created).size(), 36U);
  EXPECT_EQ(text_field(*created, {"metadata", "creationTimestamp"}), format_time(kNow));
  EXPECT_EQ(resource_version_of(*created), api.resource_version());
  EXPECT_EQ(text_field(*created, {"status", "phase"}), "Pending");
  EXPECT_EQ(text_field(*created, {"status", "qosClass"}), "BestEffort");
  EXPECT_EQ(text_field(*created, {"spec", "restartPolicy"}), "Always");
  EXPECT_EQ(text_field(*created, {"spec", "serviceAccountName"}), "default");
  EXPECT_EQ(int_field(*created, {"spec", "terminationGracePeriodSeconds"}), 30);
  EXPECT_EQ(array_field(*created, {"spec", "tolerations"})->size(), 2U);
}

}  // namespace
}  // namespace hyperwright::sim
