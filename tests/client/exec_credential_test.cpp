#include "client/exec_credential.h"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::client {
namespace {

namespace json = boost::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kVersion = "client.authentication.k8s.io/v1";

std::string credential(const std::string& status) {
  return R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":)" +
         status + "}";
}

std::string why_not(const std::string& printed) {
  const auto decoded = decode_exec_credential(printed, kVersion);
  return decoded ? "it is good" : decoded.error().text();
}

TEST(ExecCredential, APluginIsToldTheClusterIfItWantsAndThatNobodyIsThere) {
  EXPECT_EQ(json::parse(exec_info(kVersion, R"({"server":"https://k"})")),
            json::parse(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",
                            "spec":{"interactive":false,"cluster":{"server":"https://k"}}})"));
  EXPECT_EQ(json::parse(exec_info("client.authentication.k8s.io/v1beta1", "")).at("spec"),
            json::parse(R"({"interactive":false})"));
}

TEST(ExecCredential, ATokenACertificateOrBothAreTaken) {
  const auto token = decode_exec_credential(credential(R"({"token":"t"})"), kVersion);
  ASSERT_TRUE(token) << token.error().text();
  EXPECT_EQ(token->token, "t");
  EXPECT_EQ(token->expires, Time::max());
  const auto both = decode_exec_credential(
      credential(R"({"token":"t","clientCertificateData":"C","clientKeyData":"K",
                     "expirationTimestamp":"2026-11-24T12:00:00Z"})"),
      kVersion);
  ASSERT_TRUE(both) << both.error().text();
  EXPECT_EQ(both->client_certificate_pem, "C");
  EXPECT_EQ(both->client_key_pem, "K");
  EXPECT_EQ(both->expires, parse_time("2026-11-24T12:00:00Z").value());
}

TEST(ExecCredential, WhatIsNoneSaysWhyAndShowsNothingOfIt) {
  EXPECT_THAT(why_not("secret words"), HasSubstr("no JSON object"));
  EXPECT_THAT(why_not("secret words"), Not(HasSubstr("secret")));
  EXPECT_THAT(why_not("[]"), HasSubstr("no JSON object"));
  EXPECT_THAT(why_not("{}"), HasSubstr("its kind is \"\""));
  EXPECT_THAT(
      why_not(R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1"})"),
      HasSubstr("its apiVersion is \"client.authentication.k8s.io/v1beta1\""));
  EXPECT_THAT(why_not(credential("null")), HasSubstr("no status"));
  EXPECT_THAT(why_not(credential("{}")), HasSubstr("neither a token nor a client certificate"));
  EXPECT_THAT(why_not(credential(R"({"token":"t","clientKeyData":"K"})")), HasSubstr("only one"));
  EXPECT_THAT(why_not(credential(R"({"token":"t","expirationTimestamp":"soon"})")),
              HasSubstr("\"soon\" is no time"));
}

TEST(ExecCredential, WhatAPluginComplainsOfIsOneLineWithoutSecrets) {
  EXPECT_EQ(
      without_secrets("\n  Unable to locate\tcredentials.\n\n You can run \"aws configure\".\n"),
      "Unable to locate credentials. You can run \"aws configure\".");
  const std::string secret(40, 'x');
  EXPECT_EQ(without_secrets("key " + secret + ", token k8s-aws-v1." + secret + "."),
            "key [masked], token k8s-aws-v1.[masked].");
  EXPECT_EQ(without_secrets("keys wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY, /wJalrXUtnFEMI7K7MDENG/"
                            "bPxRfiCYEXAMPLEKE"),
            "keys [masked], [masked]");
  EXPECT_EQ(without_secrets("/var/run/secrets/pods/of-the-cluster/token: none"),
            "/var/run/secrets/pods/of-the-cluster/token: none");
  EXPECT_EQ(
      without_secrets("/usr/local/bin/aws-iam-authenticator: arn:aws:iam::111122223333:role/x"),
      "/usr/local/bin/aws-iam-authenticator: arn:aws:iam::111122223333:role/x");
  std::string words;
  for (int i = 0; i < 1000; ++i) words += "word ";
  EXPECT_EQ(without_secrets(words).size(), 403U);
  EXPECT_EQ(without_secrets(""), "");
}

}  // namespace
}  // namespace hyperwright::client
