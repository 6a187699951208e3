// Answer: a whole answer that a configuration describes: an error page, an error file, or a body from the line or from
// a file, with a status and fields. What deny, tarpit, return and the word http-error have in common.
//
// Parsed once, made anew for each exchange. Life: in the storage of the rules. Thread: any. Errors: at load, at the
// word. Manual: 4.2 http-request return, http-error.
#pragma once

#include <string_view>
#include <utility>
#include <vector>

#include "lbd/expr/logformat.h"
#include "lbd/http/reply.h"
#include "lbd/rules/action.h"

namespace lbd::rules {

struct Answer {
  enum class Body : uint8_t {
    none,    // said by nothing: the action's default
    pages,   // the section's page for the status
    stored,  // an error file
    text,    // `body`, or `format` when it is not null
  };
  int status = 200;
  bool status_given = false;  // by `status`
  Body kind = Body::none;
  const http::StoredReply* page = nullptr;
  std::string_view body, content_type;
  const expr::LogFormat* format = nullptr;
  std::vector<std::pair<std::string_view, const expr::LogFormat*>> fields;

  http::Reply* make(expr::Transaction& transaction, const ErrorPages& errors) const;
};

// Reads the rest of the words; false: reported. `deny_status`: the old word for the status is known, too.
bool parse_answer(Parse& parse, Answer& answer, bool deny_status);

}  // namespace lbd::rules
