#include "bench/scheduling/simplex.h"

#include <algorithm>
#include <utility>

namespace hyperwright::bench {

Simplex::Simplex(const std::vector<double>& diagonal, std::vector<double> costs,
                 const std::vector<double>& right)
    : rows_(diagonal.size()), inverse_(rows_ * rows_), costs_(std::move(costs)), values_(rows_) {
  for (std::size_t r = 0; r < rows_; ++r) {
    inverse_[r * rows_ + r] = 1 / diagonal[r];
    values_[r] = right[r] / diagonal[r];
  }
  price();
}

void Simplex::price() {
  duals_.assign(rows_, 0);
  for (std::size_t r = 0; r < rows_; ++r) {
    if (costs_[r] == 0) continue;
    for (std::size_t c = 0; c < rows_; ++c) duals_[c] += costs_[r] * inverse_[r * rows_ + c];
  }
}

double Simplex::cost() const {
  double cost = 0;
  for (std::size_t r = 0; r < rows_; ++r) cost += costs_[r] * values_[r];
  return cost;
}

bool Simplex::enter(const std::vector<double>& column, double cost) {
  constexpr double kNothing = 1e-11;
  std::vector<double> direction(rows_);
  std::size_t leaving = rows_;
  double step = 0;
  for (std::size_t r = 0; r < rows_; ++r) {
    for (std::size_t c = 0; c < rows_; ++c) direction[r] += inverse_[r * rows_ + c] * column[c];
    if (direction[r] <= kNothing) continue;
    const double ratio = values_[r] / direction[r];
    // Among equals the larger pivot: it keeps the inverse clean.
    if (leaving == rows_ || ratio < step || (ratio == step && direction[r] > direction[leaving])) {
      leaving = r;
      step = ratio;
    }
  }
  if (leaving == rows_) return false;
  const double pivot = direction[leaving];
  for (std::size_t c = 0; c < rows_; ++c) inverse_[leaving * rows_ + c] /= pivot;
  for (std::size_t r = 0; r < rows_; ++r) {
    if (r == leaving || direction[r] == 0) continue;
    for (std::size_t c = 0; c < rows_; ++c)
      inverse_[r * rows_ + c] -= direction[r] * inverse_[leaving * rows_ + c];
    values_[r] = std::max(0.0, values_[r] - direction[r] * step);
  }
  values_[leaving] = step;
  costs_[leaving] = cost;
  price();
  return true;
}

}  // namespace hyperwright::bench
