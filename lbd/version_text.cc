#include "lbd/version_text.h"

#include <ev.h>
#include <fmt/format.h>
#include <link.h>
#include <openssl/opensslv.h>
#include <sys/utsname.h>

#include <algorithm>
#include <iterator>

#include "base/registry.h"
#include "base/version.h"
#include "lbd/balance/algorithm.h"
#include "lbd/config/platform.h"
#include "lbd/rules/services.h"

namespace lbd {
namespace {

// Features that HAProxy's builds name and that scripts ask for; what this build lacks is shown with a minus.
constexpr std::string_view kKnownFeatures[] = {"51DEGREES",
                                               "ACCEPT4",
                                               "BACKTRACE",
                                               "CLOSEFROM",
                                               "CPU_AFFINITY",
                                               "CRYPT_H",
                                               "DEVICEATLAS",
                                               "DL",
                                               "ENGINE",
                                               "EPOLL",
                                               "EVPORTS",
                                               "GETADDRINFO",
                                               "KQUEUE",
                                               "LIBCRYPT",
                                               "LINUX_SPLICE",
                                               "LINUX_TPROXY",
                                               "LUA",
                                               "MATH",
                                               "MEMORY_PROFILING",
                                               "NETFILTER",
                                               "NS",
                                               "OPENSSL",
                                               "OT",
                                               "PCRE",
                                               "PCRE2",
                                               "PCRE2_JIT",
                                               "PCRE_JIT",
                                               "POLL",
                                               "PRCTL",
                                               "PROCCTL",
                                               "PROMEX",
                                               "QUIC",
                                               "RT",
                                               "SHM_OPEN",
                                               "SLZ",
                                               "STATIC_PCRE",
                                               "STATIC_PCRE2",
                                               "SYSTEMD",
                                               "TFO",
                                               "THREAD",
                                               "THREAD_DUMP",
                                               "TPROXY",
                                               "WURFL",
                                               "ZLIB"};

template <typename Row>
std::vector<const Row*> sorted_rows() {
  std::vector<const Row*> rows;
  base::Registered<Row>::for_each([&](const Row& row) { rows.push_back(&row); });
  std::sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) { return a->name < b->name; });
  return rows;
}

}  // namespace

std::string version_number() {
  return fmt::format("{}-tandem-{}", base::kHaproxyVersion, base::kVersion);
}

std::string version_text() {
  utsname system{};
  ::uname(&system);
  return fmt::format(
      "HAProxy version {} {} - lbd of Tandem {}\n"
      "Status: speaks HAProxy's configuration language, runtime API and log formats.\n"
      "Running on: {} {} {} {}\n",
      version_number(), base::kReleaseDate, base::kVersion, system.sysname, system.release, system.version,
      system.machine);
}

std::string build_text() {
  cfg::Platform platform = config::language_platform();
  std::string text = version_text();
  auto out = std::back_inserter(text);
  fmt::format_to(out,
                 "Build options :\n  TARGET  = linux-glibc\n  CC      = {}\n  OPTIONS = USE_OPENSSL=1 USE_PCRE2=1 "
                 "USE_PCRE2_JIT=1\n\nFeature list :",
#ifdef __clang__
                 "clang " __clang_version__
#else
                 "g++ " __VERSION__
#endif
  );
  for (std::string_view feature : kKnownFeatures)
    fmt::format_to(out, " {}{}", platform.has(feature) ? '+' : '-', feature);
  fmt::format_to(out,
                 "\n\nDefault settings :\n  bufsize = 16384, maxrewrite = 1024, maxpollevents = 200\n\n"
                 "Built with multi-threading support (MAX_THREADS=64).\n"
                 "Built with OpenSSL version : {}\nRunning on OpenSSL version : {}\n"
                 "Built with libev version : {}.{}, one loop a thread\n"
                 "Built with transparent proxy support using: IP_TRANSPARENT IPV6_TRANSPARENT IP_FREEBIND\n\n",
                 OPENSSL_VERSION_TEXT, platform.ssl_library, ev_version_major(), ev_version_minor());
  text +=
      "Available polling systems :\n      epoll : pref=300,  test result OK\nTotal: 1 (1 usable), will use epoll.\n";
  text += "\nAvailable load balancing algorithms :";
  for (const auto* row : sorted_rows<balance::AlgorithmRow>()) fmt::format_to(out, " {}", row->name);
  text += "\nAvailable services :";
  for (const auto* row : sorted_rows<rules::ServiceRow>()) fmt::format_to(out, " {}", row->name);
  text += '\n';
  return text;
}

std::string library_text() {
  std::string text = "List of loaded object files:\n";
  auto add = [](dl_phdr_info* info, size_t, void* to) {
    // The first is the program itself, the one without a file the kernel's.
    if (info->dlpi_name[0] == '/') *static_cast<std::string*>(to) += std::string(info->dlpi_name) + "\n";
    return 0;
  };
  ::dl_iterate_phdr(add, &text);
  return text;
}

std::string source_text(const config::Config& config) {
  std::string text;
  for (const auto& source : config.sources.all()) {
    text += "# " + source->name() + "\n";
    text += source->text();
    if (!source->ends_with_newline()) text += '\n';
  }
  return text;
}

}  // namespace lbd
