#include "lbd/link/vrrpd.h"

#include <utility>

#include "base/log.h"
#include "ipc/journal_feed.h"
#include "lbd/link/certificate_list.h"
#include "lbd/link/certificates.h"
#include "lbd/link/digest.h"
#include "lbd/link/table_list.h"

namespace lbd::link {

namespace {

constexpr uint32_t kBeatsPerQuestion = 10;

}  // namespace

VrrpdLink::VrrpdLink(base::Loop& loop, const Subjects& subjects, const SyncdLink& syncd,
                     const std::vector<base::Mailbox*>& workers, const tandem::Hello& hello, VrrpObserver& observer)
    : config_(subjects.config),
      tables_(subjects.tables),
      objects_(subjects.objects),
      checks_(subjects.checks),
      syncd_(syncd),
      contexts_(subjects.contexts),
      observer_(observer),
      hello_(hello),
      pulse_(workers),
      server_(loop, {.hello = hello, .channel = {}}, *this),
      timer_(loop) {
  timer_.bind<&VrrpdLink::on_timer>(this);
}

void VrrpdLink::start(ipc::BoundUnix socket) {
  server_.listen(std::move(socket));
  timer_.start_after(kPeriod);
}

void VrrpdLink::drain() {
  serving_ = false;
  if (server_.replaced()) return stop("reload");
  server_.broadcast(health());
}

void VrrpdLink::stop(std::string_view reason) {
  timer_.stop();
  server_.stop(reason);
}

tandem::Envelope VrrpdLink::health() {
  tandem::Envelope envelope;
  *envelope.mutable_proxy_health() = make_health({.objects = objects_,
                                                  .checks = checks_,
                                                  .pulse = pulse_,
                                                  .serving = serving_,
                                                  .learning = syncd_.learning(),
                                                  .certificates = certificates(),
                                                  .published = ++published_,
                                                  .now = base::mono_now()});
  return envelope;
}

tandem::StatsReply VrrpdLink::stats(const tandem::StatsRequest& wanted) {
  tandem::StatsReply reply = make_stats(health().proxy_health(), hello_);
  if (wanted.has_certificates())
    *reply.mutable_certificates() = list_certificates(contexts_, config_, wanted.certificates(), base::wall_now());
  if (wanted.files())
    for (const FileDigest& file : file_digests(config_.sources)) {
      auto* told = reply.add_files();
      told->set_name(file.name);
      told->set_digest(file.digest);
    }
  if (wanted.has_tables()) *reply.mutable_tables() = list_tables(tables_, wanted.tables(), base::mono_now());
  return reply;
}

const std::string& VrrpdLink::certificates() {
  if (contexts_ && std::exchange(certificates_seen_, contexts_->changes()) != contexts_->changes())
    certificates_ = certificates_digest(contexts_->certificates());
  return certificates_;
}

void VrrpdLink::on_timer() {
  timer_.start_after(kPeriod);
  pulse_.beat(base::mono_now());
  if (!server_.has_peers()) return;
  tandem::Envelope envelope = health(), question;
  question.mutable_stats_request();
  const bool asks = ++beats_ % kBeatsPerQuestion == 0;
  server_.for_each([&](ipc::Peer& peer) {
    if (peer.hello().role() != tandem::ROLE_VRRPD) return;
    peer.send(envelope);
    if (asks) peer.send(question);
  });
}

std::string VrrpdLink::on_peer(ipc::Peer& peer) {
  if (peer.hello().role() != tandem::ROLE_VRRPD) return "";
  base::log(base::Level::notice, "vrrpd {}: linked", peer.hello().pid());
  peer.send(health());
  return "";
}

void VrrpdLink::on_envelope(ipc::Peer& peer, const tandem::Envelope& envelope) {
  if (envelope.has_vrrp_states() && peer.hello().role() == tandem::ROLE_VRRPD) {
    vrrp_states_ = envelope.vrrp_states();
    observer_.vrrp_changed(vrrp_states_);
  }
  if (envelope.has_stats_reply() && peer.hello().role() == tandem::ROLE_VRRPD)
    observer_.vrrpd_told(envelope.stats_reply());
  if (envelope.has_events_request()) peer.send(ipc::journal_reply(envelope.events_request(), hello_));
  if (!envelope.has_stats_request()) return;
  tandem::Envelope reply;
  *reply.mutable_stats_reply() = stats(envelope.stats_request());
  peer.send(reply);
}

void VrrpdLink::on_peer_gone(ipc::Peer& peer, const std::string& reason) {
  if (peer.hello().role() != tandem::ROLE_VRRPD) return;
  base::log(base::Level::notice, "vrrpd {}: gone: {}", peer.hello().pid(), reason);
  vrrp_states_.Clear();
  observer_.vrrp_changed(vrrp_states_);
}

}  // namespace lbd::link
