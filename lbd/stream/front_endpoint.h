// FrontEndpoint: the client's side of a stream: an HTTP/1 or TCP connection, or one stream of an HTTP/2 connection.
// Beyond bytes it takes heads, which each version of HTTP writes in its own way, and learns when an exchange is over.
//
// Owner, thread, errors: see Endpoint. Life: outlives the exchange that it carries.
#pragma once

#include <memory>
#include <optional>
#include <span>

#include "base/arena.h"
#include "lbd/expr/transaction.h"
#include "lbd/http/h1_writer.h"
#include "lbd/stream/endpoint.h"

namespace lbd::stream {

class KeptServers;

class FrontEndpoint : public Endpoint {
 public:
  virtual expr::Session& session() = 0;
  // Of its connection: no other of the worker has it, ever. From 1 on.
  virtual uint64_t client_id() const = 0;

  // --- towards us
  virtual bool input_complete() const = 0;
  // The client will send no more, whatever is missing.
  virtual bool hung_up() const = 0;
  virtual size_t unread() const = 0;  // payload that was received and not taken
  virtual bool paused() const = 0;    // nobody wants input

  // --- towards the client
  // Text that outlives the call comes from `arena`; `names` says how names are to be written, null: lower-case.
  struct Writing {
    base::Arena& arena;
    const http::NameCase* names = nullptr;
    std::span<const http::Field> extra = {};  // behind the fields of the head
  };
  virtual void send_informational(const http::Head& head, const Writing& writing) = 0;
  // `close_after`: the end of the body is the end of the connection.
  virtual void send_response(const http::Head& head, http::BodyKind body, bool close_after, const Writing& writing) = 0;
  // An answer to what was no request, as it is.
  virtual void send_bare(const http::StoredReply& page, base::Arena& arena) = 0;
  virtual void put_text(std::string_view payload) = 0;
  virtual size_t unsent() const = 0;
  virtual void become_tunnel() = 0;

  // The exchange is over and logged. `keep`: it ended as it should, and the connection may carry another.
  virtual void exchange_over(bool keep) = 0;
  virtual void vanish(std::optional<uint8_t> ttl = {}) = 0;  // without telling the client (silent-drop)
  // Server connections that only this client may use again.
  virtual KeptServers& kept_servers() = 0;
};

}  // namespace lbd::stream
