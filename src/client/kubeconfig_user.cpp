#include "client/kubeconfig_user.h"

#include <utility>

#include <fmt/format.h>

#include "client/url_text.h"

namespace hyperwright::client {
namespace {

constexpr const char* kUpdate =
    "`aws eks update-kubeconfig --name CLUSTER` writes this part of the file anew";

// A command with a slash is a path, which is relative to the file; one without is looked for in
// PATH.
std::string command_of(const KubeconfigEntry& exec, const std::string& written) {
  return written.find('/') == std::string::npos ? written : exec.resolved(written).string();
}

Status check_mode(const KubeconfigEntry& exec, const std::string& api_version) {
  const auto mode = exec.text("interactiveMode");
  if (!mode) return fail(mode.error());
  if (*mode == "Always") {
    return exec.invalid("interactiveMode is Always, and there is no terminal to ask at",
                        "use a plugin that gets along without, or a token");
  }
  // The older version may leave it out, which means IfAvailable.
  const bool may_be_absent = !api_version.ends_with("/v1");
  if (*mode == "Never" || *mode == "IfAvailable" || (mode->empty() && may_be_absent)) return {};
  return exec.invalid(fmt::format("interactiveMode is \"{}\"", *mode),
                      "write Never, IfAvailable or Always");
}

Result<std::shared_ptr<ExecPlugin>> read_exec(const KubeconfigEntry& exec,
                                              const std::string& cluster_json) {
  ExecPluginSettings settings{.where = exec.where(), .api_version = {}, .command = {}};
  const auto api_version = exec.text("apiVersion");
  const auto command = exec.text("command");
  const auto hint = exec.text("installHint");
  auto arguments = exec.texts("args");
  const auto wants_cluster = exec.flag("provideClusterInfo");
  const auto environment = exec.maps("env");
  for (const auto* field : {&api_version, &command, &hint}) {
    if (!*field) return fail(field->error());
  }
  if (!arguments) return fail(arguments.error());
  if (!wants_cluster) return fail(wants_cluster.error());
  if (!environment) return fail(environment.error());
  if (!is_exec_version(*api_version)) {
    return exec.invalid(
        fmt::format("apiVersion \"{}\" is not known", *api_version),
        fmt::format("write client.authentication.k8s.io/v1 or .../v1beta1, whichever the plugin "
                    "speaks; {}",
                    kUpdate));
  }
  if (command->empty()) return exec.invalid("it has no command", kUpdate);
  if (const auto mode = check_mode(exec, *api_version); !mode) return fail(mode.error());
  for (const KubeconfigEntry& variable : *environment) {
    auto name = variable.text("name");
    auto value = variable.text("value");
    if (!name) return fail(name.error());
    if (!value) return fail(value.error());
    if (name->empty() || name->find('=') != std::string::npos) {
      return variable.invalid(fmt::format("name \"{}\" is no variable's", *name));
    }
    settings.environment.emplace_back(*std::move(name), *std::move(value));
  }
  settings.api_version = *api_version;
  settings.command = command_of(exec, *command);
  settings.arguments = *std::move(arguments);
  settings.install_hint = *hint;
  if (*wants_cluster) settings.cluster_json = cluster_json;
  return std::make_shared<ExecPlugin>(std::move(settings));
}

Status read_impersonation(const KubeconfigEntry& user, std::vector<HttpHeader>& headers) {
  const auto as = user.text("as");
  const auto uid = user.text("as-uid");
  const auto groups = user.texts("as-groups");
  const auto extra = user.map("as-user-extra");
  if (!as) return fail(as.error());
  if (!uid) return fail(uid.error());
  if (!groups) return fail(groups.error());
  if (!extra) return fail(extra.error());
  const bool has_more = !uid->empty() || !groups->empty() || extra->has_value();
  if (as->empty() && has_more) {
    return user.invalid("as-uid, as-groups and as-user-extra are there without as",
                        "write as: USER too, or remove them");
  }
  if (as->empty()) return {};
  headers.push_back({"Impersonate-User", *as});
  if (!uid->empty()) headers.push_back({"Impersonate-Uid", *uid});
  for (const std::string& group : *groups) headers.push_back({"Impersonate-Group", group});
  if (!*extra) return {};
  for (const std::string& key : (*extra)->fields()) {
    const auto values = (*extra)->texts(key);
    if (!values) return fail(values.error());
    for (const std::string& value : *values) {
      headers.push_back({"Impersonate-Extra-" + percent_escaped(key), value});
    }
  }
  return {};
}

Status read_certificate(const KubeconfigEntry& user, KubernetesAccess& access,
                        HttpConnection& connection) {
  const auto certificate = user.pem("client-certificate");
  const auto key = user.pem("client-key");
  if (!certificate) return fail(certificate.error());
  if (!key) return fail(key.error());
  if (certificate->empty() != key->empty()) {
    return user.invalid(certificate->empty() ? "it has a client-key without a client-certificate"
                                             : "it has a client-certificate without a client-key",
                        "give both");
  }
  connection.client_certificate_pem = *certificate;
  connection.client_key_pem = *key;
  if (key->empty() || user.has("client-certificate-data") || user.has("client-key-data")) return {};
  access.certificate =
      std::make_shared<ClientCertificate>(user.resolved(user.text("client-certificate").value()),
                                          user.resolved(user.text("client-key").value()));
  return {};
}

// What client-go took once, and API servers, or Kubernetes, take no more.
Status refuse_what_is_gone(const KubeconfigEntry& user) {
  if (user.has("auth-provider")) {
    return user.invalid("it has an auth-provider, which Kubernetes no longer has",
                        "use an exec plugin, a token or a client certificate");
  }
  if (user.has("username") || user.has("password")) {
    return user.invalid("it has a user name and a password, which Kubernetes no longer takes",
                        "use a token or a client certificate");
  }
  return {};
}

}  // namespace

Status read_kubeconfig_user(const KubeconfigEntry& user, const std::string& cluster_json,
                            KubernetesAccess& access, HttpConnection& connection) {
  if (auto usable = refuse_what_is_gone(user); !usable) return usable;
  if (auto read = read_certificate(user, access, connection); !read) return read;
  const auto token = user.text("token");
  const auto token_file = user.text("tokenFile");
  const auto exec = user.map("exec");
  if (!token) return fail(token.error());
  if (!token_file) return fail(token_file.error());
  if (!exec) return fail(exec.error());
  access.token = token_file->empty() ? BearerToken::of_text(*token)
                                     : BearerToken::of_file(user.resolved(*token_file));
  const bool is_known =
      !token->empty() || !token_file->empty() || !connection.client_key_pem.empty();
  if (*exec && !is_known) {
    auto plugin = read_exec(**exec, cluster_json);
    if (!plugin) return fail(plugin.error());
    access.plugin = *std::move(plugin);
  }
  return read_impersonation(user, access.impersonation);
}

}  // namespace hyperwright::client
