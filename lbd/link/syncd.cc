#include "lbd/link/syncd.h"

#include "base/log.h"
#include "replica/server_state.h"

namespace lbd::link {
namespace {

using namespace replica::server_state;
using server::OperatorState;

// Servers of files that come and go; far more than any file has.
constexpr size_t kMostEntries = 1'000'000;

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

}  // namespace

SyncdLink::SyncdLink(base::Loop& loop, const server::Objects& objects, server::Operator& the_operator,
                     const tandem::Hello& hello, const std::string& path, int directory)
    : objects_(objects),
      operator_(the_operator),
      store_(kMostEntries),
      link_(loop, store_, hello.generation(), *this),
      client_(loop, {.to = base::SockAddr::unix_path(path), .hello = hello, .channel = {}, .directory = directory},
              *this) {
  store_.add_observer(*this);
  operator_.set_observer(this);
}

SyncdLink::~SyncdLink() {
  operator_.set_observer(nullptr);
  stop("");
}

void SyncdLink::stop(std::string_view reason) {
  link_.detach();
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
  return "";
}

void SyncdLink::on_envelope(ipc::Client&, const tandem::Envelope& envelope) {
  link_.take(envelope);
}

void SyncdLink::on_writable(ipc::Client&) {
  link_.on_writable();
}

// That syncd is not there is no news; that it is and must not be spoken to would never be noticed.
void SyncdLink::on_failed(ipc::Client& client, const base::Error& error) {
  if (error.sys != EACCES || std::exchange(denied_told_, true)) return;
  base::log(
      base::Level::warning,
      "syncd: no permission to connect to {}: nothing is replicated (syncd.conf: socket PATH mode 660 group GROUP)",
      client.options().to.to_string());
}

void SyncdLink::on_down(ipc::Client&, const std::string& reason) {
  link_.detach();
  base::log(base::Level::notice, "syncd: link lost: {}", reason);
}

void SyncdLink::on_complete() {
  base::log(base::Level::notice, "syncd: in sync");
}

void SyncdLink::on_broken(const std::string& reason) {
  client_.channel()->abort(reason);
}

}  // namespace lbd::link
