#include "lbd/link/syncd.h"

#include <filesystem>

#include "base/log.h"
#include "lbd/link/certificates.h"
#include "lbd/link/checks.h"
#include "lbd/link/counters.h"
#include "lbd/link/patterns.h"
#include "lbd/link/tables.h"
#include "lbd/link/tls.h"
#include "replica/server_state.h"

namespace lbd::link {
namespace {

using namespace replica::server_state;
using server::OperatorState;

// Servers of files that come and go; far more than any file has.
constexpr size_t kMostEntries = 1'000'000;

constexpr base::Seconds kQuestion{1};

constexpr uint64_t kAdminOf[] = {tandem::ADMIN_READY, tandem::ADMIN_DRAIN, tandem::ADMIN_MAINT};

OperatorState state_of(uint64_t admin) {
  if (admin == tandem::ADMIN_MAINT) return OperatorState::maint;
  return admin == tandem::ADMIN_DRAIN ? OperatorState::drain : OperatorState::ready;
}

// The field is there and is not what it was.
bool news(const replica::Record& record, const replica::Entry* before, uint16_t number) {
  const replica::Field* now = record.entry.find(number);
  const replica::Field* then = before ? before->find(number) : nullptr;
  return now && (!then || now->stamp != then->stamp);
}

// syncd has a working directory of its own.
std::string whole_path(const std::string& file, const std::string& directory) {
  return std::filesystem::absolute(std::filesystem::path(directory) / file).string();
}

}  // namespace

SyncdLink::SyncdLink(base::Loop& loop, const Subjects& subjects, const tandem::Hello& hello, int directory,
                     SyncdObserver& observer)
    : config_(subjects.config),
      objects_(subjects.objects),
      operator_(subjects.the_operator),
      store_(kMostEntries),
      link_(loop, store_, hello.generation(), *this),
      shares_tables_(TableShare::wanted(subjects.tables)),
      parts_(loop, hello, *this),
      client_(loop,
              {.to = base::SockAddr::unix_path(config_.global.syncd_socket),
               .hello = hello,
               .channel = {},
               .directory = directory},
              *this),
      journal_(loop),
      observer_(observer),
      question_(loop) {
  question_.bind<&SyncdLink::ask>(this);
  if (subjects.contexts) {
    parts_.add(std::make_unique<TlsShare>(*subjects.contexts));
    parts_.add(std::make_unique<CertificateShare>(*subjects.contexts));
  }
  parts_.add(std::make_unique<TableShare>(subjects.tables, hello.node()));
  if (!config_.global.own_checks) parts_.add(std::make_unique<CheckShare>(subjects.checks, subjects.objects, hello));
  parts_.add(std::make_unique<CounterShare>(subjects.statistics, hello));
  if (subjects.patterns) parts_.add(std::make_unique<PatternShare>(*subjects.patterns));
  store_.add_observer(*this);
  operator_.set_observer(this);
}

SyncdLink::~SyncdLink() {
  operator_.set_observer(nullptr);
  stop("");
}

void SyncdLink::stop(std::string_view reason) {
  parts_.finish();
  link_.detach();
  journal_.tell();
  journal_.detach();
  client_.stop(reason);
}

void SyncdLink::operator_changed(server::Server& server, Field field) {
  replica::Key name = key(server.backend().name(), server.name());
  if (field == Field::state) {
    uint64_t admin = kAdminOf[static_cast<size_t>(server::Operator::state_of(server.admin()))];
    store_.write(name, {{kAdmin, admin}, {kConfiguredDisabled, server.config().disabled}}, base::wall_now());
  } else {
    store_.write(name, {{kWeight, server.user_weight()}, {kConfiguredWeight, server.config().weight}},
                 base::wall_now());
  }
}

void SyncdLink::store_changed(const replica::Record& record, const replica::Entry* before, replica::Source source) {
  if (source != &link_ || record.entry.key.kind != replica::Kind::server_state) return;
  auto [backend_name, server_name] = names(record.entry.key);
  server::Backend* backend = objects_.find_backend(backend_name);
  server::Server* server = backend ? backend->find_server(server_name) : nullptr;
  if (!server) return;
  const replica::Entry& entry = record.entry;
  const config::Server& config = server->config();
  if (news(record, before, kAdmin) && entry.value(kConfiguredDisabled).value_or(config.disabled) == config.disabled)
    operator_.replicate_state(*server, state_of(*entry.value(kAdmin)));
  if (news(record, before, kWeight) && entry.value(kConfiguredWeight).value_or(config.weight) == config.weight)
    operator_.replicate_weight(*server, static_cast<uint32_t>(*entry.value(kWeight)));
}

std::string SyncdLink::on_up(ipc::Client& client, const tandem::Hello& hello) {
  if (hello.role() != tandem::ROLE_SYNCD) return "this is no syncd";
  link_.attach(*client.channel(), hello.generation());
  say_sections();
  parts_.attach(*client.channel(), hello);
  journal_.attach(client);
  ask();
  return "";
}

void SyncdLink::ask() {
  question_.start_after(kQuestion);
  tandem::Envelope question;
  question.mutable_stats_request();
  client_.send(question);
}

void SyncdLink::answer(const tandem::ViewRequest& question) {
  tandem::Envelope envelope;
  tandem::Account& account = *envelope.mutable_account();
  account.set_number(question.number());
  *account.mutable_hello() = client_.options().hello;
  *account.mutable_stats() = observer_.own_stats(question.stats());
  client_.send(envelope);
}

// Which nodes the peers sections name: syncd links them.
void SyncdLink::say_sections() {
  for (const config::Peers& section : config_.peers) {
    if (section.disabled) continue;
    tandem::Envelope envelope;
    tandem::PeerSection& told = *envelope.mutable_peer_section();
    told.set_name(section.name);
    told.set_local(config_.global.localpeer);
    if (section.bind) told.set_listen(section.bind->to_string());
    if (!section.certificate.empty()) {
      told.set_certificate(whole_path(section.certificate, config_.global.crt_base));
      told.set_ca_file(whole_path(section.ca_file, config_.global.ca_base));
    }
    told.set_shards(section.shards);
    for (const config::StickTable* table : config_.stick_tables)
      if (table->peers == section.name) told.add_tables(list_of(*table));
    for (const config::Peers::Peer& peer : section.peers) {
      if (!peer.address) continue;
      if (peer.name == config_.global.localpeer) {
        if (!section.bind) told.set_listen(peer.address->to_string());
        continue;
      }
      tandem::PeerSection::Node& node = *told.add_nodes();
      node.set_name(peer.name);
      node.set_address(peer.address->to_string());
      node.set_shard(peer.shard);
    }
    client_.channel()->send(envelope);
  }
}

void SyncdLink::on_envelope(ipc::Client&, const tandem::Envelope& envelope) {
  if (envelope.has_stats_reply()) return observer_.syncd_told(&envelope.stats_reply());
  if (envelope.has_view_request()) return answer(envelope.view_request());
  if (!parts_.take(envelope)) link_.take(envelope);
}

void SyncdLink::on_writable(ipc::Client&) {
  link_.on_writable();
  parts_.on_writable();
}

// That syncd is not there is no news, unless tables are to be shared through it; that it is and must not be spoken to
// would never be noticed.
void SyncdLink::on_failed(ipc::Client& client, const base::Error& error) {
  if (error.sys != EACCES && shares_tables_ && !std::exchange(alone_told_, true))
    base::log(base::Level::warning, "no syncd at {}: stick tables are not shared with peers until it is there",
              client.options().to.to_string());
  if (error.sys != EACCES || std::exchange(denied_told_, true)) return;
  base::log(
      base::Level::warning,
      "syncd: no permission to connect to {}: nothing is replicated (syncd.conf: socket PATH mode 660 group GROUP)",
      client.options().to.to_string());
}

void SyncdLink::on_down(ipc::Client&, const std::string& reason) {
  link_.detach();
  parts_.detach();
  journal_.detach();
  question_.stop();
  observer_.syncd_told(nullptr);
  base::log(base::Level::notice, "syncd: link lost: {}", reason);
}

void SyncdLink::on_complete() {
  if (complete()) base::log(base::Level::notice, "syncd: in sync");
}

void SyncdLink::on_broken(const std::string& reason) {
  client_.channel()->abort(reason);
}

}  // namespace lbd::link
