#include "client/kubernetes_reflector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/client/recording_sink.h"

namespace hyperwright::client {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr Duration kLong = Duration::minutes(6);

class Reflector : public testing::Test {
 protected:
  // The next request's path, and how long it waits.
  std::string next() {
    const auto step = reflector_.next();
    wait_ = step.wait;
    is_watch_ = step.is_watch;
    return step.request.path;
  }
  std::string page(int status, const std::string& body, std::vector<HttpHeader> headers = {}) {
    reflector_.take_page(HttpResponse{status, std::move(headers), body});
    return sink_.take();
  }
  std::string list(int version, const std::vector<std::string>& objects,
                   const std::string& more = {}) {
    return page(200, list_json(version, objects, more));
  }
  std::string no_page(ErrorCode code) {
    reflector_.take_page(fail(code, "no page"));
    return sink_.take();
  }
  std::string line(const std::string& text) {
    reflector_.take_line(text);
    return sink_.take();
  }
  std::string event(const std::string& type, const std::string& object) {
    return line(event_json(type, object));
  }
  std::string end(int status = 200, Duration lasted = kLong, const std::string& body = {}) {
    reflector_.take_end_of_stream(HttpResponse{status, {}, body}, lasted);
    return sink_.take();
  }
  std::string broken(Duration lasted) {
    reflector_.take_end_of_stream(fail(ErrorCode::Unavailable, "connection reset"), lasted);
    return sink_.take();
  }
  // Listed {a@1, b@2} at version 10, and watching from there.
  void watch() {
    next();
    list(10, {object_json("a", 1), object_json("b", 2)});
    next();
    ASSERT_TRUE(is_watch_);
  }

  RecordingSink sink_;
  KubernetesReflector reflector_{"/api/v1/pods", {.limit = 2}, sink_, 1};
  Duration wait_;
  bool is_watch_ = false;
};

TEST_F(Reflector, ListsPageByPageThenWatchesFromTheListsVersion) {
  EXPECT_EQ(next(), "/api/v1/pods?limit=2");
  EXPECT_FALSE(is_watch_);
  EXPECT_EQ(list(10, {object_json("a", 1), object_json("b", 2)}, "more"), "a@1 b@2");
  EXPECT_EQ(next(), "/api/v1/pods?limit=2&continue=more");
  EXPECT_EQ(wait_, Duration());
  EXPECT_EQ(list(10, {object_json("c", 3)}), "c@3 synced");
  EXPECT_THAT(next(),
              HasSubstr("watch=true&allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds="));
  EXPECT_TRUE(is_watch_);
  EXPECT_EQ(wait_, Duration());
}

TEST_F(Reflector, AnEmptyListIsAList) {
  next();
  EXPECT_EQ(page(200, R"({"metadata":{"resourceVersion":"10"},"items":null})"), "synced");
  EXPECT_THAT(next(), HasSubstr("resourceVersion=10"));
}

TEST_F(Reflector, EventsAreToldAsTheyCome) {
  watch();
  EXPECT_EQ(event("ADDED", object_json("c", 11)), "c@11");
  EXPECT_EQ(event("MODIFIED", object_json("a", 12)), "a@12");
  EXPECT_EQ(event("DELETED", object_json("b", 13)), "-b@13");
  EXPECT_THAT(sink_.gone(), ElementsAre(VanishedObject{"ns", "b", "u-b", 13}));
  EXPECT_EQ(reflector_.known(), 2U);
}

TEST_F(Reflector, AfterTheEndOfAStreamTheNextStartsWhereItEnded) {
  watch();
  event("ADDED", object_json("c", 11));
  EXPECT_EQ(end(), "");
  EXPECT_THAT(next(), HasSubstr("resourceVersion=11&"));
  EXPECT_EQ(wait_, Duration());
}

TEST_F(Reflector, ABookmarkMovesTheStartAndTellsNothing) {
  watch();
  EXPECT_EQ(event("BOOKMARK", R"({"kind":"Pod","metadata":{"resourceVersion":"20"}})"), "");
  end();
  EXPECT_THAT(next(), HasSubstr("resourceVersion=20&"));
}

TEST_F(Reflector, VersionsThatAreNotNewerAreDropped) {
  watch();
  event("MODIFIED", object_json("a", 12));
  EXPECT_EQ(event("MODIFIED", object_json("a", 12)), "");
  EXPECT_EQ(event("MODIFIED", object_json("a", 11)), "");
  EXPECT_EQ(event("DELETED", object_json("a", 11)), "");
  EXPECT_EQ(event("DELETED", object_json("nobody", 14)), "");
  end();
  EXPECT_THAT(next(), HasSubstr("resourceVersion=14&"));
}

TEST_F(Reflector, ANameWithANewUidIsTheOldObjectGoneThenTheNewOne) {
  watch();
  EXPECT_EQ(event("MODIFIED", object_json("a", 12, "another")), "-a@12 a@12");
  EXPECT_THAT(sink_.gone(), ElementsAre(VanishedObject{"ns", "a", "u-a", 12}));
}

TEST_F(Reflector, AForgottenVersionLeadsToAListThatTellsTheDifference) {
  watch();
  event("ADDED", object_json("c", 11));
  EXPECT_EQ(event("ERROR", R"({"kind":"Status","code":410,"reason":"Expired"})"), "");
  EXPECT_TRUE(reflector_.is_stream_done());
  EXPECT_EQ(end(), "");
  EXPECT_EQ(next(), "/api/v1/pods?limit=2");
  EXPECT_FALSE(is_watch_);
  EXPECT_EQ(list(30, {object_json("a", 1), object_json("b", 25)}), "b@25 -c@30 synced");
  EXPECT_THAT(next(), HasSubstr("resourceVersion=30&"));
}

TEST_F(Reflector, AWatchRefusedWith410LeadsToAListToo) {
  watch();
  EXPECT_EQ(end(410, Duration::milliseconds(3), R"({"kind":"Status","code":410})"), "");
  EXPECT_EQ(next(), "/api/v1/pods?limit=2");
}

TEST_F(Reflector, AVersionForgottenTimeAfterTimeIsNoHotLoop) {
  watch();
  Duration longest;
  for (int i = 0; i < 20; ++i) {
    end(410, Duration::milliseconds(3));
    next();
    longest = std::max(longest, wait_);
    list(10, {object_json("a", 1), object_json("b", 2)});
    next();
  }
  EXPECT_GT(longest, Duration::seconds(5));
  EXPECT_LE(longest, Duration::seconds(30));
}

TEST_F(Reflector, APageOfAForgottenListStartsAgainInOnePage) {
  next();
  list(10, {object_json("a", 1), object_json("b", 2)}, "more");
  next();
  EXPECT_EQ(page(410, R"({"kind":"Status","code":410,"reason":"Expired"})"), "");
  EXPECT_EQ(next(), "/api/v1/pods?limit=0");
  EXPECT_EQ(list(20, {object_json("b", 2), object_json("c", 15)}), "c@15 -a@20 synced");
  next();
  end(410);
  EXPECT_EQ(next(), "/api/v1/pods?limit=2");
}

TEST_F(Reflector, APageThatFailsIsAskedForAgainAndToldOnce) {
  next();
  list(10, {object_json("a", 1)}, "more");
  next();
  EXPECT_EQ(no_page(ErrorCode::Unavailable), "error:Unavailable");
  EXPECT_EQ(next(), "/api/v1/pods?limit=2&continue=more");
  EXPECT_EQ(no_page(ErrorCode::Unavailable), "");
  EXPECT_EQ(page(403, R"({"kind":"Status","message":"no"})"), "error:Forbidden");
  EXPECT_EQ(no_page(ErrorCode::Unavailable), "error:Unavailable");
}

TEST_F(Reflector, FailuresWaitLongerUpToHalfAMinuteAndASuccessEndsThat) {
  Duration longest;
  for (int i = 0; i < 60; ++i) {
    next();
    EXPECT_LE(wait_, Duration::seconds(30));
    longest = std::max(longest, wait_);
    no_page(ErrorCode::Unavailable);
  }
  EXPECT_GT(longest, Duration::seconds(20));
  next();
  list(10, {});
  next();
  EXPECT_EQ(wait_, Duration());
}

TEST_F(Reflector, ARetryAfterIsWaitedFor) {
  next();
  EXPECT_EQ(page(429, "{}", {{"Retry-After", "7"}}), "error:Throttled");
  next();
  EXPECT_GE(wait_, Duration::seconds(7));
}

TEST_F(Reflector, AConnectionThatBreaksAfterItWorkedIsNotTold) {
  watch();
  EXPECT_EQ(broken(kLong), "");
  EXPECT_THAT(next(), HasSubstr("resourceVersion=10&"));
  EXPECT_LE(wait_, Duration::milliseconds(500));
  EXPECT_EQ(broken(Duration()), "error:Unavailable");
  next();
  EXPECT_EQ(broken(Duration()), "");
}

TEST_F(Reflector, StreamsThatEndAtOnceAreNoHotLoop) {
  watch();
  EXPECT_EQ(end(200, Duration()), "error:Unavailable");
  Duration longest;
  for (int i = 0; i < 20; ++i) {
    next();
    longest = std::max(longest, wait_);
    EXPECT_EQ(end(200, Duration()), "");
  }
  EXPECT_GT(longest, Duration::seconds(5));
}

TEST_F(Reflector, GarbageIsToldOnceTheRestGoesOnAndAListFollows) {
  for (const char* garbage :
       {"<html>", "{\"type\":\"ADDED\"", "{}", "[]", "null", R"({"type":"NEWS","object":{}})",
        R"({"type":"ADDED","object":{"metadata":{}}})",
        R"({"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"x"}}})"}) {
    RecordingSink sink;
    KubernetesReflector reflector("/api/v1/pods", {}, sink, 1);
    (void)reflector.next();
    reflector.take_page(HttpResponse{200, {}, list_json(10, {})});
    (void)reflector.next();
    sink.take();
    reflector.take_line(garbage);
    EXPECT_EQ(sink.take(), "error:Invalid") << garbage;
    EXPECT_THAT(sink.last_error(), HasSubstr("watch of /api/v1/pods: a line is garbage"));
    EXPECT_TRUE(reflector.is_stream_done());
    reflector.take_line(garbage);
    reflector.take_line(event_json("ADDED", object_json("c", 11)));
    EXPECT_EQ(sink.take(), "c@11") << garbage;
    reflector.take_end_of_stream(fail(ErrorCode::Unavailable, "cancelled"), Duration());
    EXPECT_EQ(sink.take(), "");
    EXPECT_FALSE(reflector.next().is_watch) << garbage;
  }
}

TEST_F(Reflector, GarbageInEveryStreamIsNoHotLoop) {
  watch();
  Duration longest;
  for (int i = 0; i < 20; ++i) {
    event("ADDED", object_json("c", 11 + i));
    line("garbage");
    broken(Duration::milliseconds(3));
    next();
    longest = std::max(longest, wait_);
    list(40, {object_json("a", 1), object_json("b", 2)});
    next();
  }
  EXPECT_GT(longest, Duration::seconds(5));
}

TEST_F(Reflector, AnErrorInTheStreamIsToldAndTheWatchGoesOn) {
  watch();
  EXPECT_EQ(event("ERROR", R"({"kind":"Status","code":500,"message":"etcd is slow"})"), "");
  EXPECT_EQ(end(200, Duration()), "error:Unavailable");
  EXPECT_THAT(sink_.last_error(), HasSubstr("500 etcd is slow"));
  EXPECT_THAT(next(), HasSubstr("resourceVersion=10&"));
}

TEST_F(Reflector, AKindThatIsNotServedIsToldWithItsRemedyAndListedAgain) {
  next();
  EXPECT_EQ(page(404, "404 page not found"), "error:NotFound");
  EXPECT_EQ(next(), "/api/v1/pods?limit=2");
}

TEST_F(Reflector, AListOlderThanWhatWasSeenIsAskedForAgainAndTellsNothing) {
  watch();
  event("ADDED", object_json("c", 50));
  event("DELETED", object_json("c", 51));
  end(410);
  next();
  EXPECT_EQ(list(50, {object_json("a", 1), object_json("c", 50)}), "error:Unavailable");
  EXPECT_THAT(sink_.last_error(), HasSubstr("behind"));
  EXPECT_EQ(next(), "/api/v1/pods?limit=2");
  EXPECT_EQ(list(51, {object_json("a", 1), object_json("b", 2)}), "synced");
}

TEST_F(Reflector, AServerThatCaughtUpIsTrustedAsLongAsBefore) {
  watch();
  event("MODIFIED", object_json("a", 50));
  end(410);
  for (int time = 0; time < 2; ++time) {
    for (int i = 0; i < 2; ++i) {
      next();
      EXPECT_THAT(list(8, {object_json("a", 5)}), testing::Not(HasSubstr("a@5")));
    }
    next();
    list(60, {object_json("a", 50), object_json("b", 2)});
    next();
    end(410);
  }
}

TEST_F(Reflector, AServerThatStaysBehindBeginsANewHistory) {
  watch();
  event("MODIFIED", object_json("a", 50));
  end(410);
  for (int i = 0; i < 2; ++i) {
    next();
    list(8, {object_json("a", 5), object_json("d", 6)});
  }
  next();
  EXPECT_EQ(list(8, {object_json("a", 5), object_json("d", 6)}), "a@5 d@6 -b@8 synced");
  EXPECT_THAT(next(), HasSubstr("resourceVersion=8&"));
}

TEST_F(Reflector, AnItemWithoutANameIsToldAndDoesNotStopTheOthers) {
  next();
  EXPECT_EQ(list(10, {"{}", object_json("a", 1), "{}"}), "error:Invalid a@1 synced");
}

TEST_F(Reflector, WhatIsNoListIsToldAndAskedForAgain) {
  for (const char* body :
       {"<html>", "{}", R"({"metadata":{"resourceVersion":"1"},"items":{}})",
        R"({"metadata":{},"items":[]})", R"({"metadata":{"resourceVersion":"x"},"items":[]})"}) {
    RecordingSink sink;
    KubernetesReflector reflector("/api/v1/pods", {}, sink, 1);
    (void)reflector.next();
    reflector.take_page(HttpResponse{200, {}, body});
    EXPECT_EQ(sink.take(), "error:Invalid") << body;
    EXPECT_FALSE(reflector.next().is_watch);
  }
}

// Whatever happens on the way, what the sink was told adds up to what the server had when it was
// last asked.
RC_GTEST_PROP(ReflectorProperty, TheSinkEndsWithWhatTheServerHas, ()) {
  struct Picture : ObjectSink {
    std::map<std::string, int> objects;
    void on_changed(const boost::json::value& object) override {
      const auto& metadata = object.at("metadata").as_object();
      const int version = std::stoi(std::string(metadata.at("resourceVersion").as_string()));
      int& known = objects[std::string(metadata.at("name").as_string())];
      RC_ASSERT(version > known);
      known = version;
    }
    void on_gone(const VanishedObject& object) override {
      RC_ASSERT(objects.erase(object.name) == 1U);
    }
    void on_synced() override {}
    void on_error(const Error&) override {}
  } picture;
  std::map<std::string, int> server;
  int version = 1;
  std::vector<std::string> log;  // events that the stream has not brought yet
  const auto change = [&] {
    const std::string name(1, static_cast<char>('a' + *rc::gen::inRange(0, 4)));
    ++version;
    const bool is_deletion = server.contains(name) && *rc::gen::arbitrary<bool>();
    const char* type = is_deletion ? "DELETED" : server.contains(name) ? "MODIFIED" : "ADDED";
    const std::string uid = server.contains(name) ? "" : "u";
    is_deletion ? void(server.erase(name)) : void(server[name] = version);
    log.push_back(event_json(type, object_json(name, version, "u-" + name)));
  };
  KubernetesReflector reflector("/x", {.limit = 2}, picture, 1);
  const auto list_now = [&](const std::string& path) {
    // A snapshot is paged by position; it is forgotten when anything changed meanwhile.
    static std::vector<std::string> snapshot;
    static int snapshot_version = 0;
    const std::size_t at = path.find("continue=");
    std::size_t begin = 0;
    if (at == std::string::npos) {
      snapshot.clear();
      for (const auto& [name, v] : server) snapshot.push_back(object_json(name, v, "u-" + name));
      snapshot_version = version;
      log.clear();
    } else if (snapshot_version != version) {
      return reflector.take_page(HttpResponse{410, {}, "{}"});
    } else {
      begin = std::stoul(path.substr(at + 9));
    }
    const bool is_paged = path.find("limit=2") != std::string::npos;
    const std::size_t finish = is_paged ? std::min(begin + 2, snapshot.size()) : snapshot.size();
    const std::vector<std::string> items(snapshot.begin() + static_cast<std::ptrdiff_t>(begin),
                                         snapshot.begin() + static_cast<std::ptrdiff_t>(finish));
    reflector.take_page(
        HttpResponse{200,
                     {},
                     list_json(snapshot_version, items,
                               finish < snapshot.size() ? std::to_string(finish) : "")});
  };
  const int steps = *rc::gen::inRange(0, 40);
  for (int i = 0; i <= steps + 8; ++i) {
    const bool is_quiet = i > steps;  // at the end nothing changes and nothing fails
    for (int n = is_quiet ? 0 : *rc::gen::inRange(0, 3); n > 0; --n) change();
    const auto step = reflector.next();
    if (!step.is_watch) {
      if (!is_quiet && *rc::gen::inRange(0, 4) == 0) {
        reflector.take_page(fail(ErrorCode::Unavailable, "x"));
      } else {
        list_now(step.request.path);
      }
      continue;
    }
    const int fate = is_quiet ? 0 : *rc::gen::inRange(0, 4);
    if (fate == 3) {  // forgotten
      reflector.take_line(event_json("ERROR", R"({"code":410})"));
    } else {
      const std::size_t brought = fate == 2 ? log.size() / 2 : log.size();
      for (std::size_t n = 0; n < brought; ++n) {
        if (fate == 1 && n == 0) {
          reflector.take_line("garbage in place of an event");
        } else {
          reflector.take_line(log[n]);
        }
      }
      log.erase(log.begin(), log.begin() + static_cast<std::ptrdiff_t>(brought));
    }
    reflector.take_end_of_stream(HttpResponse{200, {}, ""}, kLong);
  }
  RC_ASSERT(picture.objects == server);
}

}  // namespace
}  // namespace hyperwright::client
