// Converters to hashes and digests. The short hashes are those of balancing; digests are OpenSSL's, computed in a
// context of the thread, so that none is allocated for a sample. Manual: 7.3.1.
#include "lbd/expr/hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <xxhash.h>

#include <memory>
#include <string>

#include "lbd/expr/context.h"
#include "lbd/expr/operand.h"

namespace lbd::expr {
namespace {

uint32_t sdbm(std::string_view data) {
  return hash::sdbm(data);
}

template <uint32_t (*function)(std::string_view)>
bool short_hash(const ConverterCall& call, Transaction&, Value& value) {
  uint32_t result = function(value.view());
  value.set_int(call.arg(0).number ? hash::avalanche(result) : result);
  return true;
}

bool xxh32(const ConverterCall& call, Transaction&, Value& value) {
  value.set_int(XXH32(value.text.data, value.text.size, static_cast<uint32_t>(call.arg(0).number)));
  return true;
}
bool xxh64(const ConverterCall& call, Transaction&, Value& value) {
  auto seed = static_cast<uint64_t>(call.arg(0).number);
  value.set_int(static_cast<int64_t>(XXH64(value.text.data, value.text.size, seed)));
  return true;
}
bool xxh3(const ConverterCall& call, Transaction&, Value& value) {
  auto seed = static_cast<uint64_t>(call.arg(0).number);
  value.set_int(static_cast<int64_t>(XXH3_64bits_withSeed(value.text.data, value.text.size, seed)));
  return true;
}

struct FreeMd {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
};
using Md = std::unique_ptr<EVP_MD, FreeMd>;

bool fetch_md(Prepare& prepare, const std::string& name) {
  Md md(EVP_MD_fetch(nullptr, name.c_str(), nullptr));
  if (!md) {
    prepare.error = fmt::format("OpenSSL knows no digest '{}'", name);
    return false;
  }
  *prepare.data = prepare.context.storage.make<Md>(std::move(md))->get();
  return true;
}
bool prepare_sha1(Prepare& prepare) {
  return fetch_md(prepare, "SHA1");
}
bool prepare_sha2(Prepare& prepare) {
  int64_t bits = prepare.args[0].given() ? prepare.args[0].number : 256;
  if (bits == 224 || bits == 256 || bits == 384 || bits == 512) return fetch_md(prepare, fmt::format("SHA{}", bits));
  prepare.error = "the number of bits is 224, 256, 384 or 512";
  return false;
}
bool prepare_digest(Prepare& prepare) {
  return fetch_md(prepare, std::string(prepare.args[0].text));
}
bool prepare_hmac(Prepare& prepare) {
  return prepare_digest(prepare) && prepare_base64(prepare, 1);
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

bool digest(const ConverterCall& call, Transaction& t, Value& value) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  char* to = t.arena.alloc_chars(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  bool done = context && EVP_DigestInit_ex(context.get(), static_cast<const EVP_MD*>(call.data), nullptr) == 1 &&
              EVP_DigestUpdate(context.get(), value.text.data, value.text.size) == 1 &&
              EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(to), &size) == 1;
  value.set_text({to, size}, Type::binary);
  return done;
}

bool hmac(const ConverterCall& call, Transaction& t, Value& value) {
  std::string_view key;
  if (!base64_operand(call.arg(1), t, key)) return false;
  char* to = t.arena.alloc_chars(EVP_MAX_MD_SIZE);
  unsigned size = 0;
  const unsigned char* made =
      HMAC(static_cast<const EVP_MD*>(call.data), key.empty() ? "" : key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(value.text.data), value.text.size,
           reinterpret_cast<unsigned char*>(to), &size);
  value.set_text({to, size}, Type::binary);
  return made != nullptr;
}

constexpr ArgSpecs kNumber = {{{ArgKind::number, true}}};
constexpr Type kBytes = Type::binary, kInt = Type::integer;
constexpr ConverterRow kRows[] = {
    {.name = "crc32",
     .doc = "CRC-32, spread evenly with argument 1.",
     .args = kNumber,
     .in = kBytes,
     .out = kInt,
     .run = short_hash<hash::crc32>},
    {.name = "crc32c",
     .doc = "CRC-32C (RFC 4960), spread evenly with argument 1.",
     .args = kNumber,
     .in = kBytes,
     .out = kInt,
     .run = short_hash<hash::crc32c>},
    {.name = "djb2",
     .doc = "The hash DJB2, spread evenly with argument 1.",
     .args = kNumber,
     .in = kBytes,
     .out = kInt,
     .run = short_hash<hash::djb2>},
    {.name = "sdbm",
     .doc = "The hash SDBM, spread evenly with argument 1.",
     .args = kNumber,
     .in = kBytes,
     .out = kInt,
     .run = short_hash<sdbm>},
    {.name = "wt6",
     .doc = "The hash WT6, spread evenly with argument 1.",
     .args = kNumber,
     .in = kBytes,
     .out = kInt,
     .run = short_hash<hash::wt6>},
    {.name = "xxh32",
     .doc = "The 32-bit xxHash with a seed.",
     .args = kNumber,
     .in = kBytes,
     .out = kInt,
     .run = xxh32},
    {.name = "xxh64",
     .doc = "The 64-bit xxHash with a seed.",
     .args = kNumber,
     .in = kBytes,
     .out = kInt,
     .run = xxh64},
    {.name = "xxh3",
     .doc = "The 64-bit hash XXH3 with a seed.",
     .args = kNumber,
     .in = kBytes,
     .out = kInt,
     .run = xxh3},
    {.name = "sha1", .doc = "The SHA-1 digest.", .in = kBytes, .out = kBytes, .run = digest, .prepare = prepare_sha1},
    {.name = "sha2",
     .doc = "A digest of SHA-2 of 224, 256 (by default), 384 or 512 bits.",
     .args = kNumber,
     .in = kBytes,
     .out = kBytes,
     .run = digest,
     .prepare = prepare_sha2},
    {.name = "digest",
     .doc = "The digest of that name in OpenSSL.",
     .args = {{{ArgKind::text}}},
     .in = kBytes,
     .out = kBytes,
     .run = digest,
     .prepare = prepare_digest},
    {.name = "hmac",
     .doc = "The message authentication code by a digest of OpenSSL and a key in base64.",
     .args = {{{ArgKind::text}, {ArgKind::text_or_var}}},
     .in = kBytes,
     .out = kBytes,
     .run = hmac,
     .prepare = prepare_hmac},
};
const Converters kEnrol(kRows);

}  // namespace
}  // namespace lbd::expr
