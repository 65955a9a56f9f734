#include "client/exec_credential.h"

#include <algorithm>
#include <cctype>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "client/json_text.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

constexpr std::string_view kVersion1 = "client.authentication.k8s.io/v1";
constexpr std::string_view kVersion1Beta1 = "client.authentication.k8s.io/v1beta1";
constexpr std::size_t kSecretLength = 40;  // of an AWS secret access key
constexpr std::size_t kToldBytesMax = 400;

Failure unusable(std::string_view why) {
  return fail(ErrorCode::Unavailable, fmt::format("it printed no usable ExecCredential: {}", why),
              "run the command by hand and look at what it prints; `aws eks update-kubeconfig` "
              "writes this part of the file anew");
}

bool may_be_of_a_secret(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
         std::string_view("_-+=").find(c) != std::string_view::npos;
}
bool may_be_of_a_secret_or_path(char c) { return c == '/' || may_be_of_a_secret(c); }

std::string_view beginning_with(bool (*is_of_it)(char), std::string_view text) {
  const auto end = std::ranges::find_if_not(text, is_of_it);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// Half of all AWS secret access keys have a slash, and so have paths; these seldom have capitals
// and digits, too.
bool is_a_secret(std::string_view word) {
  const auto has = [&](int (*is_one)(int)) {
    return std::ranges::any_of(word,
                               [&](char c) { return is_one(static_cast<unsigned char>(c)) != 0; });
  };
  return word.size() >= kSecretLength &&
         (word.find('/') == std::string_view::npos ||
          (has(std::isupper) && has(std::islower) && has(std::isdigit)));
}

}  // namespace

bool is_exec_version(std::string_view api_version) {
  return api_version == kVersion1 || api_version == kVersion1Beta1;
}

std::string exec_info(std::string_view api_version, std::string_view cluster_json) {
  json::object spec;
  if (!cluster_json.empty()) spec["cluster"] = json::parse(cluster_json);
  // There is nobody at a terminal whom a plugin could ask.
  spec["interactive"] = false;
  return json::serialize(json::object{
      {"kind", "ExecCredential"}, {"apiVersion", api_version}, {"spec", std::move(spec)}});
}

Result<ExecCredential> decode_exec_credential(std::string_view printed,
                                              std::string_view api_version) {
  const auto answer = parse_json(printed);
  if (!answer || !answer->is_object()) return unusable("that is no JSON object");
  if (const auto kind = text_at(*answer, "kind"); kind != "ExecCredential") {
    return unusable(fmt::format("its kind is \"{}\"", beginning_of(kind)));
  }
  if (const auto version = text_at(*answer, "apiVersion"); version != api_version) {
    return unusable(fmt::format("its apiVersion is \"{}\", and the kubeconfig asks for \"{}\"",
                                beginning_of(version), api_version));
  }
  const json::value* const status = answer->get_object().if_contains("status");
  if (status == nullptr || !status->is_object()) return unusable("it has no status");
  ExecCredential credential{
      .token = std::string(text_at(*status, "token")),
      .client_certificate_pem = std::string(text_at(*status, "clientCertificateData")),
      .client_key_pem = std::string(text_at(*status, "clientKeyData"))};
  if (credential.client_certificate_pem.empty() != credential.client_key_pem.empty()) {
    return unusable("status has only one of clientCertificateData and clientKeyData");
  }
  if (credential.token.empty() && credential.client_key_pem.empty()) {
    return unusable("status has neither a token nor a client certificate");
  }
  if (const auto expires = text_at(*status, "expirationTimestamp"); !expires.empty()) {
    const auto time = parse_time(expires);
    if (!time) {
      return unusable(
          fmt::format("status.expirationTimestamp \"{}\" is no time", beginning_of(expires)));
    }
    credential.expires = *time;
  }
  return credential;
}

std::string without_secrets(std::string_view text) {
  std::string line;
  for (std::size_t at = 0; at < text.size();) {
    const std::string_view rest = text.substr(at);
    std::string_view word = beginning_with(may_be_of_a_secret, rest);
    const std::string_view wider = beginning_with(may_be_of_a_secret_or_path, rest);
    if (is_a_secret(wider)) word = wider;
    if (is_a_secret(word)) {
      line += "[masked]";
    } else if (!word.empty()) {
      line += word;
    } else if (static_cast<unsigned char>(text[at]) > ' ') {
      line += text[at];
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';  // line ends too
    }
    at += std::max<std::size_t>(word.size(), 1);
  }
  if (line.ends_with(' ')) line.pop_back();
  if (line.size() > kToldBytesMax) line = std::string(first_bytes(line, kToldBytesMax)) + "...";
  return line;
}

}  // namespace hyperwright::client
