// TlsTransport: the bytes of one connection through OpenSSL.
//
// OpenSSL writes into memory; what one call has made goes to the socket in one send, several records together. What the
// socket does not take is kept here, and the plain text that it stands for is reported as written only when it has
// gone. Between two messages it holds no buffer (SSL_MODE_RELEASE_BUFFERS of the context).
//
// Owner: the connection (release() ends it). Thread: the connection's. Errors: IoResult, with the reason in failure().
// RFC 8446, 5246.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/time.h"
#include "lbd/net/transport.h"
#include "lbd/tls/meter.h"

namespace lbd::tls {

class TlsTransport final : public net::Transport {
 public:
  enum class Side : uint8_t { client, server };  // which of the two the peer is
  // `context` must be one of Contexts; it is kept alive by the connection.
  TlsTransport(SSL_CTX* context, Side peer);
  ~TlsTransport() override;
  TlsTransport(const TlsTransport&) = delete;
  TlsTransport& operator=(const TlsTransport&) = delete;

  net::IoResult read(int fd, std::span<char> to) override;
  net::IoResult write(int fd, const struct iovec* pieces, int count, bool more) override;
  net::IoResult handshake(int fd) override;
  void shutdown_write(int fd) override;
  void say_goodbye(int fd) override;
  void release() override { delete this; }

  // Bytes that were read from the socket together with what goes before TLS; before the handshake.
  void give_hello(std::string_view bytes) { hello_ = bytes; }
  // Of a client: what it sends before the end of its handshake is taken, where its profile says so. Then handshake() is
  // ok as soon as some has come, and reading and writing go on with it. Before the handshake. RFC 8446, 2.3.
  void take_early_data() { early_ = Early::expected; }
  // The peer's connection ended without its close_notify: perhaps somebody on the way has ended it (RFC 8446, 6.1).
  bool cut_off() const { return cut_off_; }
  // What was read since may have been recorded and sent again by anybody: the handshake is not over.
  bool early() const {
    return early_ != Early::none && !established_ && SSL_get_early_data_status(ssl_) == SSL_EARLY_DATA_ACCEPTED;
  }

  SSL* ssl() const { return ssl_; }
  // What is offered by ALPN in place of what the context says: "h2,http/1.1"; "" for nothing. Before the handshake.
  void offer(std::string_view protocols);
  bool established() const { return established_; }
  // What ALPN agreed on; "" for nothing.
  std::string_view protocol() const;
  // OpenSSL's code of the first failure; 0: none, or the peer just closed.
  unsigned long failure() const { return failure_; }
  // Both sides have agreed on keys of an earlier connection.
  bool resumed() const { return SSL_session_reused(ssl_) == 1; }
  // A peer that leaves before its whole hello has come is no error.
  bool greeted() const { return SSL_get_state(ssl_) != TLS_ST_BEFORE; }

 private:
  static int on_write(BIO* bio, const char* data, int size);
  static int on_read(BIO* bio, char* to, int size);
  static long on_control(BIO* bio, int command, long argument, void* pointer);
  static BIO_METHOD* method();

  enum class Gone : uint8_t { all, some, error };
  Gone send_out(int fd, bool more);
  void keep_rest(size_t sent);
  net::IoResult outcome(int fd, int returned);
  net::IoResult expect_early_data(int fd);
  net::IoResult read_early(int fd, std::span<char> to);
  int encrypt(std::string_view record);

  // With tune.ssl.hard-maxrecord or tune.ssl.maxrecord: small records while the connection is young, so that a client
  // need not wait for a large one.
  size_t record_size(size_t pending);

  SSL* ssl_;
  Meter* meter_;
  std::string hello_;
  std::string unsent_;     // records that the socket did not take
  size_t unreported_ = 0;  // plain text in them
  unsigned long failure_ = 0;
  base::MonoTime written_{};  // with tune.ssl.maxrecord: when something was written last
  size_t age_ = 0;            // and how much since it was idle
  int fd_ = -1;               // during a call
  int errno_ = 0;
  enum class Early : uint8_t { none, expected, ended } early_ = Early::none;
  std::unique_ptr<std::string> early_data_;  // that the handshake brought
  bool shutdown_due_ = false;                // when the handshake is over
  bool established_ = false;
  bool ended_ = false;  // the peer has closed the socket
  bool cut_off_ = false;
};

}  // namespace lbd::tls
