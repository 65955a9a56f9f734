#include <boost/json.hpp>

#include "kube/json.h"
#include "kube/json_parts.h"

namespace hyperwright::kube {

Result<Namespace> decode_namespace(const boost::json::value& json) {
  JsonProblems problems;
  const JsonField root(json, problems);
  Namespace decoded;
  decoded.meta = decode_meta(root.at("metadata"));
  if (Status named = check_has_name("Namespace", decoded.meta, problems); !named)
    return fail(named.error());
  if (!problems.empty()) return decode_failure("Namespace", decoded.meta, problems);
  return decoded;
}

boost::json::value encode(const Namespace& of) { return encode_kind("v1", "Namespace", of.meta); }

}  // namespace hyperwright::kube
