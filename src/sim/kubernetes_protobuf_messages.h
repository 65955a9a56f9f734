// The messages that kubernetes_protobuf.cpp can read: number, name and kind of each of their
// fields.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hyperwright::sim::protobuf {

enum class Form : std::uint8_t {
  Text,
  Number,        // 0 is absent
  NumberOrNone,  // 0 is a value
  Flag,          // false is absent
  FlagOrNone,    // false is a value
  Message,
  MessageOrNone,  // an empty one is a value
  TextMap,
  BytesMap,
  QuantityMap,
  IntOrString,
  Ignored,  // what the server sets anyway
};

struct Message;

struct Field {
  std::uint32_t number;
  std::string_view name;
  Form form;
  bool is_list = false;
  const Message* message = nullptr;
};

struct Message {
  std::string_view name;
  std::span<const Field> fields;
};

// nullptr: not known.
const Message* find_message(std::string_view api_version, std::string_view kind);

}  // namespace hyperwright::sim::protobuf
