// What an operation answers: an HTTP status and a JSON body. Errors have AWS's shape: their kind
// stands in
// `__type`, their text in `message` (`Message` for the errors that the API's model declares).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <boost/json/fwd.hpp>

namespace hyperwright::service {

class Answer {
 public:
  Answer(int http_status, boost::json::object body);

  [[nodiscard]] int http_status() const { return http_status_; }
  [[nodiscard]] bool is_success() const { return http_status_ == 200; }
  [[nodiscard]] const boost::json::value& body() const { return *body_; }
  // "" for a success.
  [[nodiscard]] std::string_view error_type() const;
  [[nodiscard]] std::string_view error_message() const;

 private:
  int http_status_;
  std::shared_ptr<const boost::json::value> body_;
};

Answer success(boost::json::object body);

// Errors that the model declares, all of them HTTP 400.
Answer resource_not_found(std::string_view message);
Answer resource_in_use(std::string_view message);
Answer resource_limit_exceeded(std::string_view message);
Answer conflict(std::string_view message);
// Errors that any operation may give.
Answer validation_error(std::string_view message);
Answer serialization_error(std::string_view message);
Answer throttled();
Answer unknown_operation(std::string_view operation);
Answer missing_authentication_token();
// HTTP 500: nothing was done. Clients of AWS try again.
Answer internal_failure(std::string_view message);
// EC2's, of DescribeSubnets.
Answer subnet_not_found(std::string_view id);
Answer invalid_parameter_value(std::string_view message);
Answer filter_limit_exceeded();

}  // namespace hyperwright::service
