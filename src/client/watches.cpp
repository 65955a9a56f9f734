#include "client/watches.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json_members.h"
#include "runtime/calls.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

std::string name_in(const json::value& object) {
  const json::value& meta = kube::at(object, "metadata");
  if (!meta.is_object()) return "(without metadata)";
  const std::string_view namespace_ = kube::text_at(meta, "namespace");
  const std::string_view name = kube::text_at(meta, "name");
  return namespace_.empty() ? std::string(name) : fmt::format("{}/{}", namespace_, name);
}

// Finished pods take no room, and clusters that run jobs keep them by the thousands. Leaving the
// selected ones is a DELETED event: to the picture a pod that has ended is one that is gone, and
// kube-scheduler selects its pods in the same way.
ListOptions options_of(state::Kind kind) {
  if (kind != state::Kind::Pod) return {};
  return {.field_selector = "status.phase!=Succeeded,status.phase!=Failed"};
}

}  // namespace

class Watches::KindSink : public ObjectSink {
 public:
  KindSink(state::Kind kind, runtime::Inbox& inbox, const runtime::Log& log)
      : kind_(kind), inbox_(inbox), log_(log) {}

  void on_changed(const json::value& object) override {
    auto event = runtime::changed_event(kind_, object);
    if (event) return inbox_.put(std::move(*event));
    log_.error("object cannot be read, it is left out", event.error(),
               {{to_string(kind_), name_in(object)}});
  }
  void on_gone(const VanishedObject& object) override {
    inbox_.put(state::Gone{
        kind_, {object.namespace_name, object.name}, object.uid, object.resource_version});
  }
  void on_synced() override { inbox_.put(state::Synced{kind_}); }
  void on_error(const Error& error) override {
    if (state::may_be_missing(kind_) && error.code() == ErrorCode::NotFound) {
      log_.write(runtime::LogLevel::Warn, "kind is not installed, it is looked for again",
                 {{"kind", std::string(to_string(kind_))}});
      return on_synced();
    }
    log_.error("watch failed, it is begun again", error, {{"kind", std::string(to_string(kind_))}});
  }

 private:
  state::Kind kind_;
  runtime::Inbox& inbox_;
  const runtime::Log& log_;
};

Watches::Watches(const state::Options& options, KubernetesClient& client, runtime::Inbox& inbox,
                 const runtime::Log& log, std::uint64_t seed) {
  for (std::size_t i = 0; i < state::kKindCount; ++i) {
    const auto kind = static_cast<state::Kind>(i);
    if (!options.watches(kind)) continue;
    sinks_.push_back(std::make_unique<KindSink>(kind, inbox, log));
    watches_.push_back(
        std::make_unique<KubernetesWatch>(client, std::string(runtime::collection_path(kind)),
                                          options_of(kind), *sinks_.back(), seed + i));
  }
}

Watches::~Watches() = default;

}  // namespace hyperwright::client
