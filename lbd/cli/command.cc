#include "lbd/cli/command.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "base/strings.h"
#include "lbd/cli/help.h"

namespace lbd::cli {

std::string_view level_name(Level level) {
  switch (level) {
    case Level::user:
      return "user";
    case Level::operator_:
      return "operator";
    case Level::admin:
      break;
  }
  return "admin";
}

bool Invocation::allowed(Level least) {
  if (session.level >= least) return true;
  refuse("Permission denied");
  return false;
}

void Invocation::say(std::string_view line) {
  answer += line;
  answer += '\n';
}

void Invocation::refuse(std::string_view line) {
  answer += severity_mark(session.severity, base::Level::err);
  say(line);
}

std::function<void(base::Status)> answer_when_done(Invocation& invocation, std::string done) {
  const auto ended = std::make_shared<std::optional<base::Status>>();
  invocation.more = [ended, done = std::move(done), how = invocation.session.severity](std::string& answer) {
    if (!*ended) return More::waits;
    const base::Status& status = **ended;
    answer += severity_mark(how, status ? base::Level::info : base::Level::err);
    answer += status ? done : status.error().text;
    answer += '\n';
    return More::done;
  };
  return [ended, wake = invocation.wake](base::Status status) {
    *ended = std::move(status);
    if (wake) wake();
  };
}

std::string_view severity_mark(SessionState::Severity how, base::Level level) {
  constexpr std::string_view kNumbers[] = {"[0]: ", "[1]: ", "[2]: ", "[3]: ", "[4]: ", "[5]: ", "[6]: ", "[7]: "};
  constexpr std::string_view kWords[] = {
      "[emerg]: ", "[alert]: ", "[crit]: ", "[err]: ", "[warning]: ", "[notice]: ", "[info]: ", "[debug]: "};
  const auto at = static_cast<size_t>(level);
  if (how == SessionState::Severity::none || at >= std::size(kNumbers)) return {};
  return how == SessionState::Severity::number ? kNumbers[at] : kWords[at];
}

const CommandRow* find_command(const std::vector<std::string>& words) {
  const CommandRow* best = nullptr;
  base::Registered<CommandRow>::for_each([&](const CommandRow& row) {
    auto own = base::split(row.name, ' ');
    if (own.size() > words.size() || !std::equal(own.begin(), own.end(), words.begin())) return;
    if (!best || row.name.size() > best->name.size()) best = &row;
  });
  return best;
}

void execute(Invocation& invocation) {
  const CommandRow* row = find_command(invocation.words);
  if (!row) {
    invocation.answer += severity_mark(invocation.session.severity, base::Level::info);
    invocation.answer += unknown_command(invocation.words, invocation.session.level);
    return;
  }
  invocation.arguments = base::split(row->name, ' ').size();
  if (row->expert && !invocation.session.expert)
    return invocation.refuse("This command is restricted to expert mode only.");
  if (!invocation.allowed(row->level)) return;
  row->run(invocation);
}

server::Server* find_server(Invocation& invocation, std::string_view name) {
  size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    invocation.refuse("Require 'backend/server'.");
    return nullptr;
  }
  server::Backend* backend = invocation.services.objects.find_backend(name.substr(0, slash));
  if (!backend) {
    invocation.refuse("No such backend.");
    return nullptr;
  }
  server::Server* server = backend->find_server(name.substr(slash + 1));
  if (!server) invocation.refuse("No such server.");
  return server;
}

}  // namespace lbd::cli
