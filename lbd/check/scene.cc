#include "lbd/check/scene.h"

#include "base/addr.h"
#include "base/arena.h"
#include "lbd/expr/logformat_parser.h"
#include "lbd/expr/process.h"
#include "lbd/expr/value.h"

namespace lbd::check {

bool take_text(cfg::Args& args, std::string& to) {
  auto text = args.take<std::string>();
  if (text) to = std::move(*text);
  return text.has_value();
}

const expr::LogFormat* take_format(cfg::Args& args, expr::CompileContext& context) {
  const auto word = args.take<cfg::Word>();
  if (!word) return nullptr;
  const size_t before = context.diagnostics.errors();
  auto* format = context.storage.make<expr::LogFormat>(
      expr::parse_logformat(context, *word, expr::phase::kCheck, expr::TextFor::variable));
  return context.diagnostics.errors() == before ? format : nullptr;
}

const expr::Expr* take_expression(cfg::Args& args, expr::CompileContext& context) {
  const auto word = args.take<cfg::Word>();
  return word ? expr::parse_expr(context, *word, expr::phase::kCheck) : nullptr;
}

bool is_assignment(std::string_view word) {
  word = word.substr(0, word.find('('));
  return word == "set-var" || word == "set-var-fmt" || word == "unset-var";
}

std::optional<expr::Assignment> parse_assignment(cfg::Args& args, expr::CompileContext& context) {
  const cfg::Word& word = args.statement().words[1];
  const std::string_view text = word.text, action = text.substr(0, text.find('('));
  if (action.size() + 2 > text.size() || text.back() != ')') {
    args.error_at(word.loc, "the name of a variable in brackets is expected", "set-var(check.name) <expression>");
    return std::nullopt;
  }
  const std::string_view bracket = text.substr(action.size() + 1, text.size() - action.size() - 2);
  const bool sets = action != "unset-var";
  expr::Assignment assignment;
  if (!expr::parse_variable(context, word, bracket, sets, true, assignment)) return std::nullopt;
  if (action == "set-var" && !(assignment.expression = take_expression(args, context))) return std::nullopt;
  if (action == "set-var-fmt" && !(assignment.format = take_format(args, context))) return std::nullopt;
  return assignment;
}

struct Scene::Exchange {
  Exchange() : arena(pool), transaction(session, arena) {}

  base::BlockPool pool{4096, 0};
  base::Arena arena;
  expr::Session session;
  expr::Transaction transaction;
};

Scene::Scene(server::Server& server, const Setting& setting) : server_(server), setting_(setting) {}
Scene::~Scene() = default;

expr::Transaction& Scene::show(const Heard& heard) {
  if (!exchange_) {
    exchange_ = std::make_unique<Exchange>();
    expr::Transaction& made = exchange_->transaction;
    made.begin_inside("CHECKS-FE");
    made.health_check = true;
    made.request_line = expr::kBadRequest;
    made.process = setting_.process;
    made.backend = &server_.backend();
    made.server = &server_;
  }
  expr::Transaction& t = exchange_->transaction;
  t.now = base::mono_now();
  t.response = heard.head;
  t.status = heard.head ? heard.head->status : 0;
  t.response_payload = heard.payload;
  t.response_payload_final = heard.whole;
  t.server_tls = link_.tls;
  const base::SockAddr own = link_.fd >= 0 ? base::SockAddr::local_of(link_.fd) : base::SockAddr();
  t.server_source = own.is_ip() ? own.ip_port() : base::IpPort();
  return t;
}

std::string Scene::print(const expr::LogFormat& format, const Heard& heard) {
  if (format.is_constant()) return std::string(format.constant());
  expr::Transaction& t = show(heard);
  const base::Arena::Mark mark = t.arena.mark();
  std::string text(format.print(t));
  t.arena.rewind(mark);
  return text;
}

std::optional<int64_t> Scene::number(const expr::Expr& expression, const Heard& heard) {
  expr::Transaction& t = show(heard);
  expr::Value value;
  const base::Arena::Mark mark = t.arena.mark();
  const bool found = expression.eval_as(expr::Type::integer, t, value) == expr::Found::yes;
  t.arena.rewind(mark);
  return found ? std::optional(value.integer) : std::nullopt;
}

void Scene::run(const expr::Assignment& assignment, const Heard& heard) {
  assignment.run(show(heard));
}

}  // namespace lbd::check
