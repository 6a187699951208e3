// ErrorPages: what a proxy answers when something goes wrong, by status: its errorfile, errorloc or errorfiles, those
// of its defaults, or the built-in page. Files are read and parsed once at load.
//
// Life: with the rules of the proxy. Thread: any. Errors: an unreadable or malformed file is a diagnostic at the word
// that named it. Manual: 4.2 errorfile, errorfiles, errorloc302, errorloc303.
#pragma once

#include <map>
#include <memory>

#include "cfg/diag.h"
#include "lbd/config/config.h"
#include "lbd/http/reply.h"

namespace lbd::rules {

class ErrorPages {
 public:
  void load(const config::Proxy& proxy, const config::Config& config, cfg::Diagnostics& diagnostics);

  // The answer for a status, in the arena; never null: a status without page of its own gets an empty body.
  http::Reply* make(int status, base::Arena& arena) const;
  // Null when the proxy says nothing of its own for this status and HAProxy has no page either.
  const http::StoredReply* find(int status) const;

 private:
  std::map<int, std::unique_ptr<http::StoredReply>> pages_;
};

}  // namespace lbd::rules
