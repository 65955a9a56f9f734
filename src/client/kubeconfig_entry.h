// A part of a kubeconfig: a context, a cluster, a user, or a map within one. What is read of it is
// a value or an error that names file, part and field.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace YAML {
class Node;
}

namespace hyperwright::client {

struct KubeconfigEntry {
  std::filesystem::path file;
  std::string what;                        // `context "dev": user "dev": exec`, for messages
  std::shared_ptr<const YAML::Node> body;  // a map

  [[nodiscard]] Failure invalid(const std::string& sentence, std::string remedy = {}) const;
  [[nodiscard]] std::string where() const;  // file and what

  [[nodiscard]] bool has(const std::string& field) const;
  // Empty, or false, when the field is absent.
  [[nodiscard]] Result<std::string> text(const std::string& field) const;
  [[nodiscard]] Result<bool> flag(const std::string& field) const;
  [[nodiscard]] Result<std::vector<std::string>> texts(const std::string& field) const;
  // The map at a field, and the maps of the list at it.
  [[nodiscard]] Result<std::optional<KubeconfigEntry>> map(const std::string& field) const;
  [[nodiscard]] Result<std::vector<KubeconfigEntry>> maps(const std::string& field) const;
  [[nodiscard]] std::vector<std::string> fields() const;
  // Whatever stands at the field, as JSON; "null" when it is absent.
  [[nodiscard]] std::string as_json(const std::string& field) const;

  // The PEM text of `field`, given as a path, or of `field`-data, given in base64, which goes
  // first.
  [[nodiscard]] Result<std::string> pem(const std::string& field) const;
  // A path that stands in the file, which is relative to its folder.
  [[nodiscard]] std::filesystem::path resolved(const std::string& path) const;
};

}  // namespace hyperwright::client
