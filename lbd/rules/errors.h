// ErrorPages: what a proxy answers when something goes wrong, by status: its errorfile, errorloc or errorfiles, those
// of its defaults, or the built-in page; or what http-error
// describes. Files are read and parsed once at load.
//
// Life: with the rules of the proxy. Thread: any. Errors: an unreadable or malformed file is a diagnostic at the word
// that named it. Manual: 4.2 errorfile, errorfiles, errorloc302, errorloc303,
// http-error.
#pragma once

#include <map>
#include <memory>

#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/http/reply.h"

namespace lbd::expr {
struct Transaction;
}

namespace lbd::rules {

struct Answer;

class ErrorPages {
 public:
  void load(const config::Proxy& proxy, const config::Config& config, cfg::Diagnostics& diagnostics);

  // http-error: `answer` from now on.
  void describe(int status, const Answer* answer) { described_[status] = answer; }

  // The answer for a status, in the arena; never null: a status without page of its own gets an empty body.
  http::Reply* make(int status, expr::Transaction& transaction) const;
  // The page as it stands, in a file or built in; null when the section describes one, or nobody has one.
  const http::StoredReply* find(int status) const;

 private:
  std::map<int, std::unique_ptr<http::StoredReply>> pages_;
  std::map<int, const Answer*> described_;
};

// Null: nothing is to be sent, or the file is not what it should be (reported at the answer's location).
std::unique_ptr<http::StoredReply> load_page(const config::ErrorAnswer& answer, int status,
                                             const config::Config& config, cfg::Diagnostics& diagnostics);

}  // namespace lbd::rules
