// Passphrases: those of encrypted private keys, which a program says (ssl-passphrase-cmd): it is called with the path
// of the file and then with its own arguments, and what it writes in a line is the passphrase. One that opened a key is
// tried with the next, before the program is asked again.
//
// Owner: Contexts. Life: the load, which waits for the program, kLongest at most. Thread: any. Errors: Result.
// Manual: HAProxy 3.3, section 3.1 (ssl-passphrase-cmd).
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "cfg/statement.h"

namespace lbd::tls {

class Passphrases {
 public:
  static constexpr base::Seconds kLongest{10};

  // The program and its arguments behind the keyword. Without one encrypted keys stay closed.
  void set_command(const cfg::Statement& line);

  // The text of a file with the encrypted keys in it opened.
  base::Result<std::string> open(const std::string& path, std::string text);

 private:
  base::Result<std::string> ask(const std::string& path) const;
  base::Result<std::string> open_key(const std::string& path, const std::string& pem);

  std::vector<std::string> command_;
  std::mutex mutex_;
  std::vector<std::string> known_;
};

}  // namespace lbd::tls
