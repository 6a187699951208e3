// show, new, set, add, commit, abort, del ssl ca-file and ssl crl-file: files of authorities at run time. Both kinds
// are handled in the same way, in a transaction each; answers are haproxy's.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/cli/ssl_transaction.h"
#include "lbd/tls/certificate_report.h"

namespace lbd::cli {
namespace {

using tls::Authorities;
using tls::AuthorityFile;
using Kind = Authorities::Kind;

// What differs between the two.
struct Words {
  std::string_view name, file, payload;
};
constexpr Words words_of(Kind kind) {
  return kind == Kind::ca ? Words{"CA", "ca-file", "CAs"} : Words{"CRL", "crl-file", "CRLs"};
}

std::optional<AuthorityTransaction>& transaction_of(Invocation& invocation, Kind kind) {
  TlsTransactions& all = invocation.services.transactions;
  return kind == Kind::ca ? all.ca : all.crl;
}

size_t size_of(const AuthorityFile& file, Kind kind) {
  return kind == Kind::ca ? file.certificates.size() : file.lists.size();
}

template <Kind kind>
void show_list(Invocation& invocation) {
  auto line = [&](const std::string& path, const AuthorityFile& file) {
    invocation.say(kind == Kind::ca ? fmt::format("{} - {} certificate(s)", path, size_of(file, kind)) : path);
  };
  if (const auto& transaction = transaction_of(invocation, kind)) {
    invocation.say("# transaction");
    line("*" + transaction->path, *transaction->contents);
  }
  invocation.say("# filename");
  for (const auto& [path, file] : invocation.services.tls->authorities().files())
    if (file.kind == kind) line(path, *file.contents);
}

std::string report(const AuthorityFile& file, Kind kind, size_t index) {
  return kind == Kind::ca ? fmt::format(" \nCertificate #{}:\n{}", index + 1,
                                        tls::report_certificate(file.certificates[index].get()))
                          : fmt::format(" \nCertificate Revocation List #{}:\n{}", index + 1,
                                        tls::report_revocations(file.lists[index].get()));
}

template <Kind kind>
void show(Invocation& invocation) {
  const std::string_view argument = invocation.argument(0);
  if (argument.empty()) return show_list<kind>(invocation);
  constexpr Words words = words_of(kind);
  std::string path(argument);
  size_t only = 0;  // counted from 1; 0: all
  if (const size_t colon = path.rfind(':'); colon != std::string::npos) {
    const auto index = base::parse_int<uint32_t>(std::string_view(path).substr(colon + 1));
    if (!index || !*index) {
      invocation.answer += fmt::format("wrong {} index after colons in '{}'!", words.name, argument);
      return;
    }
    only = *index;
    path.resize(colon);
  }
  Authorities::Contents contents;
  std::string_view status = "Unused";
  if (path.starts_with('*')) {
    const auto& transaction = transaction_of(invocation, kind);
    if (transaction && transaction->path == path.substr(1)) contents = transaction->contents;
  } else if (const Authorities::File* file = invocation.services.tls->authorities().find(path)) {
    contents = file->contents;
    if (invocation.services.tls->uses_of_authorities(path)) status = "Used";
  }
  if (!contents) return invocation.say(fmt::format("Can't display the {} file : Not found!", words.name));
  const size_t count = size_of(*contents, kind);
  if (!count) status = "Empty";
  if (kind == Kind::ca && (!count || only > count)) return;
  invocation.answer += fmt::format("Filename: {}\nStatus: {}\n", path, status);
  for (size_t i = 0; i < count; ++i)
    if (!only || only == i + 1) invocation.answer += report(*contents, kind, i);
}

template <Kind kind>
void create(Invocation& invocation) {
  const std::string path(invocation.argument(0));
  constexpr Words words = words_of(kind);
  if (path.empty()) return invocation.say(fmt::format("'new ssl {}' expects a filename", words.file));
  Authorities& authorities = invocation.services.tls->authorities();
  if (authorities.find(path)) return invocation.say(fmt::format("{} file '{}' already exists!", words.name, path));
  authorities.put(path, kind, std::make_shared<const AuthorityFile>());
  invocation.say(fmt::format("New {} file created '{}'!", words.name, path));
}

// With `extend` what the payload holds comes to what is there.
template <Kind kind, bool extend>
void set(Invocation& invocation) {
  const std::string path(invocation.argument(0));
  constexpr Words words = words_of(kind);
  if (path.empty() || invocation.payload.empty())
    return invocation.say(fmt::format("'{} ssl {} expects a filename and {} as a payload", extend ? "add" : "set",
                                      words.file, words.payload));
  auto refuse = [&](std::string_view why) {
    invocation.say(why);
    invocation.say(fmt::format("Can't update {}!", path));
  };
  const Authorities::File* file = invocation.services.tls->authorities().find(path);
  if (!file)
    return refuse(fmt::format("Can't replace a {} file which is not referenced by the configuration!", words.name));
  auto& transaction = transaction_of(invocation, kind);
  const bool known = transaction.has_value();
  if (known && transaction->path != path)
    return refuse(
        fmt::format("The ongoing transaction is about '{}' but you are trying to set '{}'", transaction->path, path));
  auto contents = std::make_shared<AuthorityFile>();
  std::set<std::string> seen;
  if (extend) contents->add(known ? *transaction->contents : *file->contents, seen);
  if (!contents->add_pem(invocation.payload, seen) || !size_of(*contents, kind)) return refuse("Invalid payload");
  transaction = {path, std::move(contents)};
  invocation.say(fmt::format("transaction {} for {} {}!", known ? "updated" : "created", words.name, path));
}

template <Kind kind>
void commit(Invocation& invocation) {
  const std::string path(invocation.argument(0));
  if (path.empty()) return invocation.say("'commit ssl ca-file expects a filename");
  auto refuse = [&](std::string_view why) {
    invocation.say(why);
    invocation.say(fmt::format("Can't commit {}!", path));
  };
  auto& transaction = transaction_of(invocation, kind);
  if (!transaction) return refuse("No ongoing transaction! !");
  if (transaction->path != path)
    return refuse(
        fmt::format("The ongoing transaction is about '{}' but you are trying to set '{}'", transaction->path, path));
  tls::Contexts& contexts = *invocation.services.tls;
  invocation.say(fmt::format("Committing {}{}", path, std::string(contexts.uses_of_authorities(path), '.')));
  const base::Status done = contexts.replace(path, kind, std::move(transaction->contents));
  transaction.reset();
  if (!done) invocation.say(fmt::format("'{}': {}.", path, done.error().text));
  invocation.say(done ? "Success!" : "Failed!");
}

template <Kind kind>
void abort(Invocation& invocation) {
  abort_transaction(invocation, transaction_of(invocation, kind), words_of(kind).file);
}

template <Kind kind>
void remove(Invocation& invocation) {
  const std::string path(invocation.argument(0));
  constexpr Words words = words_of(kind);
  if (path.empty()) return invocation.say(fmt::format("'del ssl {}' expects a {} file name", words.file, words.name));
  Authorities& authorities = invocation.services.tls->authorities();
  auto refuse = [&](std::string_view why) {
    invocation.say(fmt::format("Can't remove the {0} file: {1}\n", words.name, why));
  };
  if (const auto& transaction = transaction_of(invocation, kind); transaction && transaction->path == path)
    return refuse(fmt::format("ongoing transaction for the {} file '{}'", words.name, path));
  if (!authorities.find(path)) return refuse(fmt::format("{} file '{}' doesn't exist!", words.name, path));
  if (invocation.services.tls->uses_of_authorities(path))
    return refuse(fmt::format("{} file '{}' in use, can't be deleted!", words.name, path));
  authorities.remove(path);
  invocation.say(fmt::format("{} file '{}' deleted!", words.name, path));
}

constexpr CommandRow kRows[] = {
    {.name = "show ssl ca-file",
     .usage = "[<cafile>[:<index>]]",
     .doc = "display the SSL CA files used in memory, or the details of a <cafile>, or a single certificate of index "
            "<index> of a CA file <cafile>",
     .run = show<Kind::ca>},
    {.name = "new ssl ca-file",
     .usage = "<cafile>",
     .doc = "create a new CA file to be used in a crt-list",
     .level = Level::admin,
     .run = create<Kind::ca>},
    {.name = "set ssl ca-file",
     .usage = "<cafile> <payload>",
     .doc = "replace a CA file",
     .level = Level::admin,
     .run = set<Kind::ca, false>},
    {.name = "add ssl ca-file",
     .usage = "<cafile> <payload>",
     .doc = "add a certificate into the CA file",
     .level = Level::admin,
     .run = set<Kind::ca, true>},
    {.name = "commit ssl ca-file",
     .usage = "<cafile>",
     .doc = "commit a CA file",
     .level = Level::admin,
     .run = commit<Kind::ca>},
    {.name = "abort ssl ca-file",
     .usage = "<cafile>",
     .doc = "abort a transaction for a CA file",
     .level = Level::admin,
     .run = abort<Kind::ca>},
    {.name = "del ssl ca-file",
     .usage = "<cafile>",
     .doc = "delete an unused CA file",
     .level = Level::admin,
     .run = remove<Kind::ca>},
    {.name = "show ssl crl-file",
     .usage = "[<crlfile[:<index>>]]",
     .doc = "display the SSL CRL files used in memory, or the details of a <crlfile>, or a single CRL of index <index> "
            "of CRL file <crlfile>",
     .run = show<Kind::crl>},
    {.name = "new ssl crl-file",
     .usage = "<crlfile>",
     .doc = "create a new CRL file to be used in a crt-list",
     .level = Level::admin,
     .run = create<Kind::crl>},
    {.name = "set ssl crl-file",
     .usage = "<crlfile> <payload>",
     .doc = "replace a CRL file",
     .level = Level::admin,
     .run = set<Kind::crl, false>},
    {.name = "commit ssl crl-file",
     .usage = "<crlfile>",
     .doc = "commit a CRL file",
     .level = Level::admin,
     .run = commit<Kind::crl>},
    {.name = "abort ssl crl-file",
     .usage = "<crlfile>",
     .doc = "abort a transaction for a CRL file",
     .level = Level::admin,
     .run = abort<Kind::crl>},
    {.name = "del ssl crl-file",
     .usage = "<crlfile>",
     .doc = "delete an unused CRL file",
     .level = Level::admin,
     .run = remove<Kind::crl>},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
