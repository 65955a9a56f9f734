#include "sim/kubernetes_yaml.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

std::string json_of(std::string_view yaml) {
  const auto value = parse_yaml(yaml);
  return value ? text_of(*value) : value.error().text();
}

TEST(KubernetesYaml, ScalarsAreTypedUnlessQuoted) {
  EXPECT_EQ(
      json_of("{a: 1, b: '1', c: \"x\", d: true, e: no, f: null, g: ~, h: 1.5, i: v1.36, j: -3}"),
      R"({"a":1,"b":"1","c":"x","d":true,"e":false,"f":null,"g":null,"h":1.5E0,"i":"v1.36","j":-3})");
}

TEST(KubernetesYaml, WhatOnlyLooksLikeANumberIsText) {
  EXPECT_EQ(json_of("[1Gi, 100m, 1.2.3, -, e]"), R"(["1Gi","100m","1.2.3","-","e"])");
}

TEST(KubernetesYaml, BlocksAndJson) {
  EXPECT_EQ(json_of("a:\n- b: |\n    x\n    y\n  c: d\n"), R"({"a":[{"b":"x\ny\n","c":"d"}]})");
  EXPECT_EQ(json_of(R"({"a": [1, "b"]})"), R"({"a":[1,"b"]})");
}

TEST(KubernetesYaml, WhatCannotBeReadIsPlaced) {
  const auto value = parse_yaml("a: b\n c: [");
  ASSERT_FALSE(value);
  EXPECT_NE(value.error().text().find("line 2"), std::string::npos) << value.error().text();
  EXPECT_FALSE(parse_yaml(std::string(500, '[')));
}

}  // namespace
}  // namespace hyperwright::sim
