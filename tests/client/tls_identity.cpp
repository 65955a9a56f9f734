#include "tests/client/tls_identity.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/error.h"

namespace hyperwright::client {
namespace {

template <typename T, void (*free)(T*)>
struct Deleter {
  void operator()(T* pointer) const { free(pointer); }
};
struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using Bio = std::unique_ptr<BIO, BioDeleter>;

std::string text_of(const Bio& bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

Bio bio_of(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Key key_of(const std::string& pem) {
  return Key(PEM_read_bio_PrivateKey(bio_of(pem).get(), nullptr, nullptr, nullptr));
}
Certificate certificate_of(const std::string& pem) {
  return Certificate(PEM_read_bio_X509(bio_of(pem).get(), nullptr, nullptr, nullptr));
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  check(extension != nullptr, "the test's certificate is extended");
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// `issuer` null: signed by itself, as an authority.
TlsIdentity make(const std::string& name, const std::string& alternative_name,
                 const TlsIdentity* issuer) {
  static long serial = 1;
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  X509* const x509 = certificate.get();
  X509_set_version(x509, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
  X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
  X509_set_pubkey(x509, key.get());
  X509_NAME* subject = X509_get_subject_name(x509);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const Certificate issuer_certificate =
      issuer == nullptr ? nullptr : certificate_of(issuer->certificate_pem);
  const Key issuer_key = issuer == nullptr ? nullptr : key_of(issuer->key_pem);
  X509* const signer = issuer_certificate ? issuer_certificate.get() : x509;
  X509_set_issuer_name(x509, X509_get_subject_name(signer));
  if (issuer == nullptr) extend(x509, signer, NID_basic_constraints, "critical,CA:TRUE");
  if (!alternative_name.empty()) extend(x509, signer, NID_subject_alt_name, alternative_name);
  check(X509_sign(x509, issuer_key ? issuer_key.get() : key.get(), EVP_sha256()) > 0,
        "the test's certificate is signed");

  const Bio certificate_text(BIO_new(BIO_s_mem())), key_text(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_text.get(), x509);
  PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {text_of(certificate_text), text_of(key_text)};
}

}  // namespace

TestAuthority::TestAuthority(const std::string& name) : own_(make(name, {}, nullptr)) {}

TlsIdentity TestAuthority::sign(const std::string& name,
                                const std::string& alternative_name) const {
  return make(name, alternative_name, &own_);
}

void TlsContextDeleter::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

TlsContext tls_server(const TlsIdentity& identity, const TestAuthority* client_authority) {
  TlsContext context(SSL_CTX_new(TLS_server_method()));
  check(
      SSL_CTX_use_certificate(context.get(), certificate_of(identity.certificate_pem).get()) == 1 &&
          SSL_CTX_use_PrivateKey(context.get(), key_of(identity.key_pem).get()) == 1,
      "the test's server has an identity");
  if (client_authority != nullptr) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()),
                        certificate_of(client_authority->certificate_pem()).get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return context;
}

}  // namespace hyperwright::client
