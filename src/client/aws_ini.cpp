#include "client/aws_ini.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace hyperwright::client {
namespace {

constexpr std::string_view kSpace = " \t\r\f\v";

class Reader {
 public:
  explicit Reader(std::string_view file) : file_(file) {}

  Status read(std::string_view line) {
    ++number_;
    const std::string_view text = trimmed(line);
    if (text.empty() || text.front() == '#' || text.front() == ';') return {};
    const std::size_t indent = line.find_first_not_of(kSpace);
    if (key_ && indent > indent_) return continue_value(text);
    indent_ = indent;
    if (text.front() == '[' && text.find(']') != std::string_view::npos)
      return begin_section(text.substr(1, text.rfind(']') - 1));
    return read_key(text);
  }

  IniFile finish() {
    for (auto& [name, section] : sections_) section.insert(defaults_.begin(), defaults_.end());
    return std::move(sections_);
  }

 private:
  Failure wrong(const std::string& what, std::string remedy) const {
    return fail(ErrorCode::Invalid, fmt::format("{}:{}: {}", file_, number_, what),
                std::move(remedy));
  }

  Status begin_section(std::string_view name) {
    key_.reset();
    if (name == "DEFAULT") {
      section_ = &defaults_;
      return {};
    }
    const auto [at, is_new] = sections_.emplace(name, IniSection{});
    if (!is_new)
      return wrong(fmt::format("section [{}] is there twice", name), "make one section of the two");
    section_ = &at->second;
    return {};
  }

  Status read_key(std::string_view text) {
    const std::size_t at = text.find_first_of("=:");
    if (at == std::string_view::npos || at == 0)
      return wrong("no key and value", "write a line as \"key = value\"");
    if (section_ == nullptr)
      return wrong("a key before the first section", "begin with a section such as [default]");
    key_ = lower(trimmed(text.substr(0, at)));
    const std::string_view value = trimmed(text.substr(at + 1));
    is_block_ = value.empty();
    if (!section_->emplace(*key_, value).second)
      return wrong(fmt::format("{} is there twice in its section", *key_), "remove one of them");
    return {};
  }

  Status continue_value(std::string_view text) {
    if (!is_block_) {
      std::string& value = section_->at(*key_);
      value += '\n';
      value += text;
      return {};
    }
    const std::size_t at = text.find('=');
    if (at == std::string_view::npos)
      return wrong(fmt::format("no key and value below {}", *key_),
                   "write a line as \"key = value\"");
    section_->insert_or_assign(fmt::format("{}/{}", *key_, trimmed(text.substr(0, at))),
                               std::string(trimmed(text.substr(at + 1))));
    return {};
  }

  std::string_view file_;
  int number_ = 0;
  IniFile sections_;
  IniSection defaults_;
  IniSection* section_ = nullptr;  // nodes of a map stay where they are
  std::optional<std::string> key_;
  bool is_block_ = false;
  std::size_t indent_ = 0;
};

}  // namespace

Result<IniFile> parse_ini(std::string_view text, std::string_view file) {
  Reader reader(file);
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (Status read = reader.read(line); !read) return fail(read.error());
  }
  return reader.finish();
}

}  // namespace hyperwright::client
