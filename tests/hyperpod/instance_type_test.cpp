#include "hyperpod/instance_type.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hyperwright::hyperpod {
namespace {

using kube::Resource;
using testing::HasSubstr;

constexpr std::int64_t kMiB = 1024 * 1024;

const InstanceType& shipped(std::string_view name) {
  const InstanceType* type = InstanceTypes::shipped().find(name);
  check(type != nullptr, "the type is in the shipped list");
  return *type;
}

constexpr std::string_view kHeader =
    "instance_type,arch,vcpus,memory_mib,max_pods,usd_per_hour,source\n";

std::string error_of(std::string_view lines) {
  const auto types = InstanceTypes::parse(std::string(kHeader) + std::string(lines));
  return types ? "no error" : types.error().text();
}

TEST(InstanceTypes, ShippedListHasEveryTypeSortedByName) {
  const auto types = InstanceTypes::shipped().all();
  EXPECT_EQ(types.size(), 201U);
  EXPECT_TRUE(std::ranges::is_sorted(types, {}, &InstanceType::name));
  for (const InstanceType& type : types) EXPECT_EQ(InstanceTypes::shipped().find(type.name), &type);
  EXPECT_EQ(InstanceTypes::shipped().find("p5.48xlarge"), nullptr);
}

TEST(InstanceTypes, DocumentedPricesAreHyperPodsOwn) {
  EXPECT_EQ(shipped("ml.p5.48xlarge").on_demand, (Price{MicroDollars(66'048'000), false}));
  EXPECT_EQ(shipped("ml.g6e.48xlarge").on_demand, (Price{MicroDollars(37'660'000), false}));
}

TEST(InstanceTypes, OtherPricesAreSixFifthsOfEc2s) {
  EXPECT_EQ(shipped("ml.g5.xlarge").on_demand, (Price{MicroDollars(1'207'200), true}));
  EXPECT_EQ(shipped("ml.g5.xlarge").price_origin, PriceOrigin{PriceSource::BuiltIn});
  EXPECT_EQ(shipped("ml.p5.48xlarge").price_origin.source, PriceSource::BuiltIn);
  EXPECT_EQ(format_time(shipped("ml.p5.48xlarge").price_origin.as_of), "2026-10-01T00:00:00Z");
}

TEST(InstanceTypes, PriceThatNobodyKnowsIsAbsent) {
  EXPECT_EQ(shipped("ml.trn2.48xlarge").on_demand, std::nullopt);
}

TEST(InstanceTypes, MaxPodsIsHyperPodsLimitAndG7eItsException) {
  EXPECT_EQ(shipped("ml.g5.xlarge").max_pods, 14);
  EXPECT_EQ(shipped("ml.p5.48xlarge").max_pods, 49);
  EXPECT_EQ(shipped("ml.g7e.2xlarge").max_pods, 49);
}

TEST(InstanceType, CapacityIsWhatTheNodeWillSay) {
  const kube::Resources capacity = shipped("ml.p5.48xlarge").capacity();
  EXPECT_EQ(capacity.get(Resource::Cpu), 192'000);
  EXPECT_EQ(capacity.get(Resource::Memory), 1'939'865 * kMiB);
  EXPECT_EQ(capacity.get(Resource::EphemeralStorage), 100 * 1024 * kMiB);
  EXPECT_EQ(capacity.get(Resource::Pods), 49);
  EXPECT_EQ(capacity.get(Resource::NvidiaGpu), 8);
  EXPECT_EQ(capacity.get(Resource::Efa), 32);
  EXPECT_EQ(capacity.get(Resource::Neuron), 0);
  const kube::Resources trainium = shipped("ml.trn1.32xlarge").capacity();
  EXPECT_EQ(trainium.get(Resource::Neuron), 16);
  EXPECT_EQ(trainium.get(Resource::NeuronCore), 32);
}

// The figures of Karpenter's reference page for the same shapes, with HyperPod's pod limit in the
// memory formula (11 MiB a pod + 255 MiB).
TEST(InstanceType, AllocatableIsCapacityLessEksReservations) {
  const kube::Resources large = shipped("ml.p5.48xlarge").allocatable();
  EXPECT_EQ(large.get(Resource::Cpu), 191'450);
  EXPECT_EQ(large.get(Resource::Memory), (1'939'865 - 11 * 49 - 255 - 100) * kMiB);
  EXPECT_EQ(large.get(Resource::NvidiaGpu), 8);
  EXPECT_EQ(large.get(Resource::Pods), 49);
  EXPECT_EQ(large.get(Resource::EphemeralStorage), 89 * 1024 * kMiB);
  EXPECT_EQ(shipped("ml.g5.12xlarge").allocatable().get(Resource::Cpu), 47'810);
  EXPECT_EQ(shipped("ml.m5.large").allocatable().get(Resource::Cpu), 1'930);
  EXPECT_EQ(shipped("ml.m5.large").allocatable().get(Resource::Memory),
            (7'577 - 11 * 9 - 255 - 100) * kMiB);
}

TEST(InstanceType, Arm64KeepsMemoryForContiguousAllocation) {
  // 2048 - 64, less 7.5 % rounded up.
  EXPECT_EQ(shipped("ml.c6g.medium").capacity().get(Resource::Memory), (1984 - 149) * kMiB);
  EXPECT_EQ(shipped("ml.c6g.medium").allocatable().get(Resource::Cpu), 940);
}

TEST(InstanceType, NothingIsNegativeOnTheSmallestType) {
  for (const InstanceType& type : InstanceTypes::shipped().all()) {
    EXPECT_GT(type.allocatable().get(Resource::Memory), 0) << type.name;
    EXPECT_TRUE(type.allocatable().fits(type.capacity())) << type.name;
  }
}

TEST(InstanceType, WhatNodesWereSeenToOfferReplacesTheFormulas) {
  InstanceType type = shipped("ml.g5.xlarge");
  kube::Resources seen;
  seen.set(Resource::Cpu, 3'000);
  type.known_capacity = seen;
  EXPECT_EQ(type.capacity(), seen);
  EXPECT_EQ(type.allocatable().get(Resource::Cpu), 2'920);
  type.known_allocatable = seen;
  EXPECT_EQ(type.allocatable(), seen);
}

TEST(InstanceTypes, LaterTypeOfTheSameNameReplacesTheEarlierOne) {
  const auto types = InstanceTypes::of(
      {{.name = "ml.b", .vcpus = 1}, {.name = "ml.a"}, {.name = "ml.b", .vcpus = 2}});
  EXPECT_EQ(types.all().size(), 2U);
  EXPECT_EQ(types.find("ml.b")->vcpus, 2);
}

TEST(InstanceTypes, ColumnsMayStandInAnyOrderAndFactsMayBeMissing) {
  const auto types = InstanceTypes::parse(
      "# a comment\nmax_pods,vcpus,arch,memory_mib,instance_type\n\n14, "
      "4,amd64,16384,ml.x.large\r\n");
  ASSERT_TRUE(types) << types.error().text();
  EXPECT_EQ(types->find("ml.x.large")->vcpus, 4);
  EXPECT_EQ(types->find("ml.x.large")->gpus, 0);
  EXPECT_EQ(types->find("ml.x.large")->on_demand, std::nullopt);
}

TEST(InstanceTypes, BadLineIsNamed) {
  EXPECT_EQ(error_of("ml.a.large,amd64,4,8,5,1,\nml.b.large,amd64,x,8,5,1,"),
            "line 3: vcpus \"x\" is no whole number");
  EXPECT_EQ(error_of("ml.a.large,amd64,4,8,5"), "line 2: 5 fields, but the header has 7");
  EXPECT_EQ(error_of("ml.a.large,amd64,4,8,5,-1,"),
            "line 2: usd_per_hour of ml.a.large: \"-1\" is no amount of dollars");
  EXPECT_EQ(error_of("ml.a.large,amd64,4,8,5,1,guess"), "line 2: source \"guess\" is not known");
  EXPECT_EQ(error_of("a.large,amd64,4,8,5,1,"),
            "line 2: instance_type \"a.large\" does not begin with ml.");
  EXPECT_EQ(error_of("ml.a.large,x86,4,8,5,1,"), "line 2: arch \"x86\" is not known");
  EXPECT_EQ(error_of("ml.a.large,amd64,0,8,5,1,"), "line 2: vcpus of ml.a.large is missing");
  EXPECT_EQ(error_of("ml.a.large,amd64,4,8,5,1,\nml.a.large,amd64,4,8,5,1,"),
            "line 3: instance_type ml.a.large is there twice");
}

TEST(InstanceTypes, BadHeaderIsNamed) {
  EXPECT_THAT(InstanceTypes::parse("instance_type,price\n").error().text(),
              HasSubstr("column \"price\" is not known"));
  EXPECT_THAT(InstanceTypes::parse("instance_type,arch\n").error().text(),
              HasSubstr("column \"vcpus\" is missing"));
  EXPECT_THAT(InstanceTypes::parse("arch,arch\n").error().text(),
              HasSubstr("column \"arch\" is there twice"));
  EXPECT_FALSE(InstanceTypes::parse(""));
}

TEST(InstanceTypes, OtherPricesReplaceTheListsAndAreDocumentedUnlessMarked) {
  InstanceTypes types = InstanceTypes::shipped();
  ASSERT_TRUE(
      types.apply_prices("instance_type,usd_per_hour\nml.trn2.48xlarge,40\nml.g5.xlarge,1.5\n"));
  EXPECT_EQ(types.find("ml.trn2.48xlarge")->on_demand, (Price{MicroDollars(40'000'000), false}));
  EXPECT_EQ(types.find("ml.g5.xlarge")->on_demand, (Price{MicroDollars(1'500'000), false}));
  EXPECT_EQ(types.find("ml.g5.xlarge")->price_origin, PriceOrigin{PriceSource::File});
  EXPECT_EQ(types.find("ml.g5.2xlarge")->on_demand, shipped("ml.g5.2xlarge").on_demand);
  ASSERT_TRUE(types.apply_prices("source,usd_per_hour,instance_type\nestimated,2,ml.g5.xlarge\n"));
  EXPECT_TRUE(types.find("ml.g5.xlarge")->on_demand->is_estimated);
}

TEST(InstanceTypes, BadPriceChangesNothing) {
  InstanceTypes types = InstanceTypes::shipped();
  const auto error = [&types](std::string_view csv) {
    return types.apply_prices(csv).error().text();
  };
  EXPECT_EQ(error("instance_type,usd_per_hour\nml.g5.xlarge,9\nml.g5.huge,1\n"),
            "line 3: instance_type \"ml.g5.huge\" is not known");
  EXPECT_EQ(error("instance_type,usd_per_hour\nml.g5.xlarge,cheap\n"),
            "line 2: usd_per_hour of ml.g5.xlarge: \"cheap\" is no amount of dollars");
  EXPECT_EQ(error("instance_type,usd_per_hour\nml.g5.xlarge,\n"),
            "line 2: usd_per_hour of ml.g5.xlarge is missing");
  EXPECT_EQ(types, InstanceTypes::shipped());
}

}  // namespace
}  // namespace hyperwright::hyperpod
