#include "server/kept_service.h"

#include <utility>

#include <fmt/format.h>

#include "service/control_plane.h"

namespace hyperwright::server {
namespace {

Result<service::HyperPodService> read_service(const StateFile& file,
                                              const service::ServiceOptions& options,
                                              const hyperpod::InstanceTypes& types) {
  const auto rows = file.read();
  if (!rows) return fail(rows.error());
  return service::HyperPodService::restore(options, types, *rows);
}

}  // namespace

KeptService::KeptService(service::HyperPodService service, service::ServiceOptions options,
                         hyperpod::InstanceTypes types, std::optional<StateFile> file)
    : service_(std::move(service)),
      options_(std::move(options)),
      types_(std::move(types)),
      file_(std::move(file)) {}

Result<KeptService> KeptService::open(const std::string& path, service::ServiceOptions options,
                                      hyperpod::InstanceTypes types, Random random, Time now) {
  options.is_kept = !path.empty();
  if (path.empty()) {
    service::HyperPodService service(options, types, random, now);
    return KeptService(std::move(service), std::move(options), std::move(types), std::nullopt);
  }
  auto file = StateFile::open(path);
  if (!file) return fail(file.error(), path);
  const auto rows = file->read();
  if (!rows) return fail(rows.error(), path);
  if (rows->empty()) {
    service::HyperPodService service(options, types, random, now);
    if (auto begun = file->write({.written = service::rows_of(service.state())}); !begun)
      return fail(begun.error(), path);
    return KeptService(std::move(service), std::move(options), std::move(types), std::move(*file));
  }
  auto service = service::HyperPodService::restore(options, types, *rows);
  if (!service) return fail(service.error(), path);
  return KeptService(std::move(*service), std::move(options), std::move(types), std::move(*file));
}

Status KeptService::commit() {
  if (!file_) return {};
  const auto written = file_->write(service_.take_changes());
  if (written) return {};
  auto before = read_service(*file_, options_, types_);
  if (!before) {
    return fail(ErrorCode::Internal,
                fmt::format("what changed cannot be written ({}), and what was cannot be read: {}",
                            written.error().text(), before.error().text()),
                before.error().remedy());
  }
  service_ = std::move(*before);
  return fail(ErrorCode::Unavailable, written.error().sentence(), written.error().remedy());
}

Status KeptService::try_to_write() {
  if (!file_) return {};
  return file_->write({.written = {service::service_row(service_.state())}});
}

}  // namespace hyperwright::server
