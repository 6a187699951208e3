#include "lbd/tls/ocsp_updater.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <ctime>
#include <limits>

#include "base/log.h"

namespace lbd::tls {
namespace {

constexpr base::Nanos kTick = base::Seconds(1);
constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

}  // namespace

std::string_view OcspUpdater::text_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::unknown:
      return "Unknown";
    case Outcome::updated:
      return "Update successful";
    case Outcome::http_error:
      return "HTTP error";
    case Outcome::wrong_header:
      return "Missing \"ocsp-response\" header";
    case Outcome::check_failed:
      return "OCSP response check failure";
    case Outcome::not_inserted:
      break;
  }
  return "Error during insertion";
}

OcspUpdater::OcspUpdater(base::Loop& loop, const config::OcspUpdate& settings, Contexts& contexts)
    : settings_(settings), contexts_(contexts), mailbox_(loop), timer_(loop) {
  timer_.bind<&OcspUpdater::on_tick>(this);
}

OcspUpdater::~OcspUpdater() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void OcspUpdater::start() {
  timer_.start_after(base::Nanos(0));
}

const std::map<std::string, OcspUpdater::Entry>& OcspUpdater::entries() {
  learn();
  return entries_;
}

void OcspUpdater::learn() {
  if (seen_changes_ == contexts_.changes()) return;
  seen_changes_ = contexts_.changes();
  std::map<std::string, Entry> now;
  const int64_t second = std::time(nullptr);
  for (const OcspTarget& target : contexts_.ocsp_targets()) {
    if (settings_.disabled) continue;
    Entry entry;
    if (auto known = entries_.find(target.id); known != entries_.end())
      entry = known->second;
    else
      // An answer from a file is good until it is due.
      entry.due =
          target.expires ? std::min(target.expires - settings_.min_delay_s, second + settings_.max_delay_s) : second;
    entry.path = target.path;
    entry.uri = target.uri;
    entry.automatic = true;
    now.emplace(target.id, std::move(entry));
  }
  entries_ = std::move(now);
}

void OcspUpdater::on_tick() {
  learn();
  timer_.start_after(kTick);
  if (busy_ || entries_.empty()) return;
  auto next = std::min_element(entries_.begin(), entries_.end(),
                               [](const auto& a, const auto& b) { return a.second.due < b.second.due; });
  if (next->second.due > std::time(nullptr)) return;
  next->second.due = kNever;  // until it is known how it ends
  busy_ = true;
  {
    std::lock_guard lock(mutex_);
    errand_ = OcspQuestion{next->first, next->second.uri, settings_.http_proxy};
  }
  woken_.notify_all();
  if (thread_.joinable()) return;
  // Signals are for the thread of the loop.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  thread_ = std::thread([this] { run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void OcspUpdater::run() {
  for (;;) {
    std::unique_lock lock(mutex_);
    woken_.wait(lock, [this] { return stop_ || errand_; });
    if (stop_) return;
    const OcspQuestion question = *errand_;
    errand_.reset();
    lock.unlock();
    auto der = fetch_ocsp(question, contexts_.addresses(), stop_);
    if (stop_) return;
    mailbox_.post([this, id = question.id, der = std::move(der)] { came(id, der); });
  }
}

OcspUpdater::Outcome OcspUpdater::insert(const std::string& id, const std::string& der, Entry& entry) {
  base::Status done = contexts_.verify_ocsp_answer(entry.path, der);
  if (done) done = contexts_.set_ocsp_answer(der);
  if (!done) {
    base::log(base::Level::warning, "OCSP answer of {}: {}", entry.path, done.error().text);
    return Outcome::check_failed;
  }
  const int64_t now = std::time(nullptr), expires = contexts_.ocsp_expires(id);
  entry.updated = now;
  // Some time before its end, so that there is some for failures.
  const int64_t wanted = expires ? expires - settings_.min_delay_s : now + settings_.max_delay_s;
  entry.due = std::clamp<int64_t>(wanted, now + settings_.min_delay_s,
                                  now + std::max(settings_.min_delay_s, settings_.max_delay_s));
  return Outcome::updated;
}

void OcspUpdater::came(const std::string& id, base::Result<std::string> der) {
  busy_ = false;
  timer_.start_after(base::Nanos(0));
  auto found = entries_.find(id);
  if (found == entries_.end()) return;  // its certificate has gone
  Entry& entry = found->second;
  if (der) {
    entry.last = insert(id, *der, entry);
  } else {
    base::log(base::Level::warning, "OCSP answer of {} from {}: {}", entry.path, entry.uri, der.error().text);
    entry.last = der.error().code == base::Code::unsupported ? Outcome::wrong_header : Outcome::http_error;
  }
  if (entry.last == Outcome::updated) {
    ++entry.successes;
    entry.failed_in_a_row = 0;
  } else {
    ++entry.failures;
  }
  if (!entry.automatic) entry.due = kNever;
  if (!entry.automatic || entry.last == Outcome::updated) return;
  const uint32_t doubled = std::min(entry.failed_in_a_row++, 16u);
  const int64_t most = std::max(settings_.min_delay_s, settings_.max_delay_s);
  entry.due = std::time(nullptr) + std::min<int64_t>(int64_t{settings_.min_delay_s} << doubled, most);
}

base::Status OcspUpdater::update_now(const std::string& path) {
  learn();
  const OcspTarget target = TRY(contexts_.ocsp_target_of(path));
  auto [entry, added] = entries_.try_emplace(target.id);
  if (added) entry->second.automatic = false;
  entry->second.path = target.path;
  entry->second.uri = target.uri;
  entry->second.due = 0;
  timer_.start_after(base::Nanos(0));
  return {};
}

}  // namespace lbd::tls
