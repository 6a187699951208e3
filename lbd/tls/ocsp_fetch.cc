#include "lbd/tls/ocsp_fetch.h"

#include <fmt/format.h>
#include <netdb.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

#include "base/base64.h"
#include "base/fd.h"
#include "base/strings.h"
#include "base/time.h"

namespace lbd::tls {
namespace {

constexpr base::Nanos kPatience = base::Seconds(10);
constexpr int kGlanceMs = 100;  // how soon a stop is seen
constexpr size_t kLongestAnswer = 64 << 10;
constexpr size_t kLongestGet = 255;  // RFC 6960, A.1

using RequestPtr = std::unique_ptr<OCSP_REQUEST, FreeBy<OCSP_REQUEST_free>>;

std::string percent_encoded(std::string_view base64) {
  std::string out;
  for (char c : base64) {
    if (c == '+' || c == '/' || c == '=')
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out;
}

// Until the descriptor is ready; false: it is too late, or nobody waits any more.
bool wait_for(int fd, short events, base::MonoTime until, const std::atomic<bool>& stop) {
  while (!stop.load(std::memory_order_relaxed) && base::mono_now() < until) {
    pollfd one{fd, events, 0};
    if (::poll(&one, 1, kGlanceMs) > 0) return true;
  }
  return false;
}

base::Result<base::Fd> connect_to(const base::SockAddr& to, base::MonoTime until, const std::atomic<bool>& stop) {
  base::Fd fd(::socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return base::Err(base::Error::from_errno("socket"));
  if (::connect(fd.get(), to.sa(), to.length()) == 0) return fd;
  if (errno != EINPROGRESS) return base::Err(base::Error::from_errno(to.to_string()));
  if (!wait_for(fd.get(), POLLOUT, until, stop)) return base::Err(to.to_string() + ": no connection in time");
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error) return base::Err(base::Error::from_errno(to.to_string(), error));
  return fd;
}

base::Result<std::string> exchange(int fd, std::string_view request, base::MonoTime until,
                                   const std::atomic<bool>& stop) {
  while (!request.empty()) {
    const ssize_t sent = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent > 0)
      request.remove_prefix(static_cast<size_t>(sent));
    else if (errno != EAGAIN && errno != EINTR)
      return base::Err(base::Error::from_errno("send"));
    else if (!wait_for(fd, POLLOUT, until, stop))
      return base::Err("the request was not taken in time");
  }
  std::string answer;
  char bytes[4096];
  while (answer.size() <= kLongestAnswer) {
    if (!wait_for(fd, POLLIN, until, stop)) return base::Err("no answer in time");
    const ssize_t got = ::recv(fd, bytes, sizeof bytes, 0);
    if (got == 0) return answer;
    if (got > 0)
      answer.append(bytes, static_cast<size_t>(got));
    else if (errno != EAGAIN && errno != EINTR)
      return base::Err(base::Error::from_errno("receive"));
  }
  return base::Err("the answer is too long");
}

}  // namespace

std::optional<HttpUri> HttpUri::parse(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.size() < kScheme.size() || !base::iequals(text.substr(0, kScheme.size()), kScheme)) return std::nullopt;
  text.remove_prefix(kScheme.size());
  HttpUri out;
  const size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  if (slash != std::string_view::npos) out.path = text.substr(slash);
  const size_t colon = authority.rfind(':');
  if (colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos) {
    const auto port = base::parse_int<uint16_t>(authority.substr(colon + 1));
    if (!port || !*port) return std::nullopt;
    out.port = *port;
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) authority = authority.substr(1, authority.size() - 2);
  if (authority.empty()) return std::nullopt;
  out.host = authority;
  return out;
}

std::string responder_of(X509* certificate) {
  STACK_OF(OPENSSL_STRING)* addresses = X509_get1_ocsp(certificate);
  std::string out;
  if (sk_OPENSSL_STRING_num(addresses) > 0) out = sk_OPENSSL_STRING_value(addresses, 0);
  X509_email_free(addresses);
  return out;
}

std::string ocsp_request(std::string_view id) {
  const auto* at = reinterpret_cast<const unsigned char*>(id.data());
  OCSP_CERTID* parsed = d2i_OCSP_CERTID(nullptr, &at, static_cast<long>(id.size()));
  RequestPtr request(OCSP_REQUEST_new());
  if (!parsed || !request || !OCSP_request_add0_id(request.get(), parsed)) {
    OCSP_CERTID_free(parsed);
    return {};
  }
  unsigned char* der = nullptr;
  const int size = i2d_OCSP_REQUEST(request.get(), &der);
  std::string out(reinterpret_cast<char*>(der), static_cast<size_t>(size > 0 ? size : 0));
  OPENSSL_free(der);
  return out;
}

std::string http_request(const HttpUri& uri, std::string_view ocsp_request, bool proxied) {
  const bool v6 = uri.host.find(':') != std::string::npos;
  std::string authority = v6 ? "[" + uri.host + "]" : uri.host;
  if (uri.port != 80) authority += fmt::format(":{}", uri.port);
  const std::string target = proxied ? "http://" + authority + uri.path : uri.path;
  const std::string encoded = percent_encoded(base::encode_base64(ocsp_request));
  if (target.size() + 1 + encoded.size() <= kLongestGet)
    return fmt::format("GET {}{}{} HTTP/1.0\r\nHost: {}\r\n\r\n", target, target.ends_with('/') ? "" : "/", encoded,
                       authority);
  return fmt::format(
      "POST {} HTTP/1.0\r\nHost: {}\r\nContent-Type: application/ocsp-request\r\nContent-Length: {}\r\n\r\n{}", target,
      authority, ocsp_request.size(), ocsp_request);
}

base::Result<std::string> read_http_answer(std::string_view bytes) {
  const size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos || !bytes.starts_with("HTTP/1.") || end < 12 || bytes[8] != ' ')
    return base::Err("not an HTTP answer");
  const std::string_view status = bytes.substr(9, 3);
  if (status != "200") return base::Err(fmt::format("HTTP status {}", status));
  std::string_view body = bytes.substr(end + 4);
  bool typed = false;
  for (std::string_view line : base::split(bytes.substr(0, end), '\n')) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    const std::string_view name = line.substr(0, colon), value = base::trim(line.substr(colon + 1));
    if (base::iequals(name, "content-type")) typed = base::lower(value).starts_with("application/ocsp-response");
    if (!base::iequals(name, "content-length")) continue;
    const auto length = base::parse_int<size_t>(base::trim(value.substr(0, value.find('\r'))));
    if (!length || *length > body.size()) return base::Err("the HTTP answer is cut short");
    body = body.substr(0, *length);
  }
  if (!typed)
    return base::Err(base::Error{base::Code::unsupported, base::Fault::server, base::Retry::no, 0,
                                 "the HTTP answer is no application/ocsp-response"});
  return std::string(body);
}

std::vector<base::SockAddr> AddressBook::find(const std::string& host, uint16_t port) {
  addrinfo hints = {}, *list = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
  std::vector<base::SockAddr> found;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list) == 0) {
    for (const addrinfo* each = list; each; each = each->ai_next)
      found.push_back(base::SockAddr::from_raw(each->ai_addr, each->ai_addrlen));
    ::freeaddrinfo(list);
  }
  std::lock_guard lock(mutex_);
  auto& known = known_[{host, port}];
  if (!found.empty()) known = found;
  return known;
}

base::Result<std::string> fetch_ocsp(const OcspQuestion& question, AddressBook& addresses,
                                     const std::atomic<bool>& stop) {
  const auto uri = HttpUri::parse(question.uri);
  if (!uri) return base::Err(fmt::format("'{}' is no address of HTTP", question.uri));
  const auto via = question.proxy.empty() ? uri : HttpUri::parse("http://" + question.proxy);
  if (!via) return base::Err(fmt::format("'{}' is no proxy", question.proxy));
  const base::MonoTime until = base::mono_now() + kPatience;
  const std::string request = http_request(*uri, ocsp_request(question.id), !question.proxy.empty());
  base::Error last = base::Error::invalid(fmt::format("no address of '{}' is known", via->host));
  for (const base::SockAddr& to : addresses.find(via->host, via->port)) {
    auto fd = connect_to(to, until, stop);
    if (!fd) {
      last = fd.error();
      continue;
    }
    const std::string answer = TRY(exchange(fd->get(), request, until, stop));
    return read_http_answer(answer);
  }
  return base::Err(last);
}

}  // namespace lbd::tls
