// Bodies in Kubernetes' protobuf form, as kubectl's typed commands send them (`kubectl create
// deployment`, `create namespace`, `auth can-i`, …). Only the kinds and fields that these commands
// fill in are known; another one is refused by its number, and never dropped. Answers are JSON,
// which these clients accept.
//
// An object is the four bytes "k8s\0" and a message {typeMeta {apiVersion, kind}, raw}.
//
// Source: Kubernetes, API Concepts > Protobuf encoding; the field numbers are those of the API's
// generated.proto files.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

#include "sim/kubernetes_status.h"

namespace hyperwright::sim {

inline constexpr std::string_view kProtobufMediaType = "application/vnd.kubernetes.protobuf";

// Zero numbers, empty texts and empty messages read as absent, as in JSON, except where absence and
// zero differ.
ApiResult<boost::json::object> parse_protobuf(std::string_view body);

}  // namespace hyperwright::sim
