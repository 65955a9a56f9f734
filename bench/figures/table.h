// The table that `make bench` prints, and a stopwatch. Rows go to stdout as they are measured, what
// is being done meanwhile to stderr.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <unistd.h>

namespace hyperwright::bench {

struct Figure {
  std::string name;
  std::string value;
  std::string unit;
  std::string aim;   // "": none was set
  std::string note;  // what it was measured on, or what it rests on
};

inline void print_header() {
  fmt::print("{:<52} {:>10} {:<9} {:<16} {}\n", "figure", "value", "unit", "aim", "note");
}

inline void print(const Figure& figure) {
  fmt::print("{:<52} {:>10} {:<9} {:<16} {}\n", figure.name, figure.value, figure.unit,
             figure.aim.empty() ? "-" : figure.aim, figure.note);
  std::fflush(stdout);
}

// "1234567.8" as "1,234,567"; small numbers keep two digits.
inline std::string number(double value) {
  if (value < 10) return fmt::format("{:.2f}", value);
  if (value < 100) return fmt::format("{:.1f}", value);
  const std::string digits = fmt::format("{:.0f}", value);
  std::string text;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) text.push_back(',');
    text.push_back(digits[i]);
  }
  return text;
}

// A line that the next one overwrites; nothing where nobody looks.
inline void progress(std::string_view text) {
  if (isatty(STDERR_FILENO) == 0) return;
  fmt::print(stderr, "\r\033[K  {}", text);
  std::fflush(stderr);
}
inline void end_progress() {
  if (isatty(STDERR_FILENO) != 0) fmt::print(stderr, "\r\033[K");
}

// Adds up this thread's processor time between go() and stop(). What is measured does no I/O, so
// that on a free core it is the time that passes; on a busy machine it still says the same.
class Stopwatch {
 public:
  void go() { begun_ = now(); }
  void stop() { spent_ += now() - begun_; }
  [[nodiscard]] double milliseconds() const { return static_cast<double>(spent_) / 1e6; }
  [[nodiscard]] double seconds() const { return milliseconds() / 1000; }

 private:
  static std::int64_t now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
  }
  std::int64_t begun_ = 0;
  std::int64_t spent_ = 0;
};

}  // namespace hyperwright::bench
