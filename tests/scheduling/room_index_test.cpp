#include "scheduling/room_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace hyperwright::scheduling {
namespace {

kube::Resources room(std::int64_t cpu, std::int64_t gpus = 0, std::int64_t other = 0) {
  kube::Resources resources;
  resources.set(kube::Resource::Cpu, cpu);
  resources.set(kube::Resource::NvidiaGpu, gpus);
  resources.set("example.com/other", other);
  return resources;
}

// Each room is one candidate, by its place in the list.
class Rooms {
 public:
  explicit Rooms(std::vector<kube::Resources> free) : free_(std::move(free)) {
    for (std::size_t i = 0; i < free_.size(); ++i) sets_.emplace_back().insert(i);
    std::vector<RoomIndex::Group> groups;
    for (std::size_t i = 0; i < free_.size(); ++i) groups.push_back({&free_[i], &sets_[i]});
    index_ = RoomIndex(groups);
  }
  [[nodiscard]] std::vector<std::size_t> for_all_of(const kube::Resources& total) const {
    Bitset candidates = Bitset::all(free_.size());
    index_.keep(total, candidates);
    std::vector<std::size_t> list;
    candidates.for_each([&](std::size_t id) { list.push_back(id); });
    return list;
  }
  // The same, by looking at each of them.
  [[nodiscard]] std::vector<std::size_t> looked_up(const kube::Resources& total) const {
    std::vector<std::size_t> list;
    for (std::size_t i = 0; i < free_.size(); ++i) {
      if (total.fits(free_[i])) list.push_back(i);
    }
    return list;
  }

 private:
  std::vector<kube::Resources> free_;
  std::vector<Bitset> sets_;
  RoomIndex index_;
};

TEST(RoomIndex, AsMuchAsIsThereFitsAndOneMoreDoesNot) {
  const Rooms rooms({room(2), room(4), room(4, 1), room(8)});
  EXPECT_THAT(rooms.for_all_of(room(4)), testing::ElementsAre(1, 2, 3));
  EXPECT_THAT(rooms.for_all_of(room(5)), testing::ElementsAre(3));
  EXPECT_THAT(rooms.for_all_of(room(4, 1)), testing::ElementsAre(2));
  EXPECT_THAT(rooms.for_all_of(room(9)), testing::IsEmpty());
  EXPECT_THAT(rooms.for_all_of(room(1, 0, 1)), testing::IsEmpty());
}

TEST(RoomIndex, WhatIsOverCommittedHasRoomForNothing) {
  const Rooms rooms({room(-1, 2), room(4, 0, -1), room(4)});
  EXPECT_THAT(rooms.for_all_of({}), testing::ElementsAre(2));
}

RC_GTEST_PROP(RoomIndex, AnswersAsALookAtEachWould, ()) {
  const auto amount = [] { return *rc::gen::inRange<std::int64_t>(-1, 4); };
  std::vector<kube::Resources> free;
  const auto count = *rc::gen::inRange<std::size_t>(0, 100);
  for (std::size_t i = 0; i < count; ++i) free.push_back(room(amount(), amount(), amount()));
  const Rooms rooms(std::move(free));
  const kube::Resources total = room(amount(), amount(), amount());
  RC_ASSERT(rooms.for_all_of(total) == rooms.looked_up(total));
}

}  // namespace
}  // namespace hyperwright::scheduling
