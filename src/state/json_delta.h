// The difference between two JSON values, as a JSON value:
//
//   {"a": 1, "b": {"c": 2, "d": 3}}  to  {"b": {"c": 2, "d": 4}, "e": 5}
//     is  {"a": null, "b": {"d": 4}, "e": 5}
//   [1, {"x": 2}, 3]  to  [1, {"x": 9}, 3, 4]
//     is  {"#": 4, "1": {"x": 9}, "3": 4}
//
// In the manner of a JSON merge patch (RFC 7386), but that elements of lists can be changed one by
// one: conditions and taints are lists.
#pragma once

#include <optional>

#include <boost/json/fwd.hpp>

namespace hyperwright::state {

// nullopt: there is none (a null that is a value, a list that becomes a map): write `next` itself.
std::optional<boost::json::value> delta(const boost::json::value& base,
                                        const boost::json::value& next);
// Whatever the two are, this returns a value: patched(base, *delta(base, next)) == next.
boost::json::value patched(boost::json::value base, const boost::json::value& delta);

}  // namespace hyperwright::state
