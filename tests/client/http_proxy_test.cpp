// Proxies: those of the environment (http_proxy, https_proxy, no_proxy), and one that is named.
#include <cstdlib>
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client/http.h"
#include "tests/client/loopback_server.h"

namespace hyperwright::client {
namespace {

using Exchange = LoopbackServer::Exchange;
using Request = LoopbackServer::Request;
using testing::HasSubstr;

// The variables that a client looks at, as a test wants them; at its end they are as they were.
class Environment {
 public:
  explicit Environment(const std::map<std::string, std::string>& values) {
    for (const char* name : {"http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY",
                             "NO_PROXY", "ALL_PROXY"}) {
      const char* was = std::getenv(name);
      if (was != nullptr) before_[name] = was;
      unsetenv(name);
    }
    for (const auto& [name, value] : values) setenv(name.c_str(), value.c_str(), 1);
    set_ = values;
  }
  ~Environment() {
    for (const auto& [name, value] : set_) unsetenv(name.c_str());
    for (const auto& [name, value] : before_) setenv(name.c_str(), value.c_str(), 1);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  std::map<std::string, std::string> before_;
  std::map<std::string, std::string> set_;
};

HttpRequest get(std::string url) { return {.url = std::move(url)}; }

LoopbackServer::Handler echo() {
  return [](const Request& request, Exchange& out) {
    out.send(answer(200, request.method + " " + request.target));
  };
}

TEST(HttpProxy, OfTheEnvironmentIsAskedForTheWholeUrl) {
  LoopbackServer proxy(echo());
  const Environment environment({{"http_proxy", proxy.url()}});
  const auto response = HttpClient().send(get("http://kubernetes.test/api"));
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_EQ(response->body, "GET http://kubernetes.test/api");
}

TEST(HttpProxy, OfTheEnvironmentIsAskedForATunnelToAServerWithTls) {
  for (const char* name : {"https_proxy", "HTTPS_PROXY"}) {
    std::string asked;
    LoopbackServer proxy([&](const Request& request, Exchange& out) {
      asked = request.method + " " + request.target;
      out.send(answer(403, "not through me"));
    });
    const Environment environment({{name, proxy.url()}});
    EXPECT_FALSE(HttpClient().send(get("https://kubernetes.test/api")));
    EXPECT_EQ(asked, "CONNECT kubernetes.test:443") << name;
  }
}

TEST(HttpProxy, HostsThatNoProxyNamesAreAskedThemselves) {
  LoopbackServer server(echo());
  LoopbackServer proxy(echo());
  for (const char* hosts : {"127.0.0.1", "example.com,127.0.0.0/8", "*"}) {
    const Environment environment({{"http_proxy", proxy.url()}, {"no_proxy", hosts}});
    const auto response = HttpClient().send(get(server.url() + "/api"));
    ASSERT_TRUE(response) << response.error().text();
    EXPECT_EQ(response->body, "GET /api") << hosts;
  }
  EXPECT_EQ(proxy.connections(), 0);
  const Environment environment({{"http_proxy", proxy.url()}, {"no_proxy", "10.0.0.0/8,.test"}});
  EXPECT_THAT(HttpClient().send(get(server.url() + "/api"))->body, HasSubstr(server.url()));
}

TEST(HttpProxy, ANeighbourIsAskedWithoutAProxy) {
  LoopbackServer server(echo());
  LoopbackServer proxy(echo());
  const Environment environment({{"http_proxy", proxy.url()}});
  HttpRequest request = get(server.url() + "/api");
  request.connection = direct_connection();
  EXPECT_EQ(HttpClient().send(request)->body, "GET /api");
  EXPECT_EQ(proxy.connections(), 0);
}

TEST(HttpProxy, AProxyThatIsNamedIsAskedForTheWholeUrl) {
  LoopbackServer proxy(echo());
  HttpConnection connection;
  connection.proxy = proxy.url();
  HttpRequest request = get("http://kubernetes.test/api");
  request.connection = std::make_shared<const HttpConnection>(connection);
  const auto response = HttpClient().send(request);
  ASSERT_TRUE(response) << response.error().text();
  EXPECT_THAT(response->body, HasSubstr("GET http://kubernetes.test/api"));
}

}  // namespace
}  // namespace hyperwright::client
