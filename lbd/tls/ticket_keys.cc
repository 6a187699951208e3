#include "lbd/tls/ticket_keys.h"

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "base/base64.h"
#include "base/fd.h"
#include "base/strings.h"

namespace lbd::tls {
namespace {

int keys_index() {
  static const int index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL_CTX, 0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

// Looking an algorithm up costs more than using it once.
const EVP_CIPHER* cipher_of(const TicketKey& key) {
  static const EVP_CIPHER* const kLong = EVP_CIPHER_fetch(nullptr, "AES-256-CBC", nullptr);
  static const EVP_CIPHER* const kShort = EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr);
  return key.size == 32 ? kLong : kShort;
}

base::Result<TicketKey> key_of_line(std::string_view line) {
  auto bytes = base::decode_base64_lines(line);
  if (!bytes) return base::Err("not base64");
  return TicketKey::from_bytes(*bytes);
}

constexpr std::string_view kStateMark = "tk1";

void append_number(std::string& out, int64_t value) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xff);
}

int64_t read_number(std::string_view bytes) {
  uint64_t value = 0;
  for (char byte : bytes.substr(0, 8)) value = value << 8 | static_cast<uint8_t>(byte);
  return static_cast<int64_t>(value);
}

}  // namespace

std::string TicketKey::bytes() const {
  std::string out(name.begin(), name.end());
  out.append(reinterpret_cast<const char*>(aes.data()), size);
  out.append(reinterpret_cast<const char*>(hmac.data()), size);
  return out;
}

base::Result<TicketKey> TicketKey::from_bytes(std::string_view bytes) {
  if (bytes.size() != 80 && bytes.size() != 48)
    return base::Err(fmt::format("a key has 48 or 80 bytes, not {}", bytes.size()));
  TicketKey out;
  out.size = bytes.size() == 80 ? 32 : 16;
  std::memcpy(out.name.data(), bytes.data(), out.name.size());
  std::memcpy(out.aes.data(), bytes.data() + out.name.size(), out.size);
  std::memcpy(out.hmac.data(), bytes.data() + out.name.size() + out.size, out.size);
  return out;
}

TicketKey TicketKey::random() {
  TicketKey out;
  CHECK(RAND_bytes(out.name.data(), static_cast<int>(out.name.size())) == 1);
  CHECK(RAND_priv_bytes(out.hmac.data(), static_cast<int>(out.hmac.size())) == 1);
  CHECK(RAND_priv_bytes(out.aes.data(), static_cast<int>(out.aes.size())) == 1);
  return out;
}

TicketKeys::TicketKeys(int64_t period, int64_t now) : period_(period) {
  Ring ring;
  for (TicketKey& key : ring.keys) key = TicketKey::random();
  ring.since = now;
  ring_.set(std::make_shared<const Ring>(std::move(ring)));
}

base::Result<std::unique_ptr<TicketKeys>> TicketKeys::from_text(std::string_view text) {
  std::vector<TicketKey> all;
  size_t number = 0;
  for (std::string_view line : base::split(text, '\n')) {
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = base::trim(line);
    if (line.empty()) continue;
    auto key = key_of_line(line);
    if (!key) return base::Err(fmt::format("line {}: {}", number, key.error().text));
    if (!all.empty() && key->size != all.front().size)
      return base::Err(fmt::format("line {}: keys of 48 and of 80 bytes are mixed", number));
    all.push_back(*key);
  }
  if (all.size() < kKeys) return base::Err(fmt::format("{} keys are needed, there are {}", kKeys, all.size()));
  Ring ring;
  std::copy(all.end() - kKeys, all.end(), ring.keys.begin());
  return std::unique_ptr<TicketKeys>(new TicketKeys(std::move(ring)));
}

base::Result<std::unique_ptr<TicketKeys>> TicketKeys::from_file(const std::string& path) {
  auto keys = from_text(TRY(base::read_file(path)));
  if (!keys) return base::Err(path + ": " + keys.error().text);
  return keys;
}

void TicketKeys::rotate(int64_t now, const TicketKey& next) {
  std::lock_guard lock(rotating_);
  auto ring = std::make_shared<Ring>(*ring_.get());
  std::rotate(ring->keys.begin(), ring->keys.begin() + 1, ring->keys.end());
  ring->keys.back() = next;
  ring->since = now;
  ring_.set(std::move(ring));
}

std::shared_ptr<const std::array<TicketKey, TicketKeys::kKeys>> TicketKeys::keys(int64_t now) {
  auto ring = ring_.get();
  if (period_ && now - ring->since >= period_) {
    // After a long silence all keys are old, but nobody can hold a ticket of them.
    rotate(now, TicketKey::random());
    ring = ring_.get();
  }
  const auto* keys = &ring->keys;
  return {std::move(ring), keys};
}

base::Status TicketKeys::push(std::string_view line, int64_t now) {
  const TicketKey key = TRY(key_of_line(line));
  if (key.size != ring_.get()->keys.front().size) return base::Err("keys of 48 and of 80 bytes are mixed");
  rotate(now, key);
  return {};
}

std::string TicketKeys::state() const {
  auto ring = ring_.get();
  std::string out(kStateMark);
  append_number(out, ring->since);
  for (const TicketKey& key : ring->keys) out += key.bytes();
  return out;
}

int64_t TicketKeys::since(std::string_view state) {
  if (!state.starts_with(kStateMark) || state.size() < kStateMark.size() + 8) return 0;
  return read_number(state.substr(kStateMark.size()));
}

base::Status TicketKeys::adopt(std::string_view state, Adopt which) {
  const std::string_view whole = state;
  if (!state.starts_with(kStateMark) || state.size() < kStateMark.size() + 8)
    return base::Err("not the state of ticket keys");
  state.remove_prefix(kStateMark.size());
  Ring ring;
  ring.since = read_number(state);
  state.remove_prefix(8);
  if (state.size() % kKeys) return base::Err("a damaged state of ticket keys");
  const size_t size = state.size() / kKeys;
  for (size_t i = 0; i < kKeys; ++i) ring.keys[i] = TRY(TicketKey::from_bytes(state.substr(i * size, size)));
  std::lock_guard lock(rotating_);
  const auto here = ring_.get();
  const int64_t ours = here->since;
  // Two nodes that did not know each other: what this one sealed is opened for one period more.
  const TicketKey& used = here->keys[kInUse];
  const bool strangers =
      std::none_of(ring.keys.begin(), ring.keys.end(), [&](const TicketKey& one) { return one.name == used.name; });
  if (strangers && which == Adopt::newer) ring.keys[0] = used;
  // Of two that were rotated in one second all take the same one.
  const bool newer = ring.since > ours || (ring.since == ours && whole > this->state());
  if (newer || which == Adopt::any) ring_.set(std::make_shared<const Ring>(std::move(ring)));
  return {};
}

// OpenSSL's protocol: 1 done, 2 opened but to be renewed, 0 not one of ours, -1 failed.
int TicketKeys::seal_or_open(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac,
                             int seal) {
  auto& self = *static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), keys_index()));
  auto keys = self.keys(std::time(nullptr));
  const TicketKey* key = &(*keys)[kInUse];
  int answer = 1;
  if (seal) {
    if (!self.used()) self.used_.store(true, std::memory_order_relaxed);
    const int iv_size = EVP_CIPHER_get_iv_length(cipher_of(*key));
    if (RAND_bytes(iv, iv_size) != 1) return -1;
    std::memcpy(name, key->name.data(), key->name.size());
  } else if (std::memcmp(name, key->name.data(), key->name.size()) != 0) {
    auto known = std::find_if(keys->begin(), keys->end(), [&](const TicketKey& each) {
      return std::memcmp(name, each.name.data(), each.name.size()) == 0;
    });
    if (known == keys->end()) return 0;
    key = &*known;
    answer = 2;
  }
  // Clients of TLS 1.3 use a ticket once, and need another for the next time (RFC 8446, C.4).
  if (!seal && SSL_version(ssl) == TLS1_3_VERSION) answer = 2;
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, const_cast<unsigned char*>(key->hmac.data()), key->size),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0), OSSL_PARAM_construct_end()};
  if (EVP_MAC_CTX_set_params(mac, parameters) != 1 ||
      EVP_CipherInit_ex(cipher, cipher_of(*key), nullptr, key->aes.data(), iv, seal) != 1)
    return -1;
  return answer;
}

void TicketKeys::serve(SSL_CTX* context) {
  SSL_CTX_set_ex_data(context, keys_index(), this);
  SSL_CTX_set_tlsext_ticket_key_evp_cb(context, seal_or_open);
}

}  // namespace lbd::tls
