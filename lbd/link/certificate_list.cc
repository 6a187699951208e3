#include "lbd/link/certificate_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <openssl/evp.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

#include "lbd/link/plain_text.h"
#include "lbd/tls/certificate_report.h"
#include "lbd/tls/certificate_text.h"

namespace lbd::link {
namespace {

using List = tandem::CertificateList;

// Names and uses of each certificate; in details more than anybody has.
constexpr int kMostInList = 3, kMostInDetails = 1000;

std::string sha256(std::string_view bytes) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(out.data()), &size, EVP_sha256(), nullptr);
  out.resize(size);
  return out;
}

// One that may be told.
struct Candidate {
  std::string path;
  std::shared_ptr<const tls::Certificate> certificate;  // null: an empty place
  tls::Validity validity;
  int64_t chain_ends = 0;             // of the one above it that ends first
  const std::string* weak = nullptr;  // that one, where it ends before the leaf does

  int64_t ends() const {
    if (!certificate) return INT64_MAX;
    return weak ? chain_ends : validity.ends;
  }
};

Candidate candidate(std::string path, std::shared_ptr<const tls::Certificate> certificate) {
  Candidate out{.path = std::move(path), .certificate = std::move(certificate), .validity = {}};
  if (!out.certificate) return out;
  const std::vector<std::string>& chain = out.certificate->contents().chain;
  for (size_t i = 0; i < chain.size(); ++i) {
    const auto validity = tls::read_validity(chain[i]);
    if (!validity) continue;
    if (i == 0) {
      out.validity = *validity;
    } else if (validity->ends < (out.weak ? out.chain_ends : out.validity.ends)) {
      out.chain_ends = validity->ends;
      out.weak = &chain[i];
    }
  }
  return out;
}

bool is_named(const std::string& path, const std::string& name) {
  return path == name ||
         (path.size() > name.size() && path.ends_with(name) && path[path.size() - name.size() - 1] == '/');
}

class Teller {
 public:
  Teller(tls::Contexts& contexts, const config::Config& config, const tandem::CertificatesRequest& wanted,
         base::WallTime now)
      : contexts_(contexts),
        wanted_(wanted),
        config_(config),
        now_(std::chrono::duration_cast<base::Seconds>(now.time_since_epoch()).count()) {}

  List tell() {
    collect();
    List list;
    list.set_count(count_);
    list.set_matching(static_cast<uint32_t>(found_.size()));
    size_t room = kLongestCertificateList;
    for (const Candidate& each : found_) {
      if (wanted_.most() > 0 && list.certificates_size() >= static_cast<int>(wanted_.most())) break;
      tandem::CertificateList::Certificate certificate = told(each);
      if (certificate.ByteSizeLong() > room) break;
      room -= certificate.ByteSizeLong();
      *list.add_certificates() = std::move(certificate);
    }
    return list;
  }

 private:
  bool matches(const Candidate& each) const {
    if (!wanted_.name().empty()) return is_named(each.path, wanted_.name());
    if (wanted_.ends_before() == 0) return true;
    return each.certificate && (each.ends() < wanted_.ends_before() || each.validity.begins > now_);
  }

  void collect() {
    for (const std::string& path : contexts_.certificates().paths()) {
      Candidate each = candidate(path, contexts_.certificates().find(path));
      ++count_;
      if (matches(each)) found_.push_back(std::move(each));
    }
    if (found_.empty()) return;
    name_lines();
    for (const Candidate& each : found_) uses_[each.path];
    contexts_.for_each_use([&](const std::string& path, const tls::CertificateUse& use) {
      if (const auto found = uses_.find(path); found != uses_.end()) found->second.push_back(use);
    });
    if (wanted_.shown()) std::erase_if(found_, [&](const Candidate& each) { return uses_.at(each.path).empty(); });
    std::stable_sort(found_.begin(), found_.end(), [](const Candidate& a, const Candidate& b) {
      return std::tuple(a.ends(), std::string_view(a.path)) < std::tuple(b.ends(), std::string_view(b.path));
    });
  }

  void name_lines() {
    for (const auto& proxy : config_.proxies) {
      for (const auto& bind : proxy->binds) proxies_[bind.get()] = proxy->name;
      for (const auto& server : proxy->servers) proxies_[server.get()] = proxy->name;
    }
    for (const auto& [name, list] : contexts_.crt_lists())
      for (const auto& line : list.lines)
        lists_[line.get()] = list.is_folder ? name : fmt::format("{}:{}", name, line->number);
  }
  std::string_view proxy_of(const void* line) const {
    const auto found = proxies_.find(line);
    return found == proxies_.end() ? std::string_view() : found->second;
  }

  List::Use told(const tls::CertificateUse& use) const {
    List::Use out;
    const cfg::Location& place = use.bind ? use.bind->location : use.server->location;
    if (use.bind) {
      std::vector<std::string_view> addresses;
      for (const config::BindAddress& address : use.bind->addresses) addresses.push_back(address.text);
      out.set_proxy(plain(proxy_of(use.bind)));
      out.set_line(plain(fmt::format("{}", fmt::join(addresses, ","))));
    } else {
      out.set_proxy(plain(proxy_of(use.server)));
      out.set_line(plain(use.server->name));
      out.set_server(true);
    }
    if (place.source) out.set_place(plain(fmt::format("{}:{}", place.file(), place.line)));
    if (const auto list = lists_.find(use.line); list != lists_.end()) out.set_list(plain(list->second));
    out.set_fallback(use.is_default);
    return out;
  }

  // In the order of the configuration, each once: a line may show a certificate in several ways.
  void add_uses(const std::string& path, int most, List::Certificate& to) const {
    std::map<std::tuple<std::string, std::string, std::string, std::string>, List::Use> sorted;
    for (const tls::CertificateUse& use : uses_.at(path)) {
      List::Use one = told(use);
      auto& place = sorted[{one.place(), one.proxy(), one.line(), one.list()}];
      one.set_fallback(one.fallback() || place.fallback());
      place = std::move(one);
    }
    to.set_use_count(static_cast<uint32_t>(sorted.size()));
    for (const auto& [key, use] : sorted)
      if (to.uses_size() < most) *to.add_uses() = use;
  }

  List::Certificate told(const Candidate& each) const {
    const bool detailed = !wanted_.name().empty();
    List::Certificate out;
    out.set_path(plain(each.path));
    const int most = detailed ? kMostInDetails : kMostInList;
    add_uses(each.path, most, out);
    if (!each.certificate) return out;
    const std::string& leaf = each.certificate->contents().chain.front();
    const auto facts = tls::read_certificate(leaf);
    const std::vector<std::string>& names = each.certificate->names();
    if (facts) {
      out.set_subject(plain(tls::principal_of(facts->subject)));
      out.set_issuer(plain(tls::principal_of(facts->issuer)));
    }
    for (const std::string& name : names)
      if (out.names_size() < most) out.add_names(plain(name));
    out.set_name_count(static_cast<uint32_t>(names.size()));
    out.set_begins(each.validity.begins);
    out.set_ends(each.validity.ends);
    out.set_digest(sha256(leaf));
    if (each.weak) {
      const auto weak = tls::read_certificate(*each.weak);
      out.set_chain_subject(weak ? plain(tls::principal_of(weak->subject)) : "?");
      out.set_chain_ends(each.chain_ends);
    }
    if (const auto replaced = contexts_.replaced().find(each.path); replaced != contexts_.replaced().end())
      out.set_replaced(std::chrono::duration_cast<base::Seconds>(replaced->second.when.time_since_epoch()).count());
    if (detailed) add_details(*each.certificate, *out.mutable_details());
    return out;
  }

  static void add_details(const tls::Certificate& certificate, List::Details& to) {
    const tls::ChainPtr chain = certificate.contents().certificates();
    for (int i = 0; chain && i < sk_X509_num(chain.get()); ++i) {
      const X509* each = sk_X509_value(chain.get(), i);
      const std::string subject = plain(tls::name_text(X509_get_subject_name(each)));
      if (i > 0) {
        to.add_chain(subject);
        continue;
      }
      to.set_subject(subject);
      to.set_issuer(plain(tls::name_text(X509_get_issuer_name(each))));
      to.set_serial(tls::hexadecimal(tls::serial_bytes(each)));
      to.set_key(tls::key_text(each));
    }
  }

  tls::Contexts& contexts_;
  const tandem::CertificatesRequest& wanted_;
  const config::Config& config_;
  const int64_t now_;
  std::unordered_map<const void*, std::string_view> proxies_;               // of bind and server lines
  std::unordered_map<const tls::CrtListLine*, std::string> lists_;          // of their lines
  std::unordered_map<std::string, std::vector<tls::CertificateUse>> uses_;  // of what was found, by path
  std::vector<Candidate> found_;
  uint32_t count_ = 0;
};

}  // namespace

tandem::CertificateList list_certificates(tls::Contexts* contexts, const config::Config& config,
                                          const tandem::CertificatesRequest& wanted, base::WallTime now) {
  return contexts ? Teller(*contexts, config, wanted, now).tell() : List();
}

}  // namespace lbd::link
