#include "client/lease_keeper.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <future>
#include <optional>

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/loopback_access.h"

namespace hyperwright::client {
namespace {

namespace json = boost::json;
using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::HasSubstr;

constexpr const char* kPath = "/apis/coordination.k8s.io/v1/namespaces/ours/leases";

// The API server's part: one Lease with its versions, and refusals that a test asks for.
class LeaseServer {
 public:
  LeaseServer() : server_([this](const Request& request, Exchange& out) { serve(request, out); }) {}

  // As another holder writes it, or as a person edits it.
  void write(const std::string& holder, int seconds) {
    const std::lock_guard lock(mutex_);
    lease_ = json::object{
        {"metadata", json::object{}},
        {"spec",
         {{"holderIdentity", holder}, {"leaseDurationSeconds", seconds}, {"leaseTransitions", 4}}}};
    stamp();
  }
  // From now on everything is answered with this; empty: as it should be.
  void answer_all_with(std::string bytes) {
    const std::lock_guard lock(mutex_);
    instead_ = std::move(bytes);
  }
  json::value wait_for(const std::function<bool(const json::value&)>& is_so) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return lease_ && is_so(*lease_); });
    return *lease_;
  }
  // Whoever asks has asked at least once more, and has had an answer before that.
  void wait_for_requests() {
    std::unique_lock lock(mutex_);
    const int seen = requests_;
    changed_.wait(lock, [&] { return requests_ >= seen + 2; });
  }
  [[nodiscard]] std::string holder() {
    const std::lock_guard lock(mutex_);
    return lease_ ? std::string(lease_->at("spec").at("holderIdentity").as_string()) : "nobody";
  }
  [[nodiscard]] KubernetesAccess access() const { return access_to(server_); }

 private:
  void stamp() {
    lease_->at("metadata").as_object()["resourceVersion"] = std::to_string(++version_);
    changed_.notify_all();
  }

  void serve(const Request& request, Exchange& out) {
    const std::lock_guard lock(mutex_);
    ++requests_;
    changed_.notify_all();
    if (!instead_.empty()) return out.send(instead_);
    const auto refuse = [&](int status, const char* reason) {
      out.send(
          answer(status, json::serialize(json::object{{"kind", "Status"}, {"reason", reason}})));
    };
    if (request.method == "POST") {
      if (request.target != kPath) return refuse(404, "NotFound");
      if (lease_) return refuse(409, "AlreadyExists");
      lease_ = json::parse(request.body);
    } else {
      if (!lease_ || request.target != std::string(kPath) + "/one") return refuse(404, "NotFound");
      if (request.method == "GET") return out.send(answer(200, json::serialize(*lease_)));
      const json::value patch = json::parse(request.body);
      if (patch.at("metadata").at("resourceVersion") !=
          lease_->at("metadata").at("resourceVersion"))
        return refuse(409, "Conflict");
      lease_ = patch;  // it is whole, but for what nobody reads
    }
    stamp();
    out.send(answer(200, json::serialize(*lease_)));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<json::value> lease_;
  std::string instead_;
  int version_ = 0;
  int requests_ = 0;
  LoopbackServer server_;  // last: its threads end before what they use
};

// One of several controllers: what it was told.
class Contender {
 public:
  Contender(const LeaseServer& server, std::string identity,
            Duration renew_deadline = Duration::minutes(1))
      : keeper_(
            std::in_place, server.access(),
            LeaseOptions{.namespace_name = "ours",
                         .name = "one",
                         .identity = std::move(identity),
                         .timings = {.duration = Duration::seconds(2),
                                     .renew_deadline = renew_deadline,
                                     .retry = Duration::milliseconds(100)}},
            log_, [this] { tell("started"); }, [this] { tell("lost"); }) {}

  void wait_until(const std::string& told) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return told_ == told; });
  }
  [[nodiscard]] std::string told() {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  void leave() { keeper_.reset(); }

 private:
  void tell(const char* word) {
    const std::lock_guard lock(mutex_);
    told_ += (told_.empty() ? "" : " ") + std::string(word);
    changed_.notify_all();
  }

  runtime::Log log_{runtime::LogLevel::Error};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string told_;
  std::optional<LeaseKeeper> keeper_;  // last: its thread ends before what it calls
};

std::int64_t transitions(const json::value& lease) {
  return lease.at("spec").at("leaseTransitions").as_int64();
}

TEST(LeaseKeeper, TakesALeaseThatNobodyMadeAndRenewsIt) {
  LeaseServer server;
  Contender first(server, "first");
  first.wait_until("started");
  EXPECT_EQ(server.holder(), "first");
  const json::value lease = server.wait_for(
      [](const json::value& l) { return l.at("metadata").at("resourceVersion") == "3"; });
  EXPECT_EQ(lease.at("spec").at("leaseDurationSeconds").as_int64(), 2);
  EXPECT_EQ(transitions(lease), 0);
  EXPECT_EQ(first.told(), "started");
}

TEST(LeaseKeeper, SaysAtEachRenewalHowLongItMayAct) {
  LeaseServer server;
  const runtime::Log log(runtime::LogLevel::Error);
  std::promise<Duration> told;
  std::atomic<bool> is_told = false;
  const LeaseKeeper keeper(
      server.access(),
      {.namespace_name = "ours",
       .name = "one",
       .identity = "first",
       .timings = {},
       .on_renewed =
           [&](Duration left) {
             if (!is_told.exchange(true)) told.set_value(left);
           }},
      log, [] {}, [] {});
  EXPECT_LE(told.get_future().get(), Duration::seconds(10));
}

TEST(LeaseKeeper, SaysAfterEachLookWhetherAnotherHoldsTheLeaseOrWhyThatIsNotKnown) {
  LeaseServer server;
  server.write("other", 1000);
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<std::string> told;
  const auto wait_until = [&](const std::function<bool(const std::string&)>& is_so) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [&] { return told && is_so(*told); });
  };
  const runtime::Log log(runtime::LogLevel::Error);
  const LeaseKeeper keeper(
      server.access(),
      {.namespace_name = "ours",
       .name = "one",
       .identity = "second",
       .timings = {.retry = Duration::milliseconds(100)},
       .on_waiting =
           [&](const Status& seen) {
             const std::lock_guard lock(mutex);
             told = seen ? "" : seen.error().text();
             changed.notify_all();
           }},
      log, [] {}, [] {});
  wait_until([](const std::string& text) { return text.empty(); });
  server.answer_all_with(answer(403, R"({"kind":"Status","message":"no"})"));
  wait_until([](const std::string& text) {
    return text.starts_with("lease cannot be read: GET") && text.ends_with("403: no");
  });
  EXPECT_EQ(server.holder(), "other");
}

TEST(LeaseKeeper, WaitsForALeaseThatIsHeldAndTakesItWhenItIsGivenUp) {
  LeaseServer server;
  Contender first(server, "first");
  first.wait_until("started");
  Contender second(server, "second");
  server.wait_for_requests();
  EXPECT_EQ(second.told(), "");
  first.leave();
  EXPECT_EQ(first.told(), "started");  // who gives up has lost nothing
  second.wait_until("started");
  EXPECT_EQ(server.holder(), "second");
}

TEST(LeaseKeeper, WhoLeavesGivesTheLeaseUp) {
  LeaseServer server;
  Contender first(server, "first");
  first.wait_until("started");
  first.leave();
  EXPECT_EQ(server.holder(), "");
}

TEST(LeaseKeeper, WhoLeavesDoesNotTouchTheLeaseOfAnother) {
  LeaseServer server;
  server.write("other", 1000);
  Contender second(server, "second");
  server.wait_for_requests();
  second.leave();
  EXPECT_EQ(server.holder(), "other");
}

TEST(LeaseKeeper, TakesALeaseThatIsNotRenewedForItsDuration) {
  LeaseServer server;
  server.write("dead", 1);
  Contender second(server, "second");
  second.wait_until("started");
  const json::value lease = server.wait_for([](const json::value&) { return true; });
  EXPECT_EQ(lease.at("spec").at("holderIdentity").as_string(), "second");
  EXPECT_EQ(transitions(lease), 5);
}

TEST(LeaseKeeper, LosesALeaseThatAnotherHasTaken) {
  LeaseServer server;
  Contender first(server, "first");
  first.wait_until("started");
  server.write("thief", 1000);
  first.wait_until("started lost");
  first.leave();
  EXPECT_EQ(server.holder(), "thief");
}

TEST(LeaseKeeper, WhoCannotRenewStopsBeforeAnotherMayTakeTheLease) {
  LeaseServer server;
  Contender first(server, "first", Duration::milliseconds(500));
  first.wait_until("started");
  testing::internal::CaptureStderr();
  server.answer_all_with(answer(503, "no leader"));
  first.wait_until("started lost");
  first.leave();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("lease cannot be read"));
  EXPECT_THAT(log, HasSubstr("lost the lease"));
}

TEST(LeaseKeeper, OfTwoThatStartTogetherOneStarts) {
  LeaseServer server;
  Contender first(server, "first");
  Contender second(server, "second");
  server.wait_for(
      [](const json::value& l) { return l.at("metadata").at("resourceVersion") == "4"; });
  EXPECT_EQ((first.told() + second.told()), "started");
  EXPECT_EQ(server.holder() == "first" ? first.told() : second.told(), "started");
}

TEST(LeaseKeeper, AServerThatIsBrokenForAWhileIsWaitedFor) {
  LeaseServer server;
  server.answer_all_with(answer(200, "<html>"));
  testing::internal::CaptureStderr();
  Contender first(server, "first");
  server.wait_for_requests();
  server.answer_all_with("");
  first.wait_until("started");
  EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("lease cannot be read"));
}

}  // namespace
}  // namespace hyperwright::client
