#include "lbd/cli/command.h"

#include <algorithm>

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
  say("Permission denied");
  return false;
}

void Invocation::say(std::string_view line) {
  answer += line;
  answer += '\n';
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
    invocation.answer += unknown_command(invocation.words, invocation.session.level);
    return;
  }
  invocation.arguments = base::split(row->name, ' ').size();
  if (invocation.allowed(row->level)) row->run(invocation);
}

server::Server* find_server(Invocation& invocation, std::string_view name) {
  size_t slash = name.find('/');
  if (slash == std::string_view::npos) {
    invocation.say("Require 'backend/server'.");
    return nullptr;
  }
  server::Backend* backend = invocation.services.objects.find_backend(name.substr(0, slash));
  if (!backend) {
    invocation.say("No such backend.");
    return nullptr;
  }
  server::Server* server = backend->find_server(name.substr(slash + 1));
  if (!server) invocation.say("No such server.");
  return server;
}

}  // namespace lbd::cli
