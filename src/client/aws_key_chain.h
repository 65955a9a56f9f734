// The chain: which source of keys is asked before which.
//
//   env, assume-role, assume-role-with-web-identity, sso, shared-credentials-file, login,
//   custom-process, config-file, container-role, iam-role
//
// The first that has keys wins. One that is set up and fails ends the search with its error: keys
// of another identity would be worse than none. Where no source has any, the error lists each and
// why.
//
// Source: botocore, whose order is that of the AWS SDKs.
#pragma once

#include "base/error.h"
#include "client/aws_key_sources.h"

namespace hyperwright::client {

Result<ObtainedKeys> find_keys(const KeySearch& search);

// The sources that a profile alone can name: for the source_profile of a role. NoKeys: none has
// any.
Result<Found> find_keys_of_profile(const KeySearch& search);

}  // namespace hyperwright::client
