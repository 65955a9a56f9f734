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

}  // namespace hyperwright::client
