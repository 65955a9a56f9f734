// One watch of an HTTP client as a value: where it stands, what it selects, and the lines that are
// due. The front door asks it for lines after every change and keeps the time; nothing here waits.
//
// An object that begins to match is ADDED for this watch, and one that no longer matches is
// DELETED, whatever happened to it. Without a resource version, or with 0, the watch begins with an
// ADDED event for every object that exists. A watch that is too far behind ends with a 410 ERROR
// event; the client lists again.
//
// Source: Kubernetes, API Concepts > Efficient detection of changes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sim/kubernetes_api.h"
#include "sim/kubernetes_request.h"
#include "sim/kubernetes_tables.h"

namespace hyperwright::sim {

struct WatchOptions {
  std::string resource;
  ListOptions select;
  std::optional<std::uint64_t> resource_version;  // absent: begin with what exists
  Rendering rendering = Rendering::Object;
  RowObject row_object = RowObject::Metadata;
  bool allows_bookmarks = false;
  std::optional<std::int64_t> timeout_seconds;
};

class Watch {
 public:
  explicit Watch(WatchOptions options) : options_(std::move(options)) {}

  // The events that came since the last call, a line each. May end the watch.
  std::string next_lines(const KubernetesApi& api, Time now);
  // A BOOKMARK line that says how far the client is, when it asked for bookmarks; else empty.
  [[nodiscard]] std::string bookmark(const KubernetesApi& api) const;
  [[nodiscard]] bool is_over() const { return is_over_; }
  [[nodiscard]] const WatchOptions& options() const { return options_; }

 private:
  [[nodiscard]] bool selects(const boost::json::object& object) const;
  std::string line(const ResourceType& type, std::string_view event, const ObjectPtr& object,
                   Time now);

  WatchOptions options_;
  std::uint64_t seen_ = 0;
  bool has_begun_ = false;
  bool has_sent_columns_ = false;
  bool is_over_ = false;
};

}  // namespace hyperwright::sim
