// The log: one JSON object a line, with Karpenter's keys, so that its dashboards and queries carry
// over.
//
//   {"level":"INFO","time":"2026-11-24T12:00:00.000Z","logger":"controller","message":"launched
//   nodeclaim",
//    "NodeClaim":{"name":"gpu-7xk2p"},"instance-type":"ml.p5.48xlarge","zone":"us-east-1a"}
//
// A message is constant; what varies is a key. An error is logged once, where it is handled.
// Secrets never come here: nothing that carries them has a way to be a field.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace hyperwright::runtime {

enum class LogLevel : std::uint8_t { Debug, Info, Warn, Error };
Result<LogLevel> parse_log_level(std::string_view text);

// A key and its text. A key that is a kind ("NodeClaim", "Node", "NodePool", "Pod") is written as
// {"name": ...}, a pod's "namespace/name" as {"namespace": ..., "name": ...}.
using LogField = std::pair<std::string_view, std::string>;

class Log {
 public:
  // Writes lines of this level and above to standard error.
  explicit Log(LogLevel level);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  void write(LogLevel level, std::string_view message,
             std::initializer_list<LogField> fields = {}) const;
  void write(LogLevel level, std::string_view message, const std::vector<LogField>& fields) const;
  void error(std::string_view message, const Error& error,
             std::initializer_list<LogField> fields = {}) const;

 private:
  struct Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace hyperwright::runtime
