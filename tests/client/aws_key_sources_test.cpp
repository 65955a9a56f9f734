#include "client/aws_key_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/client/fake_key_access.h"

namespace hyperwright::client {
namespace {

using testing::HasSubstr;
using testing::Not;

// "source: id/secret/token", or the error.
std::string found(FakeKeyAccess& world) {
  const auto keys = world.find();
  if (!keys) return "error: " + keys.error().text();
  return keys->source + ": " + keys->keys.access_key_id + "/" + keys->keys.secret_access_key +
         (keys->keys.session_token.empty() ? "" : "/" + keys->keys.session_token);
}

void sts_gives(FakeKeyAccess& world, const std::string& operation, const std::string& id) {
  world.server = [operation, id](const HttpRequest&) {
    return Result<HttpResponse>(response_of(200, assumed_role_xml(operation, id)));
  };
}

// --- keys that stand somewhere ---

TEST(KeysFromEnvironment, AreTheUsualVariables) {
  FakeKeyAccess world;
  world.variables = {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "s"}};
  EXPECT_EQ(found(world), "env: A/s");
  world.variables["AWS_SESSION_TOKEN"] = "t";
  EXPECT_EQ(found(world), "env: A/s/t");
  world.variables["AWS_SECURITY_TOKEN"] = "older";
  EXPECT_EQ(found(world), "env: A/s/older");
}

TEST(KeysFromEnvironment, MayEnd) {
  FakeKeyAccess world;
  world.variables = {{"AWS_ACCESS_KEY_ID", "A"},
                     {"AWS_SECRET_ACCESS_KEY", "s"},
                     {"AWS_CREDENTIAL_EXPIRATION", "2030-01-01T00:00:00Z"}};
  EXPECT_EQ(world.find()->expires, parse_time("2030-01-01T00:00:00Z").value());
}

TEST(KeysFromEnvironment, HalfOfThemIsAnErrorThatNamesTheOther) {
  FakeKeyAccess world;
  world.variables = {{"AWS_ACCESS_KEY_ID", "A"}};
  EXPECT_THAT(found(world), HasSubstr("AWS_SECRET_ACCESS_KEY is not set"));
}

TEST(KeysFromEnvironment, ACopiedLineEndIsNamedWithoutTheKey) {
  FakeKeyAccess world;
  world.variables = {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "hush\n"}};
  EXPECT_THAT(found(world), HasSubstr("the secret access key contains a space or a line end"));
  EXPECT_THAT(found(world), Not(HasSubstr("hush")));
}

TEST(KeysFromFiles, TheCredentialsFileGoesBeforeTheConfigFile) {
  FakeKeyAccess world;
  world.config("[default]\naws_access_key_id=C\naws_secret_access_key=c\n");
  EXPECT_EQ(found(world), "config-file: C/c");
  world.credentials(
      "[default]\naws_access_key_id=K\naws_secret_access_key=k\naws_session_token=t\n");
  EXPECT_EQ(found(world), "shared-credentials-file: K/k/t");
}

TEST(KeysFromFiles, AProfileIsChosenByItsVariable) {
  FakeKeyAccess world;
  world.credentials(
      "[default]\naws_access_key_id=A\naws_secret_access_key=a\n"
      "[x]\naws_access_key_id=X\naws_secret_access_key=x\n");
  world.variables["AWS_PROFILE"] = "x";
  EXPECT_EQ(found(world), "shared-credentials-file: X/x");
}

TEST(KeysFromFiles, AMissingSecretNamesFileAndProfile) {
  FakeKeyAccess world;
  world.credentials("[default]\naws_access_key_id=A\n");
  EXPECT_EQ(found(world),
            "error: no keys for AWS: /home/.aws/credentials: profile \"default\" has "
            "no aws_secret_access_key");
}

TEST(KeysFromLogin, AreRefusedWithAWayOut) {
  FakeKeyAccess world;
  world.config("[default]\nlogin_session=arn:x\n");
  EXPECT_THAT(found(world), HasSubstr("`aws login`"));
  EXPECT_THAT(world.find().error().remedy(), HasSubstr("credential_process"));
}

// --- web identity ---

FakeKeyAccess irsa() {
  FakeKeyAccess world;
  world.variables = {{"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                     {"AWS_WEB_IDENTITY_TOKEN_FILE", "/token"}};
  world.files["/token"] = "jwt.a\n";
  sts_gives(world, "AssumeRoleWithWebIdentity", "W");
  return world;
}

TEST(KeysFromWebIdentity, TradeTheTokenWithoutASignature) {
  FakeKeyAccess world = irsa();
  world.variables["AWS_ROLE_SESSION_NAME"] = "me";
  EXPECT_EQ(found(world), "assume-role-with-web-identity: W/s-W/t-W");
  const HttpRequest& request = world.asked.at(0);
  EXPECT_EQ(request.url, "https://sts.us-west-2.amazonaws.com/");
  EXPECT_FALSE(request.aws_signing);
  EXPECT_EQ(request.body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3A"
            "role%2Fr&RoleSessionName=me&WebIdentityToken=jwt.a");
}

TEST(KeysFromWebIdentity, TheTokenIsReadAnewEachTime) {
  FakeKeyAccess world = irsa();
  found(world);
  world.files["/token"] = "jwt.b";
  found(world);
  EXPECT_THAT(world.asked.at(1).body, HasSubstr("WebIdentityToken=jwt.b"));
}

TEST(KeysFromWebIdentity, ARefusalNamesRoleFileAndTrustPolicy) {
  FakeKeyAccess world = irsa();
  world.server = [](const HttpRequest&) {
    return Result<HttpResponse>(
        response_of(403,
                    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></"
                    "ErrorResponse>"));
  };
  const auto keys = world.find();
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code(), ErrorCode::Forbidden);
  EXPECT_THAT(keys.error().text(), HasSubstr("role arn:aws:iam::1:role/r with the token in /token: "
                                             "sts:AssumeRoleWithWebIdentity: AccessDenied: no"));
  EXPECT_THAT(keys.error().text(), Not(HasSubstr("jwt")));
  EXPECT_THAT(keys.error().remedy(), HasSubstr("system:serviceaccount:"));
  EXPECT_EQ(world.asked.size(), 1U);
}

TEST(KeysFromWebIdentity, ServerErrorsAreTriedAgainAndStayUnavailable) {
  FakeKeyAccess world = irsa();
  world.server = [](const HttpRequest&) { return Result<HttpResponse>(response_of(503, "busy")); };
  EXPECT_EQ(world.find().error().code(), ErrorCode::Unavailable);
  EXPECT_EQ(world.asked.size(), 3U);
  EXPECT_EQ(world.pauses, 2);
}

TEST(KeysFromWebIdentity, ATokenWithoutARoleIsAnError) {
  FakeKeyAccess world = irsa();
  world.variables.erase("AWS_ROLE_ARN");
  EXPECT_THAT(found(world), HasSubstr("no role is named"));
  world = irsa();
  world.files.clear();
  EXPECT_THAT(found(world), HasSubstr("web identity token: /token"));
}

TEST(KeysFromWebIdentity, MayStandInAProfile) {
  FakeKeyAccess world;
  world.config("[default]\nrole_arn=arn:p\nweb_identity_token_file=/token\n");
  world.files["/token"] = "jwt";
  sts_gives(world, "AssumeRoleWithWebIdentity", "W");
  EXPECT_EQ(found(world), "assume-role-with-web-identity: W/s-W/t-W");
}

// --- roles of profiles ---

TEST(KeysFromRole, AreMadeWithTheKeysOfAnotherProfile) {
  FakeKeyAccess world;
  world.config(
      "[default]\nrole_arn=arn:r\nsource_profile=base\nexternal_id=e\n"
      "role_session_name=me\nduration_seconds=900\n");
  world.credentials("[base]\naws_access_key_id=B\naws_secret_access_key=b\n");
  sts_gives(world, "AssumeRole", "R");
  EXPECT_EQ(found(world), "assume-role: R/s-R/t-R");
  const HttpRequest& request = world.asked.at(0);
  ASSERT_TRUE(request.aws_signing);
  EXPECT_EQ(request.aws_signing->credentials.access_key_id, "B");
  EXPECT_EQ(request.aws_signing->service, "sts");
  EXPECT_EQ(request.body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=me&"
            "DurationSeconds=900&ExternalId=e");
}

TEST(KeysFromRole, GoThroughAChainOfRoles) {
  FakeKeyAccess world;
  world.config(
      "[default]\nrole_arn=arn:outer\nsource_profile=inner\n"
      "[profile inner]\nrole_arn=arn:inner\nsource_profile=base\n"
      "[profile base]\naws_access_key_id=B\naws_secret_access_key=b\n");
  world.server = [](const HttpRequest& request) {
    const bool is_inner = request.body.find("inner") != std::string::npos;
    return Result<HttpResponse>(
        response_of(200, assumed_role_xml("AssumeRole", is_inner ? "I" : "O")));
  };
  EXPECT_EQ(found(world), "assume-role: O/s-O/t-O");
  EXPECT_EQ(world.asked.at(1).aws_signing->credentials.access_key_id, "I");
}

TEST(KeysFromRole, AProfileMayBeItsOwnSource) {
  FakeKeyAccess world;
  world.config(
      "[default]\nrole_arn=arn:r\nsource_profile=default\naws_access_key_id=B\n"
      "aws_secret_access_key=b\n");
  sts_gives(world, "AssumeRole", "R");
  EXPECT_EQ(found(world), "assume-role: R/s-R/t-R");
}

TEST(KeysFromRole, ALoopOfProfilesIsNamed) {
  FakeKeyAccess world;
  world.config(
      "[default]\nrole_arn=arn:1\nsource_profile=b\n"
      "[profile b]\nrole_arn=arn:2\nsource_profile=default\n");
  EXPECT_THAT(found(world), HasSubstr("source_profile \"default\" leads back to itself"));
  world.config("[default]\nrole_arn=arn:1\nsource_profile=default\n");
  EXPECT_THAT(found(world), HasSubstr("leads back to itself"));
}

TEST(KeysFromRole, WebIdentityVariablesAreNotForTheSourceProfile) {
  FakeKeyAccess world = irsa();
  world.config("[default]\nrole_arn=arn:r\nsource_profile=base\n[profile base]\nregion=x\n");
  EXPECT_THAT(found(world), HasSubstr("source_profile \"base\" has no keys"));
}

TEST(KeysFromRole, TakeTheKeysOfACredentialSource) {
  FakeKeyAccess world;
  world.config("[default]\nrole_arn=arn:r\ncredential_source=EcsContainer\n");
  world.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/v2";
  world.server = [](const HttpRequest& request) {
    return Result<HttpResponse>(response_of(200, request.method == HttpMethod::Get
                                                     ? endpoint_keys_json("C")
                                                     : assumed_role_xml("AssumeRole", "R")));
  };
  EXPECT_EQ(found(world), "assume-role: R/s-R/t-R");
  EXPECT_EQ(world.asked.at(1).aws_signing->credentials.access_key_id, "C");
}

TEST(KeysFromRole, WhatIsWrongInTheProfileIsNamed) {
  const auto error = [](const std::string& keys) {
    FakeKeyAccess world;
    world.config("[default]\nrole_arn=arn:r\n" + keys);
    return found(world);
  };
  EXPECT_THAT(error(""), HasSubstr("neither source_profile nor credential_source"));
  EXPECT_THAT(error("source_profile=a\ncredential_source=Environment\n"), HasSubstr("both"));
  EXPECT_THAT(error("source_profile=a\n"), HasSubstr("source_profile \"a\" does not exist"));
  EXPECT_THAT(error("credential_source=Magic\n"), HasSubstr("credential_source \"Magic\""));
  EXPECT_THAT(error("credential_source=Environment\n"),
              HasSubstr("has no keys: AWS_ACCESS_KEY_ID"));
  EXPECT_THAT(error("source_profile=default\nmfa_serial=m\n"), HasSubstr("mfa_serial"));
  EXPECT_THAT(error("source_profile=default\naws_access_key_id=A\naws_secret_access_key=a\n"
                    "duration_seconds=long\n"),
              HasSubstr("duration_seconds \"long\""));
}

// --- SSO ---

constexpr const char* kSsoKeys =
    R"({"roleCredentials":{"accessKeyId":"S","secretAccessKey":"s","sessionToken":"t","expiration":1893456000000}})";

FakeKeyAccess sso() {
  FakeKeyAccess world;
  world.config(
      "[default]\nsso_session=corp\nsso_account_id=1\nsso_role_name=ad min\n"
      "[sso-session corp]\nsso_region=eu-west-1\nsso_start_url=https://corp/start\n");
  // The SHA-1 of "corp".
  world.files["/home/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"] =
      R"({"accessToken":"bearer","expiresAt":"2030-01-01T00:00:00Z"})";
  world.server = [](const HttpRequest&) {
    return Result<HttpResponse>(response_of(200, kSsoKeys));
  };
  return world;
}

TEST(KeysFromSso, TradeTheTokenOfTheSession) {
  FakeKeyAccess world = sso();
  EXPECT_EQ(found(world), "sso: S/s/t");
  const HttpRequest& request = world.asked.at(0);
  EXPECT_EQ(request.url,
            "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=ad%20min&"
            "account_id=1");
  EXPECT_EQ(request.headers.at(0).name, "x-amz-sso_bearer_token");
  EXPECT_EQ(request.headers.at(0).value, "bearer");
  EXPECT_EQ(world.find()->expires, parse_time("2030-01-01T00:00:00Z").value());
}

TEST(KeysFromSso, TheOlderFormHasTheTokenUnderItsUrl) {
  FakeKeyAccess world = sso();
  world.config(
      "[default]\nsso_start_url=https://corp/start\nsso_region=eu-west-1\n"
      "sso_account_id=1\nsso_role_name=r\n");
  EXPECT_THAT(found(world), HasSubstr("717f6b50ccf65f10839b090b78b6ff0786091a96.json"));
  world.files["/home/.aws/sso/cache/717f6b50ccf65f10839b090b78b6ff0786091a96.json"] =
      R"({"accessToken":"b","expiresAt":"2030-01-01T00:00:00UTC"})";
  EXPECT_EQ(found(world), "sso: S/s/t");
}

TEST(KeysFromSso, ATokenThatEndedOrIsRefusedAsksForALogin) {
  FakeKeyAccess world = sso();
  world.now = parse_time("2030-01-01T00:00:00Z").value();
  EXPECT_THAT(found(world), HasSubstr("it expired at 2030-01-01T00:00:00Z"));
  EXPECT_THAT(world.find().error().remedy(), HasSubstr("aws sso login --profile default"));
  world = sso();
  world.server = [](const HttpRequest&) { return Result<HttpResponse>(response_of(401, "{}")); };
  EXPECT_THAT(found(world), HasSubstr("the token is not accepted"));
}

TEST(KeysFromSso, WhatIsMissingOrContradictsIsNamed) {
  const auto error = [](const std::string& config) {
    FakeKeyAccess world = sso();
    world.config(config);
    return found(world);
  };
  EXPECT_THAT(error("[default]\nsso_account_id=1\n"), HasSubstr("sso_start_url is missing"));
  EXPECT_THAT(error("[default]\nsso_account_id=1\nsso_session=s\n"),
              HasSubstr("there is no [sso-session s]"));
  EXPECT_THAT(error("[default]\nsso_account_id=1\nsso_role_name=r\nsso_region=a\nsso_session=s\n"
                    "[sso-session s]\nsso_region=b\nsso_start_url=u\n"),
              HasSubstr("sso_region is another than in [sso-session s]"));
}

// --- a program ---

TEST(KeysFromProcess, AreWhatItPrints) {
  FakeKeyAccess world;
  world.config("[default]\ncredential_process = /bin/give 'two words' \"x\"\n");
  std::vector<std::string> command;
  world.programs = [&](const std::vector<std::string>& run) {
    command = run;
    return Result<std::string>(std::string(
        R"({"Version":1,"AccessKeyId":"P","SecretAccessKey":"s","SessionToken":"t","Expiration":"2030-01-01T00:00:00Z"})"));
  };
  EXPECT_EQ(found(world), "custom-process: P/s/t");
  EXPECT_THAT(command, testing::ElementsAre("/bin/give", "two words", "x"));
}

TEST(KeysFromProcess, AnAnswerThatIsNoneShowsNothingOfIt) {
  FakeKeyAccess world;
  world.config("[default]\ncredential_process = give\n");
  for (const char* answer :
       {"hush", R"({"AccessKeyId":"hush"})", R"({"Version":1,"AccessKeyId":"hush"})"}) {
    world.programs = [&](const auto&) { return Result<std::string>(std::string(answer)); };
    EXPECT_THAT(found(world), HasSubstr("credential_process: give: "));
    EXPECT_THAT(found(world), Not(HasSubstr("hush")));
  }
}

// --- container ---

TEST(KeysFromContainer, AskTheAgentWithTheTokenOfItsFile) {
  FakeKeyAccess world;
  world.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
                     {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token"},
                     {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "not this one"}};
  world.files["/token"] = "bearer";
  world.server = [](const HttpRequest&) {
    return Result<HttpResponse>(response_of(200, endpoint_keys_json("C")));
  };
  EXPECT_EQ(found(world), "container-role: C/s-C/t-C");
  const HttpRequest& request = world.asked.at(0);
  EXPECT_EQ(request.url, "http://169.254.170.23/v1/credentials");
  EXPECT_EQ(request.headers.at(1).name, "Authorization");
  EXPECT_EQ(request.headers.at(1).value, "bearer");
  EXPECT_EQ(request.connection->proxy, "");
}

TEST(KeysFromContainer, PlainHttpGoesToTheNodeAlone) {
  const auto is_asked = [](const std::string& url) {
    FakeKeyAccess world;
    world.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = url;
    found(world);
    return !world.asked.empty();
  };
  for (const char* url :
       {"http://127.0.0.1:80/a", "http://127.9.9.9/", "http://localhost/a", "http://[::1]/a",
        "http://[fd00:ec2::23]/v1", "http://169.254.170.2/", "https://anywhere.example/"}) {
    EXPECT_TRUE(is_asked(url)) << url;
  }
  for (const char* url :
       {"http://10.0.0.1/", "http://example.com/", "http://127.0.0.1@example.com/",
        "http://localhost.example.com/", "ftp://127.0.0.1/", "127.0.0.1", "http://128.0.0.1/"}) {
    EXPECT_FALSE(is_asked(url)) << url;
  }
}

TEST(KeysFromContainer, ALineEndInTheTokenIsAnError) {
  FakeKeyAccess world;
  world.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"},
                     {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hush\r\nX: y"}};
  EXPECT_THAT(found(world),
              HasSubstr("AWS_CONTAINER_AUTHORIZATION_TOKEN: the token contains a line"));
  EXPECT_THAT(found(world), Not(HasSubstr("hush")));
}

TEST(KeysFromContainer, ARefusalIsAnErrorAndNotTheNextSource) {
  FakeKeyAccess world;
  world.variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1/"}};
  world.server = [](const HttpRequest&) { return Result<HttpResponse>(response_of(403, "no")); };
  EXPECT_THAT(found(world), HasSubstr("http://127.0.0.1/: HTTP 403: no"));
  EXPECT_EQ(world.asked.size(), 1U);
}

// --- instance metadata ---

Result<HttpResponse> instance(const HttpRequest& request) {
  if (request.method == HttpMethod::Put) return response_of(200, "imds-token");
  if (request.headers.at(0).value != "imds-token") return response_of(401, "");
  if (request.url.ends_with("security-credentials/")) return response_of(200, "node-role");
  if (request.url.ends_with("security-credentials/node-role"))
    return response_of(200, endpoint_keys_json("M"));
  return response_of(404, "");
}

TEST(KeysFromInstanceMetadata, NeedATokenFirst) {
  FakeKeyAccess world;
  world.server = instance;
  EXPECT_EQ(found(world), "iam-role: M/s-M/t-M");
  EXPECT_EQ(world.asked.at(0).url, "http://169.254.169.254/latest/api/token");
  EXPECT_EQ(world.asked.at(0).deadline, Duration::seconds(1));
}

TEST(KeysFromInstanceMetadata, AreAskedWhereTheVariablesSay) {
  FakeKeyAccess world;
  world.server = instance;
  world.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE"] = "IPv6";
  found(world);
  EXPECT_EQ(world.asked.back().url.substr(0, 23), "http://[fd00:ec2::254]/");
  world.variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = "http://127.0.0.1:1";
  found(world);
  EXPECT_EQ(world.asked.back().url.substr(0, 19), "http://127.0.0.1:1/");
}

TEST(KeysFromInstanceMetadata, MayBeSwitchedOff) {
  FakeKeyAccess world;
  world.server = instance;
  world.variables["AWS_EC2_METADATA_DISABLED"] = "True";
  EXPECT_THAT(found(world), HasSubstr("iam-role: instance metadata: AWS_EC2_METADATA_DISABLED"));
  EXPECT_TRUE(world.asked.empty());
}

TEST(KeysFromInstanceMetadata, ThatEndedAreUsedOn) {
  FakeKeyAccess world;
  world.server = instance;
  world.now = parse_time("2031-01-01T00:00:00Z").value();
  EXPECT_EQ(world.find()->expires, world.now + Duration::minutes(15));
}

// --- the chain ---

TEST(KeyChain, EnvironmentThenRoleThenWebIdentityThenTheRest) {
  FakeKeyAccess world = irsa();
  world.variables.insert({{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "s"}});
  world.config("[default]\nrole_arn=arn:r\ncredential_source=Environment\n");
  EXPECT_THAT(found(world), HasSubstr("env: "));
  world.variables.erase("AWS_SECRET_ACCESS_KEY");
  world.variables.erase("AWS_ACCESS_KEY_ID");
  EXPECT_THAT(found(world), HasSubstr("credential_source \"Environment\" has no keys"));
  world.config("[default]\ncredential_process=p\n");
  world.credentials("[default]\naws_access_key_id=K\naws_secret_access_key=k\n");
  EXPECT_THAT(found(world), HasSubstr("assume-role-with-web-identity: "));
  world.variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  EXPECT_EQ(found(world), "shared-credentials-file: K/k");
}

TEST(KeyChain, WithoutAnyKeysItListsEachSourceAndWhy) {
  FakeKeyAccess world;
  const auto keys = world.find();
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code(), ErrorCode::Forbidden);
  for (const char* source :
       {"env: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set", "assume-role: profile",
        "assume-role-with-web-identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set", "sso: profile",
        "shared-credentials-file: ", "login: ", "custom-process: ", "config-file: ",
        "container-role: AWS_CONTAINER_CREDENTIALS_FULL_URI is not set",
        "iam-role: instance metadata: nothing answers"}) {
    EXPECT_THAT(keys.error().text(), HasSubstr(source));
  }
}

}  // namespace
}  // namespace hyperwright::client
