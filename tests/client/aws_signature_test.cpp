// The signature of calls to AWS is libcurl's (CURLOPT_AWS_SIGV4); what it must be is botocore's
// word.
#include <future>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "client/http.h"
#include "tests/client/loopback_server.h"

namespace hyperwright::client {
namespace {

struct Vector {
  const char* url;
  const char* service;
  const char* region;
  const char* session_token;
  const char* content_type;
  const char* target;
  const char* body;
  const char* signed_headers;
  const char* signature;
};

constexpr const char* kDate = "20261124T120000Z";
constexpr const char* kKey = "AKIDEXAMPLE";
constexpr const char* kSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

// Printed by aws_signature_vectors.py.
const Vector kVectors[] = {
    {"http://api.sagemaker.us-west-2.amazonaws.com/", "sagemaker", "us-west-2", "",
     "application/x-amz-json-1.1", "SageMaker.DescribeCluster", "{\"ClusterName\":\"gpu\"}",
     "content-type;host;x-amz-date;x-amz-target",
     "00877e576788b0f32563ec355e32014c2e05a908e3e9a2281d609e549fd429ba"},
    {"http://api.sagemaker.us-west-2.amazonaws.com/", "sagemaker", "us-west-2",
     "IQoJb3JpZ2lu//X2VjE+Pj4==", "application/x-amz-json-1.1", "SageMaker.BatchAddClusterNodes",
     "{\"ClusterName\":\"a\",\"NodesToAdd\":[]}",
     "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
     "eb437b5837613aa0221299c610b9b815c8de7493b22c6f92142fe48dbb82b214"},
    {"http://hyperpod.test:4567/", "sagemaker", "eu-central-1",
     "IQoJb3JpZ2lu//X2VjE+Pj4==", "application/x-amz-json-1.1", "SageMaker.ListClusters", "{}",
     "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
     "e591ff26ac96d8484f748d14b68afdcdc65eeee68eee410d8119043304c4b34c"},
    {"http://hyperpod.test:4567/", "sagemaker", "eu-central-1", "", "application/x-amz-json-1.1",
     "SageMaker.ListClusters", "{\"NameContains\":\"é中\"}",
     "content-type;host;x-amz-date;x-amz-target",
     "5eef1c8fda72906e1a6ac16d8212f89d6eafa209170ff154c9680f4e635393ab"},
    {"http://ec2.us-east-1.amazonaws.com/", "ec2", "us-east-1",
     "IQoJb3JpZ2lu//X2VjE+Pj4==", "application/x-www-form-urlencoded; charset=utf-8", "",
     "Action=DescribeSubnets&Version=2016-11-15&SubnetId.1=subnet-0a",
     "content-type;host;x-amz-date;x-amz-security-token",
     "bddb0b614fef3cf5524dbb8e50ac4865c0773b9e81ff232ab7dd61650cece500"},
};

TEST(AwsSignature, IsWhatBotocoreSigns) {
  std::string host, date, token, authorization;
  LoopbackServer server([&](const LoopbackServer::Request& request, LoopbackServer::Exchange& out) {
    host = request.header("host");
    date = request.header("x-amz-date");
    token = request.header("x-amz-security-token");
    authorization = request.header("authorization");
    out.send(answer(200, "{}"));
  });
  HttpConnection connection;
  connection.connect_to = server.address();
  connection.proxy = "";
  HttpClient client;
  for (const Vector& vector : kVectors) {
    HttpRequest request;
    request.method = HttpMethod::Post;
    request.url = vector.url;
    request.body = vector.body;
    request.headers = {{"Content-Type", vector.content_type}, {"X-Amz-Date", kDate}};
    if (*vector.target != '\0') request.headers.push_back({"X-Amz-Target", vector.target});
    request.connection = std::make_shared<const HttpConnection>(connection);
    request.aws_signing = {{kKey, kSecret, vector.session_token}, vector.region, vector.service};
    const auto response = client.send(request);
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(
        authorization,
        fmt::format("AWS4-HMAC-SHA256 Credential={}/20261124/{}/{}/aws4_request, "
                    "SignedHeaders={}, Signature={}",
                    kKey, vector.region, vector.service, vector.signed_headers, vector.signature));
    EXPECT_EQ("http://" + host + "/", vector.url);
    EXPECT_EQ(date, kDate);
    EXPECT_EQ(token, vector.session_token);
  }
}

TEST(AwsSignature, SecretsStayOutOfErrors) {
  const ClosedPort closed;
  HttpRequest request;
  request.method = HttpMethod::Post;
  request.url = closed.url();
  request.aws_signing = {{kKey, kSecret, "token"}, "us-west-2", "sagemaker"};
  const auto response = HttpClient().send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().text().find(kSecret), std::string::npos);
  EXPECT_EQ(response.error().text().find(kKey), std::string::npos);
}

}  // namespace
}  // namespace hyperwright::client
