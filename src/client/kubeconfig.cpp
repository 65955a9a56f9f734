#include "client/kubeconfig.h"

#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "client/base64.h"
#include "client/file_text.h"

namespace hyperwright::client {
namespace {

constexpr Duration kTokenAge = Duration::minutes(1);

std::string without_line_end(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

// One of "contexts", "clusters", "users": a list of {name, <kind>: {...}}, spread over the files.
struct Entry {
  std::filesystem::path file;
  std::string what;  // `user "dev"`, for messages
  YAML::Node body;

  [[nodiscard]] Failure invalid(const std::string& sentence, std::string remedy = {}) const {
    return fail(ErrorCode::Invalid, fmt::format("{}: {}: {}", file.string(), what, sentence),
                std::move(remedy));
  }

  // The text of a field; empty when it is absent.
  [[nodiscard]] Result<std::string> text(const char* field) const {
    const YAML::Node value = body[field];
    if (!value || value.IsNull()) return std::string();
    if (!value.IsScalar()) {
      return invalid(fmt::format("{} in line {} is not a text", field, value.Mark().line + 1));
    }
    return value.Scalar();
  }

  [[nodiscard]] Result<bool> flag(const char* field) const {
    const auto value = text(field);
    if (!value) return fail(value.error());
    if (value->empty() || *value == "false") return false;
    if (*value == "true") return true;
    return invalid(fmt::format("{} is \"{}\"", field, *value), "write true or false");
  }

  // The PEM text of `field`, given as a path, or of `field`-data, given in base64, which goes
  // first.
  [[nodiscard]] Result<std::string> pem(const std::string& field) const {
    const auto data = text((field + "-data").c_str());
    if (!data) return fail(data.error());
    if (!data->empty()) {
      auto decoded = decode_base64(*data);
      if (!decoded) return invalid(field + "-data is not base64", "write the PEM text in base64");
      return *std::move(decoded);
    }
    auto path = text(field.c_str());
    if (!path || path->empty()) return path;
    auto pem_text = read_file_text(file.parent_path() / *path);
    if (!pem_text) {
      return fail(pem_text.error(), fmt::format("{}: {}: {}", file.string(), what, field));
    }
    return pem_text;
  }
};

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

Result<Entry> find(const std::vector<Document>& documents, const char* list, const char* kind,
                   const std::string& name) {
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
      return Entry{document.path, fmt::format("{} \"{}\"", kind, name), body};
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

Status read_cluster(const Entry& cluster, KubernetesAccess& access, HttpConnection& connection) {
  const auto server = cluster.text("server");
  const auto ca = cluster.pem("certificate-authority");
  const auto name = cluster.text("tls-server-name");
  const auto proxy = cluster.text("proxy-url");
  const auto insecure = cluster.flag("insecure-skip-tls-verify");
  for (const auto* field : {&server, &ca, &name, &proxy}) {
    if (!*field) return fail(field->error());
  }
  if (!insecure) return fail(insecure.error());
  if (!server->starts_with("https://") && !server->starts_with("http://")) {
    return cluster.invalid(fmt::format("server is \"{}\"", *server),
                           "write it as https://host:port");
  }
  if (*insecure && !ca->empty()) {
    return cluster.invalid("it has a certificate-authority and insecure-skip-tls-verify",
                           "remove insecure-skip-tls-verify");
  }
  access.server = server->substr(0, server->find_last_not_of('/') + 1);
  connection.ca_pem = *ca;
  connection.tls_server_name = *name;
  connection.insecure_skip_tls_verify = *insecure;
  if (!proxy->empty()) connection.proxy = *proxy;
  return {};
}

Status read_user(const Entry& user, KubernetesAccess& access, HttpConnection& connection) {
  for (const char* plugin : {"exec", "auth-provider"}) {
    const YAML::Node node = user.body[plugin];
    if (!node || !node.IsMap()) continue;
    const YAML::Node command = node["command"];
    return user.invalid(
        fmt::format("its credentials come from a plugin ({}{}), which is not run here", plugin,
                    command && command.IsScalar() ? ": " + command.Scalar() : ""),
        "run in the cluster with a service account, or give this user a token (`kubectl create "
        "token "
        "SERVICE-ACCOUNT --duration 24h` prints one) or a client certificate");
  }
  if (user.body["username"] || user.body["password"]) {
    return user.invalid("it has a user name and a password, which Kubernetes no longer takes",
                        "use a token or a client certificate");
  }
  const auto certificate = user.pem("client-certificate");
  const auto key = user.pem("client-key");
  const auto token = user.text("token");
  const auto token_file = user.text("tokenFile");
  for (const auto* field : {&certificate, &key, &token, &token_file}) {
    if (!*field) return fail(field->error());
  }
  if (certificate->empty() != key->empty()) {
    return user.invalid(certificate->empty() ? "it has a client-key without a client-certificate"
                                             : "it has a client-certificate without a client-key",
                        "give both");
  }
  connection.client_certificate_pem = *certificate;
  connection.client_key_pem = *key;
  if (!token_file->empty()) {
    access.token = BearerToken::of_file(user.file.parent_path() / *token_file);
  } else {
    access.token = BearerToken::of_text(without_line_end(*token));
  }
  return {};
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
  const auto cluster = find(documents, "clusters", "cluster", *cluster_name);
  if (!cluster) return fail(cluster.error(), of_context);
  if (const auto read = read_cluster(*cluster, access, connection); !read)
    return fail(read.error());
  access.token = BearerToken::of_text({});
  if (!user_name->empty()) {
    const auto user = find(documents, "users", "user", *user_name);
    if (!user) return fail(user.error(), of_context);
    if (const auto read = read_user(*user, access, connection); !read) return fail(read.error());
  }
  access.connection = std::make_shared<const HttpConnection>(std::move(connection));
  return access;
}

std::vector<std::filesystem::path> split_paths(const std::string& list) {
  std::vector<std::filesystem::path> paths;
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::size_t end = std::min(list.find(':', begin), list.size());
    if (end > begin) paths.emplace_back(list.substr(begin, end - begin));
    begin = end + 1;
  }
  return paths;
}

}  // namespace

std::shared_ptr<BearerToken> BearerToken::of_text(std::string text) {
  auto token = std::make_shared<BearerToken>();
  token->text_ = std::move(text);
  return token;
}

std::shared_ptr<BearerToken> BearerToken::of_file(std::filesystem::path path) {
  auto token = std::make_shared<BearerToken>();
  token->path_ = std::move(path);
  return token;
}

Result<std::string> BearerToken::current(Time now) {
  const std::lock_guard lock(mutex_);
  if (path_.empty() || (read_at_ && now - *read_at_ < kTokenAge)) return text_;
  auto text = read_file_text(path_);
  if (text) {
    text_ = without_line_end(*std::move(text));
  } else if (!read_at_) {
    return fail(text.error(), "the token for Kubernetes");
  }
  read_at_ = now;
  return text_;
}

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

Result<KubernetesAccess> read_kubeconfig(const std::filesystem::path& path,
                                         const std::string& context,
                                         const Environment& environment) {
  std::vector<std::filesystem::path> paths{path};
  if (path.empty()) {
    paths = split_paths(environment("KUBECONFIG").value_or(""));
    if (paths.empty()) {
      paths.push_back(std::filesystem::path(environment("HOME").value_or("/")) / ".kube/config");
    }
  }
  std::vector<KubeconfigFile> files;
  Result<std::string> text = std::string();
  for (const auto& one : paths) {
    text = read_file_text(one);
    // kubectl skips files of $KUBECONFIG that do not exist; at least one must.
    if (!text && text.error().code() == ErrorCode::NotFound && paths.size() > 1) continue;
    if (!text) break;
    files.push_back({one, *text});
  }
  if (!text && (files.empty() || text.error().code() != ErrorCode::NotFound)) {
    return fail(ErrorCode::Invalid, fmt::format("no kubeconfig: {}", text.error().text()),
                "give --kubeconfig FILE, or set KUBECONFIG; its user needs a token or a client "
                "certificate");
  }
  return parse_kubeconfig(files, context);
}

bool is_in_cluster(const Environment& environment) {
  return !environment("KUBERNETES_SERVICE_HOST").value_or("").empty() &&
         !environment("KUBERNETES_SERVICE_PORT").value_or("").empty();
}

Result<KubernetesAccess> in_cluster_access(const Environment& environment,
                                           const std::filesystem::path& folder) {
  constexpr const char* kRemedy =
      "give the pod a service account (serviceAccountName, automountServiceAccountToken: true), or "
      "outside of a cluster give --kubeconfig";
  if (!is_in_cluster(environment)) {
    return fail(ErrorCode::Invalid,
                "not in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set",
                kRemedy);
  }
  const std::string host = environment("KUBERNETES_SERVICE_HOST").value_or("");
  const std::string port = environment("KUBERNETES_SERVICE_PORT").value_or("");
  KubernetesAccess access;
  access.context = "in-cluster";
  access.server = host.find(':') == std::string::npos ? fmt::format("https://{}:{}", host, port)
                                                      : fmt::format("https://[{}]:{}", host, port);
  access.token = BearerToken::of_file(folder / "token");
  HttpConnection connection;
  connection.ca_file = folder / "ca.crt";
  // The API server is a neighbour: a proxy for the way out of the cluster must not be asked for it.
  connection.proxy = "";
  access.connection = std::make_shared<const HttpConnection>(std::move(connection));
  access.namespace_name =
      without_line_end(read_file_text(folder / "namespace").value_or("default"));
  for (const char* name : {"token", "ca.crt"}) {
    if (const auto text = read_file_text(folder / name); !text) {
      return fail(ErrorCode::Invalid,
                  fmt::format("the pod's service account is not usable: {}", text.error().text()),
                  kRemedy);
    }
  }
  return access;
}

Result<KubernetesAccess> find_kubernetes(const std::filesystem::path& kubeconfig,
                                         const std::string& context,
                                         const Environment& environment) {
  const bool is_named =
      !kubeconfig.empty() || !context.empty() || !environment("KUBECONFIG").value_or("").empty();
  if (!is_named && is_in_cluster(environment)) return in_cluster_access(environment);
  return read_kubeconfig(kubeconfig, context, environment);
}

}  // namespace hyperwright::client
