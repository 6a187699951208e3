#include "lbctl/certificate_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/log.h"
#include "lbctl/json.h"
#include "lbctl/text.h"

namespace lbctl {
namespace {

using Use = tandem::CertificateList::Use;

constexpr int kNamesInList = 2;

std::string_view name_of(CertificateState state) {
  constexpr std::string_view kNames[] = {"good", "empty", "near end", "not yet valid", "ended"};
  return kNames[static_cast<size_t>(state)];
}

std::string iso(int64_t seconds) {
  std::string text;
  base::append_iso_date(text, base::WallTime(base::Seconds(seconds)));
  return text;
}

std::string hexadecimal(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return out;
}

// "a.example, b.example +3"
std::string names_of(const Certificate& certificate) {
  std::string out;
  int shown = 0;
  for (const std::string& name : certificate.names()) {
    if (shown == kNamesInList) break;
    out += (shown++ ? ", " : "") + printable(name);
  }
  if (static_cast<int>(certificate.name_count()) > shown)
    out += fmt::format(" +{}", static_cast<int>(certificate.name_count()) - shown);
  return out;
}

// "web *:443"; "backend app, server s1".
std::string line_of(const Use& use) {
  return printable(use.server() ? fmt::format("{}{}server {}", use.proxy(), use.proxy().empty() ? "" : ", ", use.line())
                                : fmt::format("{} {}", use.proxy(), use.line()));
}

std::string uses_of(const Certificate& certificate) {
  if (certificate.uses().empty()) return "no line";
  std::string out = line_of(certificate.uses(0));
  if (!certificate.uses(0).list().empty()) out += " (" + printable(certificate.uses(0).list()) + ")";
  if (certificate.use_count() > 1) out += fmt::format(" +{}", certificate.use_count() - 1);
  return out;
}

// Whom to believe, and how much.
std::string render_gaps(const std::vector<NodeCertificates>& nodes) {
  std::string text;
  for (const NodeCertificates& node : nodes) {
    if (!node.error.empty())
      text += fmt::format("{} tells nothing of its certificates: {}\n", printable(node.node), printable(node.error));
    else if (static_cast<int>(node.list.matching()) > node.list.certificates_size())
      text += fmt::format("{} has {} more, which end later\n", printable(node.node),
                          static_cast<int>(node.list.matching()) - node.list.certificates_size());
  }
  return text;
}

std::string json_list(const std::vector<std::string>& elements) {
  return fmt::format("[{}]", fmt::join(elements, ","));
}

template <typename Texts>
std::string json_texts(const Texts& texts) {
  std::vector<std::string> out;
  for (const std::string& text : texts) out.push_back(json_text(text));
  return json_list(out);
}

std::string json_of_certificate(const SharedCertificate& shared, uint32_t days, base::WallTime now) {
  const Certificate& it = shared.certificate;
  const CertificateNote note = note_of(it, days, now);
  std::vector<std::string> uses;
  for (const Use& use : it.uses())
    uses.push_back(fmt::format("{{\"proxy\":{},\"{}\":{},\"place\":{},\"crt_list\":{},\"default\":{}}}",
                               json_text(use.proxy()), use.server() ? "server" : "bind", json_text(use.line()),
                               json_text(use.place()), json_text(use.list()), use.fallback()));
  std::string out =
      fmt::format("{{\"path\":{},\"nodes\":{},\"differs\":{},\"state\":\"{}\",\"note\":{}", json_text(it.path()),
                  json_texts(shared.nodes), shared.differs, name_of(note.state), json_text(note.text));
  if (!it.digest().empty()) {
    const int64_t left = it.ends() - std::chrono::duration_cast<base::Seconds>(now.time_since_epoch()).count();
    out += fmt::format(
        ",\"subject\":{},\"issuer\":{},\"names\":{},\"name_count\":{},\"not_before\":\"{}\",\"not_after\":\"{}\","
        "\"days_left\":{},\"sha256\":\"{}\"",
        json_text(it.subject()), json_text(it.issuer()), json_texts(it.names()), it.name_count(), iso(it.begins()),
        iso(it.ends()), left >= 0 ? left / 86400 : -((-left + 86399) / 86400), hexadecimal(it.digest()));
  }
  if (it.chain_ends())
    out += fmt::format(",\"chain_subject\":{},\"chain_not_after\":\"{}\"", json_text(it.chain_subject()),
                       iso(it.chain_ends()));
  if (it.replaced()) out += fmt::format(",\"replaced\":\"{}\"", iso(it.replaced()));
  if (it.has_details())
    out +=
        fmt::format(",\"full_subject\":{},\"full_issuer\":{},\"serial\":{},\"key\":{},\"chain\":{}",
                    json_text(it.details().subject()), json_text(it.details().issuer()),
                    json_text(it.details().serial()), json_text(it.details().key()), json_texts(it.details().chain()));
  return out + fmt::format(",\"uses\":{},\"use_count\":{}}}", json_list(uses), it.use_count());
}

}  // namespace

std::string render_list(const std::vector<NodeCertificates>& nodes, uint32_t days, base::WallTime now) {
  const std::vector<SharedCertificate> all = side_by_side(nodes);
  const std::string gaps = render_gaps(nodes);
  if (all.empty()) return gaps.empty() ? "there are none\n" : gaps;
  std::vector<std::vector<std::string>> lines = {
      {"certificate", "state", "not after", "subject", "names", "issuer", "shown by", "on"}};
  for (const SharedCertificate& each : all) {
    const Certificate& it = each.certificate;
    lines.push_back({printable(it.path()), note_of(it, days, now).text, it.digest().empty() ? "" : utc_text(it.ends()),
                     printable(it.subject()), names_of(it), printable(it.issuer()), uses_of(it),
                     fmt::format("{}{}", printable(fmt::format("{}", fmt::join(each.nodes, ", "))),
                                 each.differs ? ", elsewhere another one" : "")});
  }
  return in_columns(lines) + gaps;
}

std::string render_details(const std::vector<NodeCertificates>& nodes, uint32_t days, base::WallTime now) {
  std::string text;
  const auto line = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) text += fmt::format("  {:<11} {}\n", name, printable(value));
  };
  for (const SharedCertificate& each : side_by_side(nodes)) {
    const Certificate& it = each.certificate;
    text += fmt::format("{}: {}\n", printable(it.path()), note_of(it, days, now).text);
    line("on", fmt::format("{}{}", fmt::join(each.nodes, ", "), each.differs ? ", elsewhere another one" : ""));
    if (!it.digest().empty()) {
      line("subject", it.details().subject());
      line("issuer", it.details().issuer());
      line("names", fmt::format("{}", fmt::join(it.names(), ", ")));
      line("not before", utc_text(it.begins()));
      line("not after", utc_text(it.ends()));
      line("key", it.details().key());
      line("serial", it.details().serial());
      line("SHA-256", hexadecimal(it.digest()));
    }
    for (const std::string& subject : it.details().chain()) line("chain", subject);
    if (it.replaced())
      line("set", fmt::format("at run time, {}; the file may have another one", utc_text(it.replaced())));
    for (const Use& use : it.uses())
      line("shown by", fmt::format("{}{}{}{}", line_of(use), use.place().empty() ? "" : ", " + use.place(),
                                   use.list().empty() ? "" : ", by " + use.list(),
                                   use.fallback() ? ", also for unknown names" : ""));
    if (it.uses().empty()) line("shown by", "no line");
  }
  return text + render_gaps(nodes);
}

std::string render_certificates_json(const std::vector<NodeCertificates>& nodes, uint32_t days, base::WallTime now) {
  std::vector<std::string> told, certificates;
  for (const NodeCertificates& node : nodes)
    told.push_back(node.error.empty()
                       ? fmt::format("{{\"node\":{},\"count\":{},\"matching\":{},\"told\":{}}}", json_text(node.node),
                                     node.list.count(), node.list.matching(), node.list.certificates_size())
                       : fmt::format("{{\"node\":{},\"error\":{}}}", json_text(node.node), json_text(node.error)));
  for (const SharedCertificate& each : side_by_side(nodes))
    certificates.push_back(json_of_certificate(each, days, now));
  return fmt::format("{{\"nodes\":{},\"certificates\":{}}}\n", json_list(told), json_list(certificates));
}

}  // namespace lbctl
