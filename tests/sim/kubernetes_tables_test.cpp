#include "sim/kubernetes_tables.h"

#include "tests/sim/kubernetes_fixture.h"

namespace hyperwright::sim {
namespace {

namespace json = boost::json;

struct KubernetesTablesTest : KubernetesTest {
  // The header of the columns that are shown without -o wide, and the cells of one row.
  std::string header(std::string_view resource) {
    std::string out;
    const json::object table =
        make_table(*api.find_type(resource), {}, {}, RowObject::None, true, now);
    for (const json::value& column : table.at("columnDefinitions").as_array()) {
      if (int_field(column.as_object(), {"priority"}) > 0) continue;
      out += fmt::format("{}{}", out.empty() ? "" : "|", text_field(column.as_object(), {"name"}));
    }
    return out;
  }
  std::string row(std::string_view resource, const ObjectPtr& object) {
    const json::object table =
        make_table(*api.find_type(resource), {object}, {}, RowObject::None, true, now);
    const json::array& cells = table.at("rows").at(0).at("cells").as_array();
    EXPECT_EQ(cells.size(), table.at("columnDefinitions").as_array().size());
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (int_field(table.at("columnDefinitions").at(i).as_object(), {"priority"}) > 0) continue;
      const std::string cell =
          cells[i].is_string() ? std::string(cells[i].as_string()) : text_of(cells[i]);
      out += fmt::format("{}{}", i == 0 ? "" : "|", cell);
    }
    return out;
  }
  std::string pod_status(std::string_view status) {
    static int count = 0;
    const std::string name = fmt::format("p{}", ++count);
    make("pods", fmt::format("{{metadata: {{name: {}}}, spec: {{initContainers: [{{name: i, image: "
                             "x}}], containers: [{{name: a, image: "
                             "b}}, {{name: c, image: d}}]}}}}",
                             name));
    const auto pod = merge("pods", "default", name, fmt::format("{{status: {}}}", status),
                           {.subresource = Subresource::Status});
    const std::string text = row("pods", *pod);
    return text.substr(text.find('|') + 1);
  }
};

TEST_F(KubernetesTablesTest, EveryBuiltInKindHasACellForEachColumn) {
  for (const ResourceType* type : api.types()) {
    const auto object =
        std::make_shared<const json::object>(object_of("{metadata: {name: a, namespace: b}}"));
    row(type->resource(), object);
    EXPECT_FALSE(header(type->resource()).empty());
  }
}

TEST_F(KubernetesTablesTest, AgesAreOfTheGivenTime) {
  const ObjectPtr pod = make_pod("web-0");
  now = now + Duration::minutes(5);
  EXPECT_EQ(header("pods"), "Name|Ready|Status|Restarts|Age");
  EXPECT_EQ(row("pods", pod), "web-0|0/1|Pending|0|5m");
}

TEST_F(KubernetesTablesTest, APodsWordIsTheMostTelling) {
  EXPECT_EQ(
      pod_status("{phase: Pending, initContainerStatuses: [{name: i, state: {running: {}}}]}"),
      "0/2|Init:0/1|0|0s");
  EXPECT_EQ(pod_status("{phase: Running, containerStatuses: [{name: a, ready: true, restartCount: "
                       "2, state: {running: {}}}, {name: "
                       "c, state: {waiting: {reason: CrashLoopBackOff}}, restartCount: 1}]}"),
            "1/2|CrashLoopBackOff|3|0s");
  EXPECT_EQ(pod_status("{phase: Succeeded, containerStatuses: [{name: a, state: {terminated: "
                       "{reason: Completed, exitCode: 0}}}]}"),
            "0/2|Completed|0|0s");
  EXPECT_EQ(pod_status("{phase: Failed, reason: Evicted}"), "0/2|Evicted|0|0s");
  EXPECT_EQ(pod_status("{phase: Pending, conditions: [{type: PodScheduled, status: 'False', "
                       "reason: SchedulingGated}]}"),
            "0/2|SchedulingGated|0|0s");
}

TEST_F(KubernetesTablesTest, APodOnItsWayOutIsTerminating) {
  make_running_pod("web-0");
  EXPECT_EQ(row("pods", *api.remove("pods", "default", "web-0", now)),
            "web-0|0/1|Terminating|0|0s");
}

TEST_F(KubernetesTablesTest, Nodes) {
  make("nodes",
       "{metadata: {name: n1, labels: {node-role.kubernetes.io/gpu: '', node-role.kubernetes.io/b: "
       "''}}, spec: {unschedulable: true}, "
       "status: {nodeInfo: {kubeletVersion: v1.36.3}, conditions: [{type: Ready, status: "
       "'True'}]}}");
  EXPECT_EQ(row("nodes", api.find("nodes", "", "n1")),
            "n1|Ready,SchedulingDisabled|b,gpu|0s|v1.36.3");
  EXPECT_EQ(row("nodes", make("nodes", "{metadata: {name: n2}}")), "n2|Unknown|<none>|0s|");
}

TEST_F(KubernetesTablesTest, Workloads) {
  const char* rest =
      "selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: "
      "{containers: [{name: a, image: b}]}}";
  make("deployments.apps",
       fmt::format("{{metadata: {{name: web}}, spec: {{replicas: 3, {}}}}}", rest));
  const auto deployment = api.patch_status(
      "deployments.apps", "default", "web", PatchType::Merge,
      value_of(
          "{status: {replicas: 3, readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1}}"),
      now);
  EXPECT_EQ(header("deployments.apps"), "Name|Ready|Up-to-date|Available|Age");
  EXPECT_EQ(row("deployments.apps", *deployment), "web|2/3|3|1|0s");
  make("jobs.batch",
       "{metadata: {name: train}, spec: {completions: 4, parallelism: 2, template: {spec: "
       "{restartPolicy: Never, containers: "
       "[{name: a, image: b}]}}}}");
  const auto job =
      api.patch_status("jobs.batch", "default", "train", PatchType::Merge,
                       value_of(fmt::format("{{status: {{succeeded: 1, startTime: '{}'}}}}",
                                            format_time(now - Duration::seconds(90)))),
                       now);
  EXPECT_EQ(row("jobs.batch", *job), "train|Running|1/4|90s|0s");
}

TEST_F(KubernetesTablesTest, Events) {
  const ObjectPtr event =
      make("events",
           fmt::format("{{metadata: {{name: e}}, involvedObject: {{kind: Pod, namespace: default, "
                       "name: p}}, reason: "
                       "FailedScheduling, type: Warning, message: no room, lastTimestamp: '{}'}}",
                       format_time(now - Duration::seconds(7))));
  EXPECT_EQ(header("events"), "Last Seen|Type|Reason|Object|Message");
  EXPECT_EQ(row("events", event), "7s|Warning|FailedScheduling|pod/p|no room");
}

TEST_F(KubernetesTablesTest, CustomResourcesHaveTheirPrinterColumns) {
  make_widget_definition();
  make("widgets.example.dev", "{metadata: {name: w}, spec: {color: red}}");
  EXPECT_EQ(header("widgets.example.dev"), "Name|Color|Ready|Age");
  EXPECT_EQ(row("widgets.example.dev", api.find("widgets.example.dev", "", "w")), "w|red|null|0s")
      << "null is printed as nothing";
  const auto ready = merge("widgets.example.dev", "", "w",
                           "{status: {conditions: [{type: Ready, status: 'True'}]}}",
                           {.subresource = Subresource::Status});
  EXPECT_EQ(row("widgets.example.dev", *ready), "w|red|True|0s");
}

TEST_F(KubernetesTablesTest, RowsCarryWhatWasAskedFor) {
  const ObjectPtr pod = make_pod("a");
  const auto row_object = [&](RowObject wanted) {
    const json::object table = make_table(*api.find_type("pods"), {pod}, {}, wanted, true, now);
    const json::value* object = table.at("rows").at(0).as_object().if_contains("object");
    return object == nullptr ? std::string("none")
                             : std::string(text_field(object->as_object(), {"kind"}));
  };
  EXPECT_EQ(row_object(RowObject::None), "none");
  EXPECT_EQ(row_object(RowObject::Metadata), "PartialObjectMetadata");
  EXPECT_EQ(row_object(RowObject::Object), "Pod");
}

}  // namespace
}  // namespace hyperwright::sim
