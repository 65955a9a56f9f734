// Certificates made for one test run: an authority, and what it signed for a server and for a
// client.
#pragma once

#include <memory>
#include <string>

struct ssl_ctx_st;

namespace hyperwright::client {

struct TlsIdentity {
  std::string certificate_pem;
  std::string key_pem;
};

class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  [[nodiscard]] const std::string& certificate_pem() const { return own_.certificate_pem; }
  // `alternative_name` as OpenSSL writes it: "DNS:kubernetes", "IP:127.0.0.1"; empty: none.
  [[nodiscard]] TlsIdentity sign(const std::string& name,
                                 const std::string& alternative_name) const;

 private:
  TlsIdentity own_;
};

struct TlsContextDeleter {
  void operator()(ssl_ctx_st* context) const;
};
using TlsContext = std::unique_ptr<ssl_ctx_st, TlsContextDeleter>;

// A server's side; `client_authority` not null: clients must show a certificate of it.
TlsContext tls_server(const TlsIdentity& identity, const TestAuthority* client_authority = nullptr);

}  // namespace hyperwright::client
