// Setters of the TLS words that bind lines and server lines share, and what else may be made of such words: the lines
// of a crt-list and ssl-default-*-options are read by the same rows. Model: Bind or Server. Thread: one load.
#pragma once

#include <fmt/format.h>

#include "base/strings.h"
#include "cfg/keyword.h"
#include "cfg/suggest.h"
#include "lbd/config/tls.h"

namespace lbd::config {

// flags of rows: the word may also stand in the brackets of a crt-list line; in ssl-default-bind-options and
// ssl-default-server-options.
inline constexpr uint32_t kInCrtList = 1u << 4;
inline constexpr uint32_t kInTlsDefaults = 1u << 5;

template <typename Model, auto Bound>
void set_tls_version(cfg::Args& args, Model& model) {
  if (auto version = args.take_choice({"SSLv3", "TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"}))
    model.tls.*Bound = static_cast<TlsVersion>(*version);
}

template <typename Model, TlsVersion Version>
void refuse_tls_version(cfg::Args&, Model& model) {
  model.tls.refused_versions = static_cast<uint8_t>(model.tls.refused_versions | 1u << static_cast<unsigned>(Version));
}

template <typename Model, TlsVersion Version>
void force_tls_version(cfg::Args&, Model& model) {
  model.tls.min_version = model.tls.max_version = Version;
}

template <typename Model, bool On>
void set_tickets(cfg::Args&, Model& model) {
  model.tls.tickets = On;
}

// A list of protocols for ALPN or NPN: names of 1 to 255 bytes between commas, 64 KiB in all.
template <typename Model, auto List>
void set_protocols(cfg::Args& args, Model& model) {
  auto word = args.take<cfg::Word>();
  if (!word) return;
  size_t bytes = 0;
  for (std::string_view name : base::split(word->text, ',')) {
    const size_t at = static_cast<size_t>(name.data() - word->text.data());
    if (name.empty())
      return args.error_at(word->at(at), fmt::format("'{}': the name of a protocol is empty", args.name()));
    if (name.size() > 255)
      return args.error_at(word->at(at, name.size()),
                           fmt::format("'{}': the name of a protocol is too long", args.name()));
    bytes += name.size() + 1;
  }
  if (bytes > 65535) return args.error(fmt::format("'{}': the list of protocols is too long", args.name()));
  model.tls.*List = std::move(*word);
}

// ssl-default-bind-options, ssl-default-server-options: words of `Model` that the rows permit there.
template <typename Model>
void read_tls_defaults(cfg::Args& args, Model& model) {
  if (!args.peek()) return args.error(fmt::format("'{}' expects options", args.name()));
  while (const cfg::Word* word = args.peek()) {
    const cfg::Keyword<Model>* row = cfg::Keywords<Model>::find(word->text);
    args.next();
    if (!row || !(row->flags & kInTlsDefaults)) {
      std::vector<std::string_view> known;
      base::Registered<cfg::Keyword<Model>>::for_each([&](const cfg::Keyword<Model>& other) {
        if (other.flags & kInTlsDefaults) known.push_back(other.name);
      });
      return args.error(fmt::format("unknown option '{}' of {}", word->text, args.statement()[0]),
                        cfg::did_you_mean(word->text, known));
    }
    args.begin(*word);
    row->set(args, model);
    if (args.failed()) return;
  }
}

}  // namespace lbd::config
