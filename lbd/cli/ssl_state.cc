// show and set ssl ocsp-response, show tls-keys, set ssl tls-key, show ssl providers: the state of TLS that is neither
// a certificate nor an authority; answers are haproxy's.
#include <fmt/format.h>
#include <openssl/provider.h>

#include <algorithm>
#include <ctime>
#include <limits>
#include <set>

#include "base/base64.h"
#include "base/strings.h"
#include "lbd/cli/command.h"
#include "lbd/tls/certificate_report.h"

namespace lbd::cli {
namespace {

void show_ocsp(Invocation& invocation) {
  const std::string_view wanted = invocation.argument(0);
  std::set<std::string> ids;
  std::string answer;
  bool found = false;
  invocation.services.tls->certificates().for_each([&](const tls::Certificate& certificate) {
    const std::string& id = certificate.stapling()->ocsp_id;
    if (id.empty()) return;
    ids.insert(id);
    if (found || tls::hexadecimal(id) != wanted) return;
    found = true;
    if (auto known = certificate.stapling()->ocsp.get()) answer = tls::report_ocsp_answer(known->der);
  });
  if (!wanted.empty()) {
    if (!found) return invocation.say("Certificate ID does not match any certificate.");
    invocation.answer += answer;
    return;
  }
  invocation.say("# Certificate IDs");
  for (const std::string& id : ids)
    invocation.answer += fmt::format("Certificate ID key : {}\n{}", tls::hexadecimal(id), tls::report_ocsp_id(id));
}

void set_ocsp(Invocation& invocation) {
  const std::string text = invocation.payload.empty() ? std::string(invocation.argument(0)) : invocation.payload;
  if (base::trim(text).empty()) return invocation.say("'set ssl ocsp-response' expects response in base64 encoding.");
  const auto der = base::decode_base64_lines(text);
  if (!der) return invocation.say("'set ssl ocsp-response' received invalid base64 encoded response.");
  const base::Status done = invocation.services.tls->set_ocsp_answer(*der);
  invocation.say(done ? "OCSP Response updated!" : done.error().text);
}

std::string date_of(int64_t second) {
  if (second <= 0 || second == std::numeric_limits<int64_t>::max()) return "-";
  const std::time_t time = second;
  struct tm fields = {};
  localtime_r(&time, &fields);
  char text[64];
  return std::string(text, std::strftime(text, sizeof text, "%d/%b/%Y:%H:%M:%S %z", &fields));
}

void show_updates(Invocation& invocation) {
  using Entry = std::pair<const std::string, tls::OcspUpdater::Entry>;
  std::vector<const Entry*> entries;
  for (const Entry& entry : invocation.services.ocsp->entries()) entries.push_back(&entry);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry* a, const Entry* b) { return a->second.due < b->second.due; });
  invocation.say(
      "OCSP Certid | Path | Next Update | Last Update | Successes | Failures | Last Update Status | Last Update Status "
      "(str)");
  for (const Entry* entry : entries) {
    const auto& [id, facts] = *entry;
    invocation.say(fmt::format("{} | {} | {} | {} | {} | {} | {} | {}", tls::hexadecimal(id), facts.path,
                               date_of(facts.due), date_of(facts.updated), facts.successes, facts.failures,
                               static_cast<int>(facts.last), tls::OcspUpdater::text_of(facts.last)));
  }
}

void update(Invocation& invocation) {
  const std::string path(invocation.argument(0));
  if (path.empty()) return invocation.say("'update ssl ocsp-response' expects a filename");
  if (auto begun = invocation.services.ocsp->update_now(path); !begun)
    return invocation.say(fmt::format("Can't send ocsp request for '{}': {}!", path, begun.error().text));
  invocation.say(
      fmt::format("The OCSP response of '{}' is being fetched; 'show ssl ocsp-updates' tells how it ends.", path));
}

// "#0" or the name of the file; null: there is none.
const tls::TicketKeyFile* find_keys(const Invocation& invocation, std::string_view name, size_t& number) {
  const auto& files = invocation.services.tls->ticket_key_files();
  const auto index = name.starts_with('#') ? base::parse_int<uint32_t>(name.substr(1)) : std::nullopt;
  for (number = 0; number < files.size(); ++number)
    if (index ? *index == number : files[number].path == name) return &files[number];
  return nullptr;
}

void dump_keys(Invocation& invocation, size_t number, const tls::TicketKeyFile& file) {
  invocation.say(fmt::format("# {} ({})", number, file.path));
  size_t position = 0;
  for (const tls::TicketKey& key : *file.keys->keys(std::time(nullptr)))
    invocation.say(fmt::format("{}.{} {}", number, position++, base::encode_base64(key.bytes())));
}

void show_keys(Invocation& invocation) {
  const std::string_view wanted = invocation.argument(0);
  const auto& files = invocation.services.tls->ticket_key_files();
  if (wanted.empty()) {
    invocation.say("# id (file)");
    for (size_t i = 0; i < files.size(); ++i) invocation.say(fmt::format("{} ({})", i, files[i].path));
    return;
  }
  size_t number = 0;
  const tls::TicketKeyFile* only = wanted == "*" ? nullptr : find_keys(invocation, wanted, number);
  if (wanted != "*" && !only) return invocation.say("'show tls-keys' unable to locate referenced filename");
  invocation.say("# id secret");
  if (only) return dump_keys(invocation, number, *only);
  for (size_t i = 0; i < files.size(); ++i) dump_keys(invocation, i, files[i]);
}

void set_key(Invocation& invocation) {
  if (invocation.argument(1).empty())
    return invocation.say("'set ssl tls-key' expects a filename and the new TLS key in base64 encoding.");
  size_t number = 0;
  const tls::TicketKeyFile* file = find_keys(invocation, invocation.argument(0), number);
  if (!file) return invocation.say("'set ssl tls-key' unable to locate referenced filename");
  if (!base::decode_base64_lines(invocation.argument(1)))
    return invocation.say("'set ssl tls-key' received invalid base64 encoded TLS key.");
  const base::Status done = file->keys->push(invocation.argument(1), std::time(nullptr));
  invocation.say(done ? "TLS ticket key updated!" : "'set ssl tls-key' received a key of wrong size.");
}

void show_providers(Invocation& invocation) {
  invocation.say("Loaded providers : ");
  OSSL_PROVIDER_do_all(
      nullptr,
      [](OSSL_PROVIDER* provider, void* to) {
        static_cast<Invocation*>(to)->say(fmt::format("\t- {}", OSSL_PROVIDER_get0_name(provider)));
        return 1;
      },
      &invocation);
}

constexpr CommandRow kRows[] = {
    {.name = "show ssl ocsp-response",
     .usage = "[id]",
     .doc = "display the IDs of the OCSP responses used in memory, or the details of a single OCSP response",
     .run = show_ocsp},
    {.name = "set ssl ocsp-response",
     .usage = "<resp|payload>",
     .doc = "update a certificate's OCSP Response from a base64-encode DER",
     .level = Level::admin,
     .run = set_ocsp},
    {.name = "show ssl ocsp-updates",
     .doc = "display information about the next 'nb' ocsp responses that will be updated automatically",
     .run = show_updates},
    {.name = "update ssl ocsp-response",
     .usage = "<certfile>",
     .doc = "send ocsp request and update stored ocsp response",
     .level = Level::admin,
     .run = update},
    {.name = "show tls-keys",
     .usage = "[id|*]",
     .doc = "show tls keys references or dump tls ticket keys when id specified",
     .level = Level::admin,
     .run = show_keys},
    {.name = "set ssl tls-key",
     .usage = "[id|file] <key>",
     .doc = "set the next TLS key for the <id> or <file> listener to <key>",
     .level = Level::admin,
     .run = set_key},
    {.name = "show ssl providers", .doc = "show loaded SSL providers", .run = show_providers},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
