#include "service/patterns.h"

#include <algorithm>
#include <optional>

namespace hyperwright::service {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_alphanumeric(char c) { return is_digit(c) || is_lower(c) || (c >= 'A' && c <= 'Z'); }
bool is_lower_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

template <typename Predicate>
bool all(std::string_view text, Predicate predicate) {
  return !text.empty() && std::ranges::all_of(text, predicate);
}

// Begins and ends with a letter or digit; between them also what `inner` holds.
bool is_framed(std::string_view text, std::string_view inner) {
  return !text.empty() && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text,
                             [inner](char c) { return is_alphanumeric(c) || is_one_of(c, inner); });
}

bool is_name(std::string_view text) { return is_framed(text, "-"); }

// Takes the part of `text` before the next `end`, and `end`; nullopt: there is no `end`.
std::optional<std::string_view> take(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view part = text.substr(0, at);
  text.remove_prefix(at + 1);
  return part;
}

// arn:aws<partition>:<service>:<region>:<account>:<rest>
bool is_arn(std::string_view text, std::string_view service, bool has_region,
            bool (*is_rest)(std::string_view)) {
  const auto arn = take(text, ':'), partition = take(text, ':'), name = take(text, ':'),
             region = take(text, ':'), account = take(text, ':');
  if (!account || *arn != "arn" || !partition->starts_with("aws") || *name != service) return false;
  const auto is_part = [](char c) { return is_lower(c) || is_digit(c) || c == '-'; };
  return std::ranges::all_of(*partition, is_part) && std::ranges::all_of(*region, is_part) &&
         (has_region || region->empty()) && account->size() == 12 &&
         std::ranges::all_of(*account, is_digit) && is_rest(text);
}

bool is_cluster_arn(std::string_view text) {
  return is_arn(text, "sagemaker", true, [](std::string_view rest) {
    constexpr std::string_view kPrefix = "cluster/";
    return rest.starts_with(kPrefix) && rest.size() == kPrefix.size() + 12 &&
           all(rest.substr(kPrefix.size()), [](char c) { return is_lower(c) || is_digit(c); });
  });
}

bool is_cluster_name_or_arn(std::string_view text) {
  return is_cluster_arn(text) || (is_name(text) && text.size() <= 63);
}

bool is_node_id(std::string_view text) {
  return text.starts_with("i-") && (text.size() == 10 || text.size() == 19) &&
         all(text.substr(2), is_lower_hex);
}

bool is_logical_id(std::string_view text) { return text.size() >= 2 && is_framed(text, "-"); }

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (is_dash ? text[i] != '-' : !is_lower_hex(text[i])) return false;
  }
  return true;
}

bool is_client_token(std::string_view text) {
  return all(text, [](char c) { return c >= '\x21' && c <= '\x7e'; });
}

// us-east-1a
bool is_zone(std::string_view text) {
  const auto area = take(text, '-'), direction = take(text, '-');
  return direction && area->size() == 2 && all(*area, is_lower) && all(*direction, is_lower) &&
         text.size() == 2 && is_digit(text[0]) && is_lower(text[1]);
}

bool is_role_arn(std::string_view text) {
  return is_arn(text, "iam", false, [](std::string_view rest) {
    return rest.starts_with("role") && all(rest.substr(4), [](char c) {
             return is_alphanumeric(c) || is_one_of(c, "_+=,.@-/");
           });
  });
}

bool is_eks_cluster_arn(std::string_view text) {
  return is_arn(text, "eks", true, [](std::string_view rest) {
    constexpr std::string_view kPrefix = "cluster/";
    if (!rest.starts_with(kPrefix)) return false;
    rest.remove_prefix(kPrefix.size());
    return !rest.empty() && rest.size() <= 100 && is_alphanumeric(rest.front()) &&
           std::ranges::all_of(rest,
                               [](char c) { return is_alphanumeric(c) || is_one_of(c, "-_"); });
  });
}

bool is_name_part(std::string_view text) {
  return all(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

bool is_label_name(std::string_view text) { return is_framed(text, "-_."); }

bool is_dns_name(std::string_view text) {
  const auto is_dns_label = [](std::string_view label) {
    const auto is_end = [](char c) { return is_lower(c) || is_digit(c); };
    return !label.empty() && is_end(label.front()) && is_end(label.back()) &&
           std::ranges::all_of(label, [&](char c) { return is_end(c) || c == '-'; });
  };
  for (;;) {
    const auto label = take(text, '.');
    if (!label) return is_dns_label(text);
    if (!is_dns_label(*label)) return false;
  }
}

bool is_label_key(std::string_view text) {
  const auto prefix = take(text, '/');
  return (!prefix || is_dns_name(*prefix)) && is_label_name(text);
}

bool is_label_value(std::string_view text) { return text.empty() || is_label_name(text); }

}  // namespace

const Pattern kNamePattern = {"[a-zA-Z0-9](-*[a-zA-Z0-9])*", is_name};
const Pattern kClusterNameOrArnPattern = {
    R"((arn:aws[a-z\-]*:sagemaker:[a-z0-9\-]*:[0-9]{12}:cluster/[a-z0-9]{12})|([a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}))",
    is_cluster_name_or_arn};
const Pattern kNodeIdPattern = {"i-[a-f0-9]{8}(?:[a-f0-9]{9})?", is_node_id};
const Pattern kLogicalIdPattern = {R"([a-zA-Z0-9][a-zA-Z0-9\-]*[a-zA-Z0-9])", is_logical_id};
const Pattern kEventIdPattern = {"[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}",
                                 is_uuid};
const Pattern kClientTokenPattern = {R"([\x21-\x7E]+)", is_client_token};
const Pattern kZonePattern = {R"([a-z]{2}-[a-z]+-\d[a-z])", is_zone};
const Pattern kRoleArnPattern = {R"(arn:aws[a-z\-]*:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+)",
                                 is_role_arn};
const Pattern kEksClusterArnPattern = {
    R"(arn:aws[a-z\-]*:eks:[a-z0-9\-]*:[0-9]{12}:cluster\/[0-9A-Za-z][A-Za-z0-9\-_]{0,99})",
    is_eks_cluster_arn};
const Pattern kVpcIdPattern = {"[-0-9a-zA-Z]+", is_name_part};
const Pattern kNameContainsPattern = {R"([a-zA-Z0-9\-]+)", is_name_part};
const Pattern kLabelKeyPattern = {
    R"(([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)",
    is_label_key};
const Pattern kLabelValuePattern = {"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?", is_label_value};

}  // namespace hyperwright::service
