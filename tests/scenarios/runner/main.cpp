// Runs every scenario of tests/scenarios/*.yaml as a test of its own.
//
//   scenarios_test                              all of them
//   scenarios_test --scenario requirements-60   one, by its id (the words before the first comma)
//   scenarios_test --totals                     and how many pass, differ on purpose, and fail, by
//   topic
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

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
  bool differs = false;
};

struct Totals {
  int passed = 0, differing = 0, failed = 0;
};

std::map<std::string, Totals>& totals() {
  static std::map<std::string, Totals> all;
  return all;
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
      fields.text("scenario");
      fields.text("differs");
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
    for (const Problem& problem : problems_)
      ADD_FAILURE_AT(scenario_.file.c_str(), problem.line) << problem.text;
    if (HasFailure()) {
      ADD_FAILURE_AT(scenario_.file.c_str(), line_of(scenario_.document))
          << "alone: " << program() << " --scenario " << scenario_.id;
    }
    Totals& sum = totals()[scenario_.topic];
    ++(HasFailure() ? sum.failed : scenario_.differs ? sum.differing : sum.passed);
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
      ADD_FAILURE_AT(scenario_.file.c_str(), line_of(scenario_.document))
          << "the plan is unsound: " << sentence;
    }
    if (!then) return problems_.push_back({line_of(scenario_.document), "there is no `then`"});
    for (const Difference& difference : differences(*then, world, problems_)) {
      ADD_FAILURE_AT(scenario_.file.c_str(), difference.line)
          << difference.claim << "\n  wanted  " << difference.wanted << "\n  got     "
          << difference.got;
    }
  }

  Scenario scenario_;
  Problems problems_;
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
    Scenario scenario{path.string(), topic, id_of(name.Scalar()), document,
                      document["differs"].IsDefined()};
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

void print_totals() {
  Totals sum;
  fmt::print("{:<24}{:>8}{:>9}{:>8}\n", "topic", "passed", "differs", "failed");
  for (const auto& [topic, part] : totals()) {
    fmt::print("{:<24}{:>8}{:>9}{:>8}\n", topic, part.passed, part.differing, part.failed);
    sum.passed += part.passed;
    sum.differing += part.differing;
    sum.failed += part.failed;
  }
  fmt::print("{:<24}{:>8}{:>9}{:>8}\n", "all", sum.passed, sum.differing, sum.failed);
}

}  // namespace

int run(int argc, char** argv) {
  program() = argv[0];
  bool wants_totals = false;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--totals") wants_totals = true;
    if (word == "--scenario" && i + 1 < argc) GTEST_FLAG_SET(filter, "*." + test_name(argv[++i]));
  }
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(HYPERWRIGHT_SCENARIO_DIR)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const std::filesystem::path& file : files) register_file(file);
  const int result = RUN_ALL_TESTS();
  if (wants_totals) print_totals();
  return result;
}

}  // namespace hyperwright::scenarios

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return hyperwright::scenarios::run(argc, argv);
}
