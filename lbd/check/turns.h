// Turns: the dialogue of the checks that know a protocol: what is said and what the answer means, in turns.
//
// A check is a Script: turns with a function that judges an answer. What has come before a question is no answer to it
// and is forgotten. The first answer that is not good, or the last one, is the result.
// Life: scripts are made for one run of a check. Thread: control thread. Errors: an answer that ends before it can be
// judged is invalid (L7RSP). Texts are HAProxy 2.6's. Manual: 4.2 option mysql-check and the like.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lbd/check/check.h"
#include "lbd/expr/context.h"

namespace lbd::check {

struct Turn {
  std::string question{};  // empty: the server speaks first
  // `answer`: what has come since the question, at least a byte; `closed`: no more will come. Nothing: more is needed
  // to say. A good report is that of the check only behind the last turn.
  std::optional<CheckReport> (*judge)(std::string_view answer, bool closed) = nullptr;
  CheckStatus if_silent = CheckStatus::l7_invalid;  // closed without a byte of an answer
  int step = 2;                                     // what the text about silence calls it
};

struct Script {
  std::vector<Turn> turns{};
  // The connection is closed, not reset: the server would count resets as broken clients.
  bool gentle = false;
  CheckStatus on_timeout = CheckStatus::l7_timeout;
};

class Turns final : public Dialogue {
 public:
  explicit Turns(Script script) : script_(std::move(script)) {}
  Target target() const override;
  Progress connected(std::string& out) override;
  Progress received(std::string_view bytes, bool closed, std::string& out) override;
  CheckReport timed_out() const override { return report(script_.on_timeout); }

 private:
  Script script_;
  size_t at_ = 0, seen_ = 0;
};

// Plans of checks whose script `make` makes of the words behind the option.
template <Script (*make)(const std::vector<std::string>& words)>
class TurnsPlan final : public DialoguePlan {
 public:
  explicit TurnsPlan(std::vector<std::string> words) : words_(std::move(words)) {}
  std::unique_ptr<Dialogue> begin(server::Server&, const Setting&) const override {
    return std::make_unique<Turns>(make(words_));
  }

 private:
  const std::vector<std::string> words_;
};

// The words behind the option; more than `most` are reported, and there are none then.
std::optional<std::vector<std::string>> option_words(const config::CheckSpec& spec, size_t most,
                                                     cfg::Diagnostics& diagnostics);

// For options without words.
template <Script (*make)(const std::vector<std::string>& words)>
std::unique_ptr<Plan> compile_turns(const config::CheckSpec& spec, expr::CompileContext& context) {
  auto words = option_words(spec, 0, context.diagnostics);
  return words ? std::make_unique<TurnsPlan<make>>(std::move(*words)) : nullptr;
}

// What of an answer goes into a report: up to the end of its first line, or a zero byte.
std::string first_line(std::string_view bytes);

}  // namespace lbd::check
