#include "client/kubeconfig.h"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "client/base64.h"
#include "client/kubeconfig_entry.h"
#include "client/kubeconfig_user.h"

namespace hyperwright::client {
namespace json = boost::json;
namespace {

using Entry = KubeconfigEntry;

struct Document {
  std::filesystem::path path;
  YAML::Node root;
};

Result<Document> parse(const KubeconfigFile& file) {
  try {
    Document document{file.path, YAML::Load(file.text)};
    if (document.root.IsNull()) return document;
    if (!document.root.IsMap()) {
      return fail(ErrorCode::Invalid,
                  fmt::format("{}: is no kubeconfig: it is not a map", file.path.string()),
                  "give a file such as the one that `kubectl config view --raw` prints");
    }
    return document;
  } catch (const YAML::Exception& error) {
    return fail(
        ErrorCode::Invalid,
        fmt::format("{}:{}: not YAML: {}", file.path.string(), error.mark.line + 1, error.msg),
        "correct this line; `kubectl config view --raw` shows how it is meant to look");
  }
}

// The entry of that name in "contexts", "clusters" or "users": lists of {name, <kind>: {...}},
// spread over the files.
Result<Entry> find(const std::vector<Document>& documents, const char* list, const char* kind,
                   const std::string& name, const std::string& of = {}) {
  std::vector<std::string> names;
  for (const Document& document : documents) {
    const YAML::Node entries = document.root.IsMap() ? document.root[list] : YAML::Node();
    if (!entries || entries.IsNull()) continue;
    if (!entries.IsSequence()) {
      return fail(ErrorCode::Invalid, fmt::format("{}:{}: {} is not a list", document.path.string(),
                                                  entries.Mark().line + 1, list));
    }
    for (const YAML::Node& entry : entries) {
      if (!entry.IsMap() || !entry["name"] || !entry["name"].IsScalar()) {
        return fail(ErrorCode::Invalid,
                    fmt::format("{}:{}: an entry of {} has no name", document.path.string(),
                                entry.Mark().line + 1, list));
      }
      names.push_back(entry["name"].Scalar());
      if (names.back() != name) continue;
      YAML::Node body = entry[kind];
      if (!body || !body.IsMap()) body = YAML::Node(YAML::NodeType::Map);
      return Entry{document.path, fmt::format("{}{} \"{}\"", of, kind, name),
                   std::make_shared<const YAML::Node>(body)};
    }
  }
  std::vector<std::string> paths;
  paths.reserve(documents.size());
  for (const Document& document : documents) paths.push_back(document.path.string());
  return fail(ErrorCode::NotFound,
              fmt::format("{}: no {} \"{}\"", fmt::join(paths, ":"), kind, name),
              names.empty() ? fmt::format("the file has no {} at all", list)
                            : fmt::format("it has {}: {}", list, fmt::join(names, ", ")));
}

std::string current_context(const std::vector<Document>& documents) {
  for (const Document& document : documents) {
    if (!document.root.IsMap()) continue;
    const YAML::Node current = document.root["current-context"];
    if (current && current.IsScalar() && !current.Scalar().empty()) return current.Scalar();
  }
  return {};
}

Status check_proxy(const Entry& cluster, const std::string& url) {
  constexpr std::array<std::string_view, 4> kSchemes = {"http://", "https://", "socks5://",
                                                        "socks5h://"};
  const bool is_known = std::ranges::any_of(
      kSchemes, [&](std::string_view scheme) { return url.starts_with(scheme); });
  if (url.empty() || is_known) return {};
  return cluster.invalid(fmt::format("proxy-url is \"{}\"", url),
                         "write it as http://host:port, https://host:port or socks5://host:port");
}

Status read_cluster(const Entry& cluster, KubernetesAccess& access, HttpConnection& connection) {
  const auto server = cluster.text("server");
  const auto ca = cluster.pem("certificate-authority");
  const auto ca_path = cluster.text("certificate-authority");
  const auto name = cluster.text("tls-server-name");
  const auto proxy = cluster.text("proxy-url");
  const auto insecure = cluster.flag("insecure-skip-tls-verify");
  const auto uncompressed = cluster.flag("disable-compression");
  for (const auto* field : {&server, &ca, &ca_path, &name, &proxy}) {
    if (!*field) return fail(field->error());
  }
  for (const auto* field : {&insecure, &uncompressed}) {
    if (!*field) return fail(field->error());
  }
  if (!server->starts_with("https://") && !server->starts_with("http://")) {
    return cluster.invalid(fmt::format("server is \"{}\"", *server),
                           "write it as https://host:port");
  }
  if (*insecure && !ca->empty()) {
    return cluster.invalid("it has a certificate-authority and insecure-skip-tls-verify",
                           "remove insecure-skip-tls-verify");
  }
  if (auto usable = check_proxy(cluster, *proxy); !usable) return usable;
  access.server = server->substr(0, server->find_last_not_of('/') + 1);
  // A file is read at each new connection, so that a rotated bundle is seen.
  if (ca_path->empty() || cluster.has("certificate-authority-data")) {
    connection.ca_pem = *ca;
  } else {
    connection.ca_file = cluster.resolved(*ca_path).string();
  }
  connection.tls_server_name = *name;
  connection.insecure_skip_tls_verify = *insecure;
  connection.disable_compression = *uncompressed;
  if (!proxy->empty()) connection.proxy = *proxy;
  return {};
}

// What an exec plugin with provideClusterInfo is told: the cluster's fields, the authority always
// as data, and the configuration that an extension of the cluster holds for plugins.
Result<std::string> cluster_json(const Entry& cluster) {
  constexpr std::string_view kExtension = "client.authentication.k8s.io/exec";
  json::object told;
  for (const char* field : {"server", "tls-server-name", "proxy-url"}) {
    const auto text = cluster.text(field);
    if (!text) return fail(text.error());
    if (!text->empty()) told[field] = *text;
  }
  for (const char* field : {"insecure-skip-tls-verify", "disable-compression"}) {
    const auto flag = cluster.flag(field);
    if (!flag) return fail(flag.error());
    if (*flag) told[field] = true;
  }
  const auto ca = cluster.pem("certificate-authority");
  if (!ca) return fail(ca.error());
  if (!ca->empty()) told["certificate-authority-data"] = encode_base64(*ca);
  const auto extensions = cluster.maps("extensions");
  if (!extensions) return fail(extensions.error());
  for (const Entry& extension : *extensions) {
    const auto name = extension.text("name");
    if (!name) return fail(name.error());
    if (*name == kExtension) told["config"] = json::parse(extension.as_json("extension"));
  }
  return json::serialize(told);
}

Result<KubernetesAccess> assemble(const std::vector<Document>& documents,
                                  const std::string& asked) {
  KubernetesAccess access;
  access.context = asked.empty() ? current_context(documents) : asked;
  if (access.context.empty()) {
    return fail(ErrorCode::Invalid,
                fmt::format("{}: no current-context is set", documents.front().path.string()),
                "give --context, or run `kubectl config use-context NAME`");
  }
  const auto context = find(documents, "contexts", "context", access.context);
  if (!context) return fail(context.error());
  const auto cluster_name = context->text("cluster");
  const auto user_name = context->text("user");
  const auto namespace_name = context->text("namespace");
  for (const auto* field : {&cluster_name, &user_name, &namespace_name}) {
    if (!*field) return fail(field->error());
  }
  access.namespace_name = namespace_name->empty() ? "default" : *namespace_name;

  HttpConnection connection;
  const auto of_context = fmt::format("context \"{}\"", access.context);
  const auto cluster = find(documents, "clusters", "cluster", *cluster_name, of_context + ": ");
  if (!cluster) return fail(cluster.error(), of_context);
  if (const auto read = read_cluster(*cluster, access, connection); !read)
    return fail(read.error());
  access.token = BearerToken::of_text({});
  if (!user_name->empty()) {
    const auto user = find(documents, "users", "user", *user_name, of_context + ": ");
    if (!user) return fail(user.error(), of_context);
    const auto told = cluster_json(*cluster);
    if (!told) return fail(told.error());
    if (const auto read = read_kubeconfig_user(*user, *told, access, connection); !read)
      return fail(read.error());
  }
  access.connection = std::make_shared<const HttpConnection>(std::move(connection));
  return access;
}

}  // namespace

Result<KubernetesAccess> parse_kubeconfig(const std::vector<KubeconfigFile>& files,
                                          const std::string& context) {
  check(!files.empty(), "a kubeconfig has a file");
  try {
    std::vector<Document> documents;
    for (const KubeconfigFile& file : files) {
      auto document = parse(file);
      if (!document) return fail(document.error());
      documents.push_back(*std::move(document));
    }
    return assemble(documents, context);
  } catch (const YAML::Exception& error) {
    return fail(ErrorCode::Invalid, fmt::format("{}:{}: {}", files.front().path.string(),
                                                error.mark.line + 1, error.msg));
  }
}

}  // namespace hyperwright::client
