#include "client/kubeconfig.h"

#include <map>

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

TEST(Kubeconfig, APluginIsNamedAndNotRun) {
  const auto access =
      parse_with("server: 'https://k'", "exec: {command: aws, args: [eks, get-token]}");
  expect_error(access, "user \"u\": its credentials come from a plugin (exec: aws)");
  EXPECT_THAT(access.error().remedy(), HasSubstr("service account"));
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
  EXPECT_EQ(access->connection->ca_pem, "THE CA");
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
  EXPECT_EQ(decode_base64("aG\nkh\n"), "hi!");
  for (const char* text : {"a", "aGk", "aGk=aGk=", "====", "aG k", "a%kh", " aGk"}) {
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace hyperwright::client
