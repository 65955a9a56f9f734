// The text patterns of the API's model that requests are checked against: the regular expression as
// the model writes it, for the message, and a function that matches it.
#pragma once

#include <string_view>

namespace hyperwright::service {

struct Pattern {
  std::string_view expression;
  bool (*matches)(std::string_view text);
};

extern const Pattern kNamePattern;  // of clusters and groups
extern const Pattern kClusterNameOrArnPattern;
extern const Pattern kNodeIdPattern;
extern const Pattern kLogicalIdPattern;
extern const Pattern kEventIdPattern;
extern const Pattern kClientTokenPattern;
extern const Pattern kZonePattern;
extern const Pattern kRoleArnPattern;
extern const Pattern kEksClusterArnPattern;
extern const Pattern kVpcIdPattern;  // of subnets and security groups
extern const Pattern kNameContainsPattern;
extern const Pattern kLabelKeyPattern;
extern const Pattern kLabelValuePattern;

}  // namespace hyperwright::service
