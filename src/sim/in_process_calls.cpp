#include "sim/in_process_calls.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_http.h"
#include "sim/kubernetes_request.h"

namespace hyperwright::sim {
namespace json = boost::json;
namespace {

KubernetesAnswer answer_of(const ApiResult<ObjectPtr>& result, int status = 200) {
  if (result) return {status, json::value(**result)};
  const ApiError& error = result.error();
  return {error.code,
          json::object{{"kind", "Status"}, {"reason", error.reason}, {"message", error.message}}};
}

std::string text_in(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string{};
}

DeleteOptions delete_options(const json::value& body) {
  DeleteOptions options;
  const json::object* object = body.if_object();
  if (object == nullptr) return options;
  if (const json::value* preconditions = object->if_contains("preconditions")) {
    if (const std::string uid = text_in(preconditions->as_object(), "uid"); !uid.empty())
      options.uid = uid;
  }
  if (const json::value* grace = object->if_contains("gracePeriodSeconds")) {
    options.grace_period_seconds = grace->to_number<std::int64_t>();
  }
  return options;
}

}  // namespace

KubernetesAnswer carry_out(KubernetesApi& api, const runtime::KubernetesCall& call, Time now) {
  const auto path = parse_resource_path(path_segments(call.path));
  check(path.has_value(), "the loop calls paths of resources");
  const std::string resource = path->resource();
  if (call.method == "POST" && path->subresource == "eviction") {
    const json::value* options = call.body.as_object().if_contains("deleteOptions");
    return answer_of(api.evict(path->ns, path->name, now,
                               options == nullptr ? DeleteOptions{} : delete_options(*options)),
                     201);
  }
  if (call.method == "POST") {
    json::object object = call.body.as_object();
    return answer_of(api.create(resource, std::move(object), now), 201);
  }
  if (call.method == "DELETE")
    return answer_of(api.remove(resource, path->ns, path->name, now, delete_options(call.body)));
  check(call.method == "PATCH", "the loop writes by POST, PATCH and DELETE");
  if (path->subresource == "status") {
    return answer_of(
        api.patch_status(resource, path->ns, path->name, PatchType::Merge, call.body, now));
  }
  return answer_of(api.patch(resource, path->ns, path->name, PatchType::Merge, call.body, now));
}

namespace {

ErrorCode code_of(std::string_view type) {
  if (type == "ResourceNotFound") return ErrorCode::NotFound;
  if (type == "ResourceLimitExceeded") return ErrorCode::LimitExceeded;
  if (type == "ConflictException" || type == "ResourceInUse") return ErrorCode::Conflict;
  if (type == "ThrottlingException") return ErrorCode::Throttled;
  return ErrorCode::Invalid;
}

}  // namespace

Result<json::value> carry_out(service::HyperPodService& service, const runtime::HyperPodCall& call,
                              Time now) {
  const service::Answer answer = service.call(call.operation, call.body, now);
  if (answer.is_success()) return answer.body();
  return fail(
      code_of(answer.error_type()),
      fmt::format("{}: {}: {}", call.operation, answer.error_type(), answer.error_message()));
}

}  // namespace hyperwright::sim
