#include "client/stop.h"

#include <future>

#include <gtest/gtest.h>
#include <poll.h>

#include "client/thread.h"

namespace hyperwright::client {
namespace {

bool is_readable(int descriptor) {
  pollfd wait{descriptor, POLLIN, 0};
  return ::poll(&wait, 1, 0) == 1;
}

TEST(Stop, APauseIsWholeUntilItIsStopped) {
  Stop stop;
  EXPECT_FALSE(stop.is_stopped());
  EXPECT_FALSE(is_readable(stop.descriptor()));
  EXPECT_TRUE(stop.pause(Duration::milliseconds(1)));
  stop.stop();
  EXPECT_TRUE(stop.is_stopped());
  EXPECT_TRUE(is_readable(stop.descriptor()));
  EXPECT_FALSE(stop.pause(Duration::hours(1)));
}

TEST(Stop, EndsAPauseThatIsUnderWay) {
  Stop stop;
  std::promise<bool> paused;
  std::thread thread = start_thread([&] { paused.set_value(stop.pause(Duration::hours(1))); });
  stop.stop();
  EXPECT_FALSE(paused.get_future().get());
  thread.join();
}

}  // namespace
}  // namespace hyperwright::client
