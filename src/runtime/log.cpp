#include "runtime/log.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/time.h"

namespace hyperwright::runtime {
namespace json = boost::json;
namespace {

constexpr std::array<std::string_view, 8> kKinds = {
    "NodeClaim",         "Node",        "NodePool",      "NodeClass", "Pod",
    "HyperpodNodeClass", "NodeOverlay", "CapacityBuffer"};

spdlog::level::level_enum level_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return spdlog::level::debug;
    case LogLevel::Info:
      return spdlog::level::info;
    case LogLevel::Warn:
      return spdlog::level::warn;
    case LogLevel::Error:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string_view word_of(LogLevel level) {
  static constexpr std::array<std::string_view, 4> kWords = {"DEBUG", "INFO", "WARN", "ERROR"};
  return kWords[static_cast<std::size_t>(level)];
}

json::value value_of(const LogField& field) {
  const auto& [key, text] = field;
  if (std::find(kKinds.begin(), kKinds.end(), key) == kKinds.end()) return json::value(text);
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) return json::object{{"name", text}};
  return json::object{{"namespace", text.substr(0, slash)}, {"name", text.substr(slash + 1)}};
}

}  // namespace

struct Log::Writer {
  std::shared_ptr<spdlog::logger> logger;
};

Result<LogLevel> parse_log_level(std::string_view text) {
  if (text == "debug") return LogLevel::Debug;
  if (text == "info" || text.empty()) return LogLevel::Info;
  if (text == "warn") return LogLevel::Warn;
  if (text == "error") return LogLevel::Error;
  return fail(ErrorCode::Invalid, fmt::format("log level \"{}\" is not known", text),
              "write debug, info, warn or error");
}

Log::Log(LogLevel level) : writer_(std::make_unique<Writer>()) {
  writer_->logger = std::make_shared<spdlog::logger>(
      "controller", std::make_shared<spdlog::sinks::stderr_sink_mt>());
  writer_->logger->set_pattern("%v");  // the line is whole when it gets there
  writer_->logger->set_level(level_of(level));
  writer_->logger->flush_on(spdlog::level::debug);
}

Log::~Log() = default;

void Log::write(LogLevel level, std::string_view message,
                const std::vector<LogField>& fields) const {
  if (!writer_->logger->should_log(level_of(level))) return;
  json::object object;
  for (const LogField& field : fields) object[field.first] = value_of(field);
  const auto now =
      std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  const std::string time =
      format_micro_time(Time::from_unix_microseconds(now.time_since_epoch().count()));
  std::string line = fmt::format(
      R"({{"level":"{}","time":"{}Z","logger":"controller","message":{})", word_of(level),
      std::string_view(time).substr(0, time.size() - 4), json::serialize(json::value(message)));
  const std::string rest = json::serialize(object);
  line += rest.size() > 2 ? "," + rest.substr(1) : "}";
  writer_->logger->log(level_of(level), spdlog::string_view_t(line.data(), line.size()));
}

void Log::write(LogLevel level, std::string_view message,
                std::initializer_list<LogField> fields) const {
  write(level, message, std::vector<LogField>(fields));
}

void Log::error(std::string_view message, const Error& error,
                std::initializer_list<LogField> fields) const {
  std::vector<LogField> all(fields);
  all.emplace_back("error", error.text());
  if (!error.remedy().empty()) all.emplace_back("fix", error.remedy());
  write(LogLevel::Error, message, all);
}

}  // namespace hyperwright::runtime
