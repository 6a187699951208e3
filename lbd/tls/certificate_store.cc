#include "lbd/tls/certificate_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace lbd::tls {
namespace {

// Up to here a start is not slower for it: a millisecond each.
constexpr size_t kMadeAtOnce = 256;
constexpr size_t kOneThread = 16;
constexpr size_t kMostThreads = 16;

base::Result<std::shared_ptr<Certificate>> load_one(const std::string& path, const config::TlsFiles& rules,
                                                    const IssuerChains& chains, const CrtStores* stores,
                                                    Passphrases& passphrases, bool make, bool wants_ocsp) {
  const StoredCertificate* stored = stores ? stores->find(path) : nullptr;
  auto files = stored ? stored->read() : read_certificate_files(path, rules, wants_ocsp);
  if (!files) return base::Err(files.error());
  const std::string own_key = stored && stored->key ? *stored->key : path;
  auto pem = passphrases.open(stored ? stored->crt : path, std::move(files->pem));
  if (!pem) return base::Err(path + ": " + pem.error().text);
  files->pem = std::move(*pem);
  if (files->key) {
    auto key = passphrases.open(own_key, std::move(*files->key));
    if (!key) return base::Err(path + ": " + key.error().text);
    files->key = std::move(*key);
  }
  auto certificate = Certificate::parse(path, std::move(*files), {&chains, rules.skip_self_issued, wants_ocsp});
  if (!certificate) return base::Err(path + ": " + certificate.error().text);
  if (make && !(*certificate)->parts()) return base::Err(path + ": " + (*certificate)->error());
  return certificate;
}

}  // namespace

void CertificateStore::load(const std::vector<std::string>& paths, const config::TlsFiles& rules,
                            const IssuerChains& chains, const Paths& with_ocsp) {
  using Slot = std::pair<const std::string, base::Result<std::shared_ptr<Certificate>>>;
  std::vector<Slot*> wanted;
  for (const std::string& path : paths) {
    auto [slot, added] = by_path_.try_emplace(path, base::Err("not loaded"));
    if (added) wanted.push_back(&*slot);
  }
  const bool make = wanted.size() <= kMadeAtOnce;
  std::atomic<size_t> next{0};
  auto work = [&] {
    for (size_t i; (i = next.fetch_add(1, std::memory_order_relaxed)) < wanted.size();)
      wanted[i]->second =
          load_one(wanted[i]->first, rules, chains, stores_, passphrases_, make, with_ocsp.contains(wanted[i]->first));
  };
  const size_t processors = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> others;
  if (wanted.size() > kOneThread)
    while (others.size() + 1 < std::min(processors, kMostThreads)) others.emplace_back(work);
  work();
  for (std::thread& other : others) other.join();
}

const base::Result<std::shared_ptr<Certificate>>& CertificateStore::at(const std::string& path) const {
  auto found = by_path_.find(path);
  CHECK(found != by_path_.end());
  return found->second;
}

std::shared_ptr<Certificate> CertificateStore::find(const std::string& path) const {
  auto found = by_path_.find(path);
  return found != by_path_.end() && found->second ? *found->second : nullptr;
}

void CertificateStore::put(const std::string& path, std::shared_ptr<Certificate> certificate) {
  by_path_.insert_or_assign(path, std::move(certificate));
}

std::vector<std::string> CertificateStore::paths() const {
  std::vector<std::string> out;
  out.reserve(by_path_.size());
  for (const auto& [path, certificate] : by_path_)
    if (certificate) out.push_back(path);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace lbd::tls
