#include "base/result.h"

#include <cstdio>
#include <cstdlib>

namespace base {

Error Error::from_errno(std::string_view what, int err) {
  Code code = Code::system;
  Retry retry = Retry::no;
  switch (err) {
    case ECONNREFUSED:
      code = Code::refused;
      retry = Retry::yes;
      break;
    case ETIMEDOUT:
      code = Code::timeout;
      retry = Retry::yes;
      break;
    case ECONNRESET:
    case EPIPE:
      code = Code::closed;
      retry = Retry::yes;
      break;
    case ENOENT:
      code = Code::not_found;
      break;
    case EEXIST:
    case EADDRINUSE:
      code = Code::exists;
      break;
    case EACCES:
    case EPERM:
      code = Code::denied;
      break;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOBUFS:
      code = Code::limit;
      retry = Retry::yes;
      break;
    default:
      break;
  }
  std::string text(what);
  text += ": ";
  text += strerror(err);
  return {code, Fault::system, retry, err, std::move(text)};
}

void check_failed(const char* cond, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: impossible: %s\n", file, line, cond);
  std::abort();
}

}  // namespace base
