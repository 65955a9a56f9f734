// Rows of text in columns, for people.
#pragma once

#include <string>
#include <vector>

namespace hyperwright::cli {

using Row = std::vector<std::string>;

// Columns as wide as their widest cell; nothing stands behind the last one.
std::string table_of(const std::vector<Row>& rows);

}  // namespace hyperwright::cli
