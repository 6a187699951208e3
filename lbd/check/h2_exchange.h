// H2Exchange: one request of a check and its answer, carried by HTTP/2: the dialogue above it goes on in the text of
// HTTP/1.
//
// Pure: frames in, frames out. Owner: the Connection of a check, for as long as it is connected. Errors: an exchange
// that fails is over() without a whole answer. RFC 9113; manual 5.2: check-proto, check-alpn.
#pragma once

#include <nghttp2/nghttp2.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "lbd/http/head.h"

namespace lbd::check {

class H2Exchange {
 public:
  // `authority`: for requests that name no host. `secure`: over TLS.
  H2Exchange(std::string authority, bool secure);
  ~H2Exchange();
  H2Exchange(const H2Exchange&) = delete;
  H2Exchange& operator=(const H2Exchange&) = delete;

  // The request as HTTP/1 has it.
  void ask(std::string_view request);
  void receive(std::string_view bytes);
  // Appends the frames that wait to be sent.
  void produce(std::string& out);
  // As HTTP/1 would have it, as far as it has come.
  const std::string& answer() const { return answer_; }
  bool over() const { return over_; }

 private:
  struct Callbacks;
  friend struct Callbacks;

  const std::string authority_;
  const bool secure_;
  base::BlockPool pool_{4096, 0};
  base::Arena arena_{pool_};
  nghttp2_session* session_ = nullptr;
  std::string body_;  // of the request, what is left of it
  std::string answer_;
  bool head_complete_ = false, over_ = false;
};

}  // namespace lbd::check
