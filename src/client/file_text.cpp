#include "client/file_text.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace hyperwright::client {
namespace {

constexpr std::size_t kBytesMax = std::size_t{16} << 20U;

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

Result<std::string> read_file_text(const std::filesystem::path& path) {
  const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rbe"));
  if (!file) {
    const int why = errno;
    return fail(why == ENOENT   ? ErrorCode::NotFound
                : why == EACCES ? ErrorCode::Forbidden
                                : ErrorCode::Unavailable,
                fmt::format("{}: cannot be read: {}", path.string(),
                            std::strerror(why)));  // NOLINT(concurrency-mt-unsafe)
  }
  std::string text;
  std::array<char, 16384> bytes{};
  while (const std::size_t count = std::fread(bytes.data(), 1, bytes.size(), file.get())) {
    text.append(bytes.data(), count);
    if (text.size() > kBytesMax) {
      return fail(ErrorCode::Invalid, fmt::format("{}: larger than 16 MiB", path.string()));
    }
  }
  if (std::ferror(file.get()) != 0) {
    return fail(ErrorCode::Invalid, fmt::format("{}: is not a file to be read", path.string()));
  }
  return text;
}

Status replace_file_text(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path beside = path.string() + ".new";
  const auto failed = [&] {
    const int why = errno;
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    return fail(ErrorCode::Unavailable,
                fmt::format("{}: cannot be written: {}", path.string(),
                            std::strerror(why)));  // NOLINT(concurrency-mt-unsafe)
  };
  std::unique_ptr<std::FILE, FileCloser> file(std::fopen(beside.c_str(), "wbe"));
  if (!file) return failed();
  if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size()) return failed();
  // A full disk may only be noticed now.
  if (std::fclose(file.release()) != 0) return failed();
  if (std::rename(beside.c_str(), path.c_str()) != 0) return failed();
  return {};
}

}  // namespace hyperwright::client
