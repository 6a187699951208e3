#include "lbctl/certificates.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "lbctl/text.h"

namespace lbctl {
namespace {

constexpr int64_t kDay = 86400;
constexpr uint32_t kMostInVerdict = 4;

int64_t seconds_of(base::WallTime time) {
  return std::chrono::duration_cast<base::Seconds>(time.time_since_epoch()).count();
}

std::string end_text(int64_t ends, int64_t now) {
  return ends < now ? fmt::format("ended {} ago", span_text(base::Seconds(now - ends)))
                    : fmt::format("ends in {}", span_text(base::Seconds(ends - now)));
}

// Of the two that which comes first; an empty place stays as it is.
int64_t first_end(const Certificate& certificate) {
  if (certificate.digest().empty()) return INT64_MAX;
  return certificate.chain_ends() ? std::min(certificate.chain_ends(), certificate.ends()) : certificate.ends();
}

NodeCertificates told(std::string node, const base::Result<Answer>& lbd) {
  if (!lbd) return {std::move(node), fmt::format("lbd: {}", lbd.error().text), {}};
  if (!lbd->stats.has_certificates())
    return {
        std::move(node), fmt::format("lbd is of an older version ({}) and does not tell", lbd->hello.version()), {}};
  return {std::move(node), "", lbd->stats.certificates()};
}

}  // namespace

tandem::StatsRequest with_ending_certificates(uint32_t days, base::WallTime now) {
  tandem::StatsRequest request;
  tandem::CertificatesRequest& wanted = *request.mutable_certificates();
  wanted.set_ends_before(seconds_of(now) + days * kDay);
  wanted.set_most(kMostInVerdict);
  wanted.set_shown(true);
  return request;
}

CertificateNote note_of(const Certificate& certificate, uint32_t days, base::WallTime wall_now) {
  const int64_t now = seconds_of(wall_now), limit = now + days * kDay, ends = certificate.ends();
  if (certificate.digest().empty()) return {CertificateState::empty, "is not there yet"};
  if (ends < now) return {CertificateState::ended, end_text(ends, now)};
  if (certificate.begins() > now)
    return {CertificateState::not_yet, fmt::format("is not valid before {}", utc_text(certificate.begins()))};
  if (certificate.chain_ends() && certificate.chain_ends() < std::min(limit, ends))
    return {CertificateState::near_end,
            fmt::format("{}, and '{}' above it {}", end_text(ends, now), printable(certificate.chain_subject()),
                        end_text(certificate.chain_ends(), now))};
  return {ends < limit ? CertificateState::near_end : CertificateState::good, end_text(ends, now)};
}

std::vector<NodeCertificates> certificates_of(const PairAnswers& pair) {
  std::vector<NodeCertificates> nodes = {told(name_of_this_node(pair), pair.here.lbd)};
  for (const OtherNode& other : pair.others)
    nodes.push_back(other.said ? told(other.name, other.said->lbd) : NodeCertificates{other.name, other.error, {}});
  return nodes;
}

std::vector<SharedCertificate> side_by_side(const std::vector<NodeCertificates>& nodes) {
  std::map<std::tuple<std::string, std::string>, SharedCertificate> known;
  std::map<std::string, size_t> at_path;
  for (const NodeCertificates& node : nodes)
    for (const Certificate& certificate : node.list.certificates()) {
      SharedCertificate& shared = known[{certificate.path(), certificate.digest()}];
      if (shared.nodes.empty()) {
        shared.certificate = certificate;
        ++at_path[certificate.path()];
      }
      shared.nodes.push_back(node.node);
    }
  std::vector<SharedCertificate> out;
  for (auto& [key, shared] : known) {
    shared.differs = at_path[shared.certificate.path()] > 1;
    out.push_back(std::move(shared));
  }
  std::stable_sort(out.begin(), out.end(), [](const SharedCertificate& a, const SharedCertificate& b) {
    return first_end(a.certificate) < first_end(b.certificate);
  });
  return out;
}

}  // namespace lbctl
