// A story: the HyperPod cluster that is made, what its control plane is like, and what happens
// when. examples/demo-story.yaml is one, and shows the form.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/value.hpp>

#include "base/error.h"
#include "base/time.h"
#include "service/scenario.h"
#include "sim/simulation.h"

namespace hyperwright::sim {

struct StoryStep {
  std::string where;  // "demo-story.yaml: steps[3]"
  Duration at;        // since the beginning
  std::string say;
  std::vector<boost::json::value> apply;  // manifests
  std::vector<std::pair<std::string, std::string>>
      removed;  // kind (as kubectl takes it) and name, in "default"
};

struct Story {
  std::string name;  // of its file
  service::Scenario scenario;
  boost::json::value cluster;  // the body of CreateCluster
  std::vector<StoryStep> steps;
  [[nodiscard]] std::string cluster_name() const;
};

// Fails with Invalid; the sentence names the step and what is wrong.
Result<Story> parse_story(std::string_view yaml, std::string_view name);

// Makes the story's cluster, and the CRDs that an autoscaler needs.
Status prepare(Simulation& simulation, const Story& story);
// Applies and deletes what the step says, at the simulation's present instant.
Status play(Simulation& simulation, const StoryStep& step);

// Creates or changes one object, as `kubectl apply --server-side --force-conflicts` does.
Status apply_manifest(KubernetesApi& api, const boost::json::value& manifest, Time now);

}  // namespace hyperwright::sim
