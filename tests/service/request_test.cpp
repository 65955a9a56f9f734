// How requests are checked, whatever the operation.
#include "service/request_reader.h"
#include "tests/service/world.h"

namespace hyperwright::service {
namespace {

using testing::HasSubstr;

TEST(Request, UnknownOperationIsNotFound) {
  World world;
  const Answer answer = world.call("UpdateClusterSoftware", "{}");
  EXPECT_EQ(answer.http_status(), 404);
  EXPECT_TRUE(is_error(answer, "UnknownOperationException", "UpdateClusterSoftware"));
}

TEST(Request, BodyThatIsNoObjectCannotBeRead) {
  World world;
  const Answer answer = world.call("ListClusters", "[1]");
  EXPECT_EQ(answer.http_status(), 400);
  EXPECT_TRUE(is_error(answer, "SerializationException", "no JSON object"));
}

TEST(Request, MemberOfTheWrongKindIsNamed) {
  World world;
  EXPECT_TRUE(is_error(world.call("DescribeCluster", R"({"ClusterName": 7})"),
                       "SerializationException",
                       "clusterName: NUMBER_VALUE can not be converted to a String"));
  EXPECT_TRUE(is_error(
      world.call(
          "BatchAddClusterNodes",
          R"({"ClusterName": "hp1", "NodesToAdd": [{"InstanceGroupName": "g", "IncrementTargetCountBy": "1"}]})"),
      "SerializationException",
      "nodesToAdd.1.member.incrementTargetCountBy: STRING_VALUE can not be converted to an "
      "Integer"));
  EXPECT_TRUE(is_error(
      world.call("ListClusterNodes", R"({"ClusterName": "hp1", "CreationTimeAfter": "yesterday"})"),
      "SerializationException", "creationTimeAfter"));
}

TEST(Request, MissingMemberIsNamedAsAwsDoes) {
  World world;
  EXPECT_TRUE(is_error(world.call("DescribeCluster", "{}"), "ValidationException",
                       "1 validation error detected: Value at 'clusterName' failed to satisfy "
                       "constraint: Member must not be null"));
}

TEST(Request, AllBrokenConstraintsAreTold) {
  World world;
  const Answer answer = world.call(
      "BatchAddClusterNodes",
      R"({"ClusterName": "-", "NodesToAdd": [{"InstanceGroupName": "g", "IncrementTargetCountBy": 51}]})");
  EXPECT_THAT(std::string(answer.error_message()),
              testing::AllOf(HasSubstr("2 validation errors detected: Value '-' at 'clusterName' "
                                       "failed to satisfy constraint: "
                                       "Member must satisfy regular expression pattern: "),
                             HasSubstr("Value '51' at 'nodesToAdd.1.member.incrementTargetCountBy' "
                                       "failed to satisfy constraint: "
                                       "Member must have value less than or equal to 50")));
}

TEST(Request, EnumeratorsAreListed) {
  World world;
  EXPECT_TRUE(is_error(
      world.call("ListClusters", R"({"SortBy": "Size"})"), "ValidationException",
      "Value 'Size' at 'sortBy' failed to satisfy constraint: Member must satisfy enum value set: "
      "[CREATION_TIME, NAME]"));
}

TEST(Request, UnknownMembersAreIgnored) {
  World world;
  EXPECT_TRUE(world.call("ListClusters", R"({"SomethingNew": 1})").is_success());
}

TEST(Request, CanonicalTextDoesNotDependOnTheOrderOfMembers) {
  EXPECT_EQ(canonical(json::parse(R"({"b": [1, {"d": 1, "c": "x"}], "a": null})")),
            R"({"a":null,"b":[1,{"c":"x","d":1}]})");
}

struct PatternCase {
  const Pattern& pattern;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

TEST(Pattern, EachOnBothSidesOfItsEdges) {
  const std::vector<PatternCase> cases = {
      {kNamePattern, {"a", "a-b", "A--9"}, {"", "-a", "a-", "a_b", "a b"}},
      {kClusterNameOrArnPattern,
       {"hp1", "arn:aws:sagemaker:us-east-1:111122223333:cluster/abcdefghij12",
        "arn:aws-cn:sagemaker:cn-north-1:111122223333:cluster/abcdefghij12"},
       {"", "hp1-", std::string(64, 'a'), "arn:aws:sagemaker:us-east-1:111122223333:cluster/short",
        "arn:aws:eks:us-east-1:111122223333:cluster/abcdefghij12",
        "arn:aws:sagemaker:us-east-1:11:cluster/abcdefghij12"}},
      {kNodeIdPattern,
       {"i-0123abcd", "i-0123456789abcdef0"},
       {"", "i-", "i-0123abc", "i-0123abcde", "i-0123ABCD", "0123abcd"}},
      {kLogicalIdPattern,
       {"ab", "a-b", "3f2504e0-4f89-41d3-9a0c-0305e82c3301"},
       {"", "a", "-a", "a_"}},
      {kEventIdPattern,
       {"3f2504e0-4f89-41d3-9a0c-0305e82c3301"},
       {"", "3F2504E0-4f89-41d3-9a0c-0305e82c3301", "3f2504e0"}},
      {kClientTokenPattern, {"a", "!~"}, {"", "a b", "a\x7f"}},
      {kZonePattern,
       {"us-east-1a", "ap-southeast-2c"},
       {"", "us-east-1", "us-east-1A", "use1-az1", "us-gov-west-1a"}},
      {kRoleArnPattern,
       {std::string(kRole), "arn:aws:iam::111122223333:role/path/x"},
       {"", "arn:aws:iam::1:role/x", "arn:aws:iam::111122223333:user/x"}},
      {kEksClusterArnPattern,
       {"arn:aws:eks:us-east-1:111122223333:cluster/k_1"},
       {"", "k1", "arn:aws:eks:us-east-1:111122223333:cluster/"}},
      {kVpcIdPattern, {"subnet-0a"}, {"", "subnet_a"}},
      {kLabelKeyPattern,
       {"a", "team.x/role", "nvidia.com/mig.config"},
       {"", "/a", "a/", "A.com/x", "-a", "a b", "a/b/c"}},
      {kLabelValuePattern, {"", "a", "all-1g.5gb"}, {"-a", "a-", "a b"}},
  };
  for (const PatternCase& entry : cases) {
    for (const std::string& text : entry.good)
      EXPECT_TRUE(entry.pattern.matches(text)) << entry.pattern.expression << " " << text;
    for (const std::string& text : entry.bad)
      EXPECT_FALSE(entry.pattern.matches(text)) << entry.pattern.expression << " " << text;
  }
}

}  // namespace
}  // namespace hyperwright::service
