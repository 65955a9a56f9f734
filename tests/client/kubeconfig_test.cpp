#include "client/kubeconfig.h"

#include <future>
#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/base64.h"
#include "tests/client/scratch_folder.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;

constexpr const char* kTwoContexts = R"(
apiVersion: v1
kind: Config
current-context: dev
contexts:
- {name: dev, context: {cluster: c1, user: u1}}
- {name: prod, context: {cluster: c2, user: u2, namespace: ml}}
- {name: lost, context: {cluster: c1, user: nobody}}
- {name: adrift, context: {cluster: nowhere, user: u1}}
- {name: anonymous, context: {cluster: c1}}
clusters:
- {name: c1, cluster: {server: "https://k1:6443/", insecure-skip-tls-verify: true}}
- {name: c2, cluster: {server: "https://k2", certificate-authority-data: Q0E=, tls-server-name: kubernetes, proxy-url: "http://p:1"}}
users:
- {name: u1, user: {token: abc}}
- {name: u2, user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}}
)";

Result<KubernetesAccess> parse(const std::string& text, const std::string& context = {}) {
  return parse_kubeconfig({{"/etc/kubeconfig", text}}, context);
}

// A kubeconfig whose one cluster and one user have these fields.
Result<KubernetesAccess> parse_with(const std::string& cluster, const std::string& user) {
  return parse(
      "{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: "
      "[{name: c, cluster: {" +
      cluster + "}}], users: [{name: u, user: {" + user + "}}]}");
}

void expect_error(const Result<KubernetesAccess>& access, const std::string& part) {
  ASSERT_FALSE(access) << part;
  EXPECT_THAT(access.error().text(), HasSubstr(part));
}

Environment environment(std::map<std::string, std::string> variables) {
  return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    if (it == variables.end()) return std::nullopt;
    return it->second;
  };
}

TEST(Kubeconfig, TheCurrentContextLeadsToItsClusterAndUser) {
  const auto access = parse(kTwoContexts);
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(access->context, "dev");
  EXPECT_EQ(access->server, "https://k1:6443");
  EXPECT_EQ(access->namespace_name, "default");
  EXPECT_TRUE(access->connection->insecure_skip_tls_verify);
  EXPECT_EQ(access->token->current(Time()).value(), "abc");
}

TEST(Kubeconfig, AnotherContextIsChosenByName) {
  const auto access = parse(kTwoContexts, "prod");
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(access->server, "https://k2");
  EXPECT_EQ(access->namespace_name, "ml");
  EXPECT_EQ(access->connection->ca_pem, "CA");
  EXPECT_EQ(access->connection->tls_server_name, "kubernetes");
  EXPECT_EQ(access->connection->proxy, "http://p:1");
  EXPECT_EQ(access->connection->client_certificate_pem, "CERT");
  EXPECT_EQ(access->connection->client_key_pem, "KEY");
  EXPECT_EQ(access->token->current(Time()).value(), "");
}

TEST(Kubeconfig, AnUnknownContextIsNamedWithThoseThatThereAre) {
  const auto access = parse(kTwoContexts, "stage");
  expect_error(access, "/etc/kubeconfig: no context \"stage\"");
  EXPECT_THAT(access.error().remedy(), HasSubstr("dev, prod"));
}

TEST(Kubeconfig, AMissingUserOrClusterNamesItsContext) {
  expect_error(parse(kTwoContexts, "lost"),
               "context \"lost\": /etc/kubeconfig: no user \"nobody\"");
  expect_error(parse(kTwoContexts, "adrift"),
               "context \"adrift\": /etc/kubeconfig: no cluster \"nowhere\"");
}

TEST(Kubeconfig, AContextWithoutAUserIsAnonymous) {
  const auto access = parse(kTwoContexts, "anonymous");
  ASSERT_TRUE(access);
  EXPECT_EQ(access->token->current(Time()).value(), "");
}

TEST(Kubeconfig, BadYamlNamesFileAndLine) {
  expect_error(parse("a: 1\nb: [\n"), "/etc/kubeconfig:3");
  expect_error(parse("- a\n"), "not a map");
  expect_error(parse("contexts: 5\ncurrent-context: x\n"),
               "/etc/kubeconfig:1: contexts is not a list");
  expect_error(parse("current-context: x\ncontexts:\n- {context: {}}\n"),
               "/etc/kubeconfig:3: an entry of contexts has no name");
  expect_error(parse(""), "no current-context");
}

TEST(Kubeconfig, AWrongFieldIsNamed) {
  expect_error(parse_with("server: k1", ""), "cluster \"c\": server is \"k1\"");
  expect_error(parse_with("", ""), "server is \"\"");
  expect_error(parse_with("server: [x]", ""), "server in line 1 is not a text");
  expect_error(parse_with("server: 'https://k', certificate-authority-data: '%%%'", ""),
               "certificate-authority-data is not base64");
  expect_error(parse_with("server: 'https://k', certificate-authority: gone.crt", ""),
               "certificate-authority: /etc/gone.crt");
  expect_error(parse_with("server: 'https://k', insecure-skip-tls-verify: maybe", ""), "maybe");
  expect_error(
      parse_with(
          "server: 'https://k', insecure-skip-tls-verify: true, certificate-authority-data: Q0E=",
          ""),
      "certificate-authority and insecure-skip-tls-verify");
  expect_error(parse_with("server: 'https://k'", "client-certificate-data: Q0E="),
               "without a client-key");
  expect_error(parse_with("server: 'https://k'", "client-key-data: Q0E="),
               "without a client-certificate");
  expect_error(parse_with("server: 'https://k'", "username: a, password: b"), "password");
}

TEST(Kubeconfig, AnErrorNamesFileContextPartAndField) {
  expect_error(parse_with("server: k1", ""),
               "/etc/kubeconfig: context \"x\": cluster \"c\": server is \"k1\"");
  expect_error(parse_with("server: 'https://k'", "exec: {apiVersion: v9}"),
               "/etc/kubeconfig: context \"x\": user \"u\": exec: apiVersion \"v9\" is not known");
}

// What `aws eks update-kubeconfig` writes.
constexpr const char* kEks =
    "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: aws, args: [--region, "
    "us-west-2, eks, get-token, --cluster-name, ml, --output, json], env: [{name: AWS_PROFILE, "
    "value: ml}]}";

TEST(Kubeconfig, AnExecPluginIsTakenAndATokenOrACertificateGoesBeforeIt) {
  const auto access = parse_with("server: 'https://k'", kEks);
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_TRUE(access->plugin);
  const std::string eks = kEks;
  EXPECT_FALSE(parse_with("server: 'https://k'", "token: t, " + eks).value().plugin);
  EXPECT_FALSE(parse_with("server: 'https://k'",
                          "client-certificate-data: Q0E=, client-key-data: Q0E=, " + eks)
                   .value()
                   .plugin);
}

TEST(Kubeconfig, AnExecPluginRunsAsItsFileSays) {
  const ScratchFolder folder;
  const auto plugin = folder.write("plugin",
                                   "#!/bin/sh\n"
                                   "printf '{\"kind\":\"ExecCredential\",\"apiVersion\":"
                                   "\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"'\n"
                                   "printf '%s-%s' \"$1\" \"$WHO\"\n"
                                   "printf '%s' \"$KUBERNETES_EXEC_INFO\" | tr -d '\"'\n"
                                   "printf '\"}}'\n");
  std::filesystem::permissions(plugin, std::filesystem::perms::owner_all);
  const auto config = folder.write(
      "config",
      "{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: "
      "[{name: c, cluster: {server: 'https://k', tls-server-name: n, certificate-authority-data: "
      "Q0E=, extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a, "
      "deep: [1, {b: 'true'}]}}]}}], users: [{name: u, user: {exec: {apiVersion: "
      "client.authentication.k8s.io/v1, interactiveMode: Never, command: ./plugin, args: [one], "
      "env: [{name: WHO, value: me}], provideClusterInfo: true}}}]}");
  const auto access = read_kubeconfig(config, "", environment({}));
  ASSERT_TRUE(access) << access.error().text();
  std::promise<std::string> told;
  access->plugin->get([&](const Result<ExecPlugin::Credential>& credential) {
    told.set_value(credential ? (*credential)->token : credential.error().text());
  });
  const std::string token = told.get_future().get();
  EXPECT_THAT(token, testing::StartsWith("one-me{kind:ExecCredential"));
  for (const char* part : {"server:https://k", "tls-server-name:n", "interactive:false",
                           "certificate-authority-data:Q0E=", "audience:a", "deep:[1,{b:true}]"}) {
    EXPECT_THAT(token, HasSubstr(part));
  }
}

TEST(Kubeconfig, AnExecPluginThatCannotBeMeantIsRefused) {
  const auto expect = [](const std::string& exec, const std::string& part) {
    expect_error(parse_with("server: 'https://k'", "exec: {" + exec + "}"), part);
  };
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1, ";
  expect("command: aws", "apiVersion \"\" is not known");
  expect("apiVersion: client.authentication.k8s.io/v1alpha1, command: aws", "v1alpha1");
  expect(v1 + "interactiveMode: Never", "it has no command");
  expect(v1 + "command: aws", "interactiveMode is \"\"");
  expect(v1 + "command: aws, interactiveMode: Sometimes", "interactiveMode is \"Sometimes\"");
  expect(v1 + "command: aws, interactiveMode: Always", "there is no terminal");
  expect(v1 + "command: aws, interactiveMode: Never, args: eks", "args in line 1 is not a list");
  expect(v1 + "command: aws, interactiveMode: Never, env: [{name: A=B}]",
         "exec: env[0]: name \"A=B\"");
  expect(v1 + "command: aws, interactiveMode: Never, env: [a]", "env[0] is not a map");
  expect_error(parse_with("server: 'https://k'", "exec: aws"), "exec in line 1 is not a map");
  expect_error(parse_with("server: 'https://k'", "auth-provider: {name: gcp}"), "auth-provider");
}

std::string headers_of(const KubernetesAccess& access) {
  std::string text;
  for (const auto& [name, value] : access.impersonation) text += name + "=" + value + " ";
  return text;
}

TEST(Kubeconfig, ImpersonationBecomesHeaders) {
  const auto access = parse_with(
      "server: 'https://k'",
      "token: t, as: jane, as-uid: '7', as-groups: [ml, ops], as-user-extra: {a.b/c d: [x, y]}");
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(headers_of(*access),
            "Impersonate-User=jane Impersonate-Uid=7 Impersonate-Group=ml Impersonate-Group=ops "
            "Impersonate-Extra-a.b%2Fc%20d=x Impersonate-Extra-a.b%2Fc%20d=y ");
  expect_error(parse_with("server: 'https://k'", "as-groups: [ml]"), "without as");
}

TEST(Kubeconfig, AProxyIsAUrlThatAClientCanUse) {
  for (const char* url : {"http://p:1", "https://p:1", "socks5://p:1"}) {
    EXPECT_TRUE(parse_with(fmt::format("server: 'https://k', proxy-url: '{}'", url), "")) << url;
  }
  expect_error(parse_with("server: 'https://k', proxy-url: 'p:1'", ""), "proxy-url is \"p:1\"");
}

TEST(Kubeconfig, CompressionCanBeTurnedOff) {
  EXPECT_TRUE(parse_with("server: 'https://k', disable-compression: true", "")
                  .value()
                  .connection->disable_compression);
}

TEST(Kubeconfig, CertificatesInFilesAreFollowed) {
  const ScratchFolder folder;
  const auto path = folder.write(
      "config",
      "{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: "
      "[{name: c, cluster: {server: 'https://k'}}], users: [{name: u, user: {client-certificate: "
      "crt, client-key: key}}]}");
  folder.write("crt", "CERT");
  folder.write("key", "KEY");
  const auto access = read_kubeconfig(path, "", environment({}));
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_TRUE(access->certificate);
  EXPECT_EQ(access->connection->client_key_pem, "KEY");
}

TEST(Kubeconfig, PathsAreRelativeToTheirFile) {
  const ScratchFolder folder;
  folder.write("ca.crt", "THE CA");
  folder.write("token", "secret\n");
  const auto path = folder.write(
      "config",
      "{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: "
      "[{name: c, cluster: {server: 'https://k', certificate-authority: ca.crt}}], users: "
      "[{name: u, user: {token: old, tokenFile: token}}]}");
  const auto access = read_kubeconfig(path, "", environment({}));
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(access->connection->ca_file, (folder.path() / "ca.crt").string());
  EXPECT_EQ(access->token->current(Time()).value(), "secret");
}

TEST(Kubeconfig, SeveralFilesAreMergedAndTheFirstWins) {
  const ScratchFolder folder;
  const auto a =
      folder.write("a", "{current-context: x, users: [{name: u, user: {token: first}}]}");
  const auto b = folder.write(
      "b",
      "{current-context: y, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: "
      "[{name: c, cluster: {server: 'https://k'}}], users: [{name: u, user: {token: second}}]}");
  const auto access = read_kubeconfig(
      "", "", environment({{"KUBECONFIG", a.string() + ":/nowhere/c:" + b.string()}}));
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(access->context, "x");
  EXPECT_EQ(access->token->current(Time()).value(), "first");
}

TEST(Kubeconfig, AMissingFileIsNamedWithARemedy) {
  for (const auto& access :
       {read_kubeconfig("/nowhere/config", "", environment({})),
        read_kubeconfig("", "", environment({{"KUBECONFIG", "/nowhere/config"}})),
        read_kubeconfig("", "", environment({{"KUBECONFIG", "/nowhere/a:/nowhere/config"}})),
        find_kubernetes("", "", environment({{"HOME", "/nowhere"}}))}) {
    expect_error(access, "no kubeconfig: /nowhere/");
    EXPECT_THAT(access.error().remedy(), HasSubstr("--kubeconfig"));
  }
}

TEST(InCluster, TheServiceAccountsTokenIsReadAgainAfterAMinute) {
  const ScratchFolder folder;
  folder.write("ca.crt", "CA");
  folder.write("namespace", "kube-system");
  folder.write("token", "one\n");
  const auto access = in_cluster_access(
      environment({{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}}),
      folder.path());
  ASSERT_TRUE(access) << access.error().text();
  EXPECT_EQ(access->server, "https://10.0.0.1:443");
  EXPECT_EQ(access->namespace_name, "kube-system");
  const Time start = Time::from_unix_seconds(1000);
  EXPECT_EQ(access->token->current(start).value(), "one");
  folder.write("token", "two\n");
  EXPECT_EQ(access->token->current(start + Duration::seconds(59)).value(), "one");
  EXPECT_EQ(access->token->current(start + Duration::seconds(60)).value(), "two");
  std::filesystem::remove(folder.path() / "token");
  EXPECT_EQ(access->token->current(start + Duration::hours(1)).value(), "two");
}

TEST(InCluster, WhatIsMissingIsNamed) {
  const ScratchFolder folder;
  expect_error(in_cluster_access(environment({}), folder.path()), "KUBERNETES_SERVICE_HOST");
  const auto pod =
      environment({{"KUBERNETES_SERVICE_HOST", "fd00::1"}, {"KUBERNETES_SERVICE_PORT", "443"}});
  expect_error(in_cluster_access(pod, folder.path()), "token");
  folder.write("token", "one");
  expect_error(in_cluster_access(pod, folder.path()), "ca.crt");
  folder.write("ca.crt", "CA");
  EXPECT_EQ(in_cluster_access(pod, folder.path()).value().server, "https://[fd00::1]:443");
}

TEST(Base64, DecodesWholeTextsOnly) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("aGk="), "hi");
  EXPECT_EQ(decode_base64("aGkh"), "hi!");
  for (const char* bytes : {"", "h", "hi", "hi!", "hi !"}) {
    EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
  }
  EXPECT_EQ(decode_base64("aG\nkh\n"), "hi!");
  for (const char* text : {"a", "aGk", "aGk=aGk=", "====", "aG k", "a%kh", " aGk"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace hyperwright::client
