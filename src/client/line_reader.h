// Cuts a stream of bytes into lines, as they come: a watch's answer is one JSON text a line, and a
// read may end anywhere in it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace hyperwright::client {

class LineReader {
 public:
  explicit LineReader(std::size_t line_bytes_max) : line_bytes_max_(line_bytes_max) {}

  // Calls on_line(std::string_view) for each line that `bytes` completes, without its line end;
  // empty lines are skipped. False: a line is longer than the limit, and the stream is of no use
  // any more.
  template <typename OnLine>
  bool feed(std::string_view bytes, OnLine&& on_line) {
    while (!bytes.empty()) {
      const std::size_t end = bytes.find('\n');
      const std::string_view part = bytes.substr(0, end);
      if (partial_.size() + part.size() > line_bytes_max_) return false;
      if (end == std::string_view::npos) {
        partial_ += part;
        return true;
      }
      bytes.remove_prefix(end + 1);
      if (partial_.empty()) {
        emit(part, on_line);
      } else {
        const std::string line = std::exchange(partial_, {}).append(part);
        emit(line, on_line);
      }
    }
    return true;
  }

  // What came after the last line end. A stream that was cut leaves half a line here.
  [[nodiscard]] const std::string& rest() const { return partial_; }

 private:
  template <typename OnLine>
  static void emit(std::string_view line, OnLine& on_line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) on_line(line);
  }

  std::size_t line_bytes_max_;
  std::string partial_;
};

}  // namespace hyperwright::client
