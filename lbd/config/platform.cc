#include "lbd/config/platform.h"

#include <openssl/crypto.h>

namespace lbd::config {

cfg::Platform language_platform() {
  cfg::Platform out;
  out.version = kLanguageVersion;
  out.features = {"EPOLL",   "OPENSSL",      "THREAD",    "ZLIB",         "PCRE2",       "PCRE2_JIT",
                  "PROMEX",  "LINUX_SPLICE", "TPROXY",    "LINUX_TPROXY", "NETFILTER",   "GETADDRINFO",
                  "ACCEPT4", "TFO",          "NS",        "RT",           "CRYPT_H",     "LIBCRYPT",
                  "POLL",    "PRCTL",        "BACKTRACE", "SHM_OPEN",     "CPU_AFFINITY"};
  out.enabled = {"POLL", "EPOLL", "SPLICE", "GETADDRINFO", "REUSEPORT"};
  out.ssl_library = OpenSSL_version(OPENSSL_VERSION);
  out.ssl_version = OpenSSL_version(OPENSSL_VERSION_STRING);
  return out;
}

}  // namespace lbd::config
