#include "lbd/tls/transport.h"

#include <openssl/err.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "base/result.h"
#include "lbd/tls/settings.h"

namespace lbd::tls {
namespace {

using State = net::IoResult::State;

constexpr size_t kRecord = SSL3_RT_MAX_PLAIN_LENGTH;
// Plain text that is encrypted before the socket is asked: a few records, so that a bulk flow needs few calls.
constexpr size_t kBatch = 4 * kRecord;
constexpr size_t kGrownUp = 64 << 10;  // bytes after which a flow is a bulk flow

// What OpenSSL has written since the socket was asked last. One for each thread: no call leaves anything in it.
struct Outbox {
  std::string bytes;
  std::array<char, kRecord> joined;  // pieces of one record
};
thread_local Outbox outbox;

// The next bytes of the pieces as one piece: where they lie if it is large enough, else joined.
std::string_view next_record(const struct iovec*& piece, int& count, size_t& at, size_t most) {
  while (count > 0 && at == piece->iov_len) {
    ++piece;
    --count;
    at = 0;
  }
  if (count == 0) return {};
  const char* begin = static_cast<const char*>(piece->iov_base) + at;
  size_t here = std::min(piece->iov_len - at, most);
  if (here == most || count == 1) {
    at += here;
    return {begin, here};
  }
  size_t size = 0;
  while (count > 0 && size < most) {
    size_t part = std::min(piece->iov_len - at, most - size);
    std::memcpy(outbox.joined.data() + size, static_cast<const char*>(piece->iov_base) + at, part);
    size += part;
    at += part;
    if (at < piece->iov_len) break;
    ++piece;
    --count;
    at = 0;
  }
  return {outbox.joined.data(), size};
}

}  // namespace

int TlsTransport::on_write(BIO*, const char* data, int size) {
  outbox.bytes.append(data, static_cast<size_t>(size));
  return size;
}

int TlsTransport::on_read(BIO* bio, char* to, int size) {
  auto& self = *static_cast<TlsTransport*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (!self.hello_.empty()) [[unlikely]] {
    const size_t part = std::min(self.hello_.size(), static_cast<size_t>(size));
    std::memcpy(to, self.hello_.data(), part);
    self.hello_.erase(0, part);
    return static_cast<int>(part);
  }
  ssize_t n = ::recv(self.fd_, to, static_cast<size_t>(size), 0);
  if (n > 0) return static_cast<int>(n);
  if (n == 0) {
    self.ended_ = true;
    return 0;
  }
  if (errno == EAGAIN || errno == EINTR)
    BIO_set_retry_read(bio);
  else
    self.errno_ = errno;
  return -1;
}

long TlsTransport::on_control(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return static_cast<TlsTransport*>(BIO_get_data(bio))->ended_;
  return command == BIO_CTRL_FLUSH;
}

BIO_METHOD* TlsTransport::method() {
  static BIO_METHOD* const made = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "connection");
    CHECK(method);
    BIO_meth_set_write(method, on_write);
    BIO_meth_set_read(method, on_read);
    BIO_meth_set_ctrl(method, on_control);
    return method;
  }();
  return made;
}

TlsTransport::TlsTransport(SSL_CTX* context, Side peer) : ssl_(SSL_new(context)), meter_(Meter::of(context)) {
  BIO* bio = ssl_ ? BIO_new(method()) : nullptr;
  CHECK(bio);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  peer == Side::client ? SSL_set_accept_state(ssl_) : SSL_set_connect_state(ssl_);
  if (!meter_) return;
  meter_->connections.fetch_add(1, std::memory_order_relaxed);
  meter_->connections_total.fetch_add(1, std::memory_order_relaxed);
}

TlsTransport::~TlsTransport() {
  // OpenSSL forgets the session of a connection that ends without close_notify, which many peers do not send.
  if (established_ && !failure_) SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
  SSL_free(ssl_);
  if (meter_) meter_->connections.fetch_sub(1, std::memory_order_relaxed);
}

std::string_view TlsTransport::protocol() const {
  const unsigned char* name = nullptr;
  unsigned length = 0;
  SSL_get0_alpn_selected(ssl_, &name, &length);
  return {reinterpret_cast<const char*>(name), length};
}

void TlsTransport::offer(std::string_view protocols) {
  const std::string wire = protocols.empty() ? std::string() : wire_protocols(protocols);
  SSL_set_alpn_protos(ssl_, reinterpret_cast<const unsigned char*>(wire.data()), static_cast<unsigned>(wire.size()));
}

void TlsTransport::keep_rest(size_t sent) {
  unsent_.assign(outbox.bytes, sent);
  outbox.bytes.clear();
}

// What is kept from before, then what OpenSSL has made in this call.
TlsTransport::Gone TlsTransport::send_out(int fd, bool more) {
  if (!unsent_.empty()) {
    unsent_ += outbox.bytes;
    outbox.bytes.swap(unsent_);
    unsent_.clear();
  }
  size_t sent = 0;
  while (sent < outbox.bytes.size()) {
    ssize_t n = ::send(fd, outbox.bytes.data() + sent, outbox.bytes.size() - sent,
                       MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0));
    if (n < 0) {
      if (errno == EINTR) continue;
      const bool full = errno == EAGAIN;
      errno_ = errno;
      full ? keep_rest(sent) : outbox.bytes.clear();
      return full ? Gone::some : Gone::error;
    }
    sent += static_cast<size_t>(n);
  }
  outbox.bytes.clear();
  return Gone::all;
}

// What a call that did not succeed comes to.
net::IoResult TlsTransport::outcome(int fd, int returned) {
  const int why = SSL_get_error(ssl_, returned);
  const unsigned long code = ERR_peek_error();
  if (send_out(fd, false) == Gone::some && (why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE))
    return {.state = State::blocked, .wants_room = true};
  switch (why) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {.state = State::blocked};
    case SSL_ERROR_ZERO_RETURN:
      cut_off_ = ended_;  // close_notify comes before the end of the socket is met
      return {.state = State::end};
    default:
      break;
  }
  // Peers that close without a word of TLS are so common that it counts as an end, not as a failure.
  if (ended_ && (why == SSL_ERROR_SYSCALL || ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
    cut_off_ = true;
    return {.state = State::end};
  }
  if (!failure_) failure_ = code;
  ERR_clear_error();
  return {.state = State::error, .error = errno_ ? errno_ : EPROTO};
}

// What the client sends before the end of its handshake is kept for read(): no more than max_early_data. The state of
// the handshake itself, once that has ended.
net::IoResult TlsTransport::expect_early_data(int fd) {
  size_t size = 0;
  switch (SSL_read_early_data(ssl_, outbox.joined.data(), outbox.joined.size(), &size)) {
    case SSL_READ_EARLY_DATA_ERROR:
      return outcome(fd, 0);
    case SSL_READ_EARLY_DATA_FINISH:
      early_ = Early::ended;
      return handshake(fd);
    default:
      break;
  }
  if (!early_data_) early_data_ = std::make_unique<std::string>();
  early_data_->append(outbox.joined.data(), size);
  if (send_out(fd, false) == Gone::error) return {.state = State::error, .error = errno_};
  return {.state = State::ok, .more = true};
}

net::IoResult TlsTransport::handshake(int fd) {
  fd_ = fd;
  ERR_clear_error();
  if (early_ == Early::expected) [[unlikely]]
    return expect_early_data(fd);
  const int done = SSL_do_handshake(ssl_);
  if (done != 1) return outcome(fd, done);
  if (!established_ && meter_ && !resumed())
    (SSL_is_server(ssl_) ? meter_->client_keys : meter_->server_keys).add(base::mono_now());
  established_ = true;
  switch (send_out(fd, false)) {
    case Gone::all:
      return {.state = State::ok, .more = early_data_ || SSL_has_pending(ssl_) == 1};
    case Gone::some:
      return {.state = State::blocked, .wants_room = true};
    case Gone::error:
      break;
  }
  return {.state = State::error, .error = errno_};
}

// Before the end of the handshake, or what has come before it.
net::IoResult TlsTransport::read_early(int fd, std::span<char> to) {
  if (!early_data_) {
    const net::IoResult result = handshake(fd);
    if (result.state != State::ok) return result;
  }
  if (early_data_) {
    const size_t part = std::min(early_data_->size(), to.size());
    std::memcpy(to.data(), early_data_->data(), part);
    early_data_->erase(0, part);
    if (early_data_->empty()) early_data_.reset();
    return {.state = State::ok, .bytes = part, .more = true};
  }
  early_ = Early::none;
  if (shutdown_due_) shutdown_write(fd);
  return read(fd, to);
}

net::IoResult TlsTransport::read(int fd, std::span<char> to) {
  if (early_ != Early::none) [[unlikely]]
    return read_early(fd, to);
  fd_ = fd;
  ERR_clear_error();
  size_t got = 0;
  int returned = 1;
  // To the end of the room: several records may have come with one receive.
  while (got < to.size()) {
    returned = SSL_read(ssl_, to.data() + got, static_cast<int>(std::min<size_t>(to.size() - got, 1u << 30)));
    if (returned <= 0) break;
    got += static_cast<size_t>(returned);
    if (!SSL_has_pending(ssl_)) break;
  }
  if (got == 0) return outcome(fd, returned);
  if (!outbox.bytes.empty() && send_out(fd, false) == Gone::error) return {.state = State::error, .error = errno_};
  // An end behind the bytes is in OpenSSL already: the socket will not tell of it.
  const int why = SSL_get_error(ssl_, returned);
  const bool more =
      returned > 0 ? SSL_has_pending(ssl_) == 1 : why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE;
  return {.state = State::ok, .bytes = got, .more = more};
}

size_t TlsTransport::record_size(size_t pending) {
  const size_t most = meter_->hard_record ? std::min<size_t>(meter_->hard_record, kRecord) : kRecord;
  if (!meter_->young_record) return most;
  const base::MonoTime now = base::mono_now();
  if (!pending && meter_->idle.count() > 0 && now - written_ > meter_->idle) age_ = 0;
  written_ = now;
  return age_ < kGrownUp ? std::min<size_t>(meter_->young_record, most) : most;
}

int TlsTransport::encrypt(std::string_view record) {
  if (established_) [[likely]]
    return SSL_write(ssl_, record.data(), static_cast<int>(record.size()));
  size_t written = 0;
  return SSL_write_early_data(ssl_, record.data(), record.size(), &written) == 1 ? static_cast<int>(written) : 0;
}

net::IoResult TlsTransport::write(int fd, const struct iovec* pieces, int count, bool more) {
  fd_ = fd;
  ERR_clear_error();
  size_t at = 0;
  // What was encrypted before stands at the front of the pieces.
  for (size_t skip = unreported_; skip > 0;) {
    size_t part = std::min(skip, pieces->iov_len - at);
    skip -= part;
    at += part;
    if (at < pieces->iov_len) break;
    ++pieces;
    --count;
    at = 0;
  }
  size_t pending = unreported_;
  size_t most = kRecord;
  if (meter_ && (meter_->young_record || meter_->hard_record)) [[unlikely]]
    most = record_size(pending);
  while (pending < kBatch) {
    const std::string_view record = next_record(pieces, count, at, most);
    if (record.empty()) break;
    const int n = encrypt(record);
    if (n <= 0) return outcome(fd, n);
    CHECK(static_cast<size_t>(n) == record.size());  // memory takes all
    pending += record.size();
  }
  const bool rest = count > 1 || (count == 1 && at < pieces->iov_len);
  switch (send_out(fd, more || rest)) {
    case Gone::all:
      unreported_ = 0;
      age_ += pending;
      return {.state = State::ok, .bytes = pending};
    case Gone::some:
      unreported_ = pending;
      return {.state = State::blocked};
    case Gone::error:
      break;
  }
  return {.state = State::error, .error = errno_};
}

void TlsTransport::shutdown_write(int fd) {
  shutdown_due_ = early();
  if (shutdown_due_) return;
  say_goodbye(fd);
  ::shutdown(fd, SHUT_WR);
}

void TlsTransport::say_goodbye(int fd) {
  if (!established_ || failure_ || (SSL_get_shutdown(ssl_) & SSL_SENT_SHUTDOWN)) return;
  fd_ = fd;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  (void)send_out(fd, false);
  ERR_clear_error();
}

}  // namespace lbd::tls
