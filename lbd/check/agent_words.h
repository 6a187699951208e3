// AgentWords: what an agent's line asks for: "up 75% maxconn:30", "down # disk full".
//
// Words are separated by blanks, tabs and commas, in large letters or small ones; behind a '#' everything is for
// people. The last of each kind counts. Pure; any thread. Errors: a word that is none, or has no number, is told in
// `complaint` in HAProxy's words, and the others count all the same. Manual: 5.2 agent-check.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lbd/server/operator.h"

namespace lbd::check {

struct AgentWords {
  std::optional<server::OperatorState> admin;  // ready, drain, maint
  std::optional<bool> up;                      // up; or down, fail, stopped
  std::string state;                           // the word that said so
  std::string description;                     // behind it, after a '#'
  std::optional<uint32_t> percent;             // of the weight of the server line
  std::optional<uint32_t> maxconn;
  std::string complaint;
};

// One line, without its end.
AgentWords parse_agent_words(std::string_view line);

}  // namespace lbd::check
