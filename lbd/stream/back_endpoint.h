// BackEndpoint: the server's side of a stream: an HTTP/1 or raw connection, or one stream of an HTTP/2 connection.
//
//   ServerConnection::open() ─▶ on_output(): connected, or failed ─▶ ready(): what carries the exchange ─▶ release()
//
// Owner: the stream, between ready() and release(). Thread: the worker's. Errors: see Endpoint; an answer that cannot
// be understood is Input::bad.
#pragma once

#include <memory>
#include <span>

#include "lbd/expr/connection_error.h"
#include "lbd/http/h1_parser.h"
#include "lbd/http/h1_writer.h"
#include "lbd/stream/endpoint.h"

namespace lbd::tls {
class TlsTransport;
}

namespace lbd::stream {

class KeptServers;
class ServerConnection;

class BackEndpoint : public Endpoint {
 public:
  // The version of HTTP that is wanted.
  enum class Protocol : uint8_t { configured, http_1, http_2 };
  // Who the connection is for, when it can carry several exchanges.
  struct Claim {
    enum class Of : uint8_t {
      anyone,          // any exchange may join
      client_for_now,  // none of another client while it is in use (http-reuse safe)
      client,          // none of another client, ever
      exchange,        // no other exchange
    };
    Of of = Of::anyone;
    uint64_t client = 0;  // FrontEndpoint::client_id()
  };
  // The endpoint has just been connected: what the exchange is to use from now on.
  static std::unique_ptr<BackEndpoint> ready(std::unique_ptr<BackEndpoint> connected, EndpointEvents& events,
                                             const Claim& claim) {
    return connected.release()->become_ready(events, claim);
  }
  // The exchange is over. `keep`: it ended as it should, and another may follow; in `client`, if not null, when only
  // the same client's may.
  static void release(std::unique_ptr<BackEndpoint> back, bool keep, KeptServers* client) {
    back.release()->leave(keep, client);
  }

  virtual int socket() const = 0;
  // The connection, when it carries nothing but this exchange and is in clear; null: it is not so.
  virtual ServerConnection* own_wire() { return nullptr; }
  // Null: in clear.
  virtual const tls::TlsTransport* tls() const = 0;
  // Why the handshake failed, if it was that.
  virtual expr::ConnectionError handshake_error() const = 0;

  // --- towards the server
  struct Request {
    http::Head& head;
    std::span<const http::Field> extra;  // behind the fields of the head
    const http::NameCase* names;         // how they are to be written; null: lower-case
    base::Arena& arena;
    bool secure;     // the client came by TLS
    bool websocket;  // it asks to become one
  };
  // The head; the body follows through put(). `response` is filled when the answer's head has come.
  virtual void send_request(const Request& request, http::Head& response) = 0;
  virtual void start_tunnel() = 0;  // mode tcp
  // What the server knows of the connection is the client's (NTLM): nobody else may have it. Not of a shared one.
  virtual void bind_to_client() {}
  virtual void become_tunnel() = 0;  // behind an answer that says so
  virtual size_t unsent() const = 0;

  // --- towards us
  virtual std::string_view peek() = 0;  // what has come and was not taken (mode tcp)
  virtual size_t unread() const = 0;    // so much of it
  // What of an answer's payload is here and was not taken, as %B counts it; also while its head is looked at.
  virtual size_t counted_payload() const { return unread(); }
  virtual bool hung_up() const = 0;     // nothing more will come
  virtual bool paused() const = 0;      // nobody wants input
  virtual bool alive() const = 0;       // the server may still be there
  virtual bool answered() const = 0;    // something of an answer has come
  virtual bool refused() const = 0;     // the server says that it has not looked at the request
  // What is wrong with a head that was Input::bad: a byte of what peek() shows.
  struct Complaint {
    uint32_t position = 0;
    http::H1Error error = http::H1Error::none;
  };
  virtual Complaint complaint() const { return {}; }
  virtual bool reusable() const = 0;  // both messages are whole, and another may follow

 private:
  // Both take over the object itself.
  virtual std::unique_ptr<BackEndpoint> become_ready(EndpointEvents& events, const Claim& claim) = 0;
  virtual void leave(bool keep, KeptServers* client) = 0;
};

}  // namespace lbd::stream
