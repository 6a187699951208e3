// Scene: what the expressions and formats in the words of a check see in one run of it: the server and its proxy, what
// has come from the server, and the variables of check. and sess.; and the functions that read such words.
//
// Life: of the Dialogue. Constant texts cost nothing: what expressions are evaluated in is made at the first of them.
// Thread: control thread. Errors: at load, at the character; at run time there is a value or not. Manual: 4.2
// http-check send, set-var, expect; 2.8.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "cfg/args.h"
#include "lbd/check/check.h"
#include "lbd/expr/assignment.h"
#include "lbd/http/head.h"

namespace lbd::check {

// Words as texts, formats and expressions. False or null when something was reported.
bool take_text(cfg::Args& args, std::string& to);
const expr::LogFormat* take_format(cfg::Args& args, expr::CompileContext& context);
const expr::Expr* take_expression(cfg::Args& args, expr::CompileContext& context);

// http-check and tcp-check set-var(…), set-var-fmt(…), unset-var(…).
bool is_assignment(std::string_view word);
// The line from its second word on.
std::optional<expr::Assignment> parse_assignment(cfg::Args& args, expr::CompileContext& context);

// What has come from the server, as far as expressions may look at it.
struct Heard {
  std::string_view payload;
  http::Head* head = nullptr;  // of an HTTP answer
  bool whole = false;          // no more will come
};

class Scene {
 public:
  Scene(server::Server& server, const Setting& setting);
  ~Scene();

  void attach(const Link& link) { link_ = link; }
  std::string print(const expr::LogFormat& format, const Heard& heard = {});
  std::optional<int64_t> number(const expr::Expr& expression, const Heard& heard = {});
  void run(const expr::Assignment& assignment, const Heard& heard = {});

 private:
  struct Exchange;
  expr::Transaction& show(const Heard& heard);

  server::Server& server_;
  const Setting& setting_;
  Link link_;
  std::unique_ptr<Exchange> exchange_;
};

}  // namespace lbd::check
