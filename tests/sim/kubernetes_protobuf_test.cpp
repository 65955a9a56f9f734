#include "sim/kubernetes_protobuf.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

std::string varint(std::uint64_t value) {
  std::string out;
  for (; value > 0x7f; value >>= 7U) out += static_cast<char>((value & 0x7fU) | 0x80U);
  return out + static_cast<char>(value);
}
std::string bytes(unsigned field, std::string_view text) {
  return varint(field << 3U | 2U) + varint(text.size()) + std::string(text);
}
std::string number(unsigned field, std::uint64_t value) {
  return varint(field << 3U) + varint(value);
}
std::string map(unsigned field, std::string_view key, std::string_view value) {
  return bytes(field, bytes(1, key) + bytes(2, value));
}
std::string envelope(std::string_view api_version, std::string_view kind, std::string_view raw) {
  return std::string("k8s\0", 4) + bytes(1, bytes(1, api_version) + bytes(2, kind)) + bytes(2, raw);
}

std::string read(std::string_view api_version, std::string_view kind, std::string_view raw) {
  const auto object = parse_protobuf(envelope(api_version, kind, raw));
  return object ? text_of(*object) : object.error().message;
}

TEST(KubernetesProtobuf, ReadsTextsMapsAndNestedMessages) {
  EXPECT_EQ(
      read("v1", "ConfigMap",
           bytes(1, bytes(1, "c") + bytes(2, "") + map(11, "a", "b")) + map(2, "k", "v")),
      R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","labels":{"a":"b"}},"data":{"k":"v"}})");
}

TEST(KubernetesProtobuf, BytesBecomeBase64) {
  EXPECT_EQ(read("v1", "Secret", map(2, "a", "x") + map(2, "b", "xy") + map(2, "c", "xyz")),
            R"({"apiVersion":"v1","kind":"Secret","data":{"a":"eA==","b":"eHk=","c":"eHl6"}})");
}

TEST(KubernetesProtobuf, ZeroIsAbsentUnlessItIsAValue) {
  const std::string container =
      bytes(1, "a") + number(16, 0) + bytes(8, map(2, "cpu", bytes(1, "1")));
  const std::string pod = bytes(2, bytes(2, container) + number(11, 0));
  EXPECT_EQ(
      read("apps/v1", "Deployment",
           bytes(2, number(1, 0) + number(5, 0) + bytes(3, pod)) + bytes(3, "")),
      R"({"apiVersion":"apps/v1","kind":"Deployment","spec":{"replicas":0,"template":{"spec":{"containers":)"
      R"([{"name":"a","resources":{"requests":{"cpu":"1"}}}]}}}})");
}

TEST(KubernetesProtobuf, LargeAndNegativeNumbers) {
  EXPECT_EQ(read("scheduling.k8s.io/v1", "PriorityClass", number(2, 1'000'000)),
            R"({"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass","value":1000000})");
  EXPECT_EQ(read("scheduling.k8s.io/v1", "PriorityClass", number(2, ~std::uint64_t{0})),
            R"({"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass","value":-1})");
}

TEST(KubernetesProtobuf, NumbersOrTexts) {
  EXPECT_EQ(
      read("policy/v1", "PodDisruptionBudget",
           bytes(2, bytes(1, number(1, 0) + number(2, 3) + bytes(3, "")) +
                        bytes(3, number(1, 1) + number(2, 0) + bytes(3, "10%")))),
      R"({"apiVersion":"policy/v1","kind":"PodDisruptionBudget","spec":{"minAvailable":3,"maxUnavailable":"10%"}})");
}

TEST(KubernetesProtobuf, WhatIsNotKnownIsRefusedAndNeverDropped) {
  EXPECT_NE(read("v1", "ConfigMap", bytes(9, "x")).find("field 9 of ConfigMap"), std::string::npos);
  EXPECT_NE(read("v1", "Pod", "").find("kind \"Pod\""), std::string::npos);
  EXPECT_FALSE(parse_protobuf("{}"));
  EXPECT_FALSE(parse_protobuf(envelope("v1", "ConfigMap", "\x0a\x7f")));
}

}  // namespace
}  // namespace hyperwright::sim
