// Carries calls out on the models in this process: the simulated world's counterpart of HTTP.
#pragma once

#include <boost/json/value.hpp>

#include "base/error.h"
#include "base/time.h"
#include "runtime/calls.h"
#include "service/hyperpod_service.h"
#include "sim/kubernetes_api.h"

namespace hyperwright::sim {

struct KubernetesAnswer {
  int status = 200;
  boost::json::value body;
};
KubernetesAnswer carry_out(KubernetesApi& api, const runtime::KubernetesCall& call, Time now);

Result<boost::json::value> carry_out(service::HyperPodService& service,
                                     const runtime::HyperPodCall& call, Time now);

}  // namespace hyperwright::sim
