// Question: a request about which somebody asks what would become of it, and its text form, which lbctl writes, and
// the runtime command `explain` and `lbd --explain` read:
//
//   GET https://www.example.com/api/x src=192.0.2.7 frontend=www     method, URL or path; src= dst= frontend= sni=
//   Cookie: a=b                                                      fields of the request
//   < HTTP/1.1 404 Not Found                                         what the server shall answer (200 otherwise)
//   < Set-Cookie: c=d
//
// Pure. Errors: what is wrong with the text, as an Error.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/addr.h"
#include "base/result.h"

namespace lbd::explain {

struct Question {
  std::string method, url;
  std::vector<std::string> fields;    // "Name: value"
  std::vector<std::string> response;  // status line and fields; empty: 200 without a body
  base::IpPort src, dst;              // dst: none when it was not given
  std::string frontend;
  std::string sni;  // what the client's TLS asks for; "": the name in the URL

  bool tls() const { return url.starts_with("https://"); }
  std::string_view target() const;     // what stands in the request line
  std::string_view authority() const;  // "" when the URL is only a path
  uint16_t port() const;               // of the URL; its scheme's when it names none
  std::string server_name() const;     // "" where the URL is not https
  // The bytes that the client sends: over TLS that is ended here, or in clear.
  std::string request() const;
  // The first bytes that it sends where TLS is passed through.
  std::string hello() const;
  // The bytes that the server sends.
  std::string answer() const;
};

base::Result<Question> parse_question(std::string_view text);

}  // namespace lbd::explain
