// The places where keys for AWS may be, one function each, in the order in which the chain asks
// them (aws_key_chain.h). A source says keys, "nothing here, because ...", or an error: it is set
// up, and does not work; then no further source is asked, as in botocore.
//
// Sources wait for what they ask; what they ask is behind functions, so that a test gives its own.
// No secret stands in any text that they make.
//
// Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers"; the order and
// names are botocore's.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "client/aws_credentials.h"
#include "client/aws_profiles.h"
#include "client/environment.h"
#include "client/http.h"

namespace hyperwright::client {

struct NoKeys {
  std::string source;
  std::string why;
};
using Found = std::variant<ObtainedKeys, NoKeys>;

// What a source may ask.
struct KeySourceAccess {
  Environment environment;
  std::function<Result<std::string>(const std::string& path)> read_file;
  // Waits for the answer of one attempt.
  std::function<Result<HttpResponse>(HttpRequest)> send;
  // Runs a program, waits for its end, and gives what it wrote to standard output.
  std::function<Result<std::string>(const std::vector<std::string>& command)> run;
  // Waits. False: it is time to stop.
  std::function<bool(Duration)> pause;
  std::shared_ptr<const HttpConnection> connection{};  // to AWS: proxies and authorities
};

// One look for keys.
struct KeySearch {
  const KeySourceAccess& access;
  const AwsProfiles& profiles;
  std::string profile;  // the one to look at; not always the selected one
  std::string region;
  Time now;
  Random& random;
  // The variables of web identity are for the whole process, not for the source of another profile.
  bool may_read_web_identity_variables = true;
};

Result<Found> keys_from_environment(const KeySearch& search);
// A profile with role_arn and source_profile or credential_source; `visited` are the profiles on
// the way to this one.
Result<Found> keys_from_role(const KeySearch& search, std::set<std::string> visited = {});
Result<Found> keys_from_web_identity(const KeySearch& search);
Result<Found> keys_from_sso(const KeySearch& search);
Result<Found> keys_from_credentials_file(const KeySearch& search);
Result<Found> keys_from_login(const KeySearch& search);
Result<Found> keys_from_process(const KeySearch& search);
Result<Found> keys_from_config_file(const KeySearch& search);
Result<Found> keys_from_container(const KeySearch& search);
Result<Found> keys_from_instance_metadata(const KeySearch& search);

// Asks until there is an answer below 500 other than 429, at most `attempts` times, with jittered
// waits between.
Result<HttpResponse> ask(const KeySearch& search, const HttpRequest& request, int attempts);

}  // namespace hyperwright::client
