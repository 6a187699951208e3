// What another node sends over its link, and an lbd over its: envelopes of every kind in any order, each behind its
// length in two bytes. Each is taken, left or breaks its link; nothing grows beyond its bound, and nobody proves a
// secret that he does not know.
// fuzz-modules: replica
#include <sys/socket.h>
#include <unistd.h>

#include "base/journal.h"
#include "base/log.h"
#include "syncd/nodes.h"

namespace {

using namespace syncd;

constexpr size_t kObjects = 20, kParts = 30;

void check_size(const tandem::Envelope& envelope) {
  if (envelope.ByteSizeLong() > ipc::ChannelOptions().frame_limit) __builtin_trap();
}

// Both ends are ours; what is sent is read and dropped.
class Link final : public ipc::ChannelEvents, public replica::LinkEvents, private Witness {
 public:
  Link(Context& context, Nodes& nodes)
      : context_(context),
        nodes_(nodes),
        objects_(context.loop, context.store, context.hello.generation(), *this),
        parts_(context.loop, context.parts, context.hello.generation(), *this),
        handshake_("0123456789abcdef", false) {
    int fds[2];
    CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    other_ = base::Fd(fds[1]);
    channel_ = std::make_unique<ipc::Channel>(context.loop, base::Fd(fds[0]), context.hello, ipc::ChannelOptions(),
                                              counters_, *this);
    objects_.attach(*channel_, 7);
    parts_.attach(*channel_, context.hello, false);
    handshake_.begin(*channel_);
    // It is a node and a daemon at once, and is asked.
    context_.views.add_node(*this, "b");
    context_.views.add_daemon(*this, tandem::ROLE_LBD, 1);
  }
  ~Link() {
    context_.views.forget(this);
    context_.views.remove(*this);
  }
  bool open() const { return !broken_ && channel_->open(); }
  void take(const tandem::Envelope& envelope) {
    if (envelope.has_peer_section())
      nodes_.add_section(envelope.peer_section());
    else if (envelope.has_present())
      context_.roster.set(this, envelope.present(), false);
    else if (envelope.has_proof() && handshake_.take(*channel_, envelope.proof()).empty())
      __builtin_trap();
    else if (envelope.has_view_request())
      ask_views(envelope.view_request());
    else if (envelope.has_account())
      context_.views.take(*this, envelope.account());
    else if (envelope.has_view())
      context_.views.take(*this, envelope.view());
    else if (envelope.has_events())
      take_events(envelope.events());
    else if (envelope.has_events_request())
      for (const tandem::Envelope& reply : context_.chronicle.reply(envelope.events_request(), "a")) check_size(reply);
    else if (envelope.has_clock_answer())
      difference_.take(base::Micros(static_cast<int64_t>(envelope.clock_answer().asked_us())),
                       base::Micros(static_cast<int64_t>(envelope.clock_answer().answered_us())), base::boot_now());
    else if (!parts_.take(envelope))
      objects_.take(envelope);
    context_.loop.run_nowait();
    char bytes[16 * 1024];
    while (recv(other_.get(), bytes, sizeof bytes, MSG_DONTWAIT) > 0) {
    }
  }

 private:
  std::string on_hello(ipc::Channel&, const tandem::Hello&) override { return ""; }
  void on_envelope(ipc::Channel&, const tandem::Envelope&) override {}
  void on_closed(ipc::Channel&, const std::string&) override { broken_ = true; }
  std::optional<Refusal> ask(const tandem::Envelope& question) override {
    channel_->send(question);
    return {};
  }
  void take_events(const tandem::Events& events) {
    context_.chronicle.add_remote("b", events);
    context_.chronicle.set_clock("b", events.boot(), difference_);
    context_.chronicle.add_local(context_.hello, events);
    check_size(context_.chronicle.local());
  }
  void ask_views(const tandem::ViewRequest& request) {
    const auto answer = [this](const tandem::Envelope& said) {
      check_size(said);
      channel_->send(said);
    };
    context_.views.ask_daemons(request, this, answer);
    context_.views.ask_nodes(request, this, answer);
  }
  void on_broken(const std::string&) override {
    broken_ = true;
    objects_.detach();
    parts_.detach();
  }
  Context& context_;
  Nodes& nodes_;
  replica::Link objects_;
  replica::PartLink parts_;
  Handshake handshake_;
  base::Fd other_;
  ipc::LinkCounters counters_;
  std::unique_ptr<ipc::Channel> channel_;
  ClockDifference difference_;
  bool broken_ = false;
};

Config make_config() {
  Config config;
  config.node = "a";
  // So that no section makes us listen.
  config.listen.push_back({.address = base::SockAddr(base::IpPort{base::IpAddr::v4(0x7f000001), 1}), .location = {}});
  return config;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static base::Loop loop;
  base::Logger::instance().set_level(base::Level::emerg);
  static const Config config = make_config();
  replica::Store store(kObjects, 1);
  replica::PartStore parts(kParts);
  Roster roster;
  Relay relay;
  Views views(loop, [] { return tandem::Account(); });
  Changes changes(loop);
  Chronicle chronicle(1, 2, [](const tandem::Envelope& news) { check_size(news); });
  Context context{.loop = loop,
                  .config = config,
                  .store = store,
                  .parts = parts,
                  .roster = roster,
                  .relay = relay,
                  .views = views,
                  .changes = changes,
                  .chronicle = chronicle,
                  .hello = ipc::make_hello(tandem::ROLE_SYNCD, "1", "a"),
                  .channel = {}};
  context.hello.add_streams(replica::kPartStream);
  context.hello.set_generation(5);
  Nodes nodes(context);
  {
    Link link(context, nodes);
    for (size_t at = 0; at + 2 <= size && link.open();) {
      const size_t length = std::min<size_t>(size - at - 2, static_cast<size_t>(data[at]) << 8 | data[at + 1]);
      tandem::Envelope envelope;
      if (!envelope.ParseFromArray(data + at + 2, static_cast<int>(length))) return 0;
      link.take(envelope);
      at += 2 + length;
    }
    roster.remove(&link);
  }
  if (store.size() > kObjects || parts.parts() > kParts || parts.objects() > kParts ||
      nodes.all().size() > Nodes::kMost || roster.all().origins_size() != 0)
    __builtin_trap();
  return 0;
}
