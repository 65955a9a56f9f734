// A small linear program, solved column by column: minimise cost over columns whose weighted sum is
// the right-hand side exactly.
//
// The caller starts it with a basis that is diagonal (slacks, or one column a row), asks for the
// duals, finds a column with a negative reduced cost, and lets it enter. Columns need never all be
// written down: that is what column generation wants (Dantzig; Gilmore and Gomory, 1961).
// Dense inverse of the basis: O(rows^2) a step, meant for up to some hundred rows.
#pragma once

#include <cstddef>
#include <vector>

namespace hyperwright::bench {

class Simplex {
 public:
  // The basis is `diagonal`, each entry positive; costs and right-hand side as long, the latter not
  // negative.
  Simplex(const std::vector<double>& diagonal, std::vector<double> costs,
          const std::vector<double>& right);

  // Price of each row: the cost of the program grows by this much for one more of its right side.
  [[nodiscard]] const std::vector<double>& duals() const { return duals_; }
  [[nodiscard]] double cost() const;
  // False: the program has no bottom along this column.
  bool enter(const std::vector<double>& column, double cost);

 private:
  void price();

  std::size_t rows_;
  std::vector<double> inverse_;  // row-major
  std::vector<double> costs_;    // of the columns in the basis
  std::vector<double> values_;   // of the columns in the basis
  std::vector<double> duals_;
};

}  // namespace hyperwright::bench
