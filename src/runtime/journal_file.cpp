#include "runtime/journal_file.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

namespace hyperwright::runtime {
namespace {

constexpr std::string_view kName = "hyperwright-journal ";
// What a flushed block of deflate ends with; every record would.
constexpr std::string_view kFlushEnd("\0\0\xff\xff", 4);
constexpr int kLevel = 6;
constexpr int kRawWindow = -15;  // 32 KiB, without zlib's own header and checksum
constexpr int kMemory = 8;
constexpr std::size_t kChecksumBytes = 4;
// Above any record that is written: a snapshot comes in parts.
constexpr std::uint64_t kRecordMax = std::uint64_t{1} << 30U;

std::string system_words(int number) { return std::generic_category().message(number); }

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

void put_length(std::string& out, std::uint64_t length) {
  while (length >= 0x80U) {
    out.push_back(static_cast<char>((length & 0x7fU) | 0x80U));
    length >>= 7U;
  }
  out.push_back(static_cast<char>(length));
}

void put_checksum(std::string& out, std::uint32_t sum) {
  for (unsigned shift = 0; shift < 32; shift += 8) out.push_back(static_cast<char>(sum >> shift));
}

std::uint32_t checksum_at(std::string_view bytes) {
  std::uint32_t sum = 0;
  for (unsigned i = 0; i < kChecksumBytes; ++i)
    sum |= std::uint32_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  return sum;
}

struct Length {
  std::uint64_t value = 0;
  std::size_t bytes = 0;  // that it takes; 0: it is not all there
};
Length length_at(std::string_view bytes) {
  Length length;
  for (std::size_t i = 0; i < bytes.size() && i < 5; ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    length.value |= std::uint64_t{byte & 0x7fU} << (7 * i);
    if ((byte & 0x80U) == 0) {
      length.bytes = i + 1;
      return length;
    }
  }
  return length;
}

}  // namespace

// --- writing ---

struct JournalFileWriter::Deflate {
  z_stream stream{};
  bool is_ready =
      deflateInit2(&stream, kLevel, Z_DEFLATED, kRawWindow, kMemory, Z_DEFAULT_STRATEGY) == Z_OK;
  Deflate() = default;
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;
  ~Deflate() { deflateEnd(&stream); }

  std::string compress(std::string_view text) {
    std::string out;
    std::array<char, 16 * 1024> part{};
    // zlib reads what it calls next_in and does not change it.
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(part.data());
      stream.avail_out = static_cast<uInt>(part.size());
      deflate(&stream, Z_SYNC_FLUSH);
      out.append(part.data(), part.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    if (out.ends_with(kFlushEnd)) out.resize(out.size() - kFlushEnd.size());
    return out;
  }
};

Result<std::unique_ptr<JournalFileWriter>> JournalFileWriter::create(
    const std::filesystem::path& path) {
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(ErrorCode::Unavailable,
                fmt::format("{} cannot be created: {}", path.string(), system_words(errno)),
                "make room, or name a directory that can be written to");
  }
  std::unique_ptr<JournalFileWriter> file(new JournalFileWriter(descriptor, path));
  if (!file->deflate_->is_ready)
    return fail(ErrorCode::Unavailable, "there is no memory to compress the journal with");
  if (auto written = file->write(fmt::format("{}{}\n", kName, kJournalVersion)); !written)
    return fail(written.error());
  return file;
}

JournalFileWriter::JournalFileWriter(int descriptor, std::filesystem::path path)
    : descriptor_(descriptor), path_(std::move(path)), deflate_(std::make_unique<Deflate>()) {}

JournalFileWriter::~JournalFileWriter() { ::close(descriptor_); }

Status JournalFileWriter::append(std::string_view text) {
  const std::string bytes = deflate_->compress(text);
  buffer_.clear();
  put_length(buffer_, bytes.size());
  put_checksum(buffer_, checksum(bytes));
  buffer_ += bytes;
  return write(buffer_);
}

Status JournalFileWriter::write(std::string_view bytes) {
  const auto broken = [&](const std::string& how) {
    return fail(ErrorCode::Unavailable,
                fmt::format("{} cannot be written: {}", path_.string(), how),
                "make room and start again to record further");
  };
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return broken(system_words(errno));
    bytes.remove_prefix(static_cast<std::size_t>(written));
    bytes_ += static_cast<std::uint64_t>(written);
  }
  // A file without a name takes bytes for ever, and nobody will read them.
  struct stat status{};
  if (::fstat(descriptor_, &status) != 0) return broken(system_words(errno));
  if (status.st_nlink == 0) return broken("it was removed");
  return {};
}

Status JournalFileWriter::rename(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::rename(path_, path, error);
  if (error) {
    return fail(ErrorCode::Unavailable,
                fmt::format("{} cannot be renamed: {}", path_.string(), error.message()),
                "start again to record further");
  }
  path_ = path;
  return {};
}

// --- reading ---

struct JournalFileReader::Inflate {
  z_stream stream{};
  bool is_ready = inflateInit2(&stream, kRawWindow) == Z_OK;
  Inflate() = default;
  Inflate(const Inflate&) = delete;
  Inflate& operator=(const Inflate&) = delete;
  ~Inflate() { inflateEnd(&stream); }

  // nullopt: it is no deflated text.
  std::optional<std::string> text_of(std::string_view bytes) {
    std::string input(bytes);
    input += kFlushEnd;
    std::string out;
    std::array<char, 64 * 1024> part{};
    stream.next_in = reinterpret_cast<Bytef*>(input.data());
    stream.avail_in = static_cast<uInt>(input.size());
    do {
      stream.next_out = reinterpret_cast<Bytef*>(part.data());
      stream.avail_out = static_cast<uInt>(part.size());
      const int code = inflate(&stream, Z_SYNC_FLUSH);
      if (code != Z_OK && code != Z_BUF_ERROR) return std::nullopt;
      out.append(part.data(), part.size() - stream.avail_out);
    } while (stream.avail_out == 0);
    if (stream.avail_in != 0) return std::nullopt;
    return out;
  }
};

JournalFileReader::JournalFileReader(std::filesystem::path path, std::string text,
                                     std::size_t position)
    : path_(std::move(path)),
      text_(std::move(text)),
      position_(position),
      inflate_(std::make_unique<Inflate>()) {}

JournalFileReader::~JournalFileReader() = default;

Result<std::unique_ptr<JournalFileReader>> JournalFileReader::open(
    const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (!file.is_open() || file.bad() || std::filesystem::is_directory(path)) {
    return fail(ErrorCode::Invalid, fmt::format("{} cannot be read", path.string()),
                "name a file that `hyperwright controller --journal DIR` wrote into DIR");
  }
  const std::size_t end = text.find('\n');
  if (!text.starts_with(kName) || end == std::string::npos) {
    return fail(ErrorCode::Invalid, fmt::format("{} is no journal", path.string()),
                "name a file that `hyperwright controller --journal DIR` wrote into DIR");
  }
  const std::string version = text.substr(kName.size(), end - kName.size()).substr(0, 20);
  if (version != fmt::format("{}", kJournalVersion)) {
    return fail(ErrorCode::Invalid,
                fmt::format("{} is a journal of version {}; this program reads version {}",
                            path.string(), version, kJournalVersion),
                "replay it with the hyperwright that wrote it");
  }
  return std::unique_ptr<JournalFileReader>(new JournalFileReader(path, std::move(text), end + 1));
}

Failure JournalFileReader::damaged(std::string_view how) const {
  return fail(ErrorCode::Invalid,
              fmt::format("{}: the record at byte {} {}", path_.string(), position_, how),
              "the file was changed; take another copy of it");
}

Result<std::optional<std::string>> JournalFileReader::next() {
  const std::string_view rest = std::string_view(text_).substr(position_);
  const auto torn = [&]() -> Result<std::optional<std::string>> {
    torn_ = rest.size();
    return std::optional<std::string>();
  };
  if (rest.empty()) return std::optional<std::string>();
  const Length length = length_at(rest);
  const std::size_t head = length.bytes + kChecksumBytes;
  // A machine that went down may leave zeros where the file was to grow.
  if (rest.find_first_not_of('\0') == std::string_view::npos) return torn();
  if (length.bytes == 0 && rest.size() < 5) return torn();
  if (length.bytes == 0 || length.value == 0 || length.value > kRecordMax)
    return damaged("has no length");
  if (rest.size() < head + length.value) return torn();
  const std::string_view bytes = rest.substr(head, length.value);
  if (checksum(bytes) != checksum_at(rest.substr(length.bytes))) {
    if (rest.size() == head + length.value) return torn();
    return damaged("does not fit its checksum");
  }
  auto text = inflate_->text_of(bytes);
  if (!text) return damaged("cannot be decompressed");
  position_ += head + length.value;
  return std::optional(*std::move(text));
}

}  // namespace hyperwright::runtime
