#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/http.h"
#include "tests/client/loopback_server.h"
#include "tests/client/tls_identity.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

const TestAuthority& authority() {
  static const TestAuthority kAuthority("authority of the test");
  return kAuthority;
}

void say_host(const LoopbackServer::Request& request, LoopbackServer::Exchange& out) {
  out.send(answer(200, request.header("host")));
}

Result<HttpResponse> ask(const LoopbackServer& server, HttpConnection connection) {
  connection.proxy = "";
  HttpRequest request;
  request.url = server.url() + "/";
  request.connection = std::make_shared<const HttpConnection>(std::move(connection));
  return HttpClient().send(request);
}

HttpConnection trusting(const TestAuthority& trusted) {
  HttpConnection connection;
  connection.ca_pem = trusted.certificate_pem();
  return connection;
}

TEST(HttpTls, AServerOfTheGivenAuthorityIsTrusted) {
  const TlsContext tls = tls_server(authority().sign("server", "IP:127.0.0.1"));
  LoopbackServer server(say_host, tls.get());
  const auto response = ask(server, trusting(authority()));
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->body, server.address());
}

TEST(HttpTls, AServerOfAnotherAuthorityIsNot) {
  const TestAuthority other("another authority");
  const TlsContext tls = tls_server(authority().sign("server", "IP:127.0.0.1"));
  LoopbackServer server(say_host, tls.get());
  for (const auto& connection : {trusting(other), HttpConnection()}) {
    const auto response = ask(server, connection);
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code(), ErrorCode::Forbidden) << response.error().text();
    EXPECT_THAT(response.error().text(), HasSubstr("not trusted"));
  }
}

// As a Pod's ca.crt is, or AWS_CA_BUNDLE.
TEST(HttpTls, AFileOfAuthoritiesThatIsExchangedCountsForTheNextConnection) {
  const TestAuthority next("the next authority");
  const std::string file = testing::TempDir() + "http_tls_test.authorities.pem";
  HttpConnection connection;
  connection.ca_file = file;
  connection.proxy = "";
  HttpClient client;
  for (const TestAuthority* now : {&authority(), &next}) {
    std::ofstream(file) << now->certificate_pem();
    const TlsContext tls = tls_server(now->sign("server", "IP:127.0.0.1"));
    LoopbackServer server(say_host, tls.get());
    HttpRequest request;
    request.url = server.url() + "/";
    request.connection = std::make_shared<const HttpConnection>(connection);
    const auto response = client.send(request);
    EXPECT_TRUE(response) << response.error().text();
  }
}

TEST(HttpTls, VerificationCanBeSkipped) {
  const TlsContext tls = tls_server(authority().sign("server", "DNS:elsewhere"));
  LoopbackServer server(say_host, tls.get());
  HttpConnection connection;
  connection.insecure_skip_tls_verify = true;
  EXPECT_TRUE(ask(server, connection));
}

TEST(HttpTls, TheServersNameMayDifferFromItsAddressWhenItIsGiven) {
  const TlsContext tls = tls_server(authority().sign("server", "DNS:kubernetes"));
  LoopbackServer server(say_host, tls.get());
  HttpConnection connection = trusting(authority());
  EXPECT_FALSE(ask(server, connection));
  connection.tls_server_name = "kubernetes";
  const auto response = ask(server, connection);
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->body, server.address());
  connection.tls_server_name = "not kubernetes";
  EXPECT_FALSE(ask(server, connection));
}

TEST(HttpTls, AClientCertificateIsShown) {
  const TlsContext tls = tls_server(authority().sign("server", "IP:127.0.0.1"), &authority());
  LoopbackServer server(say_host, tls.get());
  EXPECT_FALSE(ask(server, trusting(authority())));
  const TlsIdentity us = authority().sign("us", "");
  HttpConnection connection = trusting(authority());
  connection.client_certificate_pem = us.certificate_pem;
  connection.client_key_pem = us.key_pem;
  const auto response = ask(server, connection);
  EXPECT_TRUE(response) << response.error().text();
}

TEST(HttpTls, AKeyThatIsNoKeyIsInvalidAndNotRepeated) {
  const TlsContext tls = tls_server(authority().sign("server", "IP:127.0.0.1"));
  LoopbackServer server(say_host, tls.get());
  HttpConnection connection = trusting(authority());
  connection.client_certificate_pem = authority().sign("us", "").certificate_pem;
  connection.client_key_pem = "the secret text";
  const auto response = ask(server, connection);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code(), ErrorCode::Invalid) << response.error().text();
  EXPECT_THAT(response.error().text(), testing::Not(HasSubstr("the secret text")));
}

}  // namespace
}  // namespace hyperwright::client
