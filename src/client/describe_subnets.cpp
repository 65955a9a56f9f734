#include "client/describe_subnets.h"

#include <algorithm>
#include <future>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <boost/json.hpp>

#include "hyperpod/wire.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

// Answers of the calls that one question takes. Every answer comes on the one thread of the HTTP
// client, so nothing is locked.
struct Answers {
  std::size_t open = 0;  // calls without an answer
  json::array subnets;
  std::optional<Error> error;
  AwsClient::Done done;

  void take(Result<json::value> answer) {
    if (answer) {
      for (json::value& subnet : answer->at("Subnets").as_array())
        subnets.push_back(std::move(subnet));
    } else if (!error) {
      error = answer.error();
    }
    if (--open > 0) return;
    done(error ? Result<json::value>(fail(*error))
               : Result<json::value>(json::object{{"Subnets", std::move(subnets)}}));
  }
};

}  // namespace

void describe_subnets(AwsClient& aws, std::span<const std::string> ids, AwsClient::Done done) {
  std::vector<json::value> requests;
  for (; !ids.empty(); ids = ids.subspan(std::min(ids.size(), hyperpod::kFilterValuesMax)))
    requests.emplace_back(hyperpod::describe_subnets_request(
        ids.first(std::min(ids.size(), hyperpod::kFilterValuesMax))));
  check(!requests.empty(), "of no subnet nothing is asked: an empty filter is refused");
  const auto answers = std::make_shared<Answers>();
  answers->open = requests.size();
  answers->done = std::move(done);
  for (const json::value& request : requests) {
    aws.call("DescribeSubnets", request,
             [answers](Result<json::value> answer) { answers->take(std::move(answer)); });
  }
}

Result<json::value> describe_subnets_and_wait(AwsClient& aws, std::span<const std::string> ids) {
  std::promise<Result<json::value>> promise;
  describe_subnets(
      aws, ids, [&promise](Result<json::value> answer) { promise.set_value(std::move(answer)); });
  return promise.get_future().get();
}

}  // namespace hyperwright::client
