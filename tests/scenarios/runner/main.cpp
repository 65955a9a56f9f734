// Runs every scenario of tests/scenarios/*.yaml as a test of its own.
//
//   scenarios_test                              all of them
//   scenarios_test --scenario requirements-60   one, by its id (the words before the first comma)
//   scenarios_test --results FILE               and writes a line for each: id, what became of it,
//   why
//
// `differs: why` marks a scenario that asserts something else than Karpenter does. `awaits: what`
// marks one that cannot hold yet: it is run, and to hold nevertheless is its failure.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include "tests/scenarios/runner/expectations.h"
#include "tests/scenarios/runner/fields.h"
#include "tests/scenarios/runner/world.h"

namespace hyperwright::scenarios {
namespace {

struct Scenario {
  std::string file;
  std::string topic;
  std::string id;
  YAML::Node document;
  std::string differs;  // why it does not say what Karpenter does; "": it does
  std::string awaits;   // what is missing for it to hold; "": nothing
};

std::string& results() {
  static std::string lines;
  return lines;
}

// How many scenarios await it, by feature.
std::map<std::string, int>& awaited() {
  static std::map<std::string, int> counts;
  return counts;
}

std::string& program() {
  static std::string name;
  return name;
}

class ScenarioTest : public testing::Test {
 public:
  explicit ScenarioTest(Scenario scenario) : scenario_(std::move(scenario)) {}

  void TestBody() override {
    {
      Fields fields(scenario_.document, "scenario", problems_);
      for (const char* word : {"scenario", "differs", "awaits"}) fields.text(word);
      World world(problems_);
      if (const auto given = fields.take("given")) world.given(*given);
      const auto batches = fields.take("batches");
      if (batches && batches->IsSequence()) {
        for (const YAML::Node& batch : *batches) {
          Fields parts(batch, "batch", problems_);
          run(world, parts);
        }
      } else {
        run(world, fields);
      }
    }
    const int line = line_of(scenario_.document);
    const bool holds = problems_.empty() && failures_.empty();
    const bool awaits = !scenario_.awaits.empty();
    if (awaits && holds) {
      problems_.push_back({line, fmt::format("holds, although it awaits \"{}\": take that line out",
                                             scenario_.awaits)});
    }
    if (!awaits) problems_.insert(problems_.end(), failures_.begin(), failures_.end());
    for (const Problem& problem : problems_)
      ADD_FAILURE_AT(scenario_.file.c_str(), problem.line) << problem.text;
    if (!problems_.empty()) {
      ADD_FAILURE_AT(scenario_.file.c_str(), line)
          << "alone: " << program() << " --scenario " << scenario_.id;
    }
    const auto [outcome, why] = !problems_.empty() ? std::pair("failed", problems_.front().text)
                                : awaits           ? std::pair("awaits", scenario_.awaits)
                                : !scenario_.differs.empty()
                                    ? std::pair("differs", scenario_.differs)
                                    : std::pair("passed", std::string());
    results() += fmt::format("{}\t{}\t{}\n", scenario_.id, outcome, one_line(why));
    if (awaits && problems_.empty()) ++awaited()[scenario_.awaits];
  }

 private:
  void run(World& world, Fields& fields) {
    const auto when = fields.take("when");
    const auto then = fields.take("then");
    const std::string until = fields.text("until", "bound");
    using Until = scheduling::ClusterBuilder::Until;
    const auto stage = until == "created"    ? Until::Created
                       : until == "launched" ? Until::Launched
                                             : Until::Bound;
    world.when(when ? *when : YAML::Node());
    world.run(stage);
    for (const std::string& sentence : world.unsound()) {
      failures_.push_back({line_of(scenario_.document), "the plan is unsound: " + sentence});
    }
    if (!then) return problems_.push_back({line_of(scenario_.document), "there is no `then`"});
    for (const Difference& difference : differences(*then, world, problems_)) {
      failures_.push_back(
          {difference.line, fmt::format("{}\n  wanted  {}\n  got     {}", difference.claim,
                                        difference.wanted, difference.got)});
    }
  }

  static std::string one_line(std::string text) {
    std::ranges::replace(text, '\n', ' ');
    return text;
  }

  Scenario scenario_;
  Problems problems_;  // of the scenario's text: these are told in any case
  Problems failures_;  // of the plan
};

std::string id_of(const std::string& name) { return name.substr(0, name.find(',')); }

std::string test_name(std::string id) {
  std::ranges::replace_if(
      id, [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return id;
}

class BrokenFile : public testing::Test {
 public:
  BrokenFile(std::string file, Problem problem)
      : file_(std::move(file)), problem_(std::move(problem)) {}
  void TestBody() override { ADD_FAILURE_AT(file_.c_str(), problem_.line) << problem_.text; }

 private:
  std::string file_;
  Problem problem_;
};

void register_broken(const std::string& file, const std::string& topic, Problem problem) {
  testing::RegisterTest(topic.c_str(), fmt::format("line_{}", problem.line).c_str(), nullptr,
                        nullptr, file.c_str(), problem.line,
                        [=]() -> testing::Test* { return new BrokenFile(file, problem); });
}

void register_file(const std::filesystem::path& path) {
  const std::string topic = test_name(path.stem().string());
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAllFromFile(path.string());
  } catch (const YAML::Exception& error) {
    return register_broken(path.string(), topic, {error.mark.line + 1, error.msg});
  }
  std::map<std::string, int> seen;
  for (const YAML::Node& document : documents) {
    const YAML::Node name = document.IsMap() ? document["scenario"] : YAML::Node();
    if (!name.IsDefined() || !name.IsScalar()) {
      register_broken(path.string(), topic,
                      {line_of(document), "a document without `scenario: id, what holds`"});
      continue;
    }
    const auto mark = [&](const char* word) {
      return document[word].IsDefined() ? document[word].Scalar() : std::string{};
    };
    Scenario scenario{path.string(), topic,           id_of(name.Scalar()),
                      document,      mark("differs"), mark("awaits")};
    if (++seen[scenario.id] > 1) {
      register_broken(
          path.string(), topic,
          {line_of(document), fmt::format("the id \"{}\" stands there twice", scenario.id)});
      continue;
    }
    testing::RegisterTest(topic.c_str(), test_name(scenario.id).c_str(), nullptr, nullptr,
                          scenario.file.c_str(), line_of(document),
                          [scenario]() -> testing::Test* { return new ScenarioTest(scenario); });
  }
}

}  // namespace

int run(int argc, char** argv) {
  program() = argv[0];
  std::string results_file;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--results" && i + 1 < argc) results_file = argv[++i];
    if (word == "--scenario" && i + 1 < argc) GTEST_FLAG_SET(filter, "*." + test_name(argv[++i]));
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(HYPERWRIGHT_SCENARIO_DIR)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) register_file(file);
  const int result = RUN_ALL_TESTS();
  for (const auto& [feature, count] : awaited()) fmt::print("{} await {}\n", count, feature);
  if (!results_file.empty()) std::ofstream(results_file) << results();
  return result;
}

}  // namespace hyperwright::scenarios

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return hyperwright::scenarios::run(argc, argv);
}
