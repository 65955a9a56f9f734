// DescribeTrainingPlan: how many instances a plan has.
#include <boost/json.hpp>

#include "hyperpod/answer_reader.h"
#include "hyperpod/wire.h"

namespace hyperwright::hyperpod {
namespace json = boost::json;

json::object describe_training_plan_request(std::string_view name) {
  return {{"TrainingPlanName", name}};
}

Result<TrainingPlan> decode_training_plan(const json::value& answer) {
  Problem problem;
  const AnswerReader reader(answer, "", problem);
  TrainingPlan plan;
  plan.name = reader.required_text("TrainingPlanName");
  plan.arn = reader.text("TrainingPlanArn");
  plan.status = reader.required_text("Status");
  plan.total_instances = reader.count("TotalInstanceCount");
  plan.unhealthy_instances = reader.count("UnhealthyInstanceCount");
  plan.instances_in_use = reader.count("InUseInstanceCount");
  if (Status read = problem.status(); !read) return fail(read.error());
  return plan;
}

}  // namespace hyperwright::hyperpod
