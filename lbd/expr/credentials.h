// Credentials: what a request says about who sends it (Authorization, or Proxy-Authorization for a request to a proxy),
// and whether a userlist knows them.
//
// Hashed passwords may take milliseconds to check (crypt(3)), and clients send them with each request: what was found
// is remembered by each worker for as long as it has room, under a digest with a random key. A wrong password is
// remembered too, so that a client that repeats it does not cost more. Thread: any, the memory is per thread. Errors:
// what is malformed is as if nothing had been sent. RFC 7617, RFC 6750; manual 3.4, 7.3.6.
#pragma once

#include <string_view>

#include "lbd/config/config.h"
#include "lbd/expr/transaction.h"

namespace lbd::expr {

struct Credentials {
  std::string_view scheme;  // "Basic", "Bearer"; "" when there is none that is understood
  std::string_view user, password;
  std::string_view token;  // of Bearer
};

// Whether the client talks to us as to a proxy: option http-use-proxy-header and a request for a whole URI.
bool asks_a_proxy(const Transaction& transaction);
Credentials credentials_of(Transaction& transaction);

bool password_matches(const config::User& user, std::string_view password);
// Null: not known, or another password.
const config::User* authenticate(const config::UserList& list, const Credentials& credentials);

}  // namespace lbd::expr
