// The program of a kubeconfig's user that fetches its credentials, such as `aws eks get-token`.
//
//   1. It runs on a thread of its own, with a minute at most, and without a terminal.
//   2. Its answer is kept until it expires, or until the server has refused it. Who asks meanwhile
//      gets it at once, and whoever asks while the program runs gets what that run brings.
//   3. After a failure, or when the server refused at once what it brought, it is not run again for
//      five seconds: who asks gets the failure.
//
// Source: Kubernetes, Authenticating > "client-go credential plugins".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "client/child_process.h"
#include "client/exec_credential.h"

namespace hyperwright::client {

struct ExecPluginSettings {
  std::string where;  // `/home/me/.kube/config: context "dev": user "dev": exec`, for messages
  std::string api_version;
  std::string command;
  std::vector<std::string> arguments{};
  std::vector<std::pair<std::string, std::string>> environment{};
  std::string install_hint{};
  std::string cluster_json{};  // what it is told of the cluster; empty: nothing
};

class ExecPlugin {
 public:
  using Run = std::function<Result<ChildOutput>(const ChildProcess&)>;
  using Clock = std::function<Time()>;  // the wall clock, by which credentials expire
  using Credential = std::shared_ptr<const ExecCredential>;
  using Then = std::function<void(Result<Credential>)>;

  explicit ExecPlugin(ExecPluginSettings settings);
  ExecPlugin(ExecPluginSettings settings, Run run, Clock clock);
  // Kills the program if it runs; who still waits for it is not called any more.
  ~ExecPlugin();
  ExecPlugin(const ExecPlugin&) = delete;
  ExecPlugin& operator=(const ExecPlugin&) = delete;

  // From any thread. Calls `then` exactly once: at once, or on the plugin's thread, which it must
  // not block. An error is Invalid (the program is not there), Forbidden (what it brings is
  // not accepted) or Unavailable (later it may work).
  void get(Then then);
  // The server did not accept it: the next one who asks makes the program run, unless that has
  // happened already.
  void reject(const Credential& credential);

 private:
  class Core;
  std::shared_ptr<Core> core_;  // shared with its thread
};

}  // namespace hyperwright::client
