// Certificates of both nodes: what each lbd says of its own, put side by side, when they end, and what is to be said of
// those that end soon.
//
// One whose own end, or that of a certificate in its chain, is near is worth a warning. One that has ended is refused
// by clients; when only one in its chain has, most find another way, so that this stays a warning. Pure; any thread.
// Errors: a node that tells nothing is named.
#pragma once

#include <string>
#include <vector>

#include "base/time.h"
#include "lbctl/query.h"

namespace lbctl {

using Certificate = tandem::CertificateList::Certificate;

inline constexpr uint32_t kCertificateDays = 14;  // so near to its end it is worth a warning
inline constexpr uint32_t kMostCertificateDays = 36'500;

// What lbd is asked for `lbctl status`: the first of the certificates that are worth a word.
tandem::StatsRequest with_ending_certificates(uint32_t days, base::WallTime now);

// Which of them counts: the worst of several is the greatest.
enum class CertificateState : uint8_t { good, empty, near_end, not_yet, ended };

struct CertificateNote {
  CertificateState state = CertificateState::good;
  std::string text;  // "ends in 9 days"
};
// `days`: before the end a certificate is near it.
CertificateNote note_of(const Certificate& certificate, uint32_t days, base::WallTime now);

struct NodeCertificates {
  std::string node;
  std::string error;  // why nothing is known
  tandem::CertificateList list;
};
// This node first.
std::vector<NodeCertificates> certificates_of(const PairAnswers& pair);

// What stands at a path, on the nodes where it is the same.
struct SharedCertificate {
  Certificate certificate;
  std::vector<std::string> nodes;
  bool differs = false;  // another node has another one there
};
// Those that end first, first.
std::vector<SharedCertificate> side_by_side(const std::vector<NodeCertificates>& nodes);

}  // namespace lbctl
