#include "lbd/config/error_words.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "lbd/config/proxy_word.h"

namespace lbd::config {
namespace {

constexpr std::array kStatuses = {200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414,
                                  421, 422, 425, 429, 431, 500, 501, 502, 503, 504};

void add_errorfile(cfg::Args& args, Proxy& proxy) {
  if (auto file = take_errorfile(args))
    proxy.error_words.push_back({"", {file->first}, std::move(file->second), args.statement().loc});
}

template <ErrorAnswer::Kind Kind>
void add_errorloc(cfg::Args& args, Proxy& proxy) {
  auto status = take_error_status(args);
  if (!status) return;
  auto url = args.take<std::string>();
  if (!url) return;
  proxy.error_words.push_back({"", {*status}, {Kind, *url, args.statement().loc}, args.statement().loc});
}

void add_errorfiles(cfg::Args& args, Proxy& proxy) {
  auto name = args.take<cfg::Word>();
  if (!name) return;
  ErrorWord word;
  word.set = name->text;
  word.location = name->loc;
  while (!args.at_end()) {
    auto status = take_error_status(args);
    if (!status) return;
    word.codes.push_back(*status);
  }
  proxy.error_words.push_back(std::move(word));
}

constexpr ProxyWord kRows[] = {
    {.name = "errorfile",
     .doc = "File with the whole answer for a status.",
     .sections = kEverySide,
     .set = add_errorfile},
    {.name = "errorfiles",
     .doc = "Take the pages of an http-errors section.",
     .sections = kEverySide,
     .set = add_errorfiles},
    {.name = "errorloc",
     .doc = "Redirect (302) instead of the page for a status.",
     .sections = kEverySide,
     .set = add_errorloc<ErrorAnswer::Kind::redirect_302>},
    {.name = "errorloc302",
     .doc = "Redirect (302) instead of the page for a status.",
     .sections = kEverySide,
     .set = add_errorloc<ErrorAnswer::Kind::redirect_302>},
    {.name = "errorloc303",
     .doc = "Redirect (303) instead of the page for a status.",
     .sections = kEverySide,
     .set = add_errorloc<ErrorAnswer::Kind::redirect_303>},
};
const base::Registered<ProxyWord> kEnrol(kRows);

}  // namespace

std::optional<int> take_error_status(cfg::Args& args) {
  auto status = args.take<int32_t>();
  if (!status) return std::nullopt;
  if (std::find(kStatuses.begin(), kStatuses.end(), *status) != kStatuses.end()) return *status;
  args.error(fmt::format("status {} has no error page", *status),
             fmt::format("statuses with a page are {}", fmt::join(kStatuses, ", ")));
  return std::nullopt;
}

std::optional<std::pair<int, ErrorAnswer>> take_errorfile(cfg::Args& args) {
  auto status = take_error_status(args);
  if (!status) return std::nullopt;
  auto path = args.take<cfg::Word>();
  if (!path) return std::nullopt;
  return std::pair{*status, ErrorAnswer{ErrorAnswer::Kind::file, path->text, path->loc}};
}

}  // namespace lbd::config
