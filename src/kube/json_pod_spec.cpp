#include "kube/json_pod_spec.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include "kube/json_affinity.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {
namespace {

Resources decode_requests(const JsonField& resources, PodSpecOf of) {
  const JsonField requests = resources.at("requests");
  Resources result = decode_resources(requests);
  if (of == PodSpecOf::Pod) return result;
  const JsonField limits = resources.at("limits");
  limits.each_member([&](const JsonField& limit) {
    if (requests.at(limit.name()).exists()) return;
    if (const auto amount = decode_amount(limit, /*may_be_negative=*/false))
      result.set(limit.name(), *amount);
  });
  return result;
}

void decode_host_ports(const JsonField& container, std::vector<HostPort>& host_ports) {
  const JsonField ports = container.at("ports");
  ports.each_item([&](const JsonField& port) {
    const auto number =
        static_cast<std::int32_t>(port.at("hostPort").integer({.min = 0, .max = 65535}));
    if (number == 0) return;
    HostPort& host_port = host_ports.emplace_back();
    host_port.port = number;
    host_port.ip = port.at("hostIP").text();
    if (const auto protocol = port.at("protocol").text(); !protocol.empty())
      host_port.protocol = protocol;
  });
}

// What an in-place resize has reached so far, from the container's status of the same name.
void decode_resize(const JsonField& statuses, Container& container) {
  const std::size_t count = statuses.item_count();
  for (std::size_t i = 0; i < count; ++i) {
    const JsonField status = statuses.item(i);
    if (status.at("name").text() != container.name) continue;
    if (const JsonField resources = status.at("resources"); resources.exists()) {
      container.actuated = decode_resources(resources.at("requests"));
    }
    if (const JsonField allocated = status.at("allocatedResources"); allocated.exists()) {
      container.allocated = decode_resources(allocated);
    }
    return;
  }
}

// Those that are taken as long as the pod runs: of containers and of sidecars. An init container
// has ended when they begin. Source: kube-scheduler, GetHostPorts.
std::vector<HostPort> host_ports(const PodResources& pod) {
  std::vector<HostPort> ports;
  for (const Container& container : pod.containers)
    ports.insert(ports.end(), container.host_ports.begin(), container.host_ports.end());
  for (const Container& container : pod.init_containers) {
    if (container.restart_always)
      ports.insert(ports.end(), container.host_ports.begin(), container.host_ports.end());
  }
  return ports;
}

std::vector<Container> decode_containers(const JsonField& list, const JsonField& statuses,
                                         PodSpecOf of) {
  std::vector<Container> containers;
  containers.reserve(list.item_count());
  list.each_item([&](const JsonField& field) {
    Container& container = containers.emplace_back();
    container.name = field.at("name").text();
    container.requests = decode_requests(field.at("resources"), of);
    decode_host_ports(field, container.host_ports);
    container.restart_always = field.at("restartPolicy").text() == "Always";
    if (statuses.exists()) decode_resize(statuses, container);
  });
  return containers;
}

bool is_resize_infeasible(const JsonField& status) {
  const JsonField conditions = status.at("conditions");
  bool is_infeasible = false;
  conditions.each_item([&](const JsonField& condition) {
    if (condition.at("type").text() == "PodResizePending" &&
        condition.at("reason").text() == "Infeasible") {
      is_infeasible = true;
    }
  });
  return is_infeasible;
}

bool has_claims(const JsonField& spec) {
  bool has = spec.at("resourceClaims").item_count() > 0;
  for (const std::string_view list : {"containers", "initContainers"}) {
    const JsonField containers = spec.at(list);
    containers.each_item([&](const JsonField& container) {
      const JsonField resources = container.at("resources");
      has = has || resources.at("claims").item_count() > 0;
    });
  }
  return has;
}

std::optional<std::string> template_storage_class(const JsonField& ephemeral) {
  const JsonField claim_template = ephemeral.at("volumeClaimTemplate");
  const JsonField spec = claim_template.at("spec");
  const JsonField name = spec.at("storageClassName");
  return name.exists() ? std::optional<std::string>(name.text()) : std::nullopt;
}

void decode_volumes(const JsonField& volumes, std::string_view owner,
                    std::vector<VolumeClaim>& claims) {
  volumes.each_item([&](const JsonField& volume) {
    if (const JsonField claim = volume.at("persistentVolumeClaim"); claim.exists()) {
      claims.push_back({.claim_name = std::string(claim.at("claimName").text())});
    } else if (const JsonField ephemeral = volume.at("ephemeral"); ephemeral.exists()) {
      claims.push_back({.claim_name = fmt::format("{}-{}", owner, volume.at("name").text()),
                        .is_ephemeral = true,
                        .storage_class = template_storage_class(ephemeral)});
    }
  });
}

boost::json::array encode_volumes(const std::vector<VolumeClaim>& claims, std::string_view owner) {
  boost::json::array volumes;
  for (const VolumeClaim& claim : claims) {
    if (!claim.is_ephemeral) {
      volumes.push_back({{"name", fmt::format("volume-{}", volumes.size())},
                         {"persistentVolumeClaim", {{"claimName", claim.claim_name}}}});
      continue;
    }
    boost::json::object spec;
    if (claim.storage_class) spec["storageClassName"] = *claim.storage_class;
    std::string_view name = claim.claim_name;
    if (const std::string prefix = fmt::format("{}-", owner); name.starts_with(prefix))
      name.remove_prefix(prefix.size());
    volumes.push_back(
        {{"name", name}, {"ephemeral", {{"volumeClaimTemplate", {{"spec", std::move(spec)}}}}}});
  }
  return volumes;
}

}  // namespace

Scheduling decode_scheduling(const JsonField& spec, const JsonField& status, PodSpecOf of,
                             std::string_view owner) {
  PodResources resources;
  resources.containers =
      decode_containers(spec.at("containers"), status.at("containerStatuses"), of);
  resources.init_containers =
      decode_containers(spec.at("initContainers"), status.at("initContainerStatuses"), of);
  if (const JsonField pod_level = spec.at("resources"); pod_level.exists()) {
    resources.pod_level_requests = decode_requests(pod_level, of);
  }
  resources.overhead = decode_resources(spec.at("overhead"));
  resources.resize_infeasible = is_resize_infeasible(status);

  Scheduling scheduling;
  scheduling.requests = effective_requests(resources);
  decode_placement(spec, scheduling);
  scheduling.host_ports = host_ports(resources);
  decode_volumes(spec.at("volumes"), owner, scheduling.volume_claims);
  scheduling.has_resource_claims = has_claims(spec);
  scheduling.priority = static_cast<std::int32_t>(
      spec.at("priority").integer({.min = INT32_MIN, .max = INT32_MAX, .otherwise = 0}));
  scheduling.priority_class = spec.at("priorityClassName").text();
  return scheduling;
}

boost::json::object encode_pod_spec(const Scheduling& scheduling, std::string_view owner) {
  boost::json::object container = {{"name", "all"}};
  boost::json::object requests = encode_amounts(scheduling.requests);
  requests.erase(to_string(Resource::Pods));
  if (!requests.empty()) container["resources"] = {{"requests", std::move(requests)}};
  boost::json::array ports;
  for (const HostPort& port : scheduling.host_ports) {
    boost::json::object entry = {
        {"containerPort", port.port}, {"hostPort", port.port}, {"protocol", port.protocol}};
    put_text(entry, "hostIP", port.ip);
    ports.push_back(std::move(entry));
  }
  put_array(container, "ports", std::move(ports));

  boost::json::object spec;
  spec["containers"] = boost::json::array{std::move(container)};
  put_placement(spec, scheduling);
  put_array(spec, "volumes", encode_volumes(scheduling.volume_claims, owner));
  if (scheduling.has_resource_claims)
    spec["resourceClaims"] = boost::json::array{{{"name", "claim"}}};
  if (scheduling.priority != 0) spec["priority"] = scheduling.priority;
  put_text(spec, "priorityClassName", scheduling.priority_class);
  return spec;
}

}  // namespace hyperwright::kube
