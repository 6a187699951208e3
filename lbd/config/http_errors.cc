// http-errors sections: sets of error pages that proxies take over with `errorfiles` (manual 3.8).
#include <fmt/format.h>

#include "lbd/config/error_words.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

void add_errorfile(cfg::Args& args, HttpErrors& set) {
  if (auto file = take_errorfile(args)) set.answers.insert_or_assign(file->first, std::move(file->second));
}

constexpr cfg::Keyword<HttpErrors> kWords[] = {
    {.name = "errorfile", .doc = "File with the whole answer for a status.", .set = add_errorfile},
};
const base::Registered<cfg::Keyword<HttpErrors>> kEnrolWords(kWords);

class HttpErrorsSection : public Section {
 public:
  HttpErrorsSection(size_t index, Loading& loading) : index_(index), loading_(loading) {}
  void line(const cfg::Statement& statement) override {
    run_word(statement, loading_.config.http_errors[index_], "http-errors", loading_);
  }

 private:
  size_t index_;
  Loading& loading_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  HttpErrors set;
  set.name = section_name(header, loading);
  set.location = header.loc;
  if (set.name.empty()) return nullptr;
  for (const HttpErrors& other : loading.config.http_errors)
    if (other.name == set.name)
      loading.diagnostics.error(header.at(1), fmt::format("http-errors section '{}' is declared twice", set.name));
  loading.config.http_errors.push_back(std::move(set));
  return std::make_unique<HttpErrorsSection>(loading.config.http_errors.size() - 1, loading);
}

constexpr SectionRow kRows[] = {{"http-errors", "A set of error pages.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
