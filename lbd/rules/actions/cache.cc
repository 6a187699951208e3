// cache-use, cache-store: answers that are kept and given again. Manual: 6, 9.4.
#include <fmt/core.h>

#include <algorithm>

#include "base/strings.h"
#include "cfg/suggest.h"
#include "lbd/cache/visit.h"
#include "lbd/expr/process.h"
#include "lbd/expr/trace.h"
#include "lbd/http/uri.h"
#include "lbd/rules/action.h"

namespace lbd::rules {
namespace {

// The address of a request: its host, whose case does not matter, and its path. HAProxy keeps what is asked for by an
// absolute address, as over HTTP/2, beside what is asked for by its path; here it is the same.
std::string_view key_of(const http::Head& request, base::Arena& arena) {
  const http::Header* host = request.headers.find(http::Token::host);
  const std::string_view name = host ? host->value : std::string_view();
  const std::string_view path = http::path_and_query_of(request.target);
  char* key = arena.alloc_chars(name.size() + path.size());
  char* end = std::transform(name.begin(), name.end(), key, base::to_lower);
  end = std::copy(path.begin(), path.end(), end);
  return {key, end};
}

class CacheUse final : public Action {
 public:
  explicit CacheUse(const config::Cache& cache) : cache_(cache) {}

  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    const cache::RequestTerms terms = cache::terms_of(*t.request);
    cache::Cache& cache = t.process->caches->of(cache_);
    t.cache = std::make_unique<cache::Visit>(
        cache::Visit{cache, key_of(*t.request, t.arena), terms, cache::wanted_by(*t.request), {}, {}});
    if (!terms.use) return Verdict::next;
    outcome.cache_lookup = true;
    t.cache->answer = cache.find(t.cache->key, t.cache->wanted, t.now);
    return t.cache->answer ? Verdict::cached : Verdict::next;
  }

 private:
  const config::Cache& cache_;
};

class CacheStore final : public Action {
 public:
  explicit CacheStore(const config::Cache& cache) : cache_(cache) {}

  Verdict run(expr::Transaction& t, Outcome&) const override {
    // Only what was looked for can be kept.
    if (!t.cache || &t.cache->cache.config() != &cache_ || t.cache->answer || expr::dry(t)) return Verdict::next;
    cache::Visit& visit = *t.cache;
    const http::Head& response = *t.response;
    if (visit.terms.invalidates && response.status >= 200 && response.status < 400) visit.cache.forget(visit.key);
    if (visit.terms.store)
      visit.recording =
          visit.cache.record(visit.key, visit.wanted, response, visit.terms.only_if_shared, t.now, base::wall_now());
    return Verdict::next;
  }

 private:
  const config::Cache& cache_;
};

template <typename Kind>
const Action* parse_cache(Parse& parse) {
  const cfg::Word* name = parse.take("the name of a cache");
  if (!name) return nullptr;
  const config::Config& config = parse.context.config;
  if (const config::Cache* cache = config.find_cache(name->text)) return parse.context.storage.make<Kind>(*cache);
  std::vector<std::string_view> known;
  for (const auto& cache : config.caches) known.push_back(cache->name);
  parse.error(fmt::format("there is no cache '{}'", name->text), cfg::did_you_mean(name->text, known));
  return nullptr;
}

constexpr ActionRow kRows[] = {
    {"cache-store", "Keeps the answer in a cache.", set::kHttpResponse, false, parse_cache<CacheStore>},
    {"cache-use", "Answers from a cache if it can.", set::kHttpRequest, false, parse_cache<CacheUse>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
