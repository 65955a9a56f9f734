#include "client/price_refresh.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_server.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

std::string page(const std::string& type, const std::string& dollars, const std::string& next) {
  const std::string product =
      R"({\"product\":{\"attributes\":{\"regionCode\":\"us-west-2\",\"usagetype\":\"USW2-Cluster:)" +
      type +
      R"(\"}},\"terms\":{\"OnDemand\":{\"a\":{\"priceDimensions\":{\"b\":{\"unit\":\"Hrs\",\"pricePerUnit\":{\"USD\":\")" +
      dollars + R"(\"}}}}}}})";
  return answer(200, R"({"PriceList":[")" + product + R"("])" +
                         (next.empty() ? "" : R"(,"NextToken":")" + next + "\"") + "}");
}

// What is told first, with these answers.
Result<hyperpod::PriceList> first_list(const LoopbackServer::Handler& handler) {
  LoopbackServer server(handler);
  HttpClient http;
  AwsClient aws(http,
                {.region = "us-west-2",
                 .credentials = fixed_credentials({"A", "s", ""}),
                 .sagemaker_endpoint = "",
                 .ec2_endpoint = "",
                 .pricing_endpoint = server.url(),
                 .connection = direct_connection(),
                 .retry = {.attempts_max = 1},
                 .calls_per_second = 100'000,
                 .burst = 100'000},
                1);
  std::promise<Result<hyperpod::PriceList>> told;
  const PriceRefresh refresh(
      http, aws, {.region = "us-west-2"}, [] { return Time::from_unix_seconds(1'790'000'000); }, 1,
      [&](const auto& list, const std::string&) { told.set_value(list); });
  return told.get_future().get();
}

TEST(PriceRefresh, ReadsPageByPage) {
  const auto list = first_list([](const auto& request, auto& out) {
    const bool is_second = request.body.find(R"("NextToken":"n2")") != std::string::npos;
    EXPECT_EQ(request.header("x-amz-target"), "AWSPriceListService.GetProducts");
    out.send(is_second ? page("ml.b.large", "2.5", "") : page("ml.a.large", "1", "n2"));
  });
  ASSERT_TRUE(list) << list.error().text();
  ASSERT_EQ(list->prices.size(), 2U);
  EXPECT_EQ(list->prices[0].type, "ml.a.large");
  EXPECT_EQ(list->prices[1].per_hour, hyperpod::MicroDollars(2'500'000));
  EXPECT_EQ(list->region, "us-west-2");
}

TEST(PriceRefresh, ARefusalIsTold) {
  const auto list = first_list([](const auto&, auto& out) {
    out.send(answer(400, R"({"__type":"AccessDeniedException","Message":"no"})"));
  });
  EXPECT_EQ(list.error().code(), ErrorCode::Forbidden);
}

TEST(PriceRefresh, AnEndpointWithoutPricesIsNotFound) {
  const auto unknown = first_list([](const auto&, auto& out) {
    out.send(answer(404, R"({"__type":"UnknownOperationException"})"));
  });
  EXPECT_EQ(unknown.error().code(), ErrorCode::NotFound);
  const auto empty =
      first_list([](const auto&, auto& out) { out.send(answer(200, R"({"PriceList":[]})")); });
  EXPECT_EQ(empty.error().code(), ErrorCode::NotFound);
  EXPECT_THAT(empty.error().text(), HasSubstr("us-west-2"));
}

TEST(PriceRefresh, PagesWithoutEndAreGivenUp) {
  const auto list =
      first_list([](const auto&, auto& out) { out.send(page("ml.a.large", "1", "again")); });
  EXPECT_THAT(list.error().text(), HasSubstr("more than 100 pages"));
}

}  // namespace
}  // namespace hyperwright::client
