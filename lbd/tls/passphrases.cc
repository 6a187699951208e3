#include "lbd/tls/passphrases.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <utility>

#include "base/fd.h"
#include "lbd/tls/openssl.h"

namespace lbd::tls {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ", kEnd = "-----END ";

int give_passphrase(char* to, int size, int, void* own) {
  const auto& passphrase = *static_cast<const std::string*>(own);
  const size_t length = std::min(passphrase.size(), static_cast<size_t>(size));
  std::memcpy(to, passphrase.data(), length);
  return static_cast<int>(length);
}

KeyPtr decrypt(const std::string& pem, std::string passphrase) {
  BioPtr bio = read_bio(pem);
  ERR_clear_error();
  KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &passphrase));
  ERR_clear_error();
  OPENSSL_cleanse(passphrase.data(), passphrase.size());
  return key;
}

std::string text_of(const EVP_PKEY* key) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  CHECK(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

// What it writes until it ends.
base::Result<std::string> output_of(const std::vector<std::string>& command, base::Seconds longest) {
  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return base::Err(base::Error::from_errno(command[0]));
  base::Fd from(ends[0]), to(ends[1]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, to.get(), STDOUT_FILENO);
  pid_t pid = 0;
  const int failed = ::posix_spawn(&pid, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  to.reset();
  if (failed) return base::Err(fmt::format("{}: {}", command[0], std::strerror(failed)));
  std::string out;
  const base::MonoTime end = base::mono_now() + longest;
  bool late = false;
  for (;;) {
    struct pollfd waited = {from.get(), POLLIN, 0};
    const int64_t left = base::to_millis(end - base::mono_now());
    late = left <= 0 || ::poll(&waited, 1, static_cast<int>(left)) == 0;
    char room[256];
    const ssize_t n = late ? 0 : ::read(from.get(), room, sizeof room);
    if (n <= 0) break;
    out.append(room, static_cast<size_t>(n));
  }
  if (late) ::kill(pid, SIGKILL);
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  if (late) return base::Err(fmt::format("'{}' does not end within {} s", command[0], longest.count()));
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) return base::Err(fmt::format("'{}' fails", command[0]));
  return out;
}

}  // namespace

void Passphrases::set_command(const cfg::Statement& line) {
  command_.clear();
  for (size_t i = 1; i < line.size(); ++i) command_.emplace_back(line[i]);
}

base::Result<std::string> Passphrases::ask(const std::string& path) const {
  std::vector<std::string> command = command_;
  command.insert(command.begin() + 1, path);
  std::string said = TRY(output_of(command, kLongest));
  said.erase(std::min(said.find_first_of("\r\n"), said.size()));
  return said;
}

base::Result<std::string> Passphrases::open_key(const std::string& path, const std::string& pem) {
  std::lock_guard lock(mutex_);
  for (const std::string& passphrase : known_)
    if (KeyPtr key = decrypt(pem, passphrase)) return text_of(key.get());
  std::string passphrase = TRY(ask(path));
  KeyPtr key = decrypt(pem, passphrase);
  if (!key) return base::Err(fmt::format("'{}' says a passphrase that does not open its private key", command_[0]));
  known_.push_back(std::move(passphrase));
  return text_of(key.get());
}

base::Result<std::string> Passphrases::open(const std::string& path, std::string text) {
  if (command_.empty() || text.find("ENCRYPTED") == std::string::npos) return text;
  for (size_t at = 0; (at = text.find(kBegin, at)) != std::string::npos;) {
    size_t end = text.find(kEnd, at);
    if (end == std::string::npos) break;
    end = std::min(text.find('\n', end), text.size() - 1) + 1;
    const std::string block = text.substr(at, end - at);
    if (block.find("PRIVATE KEY-----") == std::string::npos || block.find("ENCRYPTED") == std::string::npos) {
      at = end;
      continue;
    }
    const std::string opened = TRY(open_key(path, block));
    text.replace(at, end - at, opened);
    at += opened.size();
  }
  return text;
}

}  // namespace lbd::tls
