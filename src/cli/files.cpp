#include "cli/files.h"

#include "client/file_text.h"

namespace hyperwright::cli {

Status apply_price_file(hyperpod::InstanceTypes& types, const std::string& path) {
  if (path.empty()) return {};
  const auto text = client::read_file_text(path);
  if (!text) return fail(text.error(), "--prices");
  if (auto applied = types.apply_prices(*text); !applied)
    return fail(applied.error(), "--prices " + path);
  return {};
}

}  // namespace hyperwright::cli
