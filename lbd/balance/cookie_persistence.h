// CookiePersistence: binds clients to servers by a cookie, as the `cookie` line of a backend says.
//
// read() finds the server that the request's cookie names and takes out of the request what servers are not to see.
// edit() treats the cookies that the server sets itself, insert() gives the client the cookie of the server that has
// answered. What has become of the cookie stands in the transaction's termination state, for the log.
// Owner: the backend's Site. Thread: any; immutable, only the addresses of servers, of which dynamic cookies are made,
// may change. Errors: none; a cookie that names nothing is no cookie. Units: dates in cookies count 4 seconds.
// Manual: 4.2 cookie, dynamic-cookie-key; 5.2 cookie; 8.5.
#pragma once

#include <string_view>
#include <vector>

#include "lbd/expr/transaction.h"
#include "lbd/server/objects.h"

namespace lbd::balance {

// What a request's cookie came to; of one exchange.
struct CookieVisit {
  server::Server* server = nullptr;  // that it names; it may be used
  bool ignored = false;              // it was not to be followed
  bool at_home = false;              // whatever bound the client to the server that was chosen
  uint32_t last_date = 0, first_date = 0;
  bool provided = false;  // the server has set it, and its word holds
};

class CookiePersistence {
 public:
  // The backend has a `cookie` line.
  explicit CookiePersistence(const server::Backend& backend);

  // `unused`: something else has chosen the server already, or nothing is to be followed. `even_if_down`: option
  // persist, force-persist.
  void read(expr::Transaction& transaction, http::Head& request, bool unused, bool even_if_down,
            CookieVisit& visit) const;
  void edit(expr::Transaction& transaction, http::Head& response, CookieVisit& visit) const;
  void insert(expr::Transaction& transaction, http::Method method, http::Head& response,
              const CookieVisit& visit) const;
  // Before anything is known: none was sent, none set.
  void begin(expr::Termination& termination) const;

 private:
  class Reader;
  struct Named {
    std::string_view cookie;
    server::Server* server;
  };
  // The server's cookie: its own, or made of its address; "" for none.
  std::string_view cookie_of(const server::Server& server, server::CookieKey::Room& room) const;
  // The letter of the termination state: V valid, I no server has it, D its server is down, E and O too old. The server
  // and the dates go into the visit when it may be followed.
  char find(std::string_view value, base::WallTime now, bool even_if_down, CookieVisit& visit) const;
  bool must_refresh(const CookieVisit& visit, base::WallTime now) const;

  const config::Cookie& config_;
  const server::Backend& backend_;
  std::vector<Named> named_;  // by cookie; equal ones in the order of the servers
};

}  // namespace lbd::balance
