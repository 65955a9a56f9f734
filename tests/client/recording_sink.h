// A sink that writes down what it is told, one word each: "a@3" (changed, name and version), "-a@5"
// (gone), "synced", "error:Unavailable".
#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "client/kubernetes_reflector.h"

namespace hyperwright::client {

class RecordingSink : public ObjectSink {
 public:
  void on_changed(const boost::json::value& object) override {
    const auto& metadata = object.at("metadata").as_object();
    record(std::string(metadata.at("name").as_string()) + "@" +
           std::string(metadata.at("resourceVersion").as_string()));
  }
  void on_gone(const VanishedObject& object) override {
    record("-" + object.name + "@" + std::to_string(object.resource_version));
    const std::lock_guard lock(mutex_);
    gone_.push_back(object);
  }
  void on_synced() override { record("synced"); }
  void on_error(const Error& error) override {
    {
      const std::lock_guard lock(mutex_);
      last_error_ = error.text();
    }
    record("error:" + std::string(to_string(error.code())));
  }

  // What was told since the last time, as one line.
  std::string take() {
    const std::lock_guard lock(mutex_);
    std::string text;
    for (const std::string& word : std::exchange(words_, {}))
      text += (text.empty() ? "" : " ") + word;
    return text;
  }
  // Waits until `word` was told, and takes all up to it.
  std::string take_until(const std::string& word) {
    std::unique_lock lock(mutex_);
    std::string text;
    for (std::size_t next = 0;; ++next) {
      told_.wait(lock, [&] { return words_.size() > next; });
      text += (text.empty() ? "" : " ") + words_[next];
      if (words_[next] != word) continue;
      words_.erase(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(next) + 1);
      return text;
    }
  }
  [[nodiscard]] std::string last_error() {
    const std::lock_guard lock(mutex_);
    return last_error_;
  }
  [[nodiscard]] std::vector<VanishedObject> gone() {
    const std::lock_guard lock(mutex_);
    return gone_;
  }

 private:
  void record(std::string word) {
    const std::lock_guard lock(mutex_);
    words_.push_back(std::move(word));
    told_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable told_;
  std::vector<std::string> words_;
  std::vector<VanishedObject> gone_;
  std::string last_error_;
};

// {"metadata": {name, namespace "ns", uid "u-NAME" or as given, resourceVersion}}
inline std::string object_json(const std::string& name, int version, const std::string& uid = {}) {
  return R"({"metadata":{"name":")" + name + R"(","namespace":"ns","uid":")" +
         (uid.empty() ? "u-" + name : uid) + R"(","resourceVersion":")" + std::to_string(version) +
         R"("}})";
}

inline std::string list_json(int version, const std::vector<std::string>& objects,
                             const std::string& continue_token = {}) {
  std::string items;
  for (const auto& object : objects) items += (items.empty() ? "" : ",") + object;
  return R"({"kind":"PodList","metadata":{"resourceVersion":")" + std::to_string(version) +
         R"(","continue":")" + continue_token + R"("},"items":[)" + items + "]}";
}

inline std::string event_json(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}";
}

}  // namespace hyperwright::client
