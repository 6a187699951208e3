#include "lbd/cache/cache.h"

#include <algorithm>

namespace lbd::cache {
namespace {

// What the lists and the index take for an entry, beside its key.
constexpr size_t kPerEntry = 160;

}  // namespace

Recording::Recording(Cache& cache, std::string key, std::unique_ptr<StoredAnswer> answer)
    : cache_(cache), key_(std::move(key)), answer_(std::move(answer)) {}

Recording::~Recording() {
  if (answer_) give_up();
}

// Room for so much of a body.
bool Recording::reserve(size_t body) {
  const size_t others = answer_->size() - answer_->body().capacity() + key_.size() + kPerEntry;
  const size_t head = answer_->head_size(), largest = cache_.config().max_object_size;
  if (head + body > largest) return false;
  const size_t most = largest - head, had = answer_->body().capacity();
  answer_->body().reserve(std::min(body > had ? std::max(body, 2 * had) : body, most));
  const size_t needed = others + answer_->body().capacity();
  if (!cache_.charge(needed - reserved_)) return false;
  reserved_ = needed;
  return true;
}

void Recording::append(const base::Buffer& piece) {
  if (!answer_) return;
  std::string& body = answer_->body();
  if (body.size() + piece.size() > body.capacity() && !reserve(body.size() + piece.size())) return give_up();
  piece.append_to(body);
}

void Recording::finish() {
  if (!answer_) return;
  answer_->body().shrink_to_fit();
  cache_.enter(key_, std::move(answer_), reserved_);
}

void Recording::give_up() {
  answer_.reset();
  cache_.discharge(reserved_);
  cache_.stop_recording(key_);
}

Cache::Answer Cache::find(std::string_view key, const Wanted& wanted, base::MonoTime now) {
  const std::lock_guard hold(lock_);
  const auto found = index_.find(key);
  if (found == index_.end()) return nullptr;
  for (const Entries::iterator entry : found->second) {
    if (entry->answer->expires() <= now || !entry->answer->variant().suits(wanted)) continue;
    entries_.splice(entries_.begin(), entries_, entry);
    return entry->answer;
  }
  return nullptr;
}

std::unique_ptr<Recording> Cache::record(std::string_view key, const Wanted& wanted, const http::Head& response,
                                         bool only_if_shared, base::MonoTime now, base::WallTime wall) {
  // What ends with the connection may have been cut.
  if (response.body == http::BodyKind::until_close || response.body == http::BodyKind::tunnel) return nullptr;
  if (response.body == http::BodyKind::length && response.content_length > config_.max_object_size) return nullptr;
  const auto lifetime = lifetime_of(response, config_.max_age, only_if_shared, wall);
  auto variant = variant_of(response, wanted);
  if (!lifetime || !variant) return nullptr;
  const bool varies = variant->by_encoding || variant->by_referer;
  if (varies && !config_.process_vary) return nullptr;
  auto answer = std::make_unique<StoredAnswer>(response, std::move(*variant), *lifetime, now, wall);
  {
    const std::lock_guard hold(lock_);
    if (const auto found = index_.find(key); found != index_.end()) {
      drop_expired(found->second, now);
      const auto same = std::find_if(found->second.begin(), found->second.end(), [&](const Entries::iterator& one) {
        return one->answer->variant() == answer->variant();
      });
      const bool fresh = same == found->second.end();
      if (varies && fresh && found->second.size() >= config_.max_secondary_entries) return nullptr;
      // A server that gives what was not wanted does not take the place of a better answer.
      if (!fresh && !answer->variant().suits(wanted)) return nullptr;
      if (found->second.empty()) index_.erase(found);
    }
    if (!received_.emplace(key).second) return nullptr;
  }
  auto recording = std::make_unique<Recording>(*this, std::string(key), std::move(answer));
  return recording->reserve(response.body == http::BodyKind::length ? response.content_length : 0)
             ? std::move(recording)
             : nullptr;
}

void Cache::forget(std::string_view key) {
  const std::lock_guard hold(lock_);
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  for (const Entries::iterator entry : found->second) entries_.erase(entry);
  index_.erase(found);
}

bool Cache::charge(size_t bytes) {
  const std::lock_guard hold(lock_);
  for (auto at = entries_.end(); used() + bytes > config_.total_max_size && at != entries_.begin();) {
    const auto entry = std::prev(at);
    if (entry->answer.use_count() > 1)
      at = entry;  // it would go on to take its memory
    else
      drop(entry);
  }
  if (used() + bytes > config_.total_max_size) return false;
  used_.fetch_add(bytes, std::memory_order_relaxed);
  return true;
}

// The memory of the answer is given back when the last who reads it is done.
void Cache::enter(const std::string& key, std::unique_ptr<StoredAnswer> answer, size_t reserved) {
  const size_t size = answer->size() + key.size() + kPerEntry;
  discharge(reserved - std::min(size, reserved));
  const size_t charged = std::min(size, reserved);
  const Answer shared(answer.release(), [this, charged](const StoredAnswer* done) {
    delete done;
    discharge(charged);
  });
  const std::lock_guard hold(lock_);
  received_.erase(key);
  const auto [found, fresh] = index_.try_emplace(key);
  Variants& variants = found->second;
  const auto same = std::find_if(variants.begin(), variants.end(), [&](const Entries::iterator& entry) {
    return entry->answer->variant() == shared->variant();
  });
  entries_.push_front({&found->first, shared});
  if (same != variants.end()) {
    entries_.erase(*same);
    *same = entries_.begin();
  } else {
    variants.push_back(entries_.begin());
  }
}

void Cache::stop_recording(const std::string& key) {
  const std::lock_guard hold(lock_);
  received_.erase(key);
}

void Cache::drop(Entries::iterator entry) {
  const auto found = index_.find(*entry->key);
  std::erase(found->second, entry);
  entries_.erase(entry);
  if (found->second.empty()) index_.erase(found);
}

void Cache::drop_expired(Variants& variants, base::MonoTime now) {
  std::erase_if(variants, [&](const Entries::iterator& entry) {
    if (entry->answer->expires() > now) return false;
    entries_.erase(entry);
    return true;
  });
}

void Cache::each(base::MonoTime now, const std::function<void(const Shown&)>& show) const {
  const std::lock_guard hold(lock_);
  for (const Entry& entry : entries_) {
    const StoredAnswer& answer = *entry.answer;
    show({&answer, Hash()(*entry.key), answer.size(), &answer.variant(), entry.answer.use_count() - 1,
          std::chrono::floor<base::Seconds>(answer.expires() - now)});
  }
}

}  // namespace lbd::cache
