// TcpStream: mode tcp. Content rules may look at the first bytes for inspect-delay, a server is attached, and bytes go
// both ways until both have closed; each direction's end is passed on alone (half-close).
//
// Owner, thread, life: see Stream. Manual: 4 (mode tcp), tcp-request content, inspect-delay.
#pragma once

#include "lbd/rules/ruleset.h"
#include "lbd/stream/stream.h"

namespace lbd::stream {

class ClientConnection;

class TcpStream final : public Stream {
 public:
  TcpStream(Worker& worker, ClientConnection& client, Site& site);
  void start();
  // In place of start(): one of mode http, too, that had become a tunnel.
  bool go_on(MovedTunnel& moved);
  ServerConnection* movable() override;

 private:
  void on_head(Endpoint&, http::Head&) override {}
  void on_input(Endpoint& from) override;
  void on_output(Endpoint& from) override;
  void on_timeout(Endpoint& from) override;
  void on_attached() override;
  void fail(Reason reason) override;
  bool tunnelling() const override { return true; }
  void count_bytes() override {
    txn_.bytes_in = request_.bytes;
    txn_.bytes_out = response_.bytes;
  }

  server::Server* server_of_cookie(bool unused, bool even_if_down) override;
  void on_rules_due() override;
  void on_errand_done() override;
  void leave_server();
  void become_http();
  void look_for_request();
  bool response_admitted();  // false: it waits, or the stream has ended
  void run_rules();
  bool evaluate(const Site& site);  // false: it waits, or the stream has ended
  void progress();

  ClientConnection& connection_;  // the client's
  size_t rule_at_ = 0;
  bool in_backend_rules_ = false;
  bool attached_ = false;
  bool request_sought_ = false;  // a head was there, or what looked like one
  bool response_seen_ = false;   // the response's content rules have had their say
};

}  // namespace lbd::stream
