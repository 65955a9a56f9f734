#include "client/kubernetes_client.h"

#include <future>
#include <map>
#include <mutex>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "client/clock.h"
#include "client/json_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

// A list of a big cluster takes long enough for the server to forget it, but not time after time.
constexpr int kListsMax = 3;

}  // namespace

// A call's way: it waits for credentials, is open, and is answered; or it is answered with 401, and
// goes the way once more.
class KubernetesClient::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(HttpClient& http, const KubernetesAccess& access)
      : http_(http),
        server_(access.server),
        impersonation_(access.impersonation),
        credentials_(std::make_shared<KubernetesCredentials>(access)) {}

  Id start(const KubernetesRequest& request, HttpClient::OnLine on_line, HttpClient::Done done) {
    Id id = 0;
    {
      const std::lock_guard lock(mutex_);
      id = ++last_id_;
      calls_.emplace(id, Call{request, std::move(on_line), std::move(done)});
    }
    fetch_credentials(id);
    return id;
  }

  void cancel(Id id) {
    const std::lock_guard lock(mutex_);
    const auto call = calls_.find(id);
    if (call == calls_.end()) return;
    if (call->second.open == 0) return refuse(id, call->second, "cancelled");
    call->second.is_last_try = true;
    http_.cancel(call->second.open);
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    for (auto& [id, call] : calls_) {
      call.is_last_try = true;
      if (call.open == 0) refuse(id, call, "the client is shutting down");
    }
  }

 private:
  struct Call {
    KubernetesRequest request;
    HttpClient::OnLine on_line;  // empty: its answer is collected
    HttpClient::Done done;
    KubernetesIdentity identity{};  // that it was sent with
    HttpClient::Id open = 0;        // 0: it waits for credentials
    bool is_last_try = false;
  };

  void fetch_credentials(Id id) {
    credentials_->get(steady_now(), [weak = weak_from_this(), id](auto identity) {
      if (const auto self = weak.lock()) self->send(id, std::move(identity));
    });
  }

  void send(Id id, Result<KubernetesIdentity> identity) {
    const std::lock_guard lock(mutex_);
    const auto found = calls_.find(id);
    // A call that was refused meanwhile is open: its refusal is on its way.
    if (found == calls_.end() || found->second.open != 0) return;
    Call& call = found->second;
    if (!identity) return open(id, call, fail(identity.error()));
    call.identity = *std::move(identity);
    open(id, call, http_request(call));
  }

  void refuse(Id id, Call& call, const char* why) {
    call.is_last_try = true;
    open(id, call,
         fail(ErrorCode::Unavailable,
              fmt::format("{} {}{}: {}", to_string(call.request.method), server_,
                          call.request.path.substr(0, call.request.path.find('?')), why)));
  }

  // Under the lock: the answer, which takes it, cannot come before the call is known to be open.
  void open(Id id, Call& call, Result<HttpRequest> request) {
    auto done = [self = shared_from_this(), id](Result<HttpResponse> answer) {
      self->take(id, std::move(answer));
    };
    call.open = call.on_line ? http_.stream(std::move(request), call.on_line, std::move(done))
                             : http_.start(std::move(request), std::move(done));
  }

  void take(Id id, Result<HttpResponse> answer) {
    std::unique_lock lock(mutex_);
    const auto found = calls_.find(id);
    check(found != calls_.end(), "a call is answered once");
    Call& call = found->second;
    if (answer && answer->status == 401 && !call.is_last_try &&
        credentials_->reject(call.identity)) {
      call.is_last_try = true;
      call.open = 0;
      lock.unlock();
      return fetch_credentials(id);
    }
    const HttpClient::Done done = std::move(call.done);
    calls_.erase(found);
    lock.unlock();
    done(std::move(answer));
  }

  [[nodiscard]] HttpRequest http_request(const Call& call) const {
    HttpRequest http;
    http.method = call.request.method;
    http.url = server_ + call.request.path;
    http.headers.push_back({"Accept", "application/json"});
    if (!call.request.content_type.empty()) {
      http.headers.push_back({"Content-Type", call.request.content_type});
    }
    if (!call.identity.token.empty()) {
      http.headers.push_back({"Authorization", "Bearer " + call.identity.token});
    }
    http.headers.insert(http.headers.end(), impersonation_.begin(), impersonation_.end());
    http.body = call.request.body;
    http.deadline = call.request.deadline;
    http.connection = call.identity.connection;
    return http;
  }

  HttpClient& http_;
  const std::string server_;
  const std::vector<HttpHeader> impersonation_;
  const std::shared_ptr<KubernetesCredentials> credentials_;
  std::mutex mutex_;
  std::map<Id, Call> calls_;
  Id last_id_ = 0;
};

KubernetesClient::KubernetesClient(HttpClient& http, KubernetesAccess access)
    : http_(http), access_(std::move(access)), core_(std::make_shared<Core>(http_, access_)) {}

KubernetesClient::~KubernetesClient() { core_->stop(); }

KubernetesClient::Id KubernetesClient::call(const KubernetesRequest& request,
                                            HttpClient::Done done) {
  return core_->start(request, {}, std::move(done));
}

KubernetesClient::Id KubernetesClient::stream(const KubernetesRequest& request,
                                              HttpClient::OnLine on_line, HttpClient::Done done) {
  return core_->start(request, std::move(on_line), std::move(done));
}

void KubernetesClient::cancel(Id id) { core_->cancel(id); }

Result<json::value> KubernetesClient::call_and_wait(const KubernetesRequest& request) {
  check(!http_.is_own_thread(), "no callback waits for an answer of Kubernetes");
  std::promise<Result<HttpResponse>> answer;
  call(request, [&](Result<HttpResponse> result) { answer.set_value(std::move(result)); });
  const auto response = answer.get_future().get();
  if (!response) return fail(response.error());
  return decode_kubernetes_answer(request, *response);
}

Result<json::array> KubernetesClient::list_and_wait(const std::string& path,
                                                    const ListOptions& options) {
  json::array items;
  std::string continue_token;
  for (int lists = 1;;) {
    const auto page = call_and_wait(list_page_request(path, options, continue_token));
    if (!page) {
      const bool is_forgotten = page.error().code() == ErrorCode::Conflict;
      if (continue_token.empty() || !is_forgotten || lists == kListsMax) return fail(page.error());
      ++lists;
      items.clear();
      continue_token.clear();
      continue;
    }
    const json::value* const more = kube::member(*page, "items");
    if (more == nullptr || !(more->is_array() || more->is_null())) {
      return fail(ErrorCode::Invalid, fmt::format("GET {}: the answer is no list", path));
    }
    if (more->is_array()) {
      items.insert(items.end(), more->get_array().begin(), more->get_array().end());
    }
    continue_token = text_at(kube::at(*page, "metadata"), "continue");
    if (continue_token.empty()) return items;
  }
}

}  // namespace hyperwright::client
