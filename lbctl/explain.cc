// explain: what would become of a request, under a configuration file or on the lbd that runs.
// diff: requests under two configurations, and those whose way differs.
#include <fmt/format.h>
#include <stdio.h>

#include "base/fd.h"
#include "base/registry.h"
#include "base/strings.h"
#include "lbctl/command.h"
#include "lbctl/program.h"
#include "lbctl/query.h"

namespace lbctl {
namespace {

constexpr std::string_view kExplainUsage =
    "lbctl explain -f FILE… | --live  'METHOD URL' [-H 'Name: value']… [--cookie 'name=value']… [--src IP[:PORT]]\n"
    "              [--dst IP[:PORT]] [--sni NAME] [--frontend NAME] [--response 'HTTP/1.1 200 OK' | 'Name: value']…\n";
constexpr std::string_view kDiffUsage = "lbctl diff OLD NEW --requests FILE\n";

int complain(std::string_view what, std::string_view usage) {
  print(stderr, fmt::format("lbctl: {}\n{}", what, usage));
  return 2;
}

// What the command line says, as a question (lbd/explain/question.h).
struct Asked {
  std::vector<std::string> files;
  bool live = false;
  std::string request, places, cookies, fields;
};

// `questions`: each with a blank line behind it. The answers, each with a blank line behind it.
base::Result<std::string> explain_with_lbd(const std::vector<std::string>& files, const std::string& questions) {
  std::vector<std::string> arguments = {"--explain"};
  for (const std::string& file : files) arguments.insert(arguments.end(), {"-f", file});
  Ended ended = TRY(run_program("lbd", arguments, questions));
  if (ended.code != 0) return base::Err(base::Error::invalid("lbd does not explain under this configuration"));
  return std::move(ended.output);
}

// "" or what is wrong.
std::string read_words(const Invocation& invocation, Asked& asked) {
  const std::vector<std::string>& words = invocation.words;
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--live") {
      asked.live = true;
      continue;
    }
    if (!word.starts_with('-')) {
      asked.request += (asked.request.empty() ? "" : " ") + word;
      continue;
    }
    if (i + 1 == words.size()) return fmt::format("'{}' needs an argument", word);
    const std::string& value = words[++i];
    if (word == "-f")
      asked.files.push_back(value);
    else if (word == "-H")
      asked.fields += value + "\n";
    else if (word == "--cookie")
      asked.cookies += (asked.cookies.empty() ? "" : "; ") + value;
    else if (word == "--response")
      asked.fields += "< " + value + "\n";
    else if (word == "--src" || word == "--dst" || word == "--frontend" || word == "--sni")
      asked.places += fmt::format(" {}={}", word.substr(2), value);
    else
      return fmt::format("'{}' is not known", word);
  }
  if (asked.request.empty()) return "a request is missing";
  if (asked.request.find(' ') == std::string::npos) asked.request = "GET " + asked.request;
  if (asked.live == !asked.files.empty()) return "either -f or --live is needed";
  return "";
}

int explain(const Invocation& invocation) {
  Asked asked;
  if (std::string wrong = read_words(invocation, asked); !wrong.empty()) return complain(wrong, kExplainUsage);
  if (!asked.cookies.empty()) asked.fields += "Cookie: " + asked.cookies + "\n";
  std::string first = asked.request + asked.places;
  auto answer = asked.live ? run_cli(invocation.sockets.stats, "explain " + first + " <<\n" + asked.fields + "\n")
                           : explain_with_lbd(asked.files, first + "\n" + asked.fields + "\n");
  if (!answer) {
    print(stderr, fmt::format("lbctl: {}\n", answer.error().text));
    return 1;
  }
  print(stdout, *answer);
  return 0;
}

// A line of a file of requests: a question, or a line of an HTTP log: `… 192.0.2.1:40000 [date] www api/s1 … "GET / …`.
std::string question_of(std::string_view line) {
  size_t quote = line.find('"');
  if (quote == std::string_view::npos) return std::string(line);
  std::vector<std::string_view> request = base::split(line.substr(quote + 1, line.rfind('"') - quote - 1), ' ');
  if (request.size() < 2) return {};
  std::string question = fmt::format("{} {}", request[0], request[1]);
  size_t date = line.find(" [");
  if (date == std::string_view::npos) return question;
  size_t space = line.rfind(' ', date - 1);
  std::string_view client = line.substr(space == std::string_view::npos ? 0 : space + 1, date - space - 1);
  question += fmt::format(" src={}", client);
  size_t end = line.find("] ", date);
  if (end != std::string_view::npos) {
    std::string_view frontend = line.substr(end + 2, line.find(' ', end + 2) - end - 2);
    if (frontend.ends_with('~')) frontend.remove_suffix(1);
    question += fmt::format(" frontend={}", frontend);
  }
  return question;
}

// The answers in the order of the questions; each ends with a blank line.
std::vector<std::string> each_answer(const std::string& all) {
  std::vector<std::string> answers;
  for (size_t at = 0, end = 0; (end = all.find("\n\n", at)) != std::string::npos; at = end + 2)
    answers.push_back(all.substr(at, end + 1 - at));
  return answers;
}

// What both sides see in the end; the rules on the way there may have moved.
std::string outcome_of(std::string_view answer) {
  std::string outcome;
  bool shown = false;
  for (std::string_view line : base::split(answer, '\n')) {
    if (!line.starts_with(' '))
      shown = line == "the server gets" || line == "the client gets" || line.starts_with("=> ");
    if (shown) outcome += fmt::format("    {}\n", line);
  }
  return outcome;
}

int diff(const Invocation& invocation) {
  const std::vector<std::string>& words = invocation.words;
  if (words.size() != 5 || words[3] != "--requests") return complain("two configurations and requests", kDiffUsage);
  auto lines = base::read_file(words[4]);
  if (!lines) return complain(lines.error().text, kDiffUsage);
  std::string questions;
  std::vector<std::string> asked;
  for (std::string_view line : base::split(*lines, '\n')) {
    std::string question = question_of(base::trim(line));
    if (question.empty()) continue;
    questions += question + "\n\n";
    asked.push_back(std::move(question));
  }
  auto before = explain_with_lbd({words[1]}, questions), after = explain_with_lbd({words[2]}, questions);
  for (const auto* side : {&before, &after})
    if (!*side) return complain(side->error().text, "");
  std::vector<std::string> old_way = each_answer(*before), new_way = each_answer(*after);
  size_t changed = 0;
  for (size_t i = 0; i < asked.size() && i < old_way.size() && i < new_way.size(); ++i) {
    std::string was = outcome_of(old_way[i]), is = outcome_of(new_way[i]);
    if (was == is) continue;
    ++changed;
    print(stdout, fmt::format("{}\n  with {}\n{}  with {}\n{}\n", asked[i], words[1], was, words[2], is));
  }
  print(stdout, fmt::format("{} of {} requests go another way\n", changed, asked.size()));
  return changed ? 1 : 0;
}

constexpr CommandRow kRows[] = {
    {.name = "explain", .doc = "-f FILE|--live 'GET URL' …: what would become of a request, and why", .run = explain},
    {.name = "diff", .doc = "OLD NEW --requests FILE: requests that two configurations treat differently", .run = diff},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbctl
