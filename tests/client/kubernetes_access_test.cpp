#include "client/kubernetes_access.h"

#include <future>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/scratch_folder.h"
#include "tests/client/tls_identity.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

const Time kStart = Time::from_unix_seconds(1000);

const TestAuthority& authority() {
  static const TestAuthority kAuthority("authority of the test");
  return kAuthority;
}

class ClientCertificateTest : public testing::Test {
 protected:
  void write(const TlsIdentity& identity) const {
    folder_.write("crt", identity.certificate_pem);
    folder_.write("key", identity.key_pem);
  }
  ScratchFolder folder_;
  TlsIdentity first_ = authority().sign("first", "");
  TlsIdentity second_ = authority().sign("second", "");
  ClientCertificate certificate_{folder_.path() / "crt", folder_.path() / "key"};
};

TEST_F(ClientCertificateTest, FilesAreReadAgainAfterAMinute) {
  write(first_);
  EXPECT_EQ(certificate_.current(kStart).value().key_pem, first_.key_pem);
  write(second_);
  EXPECT_EQ(certificate_.current(kStart + Duration::seconds(59)).value().key_pem, first_.key_pem);
  const auto later = certificate_.current(kStart + Duration::seconds(60)).value();
  EXPECT_EQ(later.key_pem, second_.key_pem);
  EXPECT_EQ(later.certificate_pem, second_.certificate_pem);
}

TEST_F(ClientCertificateTest, FilesAreReadAgainAtOnceWhenTheServerRefused) {
  write(first_);
  EXPECT_TRUE(certificate_.current(kStart));
  write(second_);
  certificate_.reject();
  EXPECT_EQ(certificate_.current(kStart).value().key_pem, second_.key_pem);
}

TEST_F(ClientCertificateTest, APairThatIsHalfExchangedOrGoneLeavesTheLastOneInUse) {
  write(first_);
  EXPECT_TRUE(certificate_.current(kStart));
  folder_.write("crt", second_.certificate_pem);
  EXPECT_EQ(certificate_.current(kStart + Duration::minutes(1)).value().certificate_pem,
            first_.certificate_pem);
  std::filesystem::remove(folder_.path() / "crt");
  EXPECT_EQ(certificate_.current(kStart + Duration::minutes(2)).value().certificate_pem,
            first_.certificate_pem);
  write(second_);
  EXPECT_EQ(certificate_.current(kStart + Duration::minutes(3)).value().certificate_pem,
            second_.certificate_pem);
}

TEST_F(ClientCertificateTest, AFirstPairThatIsNoneIsAnError) {
  EXPECT_THAT(certificate_.current(kStart).error().text(), HasSubstr("crt"));
  folder_.write("crt", first_.certificate_pem);
  EXPECT_THAT(certificate_.current(kStart).error().text(), HasSubstr("key"));
  folder_.write("key", second_.key_pem);
  const auto mixed = certificate_.current(kStart);
  EXPECT_THAT(mixed.error().text(), HasSubstr("do not belong together"));
  EXPECT_THAT(mixed.error().text(), testing::Not(HasSubstr("PRIVATE")));
  folder_.write("key", "garbage");
  EXPECT_FALSE(certificate_.current(kStart));
}

TEST(BearerToken, AFileIsReadAgainAtOnceWhenTheServerRefused) {
  const ScratchFolder folder;
  folder.write("token", "one\n");
  const auto token = BearerToken::of_file(folder.path() / "token");
  EXPECT_EQ(token->current(kStart).value(), "one");
  folder.write("token", "two\n");
  EXPECT_EQ(token->current(kStart).value(), "one");
  token->reject();
  EXPECT_EQ(token->current(kStart).value(), "two");
  std::filesystem::remove(folder.path() / "token");
  token->reject();
  EXPECT_EQ(token->current(kStart).value(), "two");
}

// A plugin that brings a token and a certificate of its own.
std::shared_ptr<ExecPlugin> plugin() {
  return std::make_shared<ExecPlugin>(
      ExecPluginSettings{
          .where = "exec", .api_version = "client.authentication.k8s.io/v1", .command = "plugin"},
      [](const ChildProcess&) -> Result<ChildOutput> {
        return ChildOutput{
            .exit_code = 0,
            .out = R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",
                       "status":{"token":"fetched","clientCertificateData":"C","clientKeyData":"K"}})",
            .err = {}};
      },
      [] { return kStart; });
}

KubernetesIdentity identity_of(KubernetesCredentials& credentials) {
  std::promise<Result<KubernetesIdentity>> told;
  credentials.get(
      kStart, [&](Result<KubernetesIdentity> identity) { told.set_value(std::move(identity)); });
  return told.get_future().get().value();
}

TEST(KubernetesCredentials, APluginsTokenAndCertificateAreTheIdentity) {
  KubernetesAccess access;
  HttpConnection connection;
  connection.ca_pem = "CA";
  access.connection = std::make_shared<const HttpConnection>(connection);
  access.plugin = plugin();
  const auto credentials = std::make_shared<KubernetesCredentials>(access);
  const KubernetesIdentity identity = identity_of(*credentials);
  EXPECT_EQ(identity.token, "fetched");
  EXPECT_EQ(identity.connection->ca_pem, "CA");
  EXPECT_EQ(identity.connection->client_certificate_pem, "C");
  EXPECT_EQ(identity.connection->client_key_pem, "K");
  EXPECT_EQ(identity_of(*credentials).connection, identity.connection)
      << "requests of one identity share their connections";
  EXPECT_TRUE(credentials->reject(identity));
}

TEST(KubernetesCredentials, ATokenThatIsThereGoesBeforeThePlugin) {
  KubernetesAccess access;
  access.token = BearerToken::of_text("given");
  access.plugin = plugin();
  const auto credentials = std::make_shared<KubernetesCredentials>(access);
  const KubernetesIdentity identity = identity_of(*credentials);
  EXPECT_EQ(identity.token, "given");
  EXPECT_FALSE(credentials->reject(identity)) << "asking again brings the same";
}

}  // namespace
}  // namespace hyperwright::client
