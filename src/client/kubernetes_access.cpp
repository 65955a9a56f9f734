#include "client/kubernetes_access.h"

#include <utility>

#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/text.h"
#include "client/file_text.h"

namespace hyperwright::client {
namespace {

constexpr Duration kFileAge = Duration::minutes(1);

struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct CertificateDeleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};

std::unique_ptr<BIO, BioDeleter> reader_of(const std::string& pem) {
  return std::unique_ptr<BIO, BioDeleter>(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

bool belongs_together(const ClientCertificate::Pair& pair) {
  const std::unique_ptr<X509, CertificateDeleter> certificate(
      PEM_read_bio_X509(reader_of(pair.certificate_pem).get(), nullptr, nullptr, nullptr));
  // With a callback that gives no passphrase: nobody is asked at a terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return 0; };
  const std::unique_ptr<EVP_PKEY, KeyDeleter> key(
      PEM_read_bio_PrivateKey(reader_of(pair.key_pem).get(), nullptr, no_passphrase, nullptr));
  const bool is_pair =
      certificate && key && X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();  // what OpenSSL remembers of a failure would be the next connection's
  return is_pair;
}

}  // namespace

std::shared_ptr<BearerToken> BearerToken::of_text(std::string_view text) {
  auto token = std::make_shared<BearerToken>();
  token->text_ = trimmed(text);
  return token;
}

std::shared_ptr<BearerToken> BearerToken::of_file(std::filesystem::path path) {
  auto token = std::make_shared<BearerToken>();
  token->path_ = std::move(path);
  return token;
}

Result<std::string> BearerToken::current(Time now) {
  const std::lock_guard lock(mutex_);
  if (path_.empty() || (read_at_ && now - *read_at_ < kFileAge)) return text_;
  auto text = read_file_text(path_);
  if (text) {
    text_ = trimmed(*text);
  } else if (text_.empty()) {
    return fail(text.error(), "the token for Kubernetes");
  }
  read_at_ = now;
  return text_;
}

void BearerToken::reject() {
  const std::lock_guard lock(mutex_);
  read_at_.reset();
}

Result<ClientCertificate::Pair> ClientCertificate::read() const {
  auto certificate = read_file_text(certificate_);
  if (!certificate) return fail(certificate.error(), "the client certificate for Kubernetes");
  auto key = read_file_text(key_);
  if (!key) return fail(key.error(), "the client key for Kubernetes");
  Pair pair{*std::move(certificate), *std::move(key)};
  if (!belongs_together(pair)) {
    return fail(ErrorCode::Invalid,
                fmt::format("the client certificate {} and the key {} do not belong together",
                            certificate_.string(), key_.string()),
                "give PEM texts, and the key that belongs to the certificate");
  }
  return pair;
}

Result<ClientCertificate::Pair> ClientCertificate::current(Time now) {
  const std::lock_guard lock(mutex_);
  if (read_at_ && now - *read_at_ < kFileAge) return pair_;
  auto pair = read();
  if (pair) {
    pair_ = *std::move(pair);
  } else if (pair_.key_pem.empty()) {
    return pair;
  }
  read_at_ = now;
  return pair_;
}

void ClientCertificate::reject() {
  const std::lock_guard lock(mutex_);
  read_at_.reset();
}

KubernetesCredentials::KubernetesCredentials(const KubernetesAccess& access)
    : connection_(access.connection),
      token_(access.token),
      certificate_(access.certificate),
      plugin_(access.plugin) {}

void KubernetesCredentials::get(Time now, Then then) {
  auto identity = without_plugin(now);
  if (!identity || !plugin_ || !identity->token.empty() || certificate_) {
    return then(std::move(identity));
  }
  plugin_->get([weak = weak_from_this(), known = *identity,
                then = std::move(then)](const Result<ExecPlugin::Credential>& fetched) {
    const auto self = weak.lock();
    if (!self) return;
    if (!fetched) return then(fail(fetched.error()));
    KubernetesIdentity whole = known;
    whole.of_plugin = *fetched;
    whole.token = whole.of_plugin->token;
    if (!whole.of_plugin->client_key_pem.empty()) {
      whole.connection =
          self->with({whole.of_plugin->client_certificate_pem, whole.of_plugin->client_key_pem});
    }
    then(std::move(whole));
  });
}

bool KubernetesCredentials::reject(const KubernetesIdentity& identity) {
  if (identity.of_plugin) {
    plugin_->reject(identity.of_plugin);
    return true;
  }
  const bool has_token_file = token_ && token_->is_of_file();
  if (has_token_file) token_->reject();
  if (certificate_) certificate_->reject();
  return has_token_file || certificate_;
}

Result<KubernetesIdentity> KubernetesCredentials::without_plugin(Time now) {
  KubernetesIdentity identity{.token = {}, .connection = connection_, .of_plugin = {}};
  if (token_) {
    auto token = token_->current(now);
    if (!token) return fail(token.error());
    identity.token = *std::move(token);
  }
  if (certificate_) {
    auto pair = certificate_->current(now);
    if (!pair) return fail(pair.error());
    identity.connection = with(*std::move(pair));
  }
  return identity;
}

std::shared_ptr<const HttpConnection> KubernetesCredentials::with(ClientCertificate::Pair pair) {
  const std::lock_guard lock(mutex_);
  if (connection_of_pair_ && pair == pair_) return connection_of_pair_;
  HttpConnection connection = connection_ ? *connection_ : HttpConnection();
  connection.client_certificate_pem = pair.certificate_pem;
  connection.client_key_pem = pair.key_pem;
  pair_ = std::move(pair);
  return connection_of_pair_ = std::make_shared<const HttpConnection>(std::move(connection));
}

}  // namespace hyperwright::client
