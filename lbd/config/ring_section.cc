// ring sections (manual 3.9).
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/log.h"
#include "cfg/field.h"
#include "lbd/config/section.h"
#include "lbd/config/server_line.h"

namespace lbd::config {
namespace {

// The ring that is always there: events of the process (`show events buf0`).
constexpr std::string_view kOfProcess = "buf0";

void set_description(cfg::Args& args, Ring& ring) {
  if (args.at_end()) return args.error("missing ring description text");
  ring.description.clear();
  for (const cfg::Word& word : args.rest()) ring.description += (ring.description.empty() ? "" : " ") + word.text;
}

void set_format(cfg::Args& args, Ring& ring) {
  auto format = args.take<std::string>();
  if (!format) return;
  if (!base::parse_log_format(*format))
    return args.error(fmt::format("unknown format '{}'", *format),
                      "known are local, rfc3164, rfc5424, priority, short, timed, iso and raw");
  ring.format = *format;
}

void set_size(cfg::Args& args, Ring& ring) {
  constexpr uint64_t kMost = uint64_t{1} << 32;
  const auto size = args.take<uint64_t>({1, kMost});
  if (!size) return;
  if (*size < ring.size)
    return args.error(
        fmt::format("the size {} is smaller than {}, which ring '{}' has already", *size, ring.size, ring.name));
  ring.size = *size;
}

void add_server(cfg::Args& args, Ring& ring) {
  parse_server_line(args, *ring.proxy);
}

template <auto Member>
void set_timeout(cfg::Args& args, Ring& ring) {
  if (auto time = args.take<base::Millis>({1, cfg::kMaxMillis})) ring.proxy->timeouts.*Member = *time;
}

// It is made when the process starts, and not when a configuration is but checked.
void set_file(cfg::Args& args, Ring& ring) {
  const auto path = args.take<std::string>();
  if (!path) return;
  if (!ring.file.empty()) return args.error(fmt::format("ring '{}' has a backing-file already", ring.name));
  const std::string folder = path->substr(0, path->rfind('/') + 1);
  if (::access(path->c_str(), W_OK) != 0 &&
      (errno != ENOENT || ::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) != 0))
    return args.error(
        fmt::format("cannot open backing-file '{}' for ring '{}': {}.", *path, ring.name, std::strerror(errno)));
  ring.file = *path;
}

constexpr cfg::Keyword<Ring> kWords[] = {
    {.name = "backing-file", .doc = "A file that the lines are in too, for after a crash.", .set = set_file},
    {.name = "description", .doc = "What `show events` calls the ring.", .set = set_description},
    {.name = "format", .doc = "Of lines in the ring; raw unless it is said.", .set = set_format},
    {.name = "maxlen",
     .doc = "Bytes of a line that are kept, its header included.",
     .set = cfg::field<&Ring::most_of_a_line>({1, UINT32_MAX})},
    {.name = "server",
     .doc = "NAME ADDRESS: gets all lines over TCP, in the framing of `log-proto`.",
     .set = add_server},
    {.name = "size", .doc = "Bytes that the ring holds; the oldest lines make room.", .set = set_size},
    {.name = "timeout connect",
     .doc = "Longest wait for a connection to a server.",
     .set = set_timeout<&Timeouts::connect>},
    {.name = "timeout server",
     .doc = "Longest time that a server takes nothing.",
     .set = set_timeout<&Timeouts::server>},
};
const base::Registered<cfg::Keyword<Ring>> kEnrolWords(kWords);

class RingReader : public Section {
 public:
  RingReader(std::string name, const cfg::Location& where, Loading& loading) : loading_(loading) {
    ring_.proxy = std::make_unique<Proxy>();
    ring_.proxy->name = name;
    ring_.proxy->backend = true;
    ring_.proxy->location = where;
    ring_.name = std::move(name);
    ring_.location = where;
  }
  void line(const cfg::Statement& statement) override {
    const size_t servers = ring_.proxy->servers.size();
    run_word(statement, ring_, "ring", loading_);
    if (ring_.proxy->servers.size() > servers) complain_of_idle_words(*ring_.proxy->servers.back(), statement);
  }
  void close() override {
    if (ring_.description.empty()) ring_.description = ring_.name;
    if (ring_.most_of_a_line > ring_.size)
      loading_.diagnostics.warning(
          ring_.location, fmt::format("ring '{}' event max length '{}' exceeds size, forced to size '{}'.", ring_.name,
                                      ring_.most_of_a_line, ring_.size));
    if (ring_.most_of_a_line == 0 || ring_.most_of_a_line > ring_.size) ring_.most_of_a_line = ring_.size;
    loading_.config.rings.push_back(std::move(ring_));
  }

 private:
  // A ring connects to its servers and speaks, nothing else.
  void complain_of_idle_words(const Server& server, const cfg::Statement& statement) {
    if (server.check.enabled || server.agent_check)
      advise_pending("check", "the servers of a ring are not checked", statement.loc, loading_.diagnostics, ring_.name);
    if (!server.expressions.empty() || server.tls.sni || server.send_proxy || server.socks4 ||
        !server.resolvers.empty())
      advise_pending(statement.join(), "a ring knows log-proto, source and the words of TLS but sni", statement.loc,
                     loading_.diagnostics, ring_.name);
  }

  Loading& loading_;
  Ring ring_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  std::string name = section_name(header, loading);
  if (name.empty()) return nullptr;
  const auto& rings = loading.config.rings;
  if (name == kOfProcess ||
      std::any_of(rings.begin(), rings.end(), [&](const Ring& ring) { return ring.name == name; })) {
    loading.diagnostics.error(header.loc, fmt::format("sink named '{}' already exists.", name));
    return nullptr;
  }
  return std::make_unique<RingReader>(std::move(name), header.loc, loading);
}

constexpr SectionRow kRows[] = {
    {"ring", "Log lines in memory, for `show events` and for syslog servers over TCP.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
