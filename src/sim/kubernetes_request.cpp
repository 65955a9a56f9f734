#include "sim/kubernetes_request.h"

#include <algorithm>

#include "base/number.h"

namespace hyperwright::sim {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string unescape(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' && plus_is_space ? ' ' : text[i];
    }
  }
  return out;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(separator, start), text.size());
    parts.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return parts;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

Query::Query(std::string_view text) {
  if (text.empty()) return;
  for (const std::string_view pair : split(text, '&')) {
    const std::size_t equals = std::min(pair.find('='), pair.size());
    parameters_.emplace_back(
        unescape(pair.substr(0, equals), true),
        equals == pair.size() ? std::string{} : unescape(pair.substr(equals + 1), true));
  }
}

std::string_view Query::get(std::string_view name) const {
  const auto it = std::ranges::find(parameters_, name, &std::pair<std::string, std::string>::first);
  return it == parameters_.end() ? std::string_view{} : std::string_view(it->second);
}

bool Query::has(std::string_view name) const {
  return std::ranges::find(parameters_, name, &std::pair<std::string, std::string>::first) !=
         parameters_.end();
}

bool Query::is_true(std::string_view name) const {
  const std::string_view value = get(name);
  // A flag without a value ("?watch") is set.
  return value.empty() ? has(name) : value != "false" && value != "0";
}

std::optional<std::int64_t> Query::number(std::string_view name) const {
  return parse_int64(get(name));
}

std::vector<std::string> path_segments(std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string_view part : split(path, '/')) {
    if (!part.empty()) segments.push_back(unescape(part, false));
  }
  return segments;
}

std::optional<ResourcePath> parse_resource_path(const std::vector<std::string>& segments) {
  ResourcePath out;
  std::size_t at = 0;
  const auto left = [&] { return segments.size() - at; };
  if (segments.size() >= 3 && segments[0] == "api") {
    out.version = segments[1];
    at = 2;
  } else if (segments.size() >= 4 && segments[0] == "apis") {
    out.group = segments[1];
    out.version = segments[2];
    at = 3;
  } else {
    return std::nullopt;
  }
  // namespaces/NAME/RESOURCE… is a resource in a namespace; the namespace's own subresources are
  // not.
  if (segments[at] == "namespaces" && left() >= 3 && segments[at + 2] != "status" &&
      segments[at + 2] != "finalize") {
    out.ns = segments[at + 1];
    at += 2;
  }
  out.plural = segments[at++];
  if (left() > 0) out.name = segments[at++];
  if (left() > 0) out.subresource = segments[at++];
  if (left() > 0) return std::nullopt;
  return out;
}

Rendering parse_accept(std::string_view accept) {
  if (trimmed(accept).empty()) return Rendering::Object;
  for (const std::string_view offer : split(accept, ',')) {
    const std::vector<std::string_view> parts = split(offer, ';');
    const std::string_view type = trimmed(parts.front());
    if (type != "application/json" && type != "*/*" && type != "application/*") continue;
    Rendering rendering = Rendering::Object;
    bool is_known = true;
    for (const std::string_view parameter : std::vector(parts.begin() + 1, parts.end())) {
      const std::string_view text = trimmed(parameter);
      if (text == "as=Table")
        rendering = Rendering::Table;
      else if (text == "as=PartialObjectMetadata" || text == "as=PartialObjectMetadataList")
        rendering = Rendering::Metadata;
      else if (text.starts_with("as="))
        is_known = false;
    }
    if (is_known) return rendering;
  }
  return Rendering::NotAcceptable;
}

std::string media_type(std::string_view content_type) {
  std::string out(
      trimmed(content_type.substr(0, std::min(content_type.find(';'), content_type.size()))));
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

}  // namespace hyperwright::sim
