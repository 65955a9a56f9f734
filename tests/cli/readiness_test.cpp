#include "cli/readiness.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::cli {
namespace {

using testing::HasSubstr;

TEST(Readiness, NobodyIsReadyBeforeTheLeaseWasSeen) {
  Readiness readiness;
  EXPECT_THAT(readiness.problem(), HasSubstr("lease was not looked at"));
  readiness.waits(fail(ErrorCode::Forbidden, "leases may not be read"));
  EXPECT_EQ(readiness.problem(), "leases may not be read");
}

TEST(Readiness, WhoWaitsForTheLeaseOfAnotherIsReadyAsLongAsThatIsSeen) {
  Readiness readiness;
  readiness.waits({});
  EXPECT_EQ(readiness.problem(), "");
  readiness.waits(fail(ErrorCode::Unavailable, "no connection"));
  EXPECT_EQ(readiness.problem(), "no connection");
}

TEST(Readiness, WhoLeadsIsReadyWhileThePictureIsComplete) {
  Readiness readiness;
  readiness.waits({});
  readiness.leads();
  EXPECT_THAT(readiness.problem(), HasSubstr("not complete yet"));
  readiness.has_picture(true);
  EXPECT_EQ(readiness.problem(), "");
  readiness.has_picture(false);
  EXPECT_THAT(readiness.problem(), HasSubstr("not complete yet"));
}

}  // namespace
}  // namespace hyperwright::cli
