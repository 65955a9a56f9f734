#include "client/sts.h"

#include <utility>

#include <boost/json.hpp>

#include "client/json_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

constexpr const char* kOperation = "GetCallerIdentity";

Result<CallerIdentity> identity_of(const Result<json::value>& answer) {
  if (!answer) return fail(answer.error());
  return CallerIdentity{std::string(text_at(*answer, "Account")),
                        std::string(text_at(*answer, "Arn")),
                        std::string(text_at(*answer, "UserId"))};
}

}  // namespace

void caller_identity(AwsClient& aws, std::function<void(Result<CallerIdentity>)> done) {
  aws.call(kOperation, json::object(), [done = std::move(done)](const Result<json::value>& answer) {
    done(identity_of(answer));
  });
}

Result<CallerIdentity> caller_identity(AwsClient& aws) {
  return identity_of(aws.call_and_wait(kOperation, json::object()));
}

}  // namespace hyperwright::client
