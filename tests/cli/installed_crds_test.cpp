// What a cluster's definitions are compared with, and how ours get there.
#include "cli/installed_crds.h"

#include <map>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "kube/crds.h"
#include "sim/kubernetes_yaml.h"
#include "tests/client/loopback_access.h"

namespace hyperwright::cli {
namespace {

namespace json = boost::json;
using client::LoopbackServer;
using testing::ElementsAre;

constexpr std::string_view kPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/";

// The API server's part: definitions by name, which are established as soon as they are there.
class Definitions {
 public:
  Definitions() : server_([this](const auto& request, auto& out) { serve(request, out); }) {}

  void install(std::string_view yaml) {
    json::value definition = sim::parse_yaml(yaml).value();
    const std::string name(definition.at("metadata").at("name").as_string());
    const json::object established{{"type", "Established"}, {"status", "True"}};
    definition.as_object()["status"] = json::object{{"conditions", json::array{established}}};
    by_name[name] = std::move(definition);
  }
  std::vector<InstalledCrd> look() {
    client::HttpClient http;
    client::KubernetesClient kubernetes(http, client::access_to(server_));
    return look_at_crds(kubernetes).value();
  }
  Status apply(const InstalledCrd& crd) {
    client::HttpClient http;
    client::KubernetesClient kubernetes(http, client::access_to(server_));
    return apply_crd(kubernetes, crd);
  }

  std::map<std::string, json::value> by_name;
  std::string applied_as;  // query and content type of the last one

 private:
  void serve(const LoopbackServer::Request& request, LoopbackServer::Exchange& out) {
    const std::string_view target(request.target);
    const std::string name(target.substr(kPath.size(), target.find('?') - kPath.size()));
    if (request.method == "PATCH") {
      applied_as =
          std::string(target.substr(target.find('?'))) + " " + request.header("content-type");
      install(request.body);
    }
    const auto found = by_name.find(name);
    out.send(found == by_name.end()
                 ? client::answer(404, R"({"kind":"Status","reason":"NotFound"})")
                 : client::answer(200, json::serialize(found->second)));
  }

  LoopbackServer server_;  // last: its threads end before what they use
};

TEST(InstalledCrds, WhatIsMissingIsSaidAndWhatIsForAGateIsNotNeeded) {
  std::vector<std::string> needed;
  for (const InstalledCrd& crd : Definitions().look()) {
    EXPECT_FALSE(crd.found);
    EXPECT_FALSE(crd.is_complete());
    if (crd.is_needed) needed.push_back(crd.name);
  }
  EXPECT_THAT(needed, ElementsAre("nodepools.karpenter.sh", "nodeclaims.karpenter.sh",
                                  "hyperpodnodeclasses.karpenter.sagemaker.amazonaws.com"));
}

TEST(InstalledCrds, OursAreOursAndComplete) {
  Definitions definitions;
  for (const std::string_view yaml : kube::crds()) definitions.install(yaml);
  for (const InstalledCrd& crd : definitions.look()) {
    ASSERT_TRUE(crd.found) << crd.name;
    EXPECT_TRUE(crd.found->is_ours) << crd.name;
    EXPECT_TRUE(crd.is_complete()) << crd.name << " lacks " << kube::in_words(crd.found->missing);
  }
}

TEST(InstalledCrds, AnOlderOneLacksItsFields) {
  Definitions definitions;
  definitions.install(kube::crds()[0]);
  json::value& pools = definitions.by_name.at("nodepools.karpenter.sh");
  pools.at("metadata").as_object().erase("labels");
  pools.at_pointer("/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties")
      .as_object()
      .erase("replicas");
  const auto crd = definitions.look().front();
  EXPECT_FALSE(crd.found->is_ours);
  EXPECT_THAT(crd.found->missing, ElementsAre("spec.replicas"));
}

TEST(InstalledCrds, OneIsAppliedOnTheServersSide) {
  Definitions definitions;
  const auto crd = definitions.look().front();
  const auto applied = definitions.apply(crd);
  ASSERT_TRUE(applied) << applied.error().text();
  EXPECT_EQ(definitions.applied_as,
            "?fieldManager=hyperwright&force=true application/apply-patch+yaml");
  EXPECT_TRUE(definitions.look().front().is_complete());
}

}  // namespace
}  // namespace hyperwright::cli
