// One file of a journal: a line that names the format, then records, each the text of one turn's
// part, compressed.
//
//   "hyperwright-journal 1\n"
//   { length: LEB128 | CRC-32 of the bytes: 4, little-endian | bytes }...
//
// The bytes of all records are one stream (raw deflate, RFC 1951), flushed after each: a record is
// read with what came before it in mind, and so costs little. What the flush ends with (00 00 FF
// FF) is left out. A record is written by one write(2) and never synced: the page cache survives
// the end of the process, not that of the machine, and a loop that waits for a disk would be no
// loop. A last record that is incomplete is the mark of a crash, and is left out by the reader.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hyperwright::runtime {

inline constexpr int kJournalVersion = 1;

class JournalFileWriter {
 public:
  // A new file, for its owner alone. Fails with Unavailable, and the operating system's words.
  static Result<std::unique_ptr<JournalFileWriter>> create(const std::filesystem::path& path);
  ~JournalFileWriter();
  JournalFileWriter(const JournalFileWriter&) = delete;
  JournalFileWriter& operator=(const JournalFileWriter&) = delete;

  // Fails with Unavailable: the disk is full or broken, or the file was removed. Nothing is written
  // after a failure.
  Status append(std::string_view text);
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Keeps writing to the same file.
  Status rename(const std::filesystem::path& path);

 private:
  struct Deflate;
  JournalFileWriter(int descriptor, std::filesystem::path path);
  Status write(std::string_view bytes);

  int descriptor_;
  std::filesystem::path path_;
  std::unique_ptr<Deflate> deflate_;
  std::string buffer_;
  std::uint64_t bytes_ = 0;
};

class JournalFileReader {
 public:
  // Fails with Invalid: it cannot be read, is no journal, or one of another version.
  static Result<std::unique_ptr<JournalFileReader>> open(const std::filesystem::path& path);
  ~JournalFileReader();
  JournalFileReader(const JournalFileReader&) = delete;
  JournalFileReader& operator=(const JournalFileReader&) = delete;

  // The text of the next record; nullopt: that was all. Fails with Invalid, and the offset, where
  // the bytes of a record were changed. A length that was changed and points past the end reads as
  // an end that is torn.
  Result<std::optional<std::string>> next();
  // How many bytes at the end are no complete record; known once next() said that was all.
  [[nodiscard]] std::uint64_t torn_bytes() const { return torn_; }
  [[nodiscard]] std::uint64_t position() const { return position_; }
  [[nodiscard]] std::uint64_t size() const { return text_.size(); }

 private:
  struct Inflate;
  JournalFileReader(std::filesystem::path path, std::string text, std::size_t position);
  [[nodiscard]] Failure damaged(std::string_view how) const;

  std::filesystem::path path_;
  std::string text_;  // of the whole file: it is bounded by its writer
  std::size_t position_;
  std::unique_ptr<Inflate> inflate_;
  std::uint64_t torn_ = 0;
};

}  // namespace hyperwright::runtime
