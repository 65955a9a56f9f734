// Registers, changes and removes Nodes for `hyperwright service`, again until each is done: an
// instance whose Node could not be written would be invisible.
//
// What is done is confirmed. A service that is started again hands out what was not: a Node that is
// there already, or gone already, is as it should be.
//
// Kubelets join each by itself, and so do these: the calls of one Node go one after another, in the
// order in which they came, those of different Nodes side by side, and nobody waits for them. A
// service that registered fifty Nodes in a row would answer no call meanwhile.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "base/time.h"
#include "client/call_window.h"
#include "client/kubernetes_client.h"
#include "runtime/calls.h"
#include "runtime/log.h"
#include "service/hyperpod_service.h"

namespace hyperwright::cli {

class NodeRegistrar {
 public:
  // Answers come by `run_on_owner`, whose tasks run while this lives, on the thread that calls
  // carry_out; or never. `confirm` is called there, too.
  using RunOnOwner = std::function<void(std::function<void()>)>;
  NodeRegistrar(client::KubernetesClient& client, const runtime::Log& log, RunOnOwner run_on_owner,
                std::function<void(std::uint64_t number)> confirm,
                Duration retry_after = Duration::seconds(1));

  // One that is under way already is not begun again.
  void carry_out(std::vector<service::NumberedOutput> outputs);

 private:
  void begin(const std::string& node);
  void write(const std::string& node, std::optional<boost::json::value> as_read);
  void call(const client::KubernetesRequest& request,
            std::function<void(const Result<boost::json::value>&)> then);
  void end(const std::string& node);
  void begin_later(const std::string& node);

  client::KubernetesClient& client_;
  const runtime::Log& log_;
  RunOnOwner run_on_owner_;
  std::function<void(std::uint64_t number)> confirm_;
  Duration retry_after_;
  // Of a Node; the first is under way.
  std::map<std::string, std::deque<service::NumberedOutput>> waiting_;
  client::CallWindow window_;
};

}  // namespace hyperwright::cli
