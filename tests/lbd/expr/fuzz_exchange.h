// An exchange with request and response, on which the fuzz targets of expressions run what they have compiled.
#pragma once

#include <string>

#include "lbd/config/config.h"
#include "lbd/expr/context.h"
#include "lbd/expr/transaction.h"
#include "lbd/http/h1_parser.h"

namespace lbd::expr {

struct FuzzExchange {
  FuzzExchange() {
    proxy.name = "fe";
    proxy.mode = config::Mode::http;
    proxy.frontend = proxy.backend = true;
    session.src = {base::IpAddr::v4(0xc0000201), 1234};
    session.dst = {base::IpAddr::v4(0xc6336402), 80};
    transaction.src = session.src;
    transaction.dst = session.dst;
    transaction.frontend = session.frontend = &frontend;
    CHECK(http::H1Parser().parse_request(request_bytes, request, {}).state == http::Parsed::State::complete);
    CHECK(http::H1Parser().parse_response(response_bytes, response, {}, false, false).state ==
          http::Parsed::State::complete);
    transaction.request = &request;
    transaction.response = &response;
    transaction.request_line = request.first_line;
    transaction.payload = transaction.response_payload = "a=b&c=d";
    transaction.payload_final = transaction.response_payload_final = true;
    transaction.vars.set(*parse_var_name("txn.x"), Value::of_text("some text"), &arena);
    inside.begin_inside("CFG");
  }
  // That of a place: which no client began, or the one with request and response.
  Transaction& transaction_of(Phases where) {
    return where & (phase::kCheck | phase::kConfig | phase::kCli) ? inside : transaction;
  }

  std::string request_bytes =
      "POST /dir/a%20b?a=1&b=&n=-42 HTTP/1.1\r\nHost: www.example:80\r\nX-List: a, \"b,c\" ,d\r\nX-Ip: 192.0.2.7, "
      "::1\r\n"
      "Cookie: one=1; two=\"2\"; one=3\r\nContent-Length: 7\r\n\r\n";
  std::string response_bytes = "HTTP/1.1 200 OK\r\nSet-Cookie: s=1; path=/\r\nX-List: p,q\r\nContent-Length: 7\r\n\r\n";
  base::BlockPool pool{4096, 4};
  base::Arena arena{pool};
  config::Config config;
  config::Proxy proxy;
  server::Frontend frontend{proxy, 0};
  Session session;
  Transaction transaction{session, arena};
  Session nobody;
  Transaction inside{nobody, arena};
  http::Head request{arena}, response{arena};
  Storage storage;
  cfg::Diagnostics diagnostics;
  CompileContext context{config, proxy, storage, diagnostics};
};

}  // namespace lbd::expr
