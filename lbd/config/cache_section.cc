// cache sections: small answers that are kept and given again. Manual: 6.2.1.
#include <fmt/format.h>

#include "lbd/config/section.h"

namespace lbd::config {
namespace {

struct CacheDraft {
  std::unique_ptr<Cache> cache = std::make_unique<Cache>();
  Loading& loading;
};

constexpr uint64_t kMegabyte = 1024 * 1024;

void set_total(cfg::Args& args, CacheDraft& draft) {
  draft.cache->total_max_size = args.take<uint32_t>({1, 4095}).value_or(0) * kMegabyte;
}

void set_largest(cfg::Args& args, CacheDraft& draft) {
  draft.cache->max_object_size = args.take<uint32_t>({1, 4095 * kMegabyte / 2}).value_or(0);
}

void set_age(cfg::Args& args, CacheDraft& draft) {
  draft.cache->max_age = base::Seconds(args.take<uint32_t>({0, std::numeric_limits<int32_t>::max()}).value_or(0));
}

void set_vary(cfg::Args& args, CacheDraft& draft) {
  auto word = args.take<cfg::Word>();
  if (!word) return;
  if (word->text != "on" && word->text != "off")
    return args.warning("'process-vary' is 'on' or 'off'; it is as before");
  draft.cache->process_vary = word->text == "on";
}

void set_secondary(cfg::Args& args, CacheDraft& draft) {
  draft.cache->max_secondary_entries = args.take<uint32_t>({1, std::numeric_limits<int32_t>::max()}).value_or(1);
}

constexpr cfg::Keyword<CacheDraft> kWords[] = {
    {.name = "max-age", .doc = "Seconds that an answer is kept at most, whatever it says.", .set = set_age},
    {.name = "max-object-size",
     .doc = "Bytes of an answer, head and body; by default a 256th of all.",
     .set = set_largest},
    {.name = "max-secondary-entries", .doc = "Answers of one address that may vary.", .set = set_secondary},
    {.name = "process-vary", .doc = "Keep answers that vary by Accept-Encoding and Referer, too.", .set = set_vary},
    {.name = "total-max-size", .doc = "Megabytes of memory for all answers.", .set = set_total},
};
const base::Registered<cfg::Keyword<CacheDraft>> kEnrolWords(kWords);

class CacheReader : public Section {
 public:
  CacheReader(std::string name, const cfg::Location& where, Loading& loading) : draft_{.loading = loading} {
    draft_.cache->name = std::move(name);
    draft_.cache->location = where;
  }
  void line(const cfg::Statement& statement) override { run_word(statement, draft_, "cache", draft_.loading); }
  void close() override {
    Cache& cache = *draft_.cache;
    cfg::Diagnostics& diagnostics = draft_.loading.diagnostics;
    auto& all = draft_.loading.config.caches;
    if (draft_.loading.config.find_cache(cache.name))
      diagnostics.error(cache.location, fmt::format("there is a cache '{}' already", cache.name));
    if (cache.total_max_size == 0)
      diagnostics.error(cache.location, fmt::format("the cache '{}' has no size", cache.name),
                        "add 'total-max-size MEGABYTES'");
    else if (cache.max_object_size > cache.total_max_size / 2)
      diagnostics.error(cache.location,
                        fmt::format("the cache '{}' has no room for two answers of 'max-object-size'", cache.name));
    if (cache.max_object_size == 0) cache.max_object_size = cache.total_max_size / 256;
    cache.index = all.size();
    all.push_back(std::move(draft_.cache));
  }

 private:
  CacheDraft draft_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  std::string name = section_name(header, loading);
  if (name.empty()) return nullptr;
  return std::make_unique<CacheReader>(std::move(name), header.loc, loading);
}

constexpr SectionRow kRows[] = {{"cache", "Small answers that are kept and given again.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
