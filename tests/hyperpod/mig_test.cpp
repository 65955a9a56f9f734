#include "hyperpod/mig.h"

#include <gtest/gtest.h>

#include "kube/well_known.h"

namespace hyperwright::hyperpod {
namespace {

kube::Resources capacity(std::string_view type, std::string_view config) {
  const InstanceType* found = InstanceTypes::shipped().find(type);
  check(found != nullptr, "the test names a type that is shipped");
  kube::StringMap labels;
  if (!config.empty()) labels.set(kube::kMigConfig, config);
  EXPECT_EQ(allocatable_of(*found, labels).get("nvidia.com/gpu"),
            capacity_of(*found, labels).get("nvidia.com/gpu"));
  return capacity_of(*found, labels);
}

TEST(Mig, SlicesOfAProfileStandInTheGpusPlace) {
  const kube::Resources small = capacity("ml.p4d.24xlarge", "all-1g.5gb");
  EXPECT_EQ(small.get("nvidia.com/mig-1g.5gb"), 56);
  EXPECT_EQ(small.get("nvidia.com/gpu"), 0);
  EXPECT_EQ(capacity("ml.p5.48xlarge", "all-1g.20gb").get("nvidia.com/mig-1g.20gb"), 32);
  EXPECT_EQ(capacity("ml.p5en.48xlarge", "all-3g.71gb").get("nvidia.com/mig-3g.71gb"), 16);
  EXPECT_EQ(capacity("ml.p6-b200.48xlarge", "all-7g.180gb").get("nvidia.com/mig-7g.180gb"), 8);
}

TEST(Mig, EverythingElseOfTheNodeStays) {
  const kube::Resources whole = capacity("ml.p4d.24xlarge", "");
  kube::Resources cut = capacity("ml.p4d.24xlarge", "all-2g.10gb");
  EXPECT_EQ(cut.get("nvidia.com/mig-2g.10gb"), 24);
  cut.set("nvidia.com/mig-2g.10gb", 0);
  cut.set("nvidia.com/gpu", whole.get("nvidia.com/gpu"));
  EXPECT_EQ(cut, whole);
}

TEST(Mig, WithoutAConfigurationOrWithItDisabledGpusAreWhole) {
  EXPECT_EQ(capacity("ml.p4d.24xlarge", "").get("nvidia.com/gpu"), 8);
  EXPECT_EQ(capacity("ml.p4d.24xlarge", "all-disabled").get("nvidia.com/gpu"), 8);
}

TEST(Mig, WhatCannotBeToldPromisesNothing) {
  for (const char* config : {"all-1g.9gb", "all-", "all-balanced", "my-own"}) {
    kube::Resources promised = capacity("ml.p4d.24xlarge", config);
    EXPECT_EQ(promised.get("nvidia.com/gpu"), 0) << config;
    EXPECT_TRUE(promised.overflow().empty()) << config;
  }
  EXPECT_EQ(capacity("ml.p4d.24xlarge", "all-1g.10gb").get("nvidia.com/mig-1g.10gb"), 0)
      << "a profile of another GPU";
}

TEST(Mig, ATypeWithoutGpusMindsNoConfiguration) {
  EXPECT_EQ(capacity("ml.trn1.32xlarge", "all-1g.5gb"), capacity("ml.trn1.32xlarge", ""));
}

// What else a node of HyperPod is asked for.
TEST(Accelerators, NeuronCoresDevicesAndEfaInterfacesAreOffered) {
  const kube::Resources trainium = capacity("ml.trn1.32xlarge", "");
  EXPECT_EQ(trainium.get("aws.amazon.com/neuron"), 16);
  EXPECT_EQ(trainium.get("aws.amazon.com/neuroncore"), 32);
  EXPECT_EQ(trainium.get("vpc.amazonaws.com/efa"), 8);
  EXPECT_EQ(capacity("ml.p5.48xlarge", "").get("vpc.amazonaws.com/efa"), 32);
}

}  // namespace
}  // namespace hyperwright::hyperpod
