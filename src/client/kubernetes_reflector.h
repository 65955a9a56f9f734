// The state machine of a watch on one kind of objects: what to request next, and what each answer
// means. No sockets, no clock: kubernetes_watch.h does the I/O, and this class decides.
//
//     List, page by page ──────────▶ Watch from the list's version ──┐
//      ▲  ▲      410 on a page: again,   ▲    stream ended: from the │
//      │  └───── in one page             └─── last version seen ─────┤
//      └── 410, a line that is garbage: something was missed ────────┘
//
// 1. What is emitted for an object only goes forward: a version that is not newer than the one
// known is
//    dropped. Versions compare as numbers (guaranteed since Kubernetes 1.35, and true of etcd
//    always).
// 2. What a list lacks that was known is gone. A name whose UID changed is the old object gone,
// then the
//    new one.
// 3. A list older than what was seen already comes from a server that lags: it is asked for again.
// A
//    server that stays behind was restored from a backup, and its list is taken as a new beginning.
// 4. Every failure waits longer than the one before, with jitter, and no longer than half a minute.
// An
//    answered page, and a stream that worked for a while, end the series; of a series, an error is
//    told once as long as its code stays the same.
// 5. A connection that breaks after it worked is everyday life and is not told.
//
// Sources: Kubernetes API Concepts, "Efficient detection of changes" and "Retrieving large results
// sets in chunks"; client-go's Reflector for what clients are expected to endure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/fwd.hpp>

#include "base/error.h"
#include "base/random.h"
#include "base/time.h"
#include "client/http.h"
#include "client/kubernetes_request.h"
#include "client/retry.h"

namespace hyperwright::client {

struct VanishedObject {
  std::string namespace_name;  // empty: cluster-scoped
  std::string name;
  std::string uid;
  std::uint64_t resource_version = 0;  // the version at which it was gone
  bool operator==(const VanishedObject&) const = default;
};

class ObjectSink {
 public:
  virtual ~ObjectSink() = default;
  // New or changed. In a list, Kubernetes leaves kind and apiVersion out.
  virtual void on_changed(const boost::json::value& object) = 0;
  virtual void on_gone(const VanishedObject& object) = 0;
  // A list is complete: the first time, or again after something was missed.
  virtual void on_synced() = 0;
  virtual void on_error(const Error& error) = 0;
};

class KubernetesReflector {
 public:
  // `sink` outlives this.
  KubernetesReflector(std::string collection_path, ListOptions options, ObjectSink& sink,
                      std::uint64_t seed);

  struct Step {
    KubernetesRequest request;
    bool is_watch = false;  // its answer is a stream
    Duration wait;          // before it is sent
  };
  // What to do now. Requires: the step before was answered.
  Step next();

  void take_page(const Result<HttpResponse>& answer);
  void take_line(std::string_view line);
  // True: the stream is of no more use; end it, and what came with it meanwhile is still taken.
  [[nodiscard]] bool is_stream_done() const { return is_stream_done_; }
  void take_end_of_stream(const Result<HttpResponse>& answer, Duration lasted);

  [[nodiscard]] std::size_t known() const { return known_.size(); }

 private:
  using Name = std::pair<std::string, std::string>;  // namespace, name
  struct Known {
    std::string uid;
    std::uint64_t version = 0;
    std::uint64_t list = 0;  // the last list that had it
  };
  struct Identity {
    Name name;
    std::string uid;
    std::uint64_t version = 0;
  };
  static std::optional<Identity> identity_of(const boost::json::value& object);

  void take_list(const boost::json::value& page);
  [[nodiscard]] bool is_behind(std::uint64_t list_version);
  void end_list(std::uint64_t list_version);
  void take_object(const Identity& identity, const boost::json::value& object);
  void take_deletion(const Identity& identity);
  void take_garbage(std::string_view why);
  void vanish(const Name& name, const Known& known, std::uint64_t version);

  void start_list_again();
  // `series` is list_failures_ or stream_failures_. The first tells the error too, if it is the
  // first of its code in this series.
  void fail_and_wait(std::int32_t& series, const Error& error,
                     std::optional<Duration> retry_after = {});
  void wait_longer(std::int32_t& series, std::optional<Duration> retry_after = {});

  const std::string path_;
  const ListOptions options_;
  ObjectSink& sink_;
  Random random_;

  KubernetesRequest asked_;  // the last step's
  bool is_listing_ = true;
  bool is_in_one_page_ = false;  // pages got forgotten between two of them
  std::string continue_token_;
  std::uint64_t list_ = 0;     // number of the list that runs
  std::uint64_t version_ = 0;  // where the next watch starts
  std::uint64_t newest_ = 0;   // of all versions seen
  std::map<Name, Known> known_;

  // Of the stream that runs:
  bool is_stream_done_ = false;
  bool has_garbage_ = false;
  std::uint64_t lines_ = 0;            // good ones
  std::optional<Error> stream_error_;  // an ERROR event other than 410
  bool is_version_forgotten_ = false;  // 410

  std::int32_t list_failures_ = 0;    // in a row; an answered page ends them
  std::int32_t stream_failures_ = 0;  // in a row; a stream that worked ends them
  std::int32_t lists_behind_ = 0;
  std::optional<ErrorCode> told_;
  Duration wait_;
};

}  // namespace hyperwright::client
