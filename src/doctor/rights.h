// What the controller may have to do in Kubernetes, right by right: the one list. deploy/rbac.yaml
// and the Helm chart grant exactly these (tests/doctor/rights_test.cpp, tests/e2e/test_chart.py),
// and the same test holds the list against the calls that effects become.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "doctor/finding.h"
#include "state/options.h"

namespace hyperwright::doctor {

inline constexpr std::string_view kRights = "Kubernetes rights";

struct Right {
  std::string group;     // "" is the core group
  std::string resource;  // with its subresource: "pods/eviction"
  std::string verb;
  bool is_of_lease = false;  // in the namespace of the Lease; the others are cluster-wide
  auto operator<=>(const Right&) const = default;
};

// Those that are used under these options: of kinds that are not watched, none is.
std::vector<Right> kubernetes_rights(const state::Options& options);
// Those of every option: what deploy/rbac.yaml grants.
std::vector<Right> all_kubernetes_rights();

struct AskedRight {
  Right right;
  Result<bool> is_allowed;  // or why the question was not answered
};

// `who` is for the sentences: "system:serviceaccount:hyperwright:hyperwright".
Findings check_rights(std::string_view who, std::span<const AskedRight> rights);

}  // namespace hyperwright::doctor
