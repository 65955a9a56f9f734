// One HTTP exchange on one libcurl easy handle: sets the handle up from the request, collects the
// answer, and turns libcurl's result into a response or an error. http.cpp drives it.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "client/http.h"
#include "client/line_reader.h"

namespace hyperwright::client {

class HttpTransfer {
 public:
  // `on_line` is empty for an answer that is collected.
  HttpTransfer(Result<HttpRequest> request, HttpClient::OnLine on_line, HttpClient::Done done);
  ~HttpTransfer();
  HttpTransfer(const HttpTransfer&) = delete;
  HttpTransfer& operator=(const HttpTransfer&) = delete;

  // Fails with Invalid when the request cannot be made into a transfer, and with its own error when
  // it is none.
  Status set_up();
  [[nodiscard]] void* handle() const { return easy_.get(); }

  // Calls `done`; to be called once. `curl_code` is a CURLcode.
  void finish(int curl_code);
  void give_up(std::string_view why);
  void refuse(const Error& error);

 private:
  struct EasyDeleter {
    void operator()(void* handle) const;
  };
  struct ListDeleter {
    void operator()(void* list) const;
  };
  using List = std::unique_ptr<void, ListDeleter>;

  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  bool take_body(std::string_view bytes);
  void take_header(std::string_view line);

  void set_method_and_body();
  void set_connection(const HttpConnection& connection);
  Status set_server_name(const HttpConnection& connection);
  void add_header(const std::string& line);
  [[nodiscard]] bool may_have_taken_effect() const;
  [[nodiscard]] Error error_of(int curl_code) const;
  [[nodiscard]] std::string what() const;  // "GET https://host/path", without user and query

  HttpRequest request_;
  Status is_request_;
  HttpClient::OnLine on_line_;
  HttpClient::Done done_;
  std::unique_ptr<void, EasyDeleter> easy_;
  List headers_;
  List connect_to_;
  std::string url_;
  HttpResponse response_;
  LineReader lines_;
  bool answer_too_long_ = false;
  std::array<char, 256> error_text_{};  // CURL_ERROR_SIZE
};

}  // namespace hyperwright::client
