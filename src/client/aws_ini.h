// The INI files of AWS's tools, read as botocore reads them (Python's configparser): sections in
// brackets, "key = value" or "key: value", whole-line comments by "#" or ";", and lines that stand
// further in than their key continue its value. Keys are read in lower case. A key with nothing
// behind it and such lines below is a block of keys: "sagemaker" with "endpoint_url = ..." below is
// the key "sagemaker/endpoint_url". [DEFAULT] is what every section has.
//
// Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"

namespace hyperwright::client {

using IniSection = std::map<std::string, std::string, std::less<>>;
using IniFile = std::map<std::string, IniSection, std::less<>>;

// `file` is its name in errors. Fails with Invalid and the line; values, which may be secrets, are
// never shown.
Result<IniFile> parse_ini(std::string_view text, std::string_view file);

}  // namespace hyperwright::client
