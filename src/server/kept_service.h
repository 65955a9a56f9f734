// A HyperPod service that is kept in a file: what has changed is written before anybody is told of
// it, and where that fails, nothing has happened.
//
//   calls and steps of time → commit() → answers and outputs go out
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "server/state_file.h"
#include "service/hyperpod_service.h"

namespace hyperwright::server {

class KeptService {
 public:
  // Goes on with what is in the file at `path`, or begins it; "" keeps nothing. `random` and `now`
  // are for a service that begins.
  static Result<KeptService> open(const std::string& path, service::ServiceOptions options,
                                  hyperpod::InstanceTypes types, Random random, Time now);

  // Stays at its place, as long as this does.
  [[nodiscard]] service::HyperPodService& service() { return service_; }

  // Unavailable: it could not be written, and the service is again as it was at the last commit;
  // outputs that are not confirmed are handed out again. Any other error: that could not be read
  // either, and there is no service to go on with.
  Status commit();
  // Whether the file can be written, also where there is nothing to write.
  Status try_to_write();

 private:
  KeptService(service::HyperPodService service, service::ServiceOptions options,
              hyperpod::InstanceTypes types, std::optional<StateFile> file);

  service::HyperPodService service_;
  service::ServiceOptions options_;
  hyperpod::InstanceTypes types_;
  std::optional<StateFile> file_;
};

}  // namespace hyperwright::server
