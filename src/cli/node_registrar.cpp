#include "cli/node_registrar.h"

#include <algorithm>
#include <utility>
#include <variant>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "runtime/node_calls.h"

namespace hyperwright::cli {
namespace {

using Answer = Result<boost::json::value>;

client::HttpMethod method_of(std::string_view method) {
  if (method == "POST") return client::HttpMethod::Post;
  if (method == "DELETE") return client::HttpMethod::Delete;
  return client::HttpMethod::Patch;
}

std::string node_of(const service::Output& output) {
  if (const auto* node = std::get_if<service::NodeToRegister>(&output)) return node->node.meta.name;
  if (const auto* node = std::get_if<service::NodeToRemove>(&output)) return node->name;
  return std::get<service::NodeToChange>(output).name;
}

bool is_as_it_should_be(const Answer& answer) {
  return answer || answer.error().code() == ErrorCode::AlreadyExists ||
         answer.error().code() == ErrorCode::NotFound;
}

}  // namespace

NodeRegistrar::NodeRegistrar(client::KubernetesClient& client, const runtime::Log& log,
                             RunOnOwner run_on_owner,
                             std::function<void(std::uint64_t number)> confirm,
                             Duration retry_after)
    : client_(client),
      log_(log),
      run_on_owner_(std::move(run_on_owner)),
      confirm_(std::move(confirm)),
      retry_after_(retry_after),
      window_(client, {}) {}

void NodeRegistrar::carry_out(std::vector<service::NumberedOutput> outputs) {
  for (service::NumberedOutput& output : outputs) {
    std::string node = node_of(output.output);
    auto& line = waiting_[node];
    const auto known = std::ranges::find(line, output.number, &service::NumberedOutput::number);
    if (known != line.end()) continue;
    line.push_back(std::move(output));
    if (line.size() == 1) begin(node);
  }
}

void NodeRegistrar::begin(const std::string& node) {
  if (!std::holds_alternative<service::NodeToChange>(waiting_.at(node).front().output))
    return write(node, std::nullopt);
  auto read =
      client::get_request(fmt::format("{}/{}", runtime::collection_path(state::Kind::Node), node));
  call(std::move(read), [this, node](const Answer& answer) {
    if (answer) return write(node, *answer);
    if (answer.error().code() == ErrorCode::NotFound) return end(node);
    log_.error("node cannot be read, it is tried again", answer.error(), {{"Node", node}});
    begin_later(node);
  });
}

void NodeRegistrar::write(const std::string& node, std::optional<boost::json::value> as_read) {
  const auto calls = runtime::node_calls(waiting_.at(node).front().output,
                                         [&](std::string_view /*name*/) { return as_read; });
  if (calls.empty()) return end(node);
  check(calls.size() == 1, "what happens to a Node is one call");
  const runtime::KubernetesCall& wanted = calls.front();
  call({.method = method_of(wanted.method),
        .path = wanted.path,
        .content_type = wanted.content_type,
        .body = boost::json::serialize(wanted.body)},
       [this, node](const Answer& answer) {
         if (is_as_it_should_be(answer)) return end(node);
         // What the API server refuses for good would hold up all that comes after it.
         const bool is_final = answer.error().code() == ErrorCode::Invalid;
         log_.error(is_final ? "node cannot be written, it is left as it is"
                             : "node cannot be written, it is tried again",
                    answer.error(), {{"Node", node}});
         is_final ? end(node) : begin_later(node);
       });
}

void NodeRegistrar::call(const client::KubernetesRequest& request,
                         std::function<void(const Answer&)> then) {
  window_.call(client::CallWindow::Rank::Act, request,
               [run = run_on_owner_, request,
                then = std::move(then)](const Result<client::HttpResponse>& response) {
                 Answer answer = response ? client::decode_kubernetes_answer(request, *response)
                                          : Answer(fail(response.error()));
                 run([then, answer = std::move(answer)] { then(answer); });
               });
}

void NodeRegistrar::end(const std::string& node) {
  const auto line = waiting_.find(node);
  confirm_(line->second.front().number);
  line->second.pop_front();
  if (line->second.empty()) {
    waiting_.erase(line);
  } else {
    begin(node);
  }
}

void NodeRegistrar::begin_later(const std::string& node) {
  client_.http().after(retry_after_,
                       [this, run = run_on_owner_, node] { run([this, node] { begin(node); }); });
}

}  // namespace hyperwright::cli
