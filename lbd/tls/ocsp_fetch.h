// Asks an OCSP responder over HTTP (RFC 6960, A): one request on a connection of its own, waited for by the thread that
// calls, for at most ten seconds, or until it is told to stop.
// Thread: any. Errors: Result, saying what failed. Names are resolved by the system.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/addr.h"
#include "base/result.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {

// "http://host:port/path"
struct HttpUri {
  std::string host;
  uint16_t port = 80;
  std::string path = "/";

  static std::optional<HttpUri> parse(std::string_view text);  // of http alone
};

// The first responder that a certificate names; "": none.
std::string responder_of(X509* certificate);

// The request in DER about the certificate of an id as ocsp_id() makes it; "": damaged.
std::string ocsp_request(std::string_view id);

// A request to be sent: by GET where its address stays short, else by POST. `proxied`: the whole address is named.
std::string http_request(const HttpUri& uri, std::string_view ocsp_request, bool proxied);
// The body of an answer that has ended.
base::Result<std::string> read_http_answer(std::string_view bytes);

// Addresses of hosts. What was found once is remembered: in a chroot there may be nobody to ask.
class AddressBook {
 public:
  std::vector<base::SockAddr> find(const std::string& host, uint16_t port);

 private:
  std::mutex mutex_;
  std::map<std::pair<std::string, uint16_t>, std::vector<base::SockAddr>> known_;
};

struct OcspQuestion {
  std::string id, uri;
  std::string proxy;  // "host:port"; "": none
};

base::Result<std::string> fetch_ocsp(const OcspQuestion& question, AddressBook& addresses,
                                     const std::atomic<bool>& stop);

}  // namespace lbd::tls
