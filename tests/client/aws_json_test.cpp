#include "client/aws_json.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

Result<boost::json::value> decode(int status, std::string body,
                                  std::vector<HttpHeader> headers = {}) {
  return decode_aws_json("DescribeCluster", {status, std::move(headers), std::move(body)});
}

ErrorCode code_of(int status, const std::string& type) {
  return decode(status, R"({"__type":")" + type + R"(","Message":"m"})").error().code();
}

TEST(AwsJson, NamesTheOperationInTheTarget) {
  const auto headers = aws_json_headers("SageMaker", "DescribeCluster");
  ASSERT_EQ(headers.size(), 2U);
  EXPECT_EQ(headers[0].value, "application/x-amz-json-1.1");
  EXPECT_EQ(headers[1].value, "SageMaker.DescribeCluster");
}

TEST(AwsJson, AnAnswerIsAnObjectAndNothingIsAnEmptyOne) {
  EXPECT_EQ(decode(200, R"({"a":1})").value().at("a").as_int64(), 1);
  EXPECT_TRUE(decode(200, "").value().as_object().empty());
}

TEST(AwsJson, AnAnswerThatIsNoJsonMayHaveTakenEffect) {
  for (const char* body : {"<html>", "[]", "{\"a\":"}) {
    const auto answer = decode(200, body);
    ASSERT_FALSE(answer) << body;
    EXPECT_EQ(answer.error().code(), ErrorCode::Unknown) << body;
  }
}

TEST(AwsJson, AnErrorsNameGivesItsCode) {
  EXPECT_EQ(code_of(400, "ThrottlingException"), ErrorCode::Throttled);
  EXPECT_EQ(code_of(400, "ResourceNotFound"), ErrorCode::NotFound);
  EXPECT_EQ(code_of(400, "ValidationException"), ErrorCode::Invalid);
  EXPECT_EQ(code_of(400, "ValidationError"), ErrorCode::Invalid);
  EXPECT_EQ(code_of(400, "ConflictException"), ErrorCode::Conflict);
  EXPECT_EQ(code_of(400, "ResourceInUse"), ErrorCode::Conflict);
  EXPECT_EQ(code_of(400, "ResourceLimitExceeded"), ErrorCode::LimitExceeded);
  EXPECT_EQ(code_of(400, "AccessDeniedException"), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(400, "UnrecognizedClientException"), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(400, "ExpiredTokenException"), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(403, "IncompleteSignature"), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(404, "UnknownOperationException"), ErrorCode::Invalid);
  EXPECT_EQ(code_of(500, "InternalFailure"), ErrorCode::Unavailable);
  EXPECT_EQ(code_of(503, "ServiceUnavailable"), ErrorCode::Unavailable);
}

TEST(AwsJson, ANameThatNobodyKnowsIsJudgedByItsStatus) {
  EXPECT_EQ(code_of(400, "BrandNewException"), ErrorCode::Invalid);
  EXPECT_EQ(code_of(429, "BrandNewException"), ErrorCode::Throttled);
  EXPECT_EQ(code_of(403, "BrandNewException"), ErrorCode::Forbidden);
  EXPECT_EQ(code_of(500, "BrandNewException"), ErrorCode::Unavailable);
}

TEST(AwsJson, ANamespaceAroundTheNameIsDropped) {
  EXPECT_EQ(code_of(400, "com.amazonaws.sagemaker#ResourceNotFound"), ErrorCode::NotFound);
  EXPECT_EQ(code_of(400, "ResourceNotFound:http://internal.amazon.com/"), ErrorCode::NotFound);
  const auto from_header =
      decode(400, "{}", {{"x-amzn-errortype", "ResourceNotFound:http://internal/"}});
  EXPECT_EQ(from_header.error().code(), ErrorCode::NotFound);
}

TEST(AwsJson, AnErrorSaysOperationNameAndSentence) {
  for (const char* member : {"Message", "message"}) {
    const auto answer = decode(400, R"({"__type":"ResourceNotFound",")" + std::string(member) +
                                        R"(":"Cluster gpu not found"})");
    EXPECT_EQ(answer.error().text(), "DescribeCluster: ResourceNotFound: Cluster gpu not found");
  }
}

TEST(AwsJson, WhatAPersonCanMendHasARemedy) {
  EXPECT_THAT(decode(400, R"({"__type":"AccessDeniedException"})").error().remedy(),
              HasSubstr("IAM"));
  EXPECT_THAT(decode(400, R"({"__type":"ExpiredTokenException"})").error().remedy(),
              HasSubstr("expired"));
  EXPECT_THAT(decode(400, R"({"__type":"UnrecognizedClientException"})").error().remedy(),
              HasSubstr("AWS_PROFILE"));
  EXPECT_THAT(decode(400, R"({"__type":"ResourceLimitExceeded"})").error().remedy(),
              HasSubstr("Quotas"));
}

TEST(AwsJson, APageOfHtmlIsJudgedByItsStatusAndShownInPart) {
  const std::string page = "<html>\n<body>" + std::string(500, 'x');
  const auto answer = decode(502, page);
  EXPECT_EQ(answer.error().code(), ErrorCode::Unavailable);
  EXPECT_THAT(answer.error().text(), HasSubstr("HTTP 502: <html> <body>"));
  EXPECT_LT(answer.error().text().size(), 150U);
  EXPECT_THAT(decode(404, page).error().remedy(), HasSubstr("--endpoint"));
}

}  // namespace
}  // namespace hyperwright::client
