// Where a Kubernetes API is and who we are there: what kubeconfig.h reads, and what a request is
// sent with.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "client/exec_plugin.h"
#include "client/http.h"

namespace hyperwright::client {

// A bearer token that never changes, or one in a file that Kubernetes writes anew before it
// expires. May be asked from several threads.
class BearerToken {
 public:
  BearerToken() = default;
  static std::shared_ptr<BearerToken> of_text(std::string_view text);
  static std::shared_ptr<BearerToken> of_file(std::filesystem::path path);

  // The token; empty: none is needed. A file is read again when what we know is a minute old, as
  // client-go does; while it cannot be read, the last token is used.
  Result<std::string> current(Time now);
  [[nodiscard]] bool is_of_file() const { return !path_.empty(); }
  // The server did not accept it: a file is read again at once.
  void reject();

 private:
  std::filesystem::path path_;  // empty: of a text
  std::mutex mutex_;
  std::string text_;
  std::optional<Time> read_at_;
};

// A client certificate and its key in files, which are read again when what we know is a minute
// old. What cannot be read, or does not belong together because it is being exchanged, leaves the
// last pair in use. May be asked from several threads.
class ClientCertificate {
 public:
  ClientCertificate(std::filesystem::path certificate, std::filesystem::path key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  struct Pair {
    std::string certificate_pem;
    std::string key_pem;
    bool operator==(const Pair&) const = default;
  };
  Result<Pair> current(Time now);
  void reject();

 private:
  [[nodiscard]] Result<Pair> read() const;

  std::filesystem::path certificate_, key_;
  std::mutex mutex_;
  Pair pair_;
  std::optional<Time> read_at_;
};

struct KubernetesAccess {
  std::string context;         // "in-cluster" for a service account
  std::string server;          // "https://host:port", without a slash at the end
  std::string namespace_name;  // where the context points to; "default" if it does not say
  std::shared_ptr<const HttpConnection> connection;
  // Who we are, as far as the connection does not say it. A token, or a certificate, that is there
  // goes before the plugin.
  std::shared_ptr<BearerToken> token{};
  std::shared_ptr<ClientCertificate> certificate{};  // of files
  std::shared_ptr<ExecPlugin> plugin{};
  std::vector<HttpHeader> impersonation{};  // Impersonate-User and the like
};

// What one request is sent with.
struct KubernetesIdentity {
  std::string token;  // empty: none
  std::shared_ptr<const HttpConnection> connection;
  ExecPlugin::Credential of_plugin;
};

// The identity of an access, as it is now. Shared with the calls that wait for the plugin.
class KubernetesCredentials : public std::enable_shared_from_this<KubernetesCredentials> {
 public:
  explicit KubernetesCredentials(const KubernetesAccess& access);

  using Then = std::function<void(Result<KubernetesIdentity>)>;
  // Calls `then` exactly once: at once, or on the plugin's thread, which it must not block; never
  // once this has gone. `now` is any clock that goes on. From any thread.
  void get(Time now, Then then);
  // The server answered 401. True: asking again may bring another identity.
  bool reject(const KubernetesIdentity& identity);

 private:
  Result<KubernetesIdentity> without_plugin(Time now);
  std::shared_ptr<const HttpConnection> with(ClientCertificate::Pair pair);

  const std::shared_ptr<const HttpConnection> connection_;
  const std::shared_ptr<BearerToken> token_;
  const std::shared_ptr<ClientCertificate> certificate_;
  const std::shared_ptr<ExecPlugin> plugin_;
  std::mutex mutex_;
  // The connection with the pair that was used last: requests of one pair share connections.
  ClientCertificate::Pair pair_;
  std::shared_ptr<const HttpConnection> connection_of_pair_;
};

}  // namespace hyperwright::client
