#include "client/aws_client.h"

#include <chrono>
#include <future>
#include <mutex>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/aws_json.h"
#include "client/ec2_subnets.h"
#include "client/file_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

constexpr const char* kDescribeSubnets = "DescribeSubnets";

// For the token bucket only: it needs a clock that never goes back.
Time steady_now() {
  using std::chrono::steady_clock;
  return Time::from_unix_microseconds(
      std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now().time_since_epoch())
          .count());
}

bool is_read(const std::string& operation) {
  return operation.starts_with("Describe") || operation.starts_with("List");
}

std::vector<std::string> subnet_ids(const json::value& body) {
  std::vector<std::string> ids;
  const json::object* const members = body.if_object();
  const json::value* const list = members == nullptr ? nullptr : members->if_contains("SubnetIds");
  if (list == nullptr || !list->is_array()) return ids;
  for (const json::value& id : list->get_array()) {
    if (id.is_string()) ids.emplace_back(id.get_string());
  }
  return ids;
}

// One call with its attempts. It answers when it is destroyed at the latest: a timer that is
// dropped at the end of the HTTP client takes the call with it.
struct Call {
  Call(std::string name, HttpRequest what, AwsClient::Done whom)
      : operation(std::move(name)), request(std::move(what)), done(std::move(whom)) {}
  ~Call() {
    if (done)
      answer(fail(ErrorCode::Unavailable, fmt::format("{}: given up at the end", operation)));
  }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  void answer(Result<json::value> result) { std::exchange(done, nullptr)(std::move(result)); }

  std::string operation;
  HttpRequest request;
  AwsClient::Done done;
  std::int32_t attempts = 0;
};

}  // namespace

class AwsClient::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(HttpClient& http, AwsSettings settings, std::uint64_t seed)
      : http_(http),
        settings_(std::move(settings)),
        bucket_(settings_.calls_per_second, settings_.burst),
        random_(seed) {}

  void begin(const std::string& operation, const json::value& body, Done done) {
    HttpRequest request;
    request.method = HttpMethod::Post;
    request.deadline = settings_.deadline;
    request.connection = settings_.connection;
    const bool is_ec2 = operation == kDescribeSubnets;
    request.url = (is_ec2 ? settings_.ec2_endpoint : settings_.sagemaker_endpoint) + "/";
    request.aws_signing = {settings_.credentials, settings_.region, is_ec2 ? "ec2" : "sagemaker"};
    if (is_ec2) {
      request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
      request.body = describe_subnets_form(subnet_ids(body));
    } else {
      request.headers = aws_json_headers("SageMaker", operation);
      request.body = json::serialize(body);
    }
    wait_and_send(std::make_shared<Call>(operation, std::move(request), std::move(done)),
                  Duration());
  }

 private:
  void wait_and_send(std::shared_ptr<Call> call, Duration back_off) {
    if (back_off > Duration()) {
      http_.after(back_off, [core = shared_from_this(), call = std::move(call)] {
        core->wait_and_send(call, Duration());
      });
      return;
    }
    Duration wait;
    {
      const std::lock_guard lock(mutex_);
      wait = bucket_.take(steady_now());
    }
    if (wait == Duration()) return send(std::move(call));
    http_.after(wait, [core = shared_from_this(), call = std::move(call)] { core->send(call); });
  }

  void send(std::shared_ptr<Call> call) {
    ++call->attempts;
    HttpRequest request = call->request;
    http_.start(std::move(request),
                [core = shared_from_this(), call = std::move(call)](
                    const Result<HttpResponse>& response) { core->take(call, response); });
  }

  void take(const std::shared_ptr<Call>& call, const Result<HttpResponse>& response) {
    std::optional<Duration> retry_after;
    if (response) {
      const std::string* header = response->header("Retry-After");
      if (header != nullptr) retry_after = parse_retry_after(*header);
    }
    Result<json::value> result = decode(*call, response);
    if (result) return call->answer(std::move(result));
    std::optional<Duration> wait;
    {
      const std::lock_guard lock(mutex_);
      wait = wait_before_retry(settings_.retry, call->attempts, result.error().code(), retry_after,
                               random_);
    }
    if (!wait) return call->answer(std::move(result));
    wait_and_send(call, *wait);
  }

  static Result<json::value> decode(const Call& call, const Result<HttpResponse>& response) {
    auto result = [&]() -> Result<json::value> {
      if (!response) return fail(response.error(), call.operation);
      return call.operation == kDescribeSubnets ? decode_describe_subnets(*response)
                                                : decode_aws_json(call.operation, *response);
    }();
    if (result || result.error().code() != ErrorCode::Unknown || !is_read(call.operation)) {
      return result;
    }
    return fail(ErrorCode::Unavailable, result.error().text(), result.error().remedy());
  }

  HttpClient& http_;
  const AwsSettings settings_;
  std::mutex mutex_;
  TokenBucket bucket_;
  Random random_;
};

Result<AwsSettings> aws_settings(const std::string& region, const std::string& endpoint,
                                 const Environment& environment) {
  auto credentials = aws_credentials_from_environment(environment);
  if (!credentials) return fail(credentials.error());
  AwsSettings settings;
  settings.credentials = *std::move(credentials);
  settings.region = region;
  if (region.empty()) {
    const auto found = aws_region_from_environment(environment);
    if (!found && endpoint.empty()) return fail(found.error());
    settings.region = found.value_or("us-east-1");
  }
  if (settings.region.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") !=
      std::string::npos) {
    return fail(ErrorCode::Invalid, fmt::format("region \"{}\" is no AWS region", settings.region),
                "write it as us-west-2");
  }
  if (endpoint.empty()) {
    const char* domain = settings.region.starts_with("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
    settings.sagemaker_endpoint =
        fmt::format("https://api.sagemaker.{}.{}", settings.region, domain);
    settings.ec2_endpoint = fmt::format("https://ec2.{}.{}", settings.region, domain);
  } else {
    if (!endpoint.starts_with("http://") && !endpoint.starts_with("https://")) {
      return fail(ErrorCode::Invalid, fmt::format("endpoint \"{}\" is no URL", endpoint),
                  "write it as http://host:port or https://host:port");
    }
    settings.sagemaker_endpoint = endpoint.substr(0, endpoint.find_last_not_of('/') + 1);
    settings.ec2_endpoint = settings.sagemaker_endpoint;
  }
  if (const auto bundle = environment("AWS_CA_BUNDLE"); bundle && !bundle->empty()) {
    if (const auto text = read_file_text(*bundle); !text)
      return fail(text.error(), "AWS_CA_BUNDLE");
    HttpConnection connection;
    connection.ca_file = *bundle;
    settings.connection = std::make_shared<const HttpConnection>(std::move(connection));
  }
  return settings;
}

AwsClient::AwsClient(HttpClient& http, AwsSettings settings, std::uint64_t seed)
    : core_(std::make_shared<Core>(http, std::move(settings), seed)) {}

void AwsClient::call(const std::string& operation, const json::value& body, Done done) {
  core_->begin(operation, body, std::move(done));
}

Result<json::value> AwsClient::call_and_wait(const std::string& operation,
                                             const json::value& body) {
  std::promise<Result<json::value>> answer;
  call(operation, body, [&](Result<json::value> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

}  // namespace hyperwright::client
