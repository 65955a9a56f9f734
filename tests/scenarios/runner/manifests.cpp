#include "tests/scenarios/runner/manifests.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json.h"

namespace hyperwright::scenarios {
namespace {

namespace json = boost::json;

json::value to_json(const YAML::Node& node) {
  if (node.IsMap()) {
    json::object object;
    for (const auto& entry : node) object[entry.first.Scalar()] = to_json(entry.second);
    return object;
  }
  if (node.IsSequence()) {
    json::array array;
    for (const YAML::Node& item : node) array.push_back(to_json(item));
    return array;
  }
  if (!node.IsScalar()) return nullptr;
  const std::string& text = node.Scalar();
  if (node.Tag() == "!") return json::string(text);  // it was quoted
  if (text == "true" || text == "false") return text == "true";
  if (const auto number = number_of(node)) return *number;
  return json::string(text);
}

template <typename T>
std::optional<state::Object> decoded(Result<T> result, std::string& problem) {
  if (result) return state::Object(std::move(result).value());
  problem = result.error().text();
  return std::nullopt;
}

std::optional<state::Object> decode(const json::value& value, std::string& problem) {
  const json::value* kind = value.is_object() ? value.get_object().if_contains("kind") : nullptr;
  const std::string_view name = kind != nullptr && kind->is_string()
                                    ? std::string_view(kind->get_string())
                                    : std::string_view{};
  if (name == "Pod") return decoded(kube::decode_pod(value), problem);
  if (name == "Node") return decoded(kube::decode_node(value), problem);
  if (name == "NodePool") return decoded(kube::decode_node_pool(value), problem);
  if (name == "DaemonSet") return decoded(kube::decode_daemon_set(value), problem);
  problem =
      fmt::format("kind \"{}\" is not read here; Pod, Node, NodePool and DaemonSet are", name);
  return std::nullopt;
}

}  // namespace

std::vector<state::Object> objects_of(const YAML::Node& text, Problems& problems) {
  std::vector<state::Object> objects;
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text.Scalar());
  } catch (const YAML::Exception& error) {
    problems.push_back({line_of(text) + error.mark.line + 1, error.msg});
  }
  for (const YAML::Node& document : documents) {
    std::string problem;
    if (auto object = decode(to_json(document), problem)) {
      objects.push_back(std::move(*object));
    } else {
      problems.push_back({line_of(text) + line_of(document), problem});
    }
  }
  return objects;
}

}  // namespace hyperwright::scenarios
