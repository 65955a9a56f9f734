// A CSV of ours: a header line that names columns, which may stand in any order, and a line for
// each row. Empty lines and lines that begin with # are skipped; there is no quoting. Errors name
// the line.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace hyperwright::hyperpod {

struct CsvRow {
  std::size_t line = 0;
  const std::vector<std::string_view>* columns = nullptr;
  std::vector<std::string_view> fields;

  // "" where the column is absent.
  [[nodiscard]] std::string_view get(std::string_view column) const;
};

// Views into the text that it was read from. Not to be moved: its rows point to its columns.
class CsvTable {
 public:
  CsvTable() = default;
  CsvTable(const CsvTable&) = delete;
  CsvTable& operator=(const CsvTable&) = delete;

  // Fails with Invalid for a column that is not `known` or there twice, a `required` one that is
  // missing, and a row with another number of fields than the header.
  Status read(std::string_view csv, std::span<const std::string_view> known,
              std::initializer_list<std::string_view> required);
  [[nodiscard]] const std::vector<CsvRow>& rows() const { return rows_; }

 private:
  std::vector<std::string_view> columns_;
  std::vector<CsvRow> rows_;
};

Failure bad_line(std::size_t line, std::string_view problem, std::string remedy);
Failure bad_line(std::size_t line, const Error& cause);

}  // namespace hyperwright::hyperpod
