// show, new, set, commit, abort, del ssl cert: certificates at run time. What is set is prepared in a transaction,
// which nothing sees until it is committed; answers are haproxy's.
#include <fmt/format.h>

#include <array>

#include "base/base64.h"
#include "lbd/cli/ssl_transaction.h"
#include "lbd/tls/certificate_report.h"

namespace lbd::cli {
namespace {

using tls::CertificateContents;

enum class Part : uint8_t { pem, key, issuer, ocsp, sctl };

// The certificate of which a file is a part: "a.pem.ocsp" belongs to "a.pem".
struct Target {
  std::string path;
  Part part = Part::pem;
};

std::optional<Target> find_target(const Invocation& invocation, const std::string& file) {
  tls::CertificateStore& store = invocation.services.tls->certificates();
  if (store.has(file)) return Target{file, Part::pem};
  constexpr std::array<std::pair<std::string_view, Part>, 5> kEndings{{{".key", Part::key},
                                                                       {".issuer", Part::issuer},
                                                                       {".ocsp", Part::ocsp},
                                                                       {".sctl", Part::sctl},
                                                                       {".pem", Part::pem}}};
  for (const auto& [ending, part] : kEndings) {
    if (!file.ends_with(ending)) continue;
    const std::string stem = file.substr(0, file.size() - ending.size());
    for (const std::string& path : {stem, stem + ".crt"})
      if (store.has(path)) return Target{path, part};
  }
  return std::nullopt;
}

std::string report(const std::string& shown_path, std::string_view status, const CertificateContents* contents,
                   const std::string& ocsp_id) {
  std::string out = fmt::format("Filename: {}\nStatus: {}\n", shown_path, status);
  if (contents) {
    if (tls::ChainPtr chain = contents->certificates()) {
      tls::CertificatePtr leaf(sk_X509_shift(chain.get()));
      out += tls::report_certificate(leaf.get()) + tls::report_chain(chain.get());
    }
  }
  return out + fmt::format("OCSP Response Key: {}\n", tls::hexadecimal(ocsp_id));
}

void show_list(Invocation& invocation) {
  const auto& transaction = invocation.services.transactions.certificate;
  if (transaction) invocation.say("# transaction\n*" + transaction->path);
  invocation.say("# filename");
  for (const std::string& path : invocation.services.tls->certificates().paths()) invocation.say(path);
}

void show(Invocation& invocation) {
  std::string file(invocation.argument(0));
  if (file.empty()) return show_list(invocation);
  constexpr std::string_view kUnknown = "Can't display the certificate: Not found or the certificate is a bundle!";
  const bool in_transaction = file.starts_with('*');
  if (in_transaction) file.erase(0, 1);
  const auto target = find_target(invocation, file);
  const auto& transaction = invocation.services.transactions.certificate;
  if (!target || (target->part != Part::pem && target->part != Part::ocsp) ||
      (target->part == Part::pem && target->path != file) ||
      (in_transaction && (!transaction || transaction->path != target->path)))
    return invocation.say(kUnknown);
  if (in_transaction) {
    const CertificateContents& contents = transaction->contents;
    if (target->part == Part::ocsp) {
      invocation.answer += tls::report_ocsp_answer(contents.ocsp.value_or(""));
      return;
    }
    invocation.answer +=
        report("*" + target->path, "Unused", &contents, contents.ocsp ? contents.ocsp_id() : std::string());
    return;
  }
  const auto certificate = invocation.services.tls->certificates().find(target->path);
  if (target->part == Part::ocsp) {
    if (auto answer = certificate ? certificate->stapling()->ocsp.get() : nullptr)
      invocation.answer += tls::report_ocsp_answer(answer->der);
    return;
  }
  if (!certificate) {
    invocation.answer += report(target->path, "Empty", nullptr, "");
    return;
  }
  const bool used = invocation.services.tls->uses_of_certificate(target->path) > 0;
  invocation.answer +=
      report(target->path, used ? "Used" : "Unused", &certificate->contents(), certificate->stapling()->ocsp_id);
}

void create(Invocation& invocation) {
  const std::string path(invocation.argument(0));
  if (path.empty()) return invocation.say("'new ssl cert' expects a filename");
  tls::CertificateStore& store = invocation.services.tls->certificates();
  if (store.has(path)) return invocation.say(fmt::format("Certificate '{}' already exists!", path));
  store.put(path, nullptr);
  invocation.say(fmt::format("New empty certificate store '{}'!", path));
}

// What is wrong with a payload, in haproxy's words; "" when it has been taken. `contents` is changed only then.
std::optional<std::string> take_payload(const Target& target, const std::string& payload,
                                        CertificateContents& contents) {
  switch (target.part) {
    case Part::pem: {
      const std::optional<std::string> issuer = std::move(contents.issuer);
      const bool read = contents.read_pem_file(payload) && contents.certificates();
      contents.issuer = issuer;  // an authority goes on to issue
      if (read) return std::nullopt;
      return fmt::format("unable to load certificate from file '{}'.\n", target.path);
    }
    case Part::key:
      if (contents.read_key(payload)) return std::nullopt;
      return fmt::format("unable to load private key from file '{}'.\n", target.path);
    case Part::issuer:
      if (contents.read_issuer(payload)) return std::nullopt;
      return fmt::format("'{}' cannot be read or parsed'.\n", target.path);
    case Part::ocsp:
      contents.ocsp = base::decode_base64_lines(payload);
      if (contents.ocsp) return std::nullopt;
      return "Error reading OCSP response in base64 format\n";
    case Part::sctl:
      break;
  }
  auto list = base::decode_base64_lines(payload);
  if (!list || !tls::check_sctl(*list)) return std::string();
  contents.sctl = std::move(*list);
  return std::nullopt;
}

void set(Invocation& invocation) {
  const std::string file(invocation.argument(0));
  if (file.empty() || invocation.payload.empty())
    return invocation.say("'set ssl cert expects a filename and a certificate as a payload");
  const std::string refusal = fmt::format("Can't update {}!", file);
  const auto target = find_target(invocation, file);
  if (!target) {
    invocation.say("Can't replace a certificate which is not referenced by the configuration!");
    return invocation.say(refusal);
  }
  auto& transaction = invocation.services.transactions.certificate;
  const bool known = transaction.has_value();
  if (known && transaction->path != target->path) {
    invocation.say(fmt::format("The ongoing transaction is about '{}' but you are trying to set '{}'",
                               transaction->path, target->path));
    return invocation.say(refusal);
  }
  CertificateContents contents;
  if (known) {
    contents = transaction->contents;
  } else if (auto certificate = invocation.services.tls->certificates().find(target->path)) {
    contents = certificate->contents();
    if (auto answer = certificate->stapling()->ocsp.get()) contents.ocsp = answer->der;
  }
  if (auto wrong = take_payload(*target, invocation.payload, contents)) {
    invocation.answer += *wrong;
    invocation.say("Can't load the payload");
    return invocation.say(refusal);
  }
  transaction = {target->path, std::move(contents)};
  invocation.say(fmt::format("Transaction {} for certificate {}!", known ? "updated" : "created", target->path));
}

void commit(Invocation& invocation) {
  const std::string path(invocation.argument(0));
  if (path.empty()) return invocation.say("'commit ssl cert expects a filename");
  const std::string refusal = fmt::format("Can't commit {}!", path);
  auto refuse = [&](std::string_view why) {
    invocation.say(why);
    invocation.say(refusal);
  };
  auto& transaction = invocation.services.transactions.certificate;
  if (!transaction) return refuse("No ongoing transaction! !");
  if (transaction->path != path)
    return refuse(
        fmt::format("The ongoing transaction is about '{}' but you are trying to set '{}'", transaction->path, path));
  const CertificateContents& contents = transaction->contents;
  if (contents.chain.empty() || contents.key.empty())
    return refuse("The transaction must contain at least a certificate and a private key!");
  if (!contents.has_own_key())
    return refuse(fmt::format("inconsistencies between private key and certificate loaded '{}'.", path));
  tls::Contexts& contexts = *invocation.services.tls;
  invocation.answer += fmt::format("Committing {}{}\n", path, std::string(contexts.uses_of_certificate(path), '.'));
  auto certificate = tls::Certificate::make(path, std::move(transaction->contents), contexts.chain_rules(path));
  transaction.reset();
  base::Status done = certificate ? base::Status() : base::Err(certificate.error());
  // At a start it is shown without an answer that is not good; here somebody is there to be told.
  if (done && !(*certificate)->warning().empty()) done = base::Err((*certificate)->warning());
  if (done) done = contexts.replace(std::move(*certificate));
  if (!done) invocation.say(fmt::format("'{}': {}.", path, done.error().text));
  invocation.say(done ? "Success!" : "Failed!");
}

void abort(Invocation& invocation) {
  abort_transaction(invocation, invocation.services.transactions.certificate, "cert");
}

void remove(Invocation& invocation) {
  const std::string path(invocation.argument(0));
  if (path.empty()) return invocation.say("'del ssl cert' expects a certificate name");
  tls::CertificateStore& store = invocation.services.tls->certificates();
  const auto& transaction = invocation.services.transactions.certificate;
  if (transaction && transaction->path == path)
    return invocation.say(
        fmt::format("Can't remove the certificate: ongoing transaction for the certificate '{}'", path));
  if (!store.has(path))
    return invocation.say(fmt::format("Can't remove the certificate: certificate '{}' doesn't exist!\n", path));
  if (invocation.services.tls->uses_of_certificate(path))
    return invocation.say(
        fmt::format("Can't remove the certificate: certificate '{}' in use, can't be deleted!\n", path));
  store.remove(path);
  invocation.say(fmt::format("Certificate '{}' deleted!", path));
}

constexpr CommandRow kRows[] = {
    {.name = "show ssl cert",
     .usage = "[<certfile>]",
     .doc = "display the SSL certificates used in memory, or the details of a file",
     .run = show},
    {.name = "new ssl cert",
     .usage = "<certfile>",
     .doc = "create a new certificate file to be used in a crt-list or a directory",
     .level = Level::admin,
     .run = create},
    {.name = "set ssl cert",
     .usage = "<certfile> <payload>",
     .doc = "replace a certificate file",
     .level = Level::admin,
     .run = set},
    {.name = "commit ssl cert",
     .usage = "<certfile>",
     .doc = "commit a certificate file",
     .level = Level::admin,
     .run = commit},
    {.name = "abort ssl cert",
     .usage = "<certfile>",
     .doc = "abort a transaction for a certificate file",
     .level = Level::admin,
     .run = abort},
    {.name = "del ssl cert",
     .usage = "<certfile>",
     .doc = "delete an unused certificate file",
     .level = Level::admin,
     .run = remove},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
