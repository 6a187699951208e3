#include "lbd/expr/credentials.h"

#include <crypt.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

#include "base/base64.h"
#include "base/strings.h"

namespace lbd::expr {
namespace {

// Takes as long for a wrong text as for a right one.
bool same_secret(std::string_view a, std::string_view b) {
  auto differs = static_cast<unsigned char>(a.size() != b.size());
  for (size_t i = 0; i < a.size(); ++i)
    differs |= static_cast<unsigned char>(a[i] ^ (b.empty() ? '\1' : b[i % b.size()]));
  return !differs;
}

// Which passwords were right and wrong.
class Memory {
 public:
  Memory() { RAND_bytes(key_.data(), static_cast<int>(key_.size())); }

  // Null: not seen yet; `digest` is for remember().
  using Digest = std::array<unsigned char, 32>;
  const bool* find(const config::User& user, std::string_view password, Digest& digest) const {
    digest = digest_of(user, password);
    auto it = known_.find(digest);
    return it == known_.end() ? nullptr : &it->second;
  }
  void remember(const Digest& digest, bool right) {
    if (known_.size() >= kMost) known_.clear();
    known_.emplace(digest, right);
  }

 private:
  static constexpr size_t kMost = 4096;
  struct Hash {
    size_t operator()(const Digest& digest) const {
      size_t hash;
      std::memcpy(&hash, digest.data(), sizeof hash);
      return hash;
    }
  };

  // The stored password stands for the user: another configuration may have another one at the same place.
  Digest digest_of(const config::User& user, std::string_view password) const {
    Digest digest{};
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> hash(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestInit_ex(hash.get(), EVP_sha256(), nullptr);
    EVP_DigestUpdate(hash.get(), key_.data(), key_.size());
    EVP_DigestUpdate(hash.get(), user.password.data(), user.password.size() + 1);
    EVP_DigestUpdate(hash.get(), password.data(), password.size());
    EVP_DigestFinal_ex(hash.get(), digest.data(), nullptr);
    return digest;
  }

  std::array<unsigned char, 32> key_{};
  std::unordered_map<Digest, bool, Hash> known_;
};

bool hash_matches(const config::User& user, std::string_view password) {
  static thread_local Memory memory;
  Memory::Digest digest;
  if (const bool* known = memory.find(user, password, digest)) return *known;
  static thread_local auto scratch = std::make_unique<crypt_data>();
  const char* hash = ::crypt_r(std::string(password).c_str(), user.password.c_str(), scratch.get());
  const bool right = hash && same_secret(hash, user.password);
  memory.remember(digest, right);
  return right;
}

}  // namespace

bool asks_a_proxy(const Transaction& transaction) {
  if (!transaction.request || !transaction.frontend) return false;
  const std::string_view target = transaction.request->target;
  return transaction.frontend->config().has(config::Option::http_use_proxy_header) && !target.starts_with('/') &&
         target != "*";
}

Credentials credentials_of(Transaction& transaction) {
  if (!transaction.request) return {};
  const http::Headers& headers = transaction.request->headers;
  const http::Header* field =
      asks_a_proxy(transaction) ? headers.find("proxy-authorization") : headers.find(http::Token::authorization);
  if (!field) return {};
  const size_t blank = field->value.find(' ');
  if (blank == std::string_view::npos) return {};
  const std::string_view scheme = field->value.substr(0, blank), rest = base::trim(field->value.substr(blank));
  Credentials made;
  if (base::iequals(scheme, "bearer")) {
    made.scheme = "Bearer";
    made.token = rest;
    return made;
  }
  if (!base::iequals(scheme, "basic")) return {};
  const auto text = base::decode_base64(rest, base::Base64::standard, transaction.arena);
  const size_t colon = text ? text->find(':') : std::string_view::npos;
  if (colon == std::string_view::npos) return {};
  made.scheme = "Basic";
  made.user = text->substr(0, colon);
  made.password = text->substr(colon + 1);
  return made;
}

bool password_matches(const config::User& user, std::string_view password) {
  return user.insecure ? same_secret(password, user.password) : hash_matches(user, password);
}

const config::User* authenticate(const config::UserList& list, const Credentials& credentials) {
  if (credentials.scheme != "Basic") return nullptr;
  const auto user = std::find_if(list.users.begin(), list.users.end(),
                                 [&](const config::User& one) { return one.name == credentials.user; });
  return user != list.users.end() && password_matches(*user, credentials.password) ? &*user : nullptr;
}

}  // namespace lbd::expr
