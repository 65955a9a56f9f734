#include "kube/crds.h"

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

namespace hyperwright::kube {
namespace {

std::string text_of(const std::string& file) {
  std::ifstream stream(std::string(HYPERWRIGHT_SOURCE_DIR) + "/deploy/crds/" + file);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

TEST(Crds, TheBinaryCarriesTheFilesOfDeploy) {
  ASSERT_EQ(crds().size(), 5U);
  EXPECT_EQ(crds()[0], text_of("karpenter.sh_nodepools.yaml"));
  EXPECT_EQ(crds()[1], text_of("karpenter.sh_nodeclaims.yaml"));
  EXPECT_EQ(crds()[2], text_of("karpenter.sagemaker.amazonaws.com_hyperpodnodeclasses.yaml"));
  EXPECT_EQ(crds()[3], text_of("karpenter.sh_nodeoverlays.yaml"));
  EXPECT_EQ(crds()[4], text_of("autoscaling.x-k8s.io_capacitybuffers.yaml"));
}

TEST(Crds, EachIsOneDefinition) {
  for (const std::string_view crd : crds()) {
    EXPECT_NE(crd.find("kind: CustomResourceDefinition"), std::string_view::npos);
    EXPECT_TRUE(crd.ends_with('\n'));
  }
}

}  // namespace
}  // namespace hyperwright::kube
