// Members of JSON that may be anything: what is absent, or of another kind, reads as nothing. Where
// each fault is to be told, json_reader.h reads.
#pragma once

#include <string_view>

#include <boost/json/fwd.hpp>

namespace hyperwright::kube {

// nullptr: it is no object, or has no such member.
const boost::json::value* member(const boost::json::value& object, std::string_view name);
// null, an empty text, an empty list: there is none.
const boost::json::value& at(const boost::json::value& object, std::string_view name);
std::string_view text_at(const boost::json::value& object, std::string_view name);
const boost::json::array& list_at(const boost::json::value& object, std::string_view name);

}  // namespace hyperwright::kube
