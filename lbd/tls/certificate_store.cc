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
                                                    const IssuerChains& chains, const CrtStores* stores, bool make) {
  const StoredCertificate* stored = stores ? stores->find(path) : nullptr;
  auto files = stored ? stored->read() : read_certificate_files(path, rules);
  if (!files) return base::Err(files.error());
  auto certificate = Certificate::parse(path, std::move(*files), {&chains, rules.skip_self_issued});
  if (!certificate) return base::Err(path + ": " + certificate.error().text);
  if (make && !(*certificate)->parts()) return base::Err(path + ": " + (*certificate)->error());
  return certificate;
}

}  // namespace

void CertificateStore::load(const std::vector<std::string>& paths, const config::TlsFiles& rules,
                            const IssuerChains& chains) {
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
      wanted[i]->second = load_one(wanted[i]->first, rules, chains, stores_, make);
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

}  // namespace lbd::tls
