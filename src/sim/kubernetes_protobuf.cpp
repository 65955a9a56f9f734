#include "sim/kubernetes_protobuf.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "sim/kubernetes_protobuf_messages.h"

namespace hyperwright::sim {
namespace json = boost::json;

namespace {

using protobuf::Field;
using protobuf::Form;
using protobuf::Message;

constexpr std::string_view kMagic{"k8s\0", 4};

// One field of a message as it is on the wire: a number, or bytes.
struct WireField {
  std::uint32_t number = 0;
  std::uint64_t value = 0;
  std::string_view bytes;
  bool has_bytes = false;
};

// Takes fields off the front of a message, until it is empty or cannot be read.
class WireReader {
 public:
  explicit WireReader(std::string_view text) : text_(text) {}

  // nullopt: at the end, or not readable.
  std::optional<WireField> next() {
    if (text_.empty()) return std::nullopt;
    const auto tag = varint();
    if (!tag) return broken();
    WireField field{.number = static_cast<std::uint32_t>(*tag >> 3U)};
    const auto value = varint();
    if (!value) return broken();
    field.value = *value;
    if ((*tag & 7U) == 0) return field;
    if ((*tag & 7U) != 2 || *value > text_.size()) return broken();
    field.has_bytes = true;
    field.bytes = text_.substr(0, static_cast<std::size_t>(*value));
    text_.remove_prefix(field.bytes.size());
    return field;
  }
  [[nodiscard]] bool is_broken() const { return is_broken_; }

 private:
  std::optional<WireField> broken() {
    is_broken_ = true;
    return std::nullopt;
  }
  std::optional<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !text_.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(text_.front());
      text_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
    return std::nullopt;
  }

  std::string_view text_;
  bool is_broken_ = false;
};

json::value text_value(std::string_view text) {
  return json::value(json::string_view(text.data(), text.size()));
}

std::string base64(std::string_view bytes) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group =
          (group << 8U) | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out += i + j <= bytes.size() ? kAlphabet[(group >> (18 - 6 * j)) & 0x3fU] : '=';
    }
  }
  return out;
}

ApiError not_readable(std::string_view what) {
  return unsupported_media_type(
      fmt::format("the protobuf body cannot be read here ({}); with kubectl, add `--dry-run=client "
                  "-o yaml` and "
                  "pipe it into `kubectl apply -f -`",
                  what));
}

// The bytes of one field of a small message, such as a map's key.
std::string_view bytes_of(std::string_view message, std::uint32_t number) {
  WireReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == number && field->has_bytes) return field->bytes;
  }
  return {};
}

// {type, intVal, strVal}: type 0 is the number.
json::value int_or_string(std::string_view message) {
  WireReader reader(message);
  std::int64_t type = 0;
  std::int64_t number = 0;
  while (const auto field = reader.next()) {
    if (field->number == 1) type = static_cast<std::int64_t>(field->value);
    if (field->number == 2) number = static_cast<std::int64_t>(field->value);
  }
  return type == 0 ? json::value(number) : text_value(bytes_of(message, 3));
}

ApiResult<json::object> read_message(std::string_view bytes, const Message& message);

void put(json::object& out, const Field& field, json::value value) {
  const json::string_view name(field.name.data(), field.name.size());
  if (!field.is_list) {
    out[name] = std::move(value);
    return;
  }
  json::value& list = out[name];
  if (!list.is_array()) list = json::array{};
  list.get_array().push_back(std::move(value));
}

void put_map_entry(json::object& out, const Field& field, std::string_view entry) {
  json::value& map = out[json::string_view(field.name.data(), field.name.size())];
  if (!map.is_object()) map = json::object{};
  const std::string_view key = bytes_of(entry, 1);
  const std::string_view bytes = bytes_of(entry, 2);
  json::value value = text_value(bytes);
  if (field.form == Form::BytesMap) value = json::value(base64(bytes));
  if (field.form == Form::QuantityMap) value = text_value(bytes_of(bytes, 1));
  map.get_object()[json::string_view(key.data(), key.size())] = std::move(value);
}

std::optional<ApiError> read_field(const WireField& wire, const Field& field, json::object& out) {
  const auto number = static_cast<std::int64_t>(wire.value);
  switch (field.form) {
    case Form::Text:
      if (!wire.bytes.empty() || field.is_list) put(out, field, text_value(wire.bytes));
      break;
    case Form::Number:
      if (number != 0) put(out, field, number);
      break;
    case Form::NumberOrNone:
      put(out, field, number);
      break;
    case Form::Flag:
      if (number != 0) put(out, field, true);
      break;
    case Form::FlagOrNone:
      put(out, field, number != 0);
      break;
    case Form::IntOrString: {
      json::value value = int_or_string(wire.bytes);
      if (!value.is_int64() || value.get_int64() != 0 || field.name != "targetPort") {
        put(out, field, std::move(value));
      }
      break;
    }
    case Form::TextMap:
    case Form::BytesMap:
    case Form::QuantityMap:
      put_map_entry(out, field, wire.bytes);
      break;
    case Form::Message:
    case Form::MessageOrNone: {
      auto inner = read_message(wire.bytes, *field.message);
      if (!inner) return inner.error();
      if (!inner->empty() || field.is_list || field.form == Form::MessageOrNone) {
        put(out, field, *std::move(inner));
      }
      break;
    }
    case Form::Ignored:
      break;
  }
  return std::nullopt;
}

ApiResult<json::object> read_message(std::string_view bytes, const Message& message) {
  json::object out;
  WireReader reader(bytes);
  while (const auto wire = reader.next()) {
    const auto field = std::ranges::find(message.fields, wire->number, &Field::number);
    if (field == message.fields.end()) {
      return not_readable(fmt::format("field {} of {} is not known", wire->number, message.name));
    }
    if (auto wrong = read_field(*wire, *field, out)) return *std::move(wrong);
  }
  if (reader.is_broken()) return not_readable(fmt::format("{} is broken off", message.name));
  return out;
}

}  // namespace

ApiResult<json::object> parse_protobuf(std::string_view body) {
  if (!body.starts_with(kMagic)) return not_readable("it does not begin with \"k8s\\0\"");
  const std::string_view envelope = body.substr(kMagic.size());
  const std::string_view type = bytes_of(envelope, 1);
  const std::string_view api_version = bytes_of(type, 1);
  const std::string_view kind = bytes_of(type, 2);
  const Message* message = protobuf::find_message(api_version, kind);
  if (message == nullptr) {
    return not_readable(fmt::format("kind \"{}\" of \"{}\" is not known", kind, api_version));
  }
  auto object = read_message(bytes_of(envelope, 2), *message);
  if (!object) return object.error();
  json::object out{{"apiVersion", text_value(api_version)}, {"kind", text_value(kind)}};
  for (const auto& [name, value] : *object) out[name] = value;
  return out;
}

}  // namespace hyperwright::sim
