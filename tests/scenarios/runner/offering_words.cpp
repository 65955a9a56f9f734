#include "tests/scenarios/runner/offering_words.h"

#include <fmt/format.h>

#include "tests/scenarios/runner/vocabulary.h"

namespace hyperwright::scenarios {

ReservationWords reservation_of(const std::string& name, const YAML::Node& value,
                                Problems& problems) {
  Fields fields(value, fmt::format("reservation \"{}\"", name), problems);
  ReservationWords words;
  words.type = fields.text("type");
  words.zone = fields.text("zone", "z1");
  words.count = static_cast<std::int32_t>(fields.number("count", 1));
  words.pool = fields.text("pool");
  if (words.type.empty()) fields.problem(value, fmt::format("{}: of which type?", fields.what()));
  return words;
}

kube::NodeOverlay overlay_of(const std::string& name, const YAML::Node& value, Problems& problems) {
  Fields fields(value, fmt::format("overlay \"{}\"", name), problems);
  kube::NodeOverlay overlay;
  overlay.meta.name = name;
  if (const auto node = fields.take("requires"))
    overlay.requirements = requirements_of(*node, fields.what() + ": requires", problems);
  for (const std::string_view word : {"zone", "type", "capacity", "arch", "pool"}) {
    const auto node = fields.take(word);
    if (!node) continue;
    YAML::Node single;
    single[std::string(word)] = *node;
    for (kube::NodeRequirement& requirement : requirements_of(single, fields.what(), problems))
      overlay.requirements.push_back(std::move(requirement));
  }
  overlay.price = fields.text("price");
  overlay.price_adjustment = fields.text("adjust");
  overlay.weight = static_cast<std::int32_t>(fields.number("weight", 0));
  if (const auto node = fields.take("resources"))
    overlay.capacity = resources_of(*node, fields.what() + ": resources", problems);
  return overlay;
}

}  // namespace hyperwright::scenarios
