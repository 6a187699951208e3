// bench_link: how fast shared stick tables go from node to node. It is an lbd without traffic: a table, and the link to
// a real syncd. scripts/bench_replication.py starts what belongs together; the figures are in docs/measuring.md.
//
//   bench_link SOCKET NODE fill ENTRIES RATE KEYS FILE   has so many entries, and then changes them as `update` does
//   bench_link SOCKET NODE update RATE KEYS FILE         RATE changes a second, each of the next of KEYS entries; FILE
//                                                        has how many there were (8 bytes, mapped), also after kill -9
//   bench_link SOCKET NODE watch ENTRIES FILE            says when there are so many entries, and from then on twice a
//                                                        second how many there are, their sum, and how far that is
//                                                        behind FILE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/process.h"
#include "ipc/client.h"
#include "lbd/link/parts.h"
#include "lbd/link/tables.h"

namespace {

using namespace lbd;
using namespace std::chrono_literals;

std::unique_ptr<config::Config> make_config() {
  auto config = std::make_unique<config::Config>();
  auto table = std::make_unique<config::StickTable>();
  table->name = "web";
  table->key_length = 4;
  table->size = 4'000'000;
  table->expire = base::Millis(1'800'000);
  table->peers = "pair";
  table->add({.type = config::data_type("http_req_cnt")});
  table->add({.type = config::data_type("http_req_rate"), .period = 10s});
  config->peer_tables.push_back(std::move(table));
  config->stick_tables.push_back(config->peer_tables.back().get());
  return config;
}

class End final : public ipc::ClientEvents, public replica::LinkEvents {
 public:
  End(const char* socket, const char* node)
      : config_(make_config()),
        tables_(*config_),
        hello_(hello_of(node)),
        link_(loop_, hello_, *this),
        client_(loop_, {.to = base::SockAddr::unix_path(socket), .hello = hello_, .channel = {}}, *this),
        ticker_(loop_) {
    link_.add(std::make_unique<link::TableShare>(tables_, node));
    ticker_.bind<&End::tick>(this);
    client_.start();
  }
  table::Table& table() { return *tables_.all()[0]; }
  const table::Field& field(std::string_view name) { return *table().layout().find(config::data_type(name)); }
  void count(uint32_t number, base::MonoTime now) {
    const uint32_t address = number * 2654435761u;
    table().with({reinterpret_cast<const char*>(&address), 4}, table::Table::Use::create, now,
                 [&](table::Record& record) {
                   record.add(count_, 1);
                   record.add(rate_, 1);
                 });
  }
  uint64_t sum() {
    uint64_t total = 0;
    table().for_each(base::mono_now(), [&](table::Record& record) {
      total += record.get(count_);
      return true;
    });
    return total;
  }
  void watch(uint64_t entries, const std::atomic<uint64_t>* counted) {
    wanted_ = entries;
    counted_ = counted;
    tick();
  }
  void run() { loop_.run(); }

 private:
  tandem::Hello hello_of(const char* node) const {
    tandem::Hello hello = ipc::make_hello(tandem::ROLE_LBD, "bench", node);
    hello.add_streams(replica::kPartStream);
    hello.set_origin(tables_.origin());
    return hello;
  }
  void tick() {
    const base::MonoTime now = base::mono_now();
    if (wanted_ && table().used() >= wanted_) {
      std::printf("entries %lu after %ld ms\n", static_cast<unsigned long>(table().used()),
                  static_cast<long>(base::to_millis(now - up_)));
      wanted_ = 0;
    }
    if (!wanted_ && now - said_ >= 500ms) {
      said_ = now;
      const uint64_t counted = counted_ ? counted_->load() : 0;
      const uint64_t seen = sum();
      std::printf("entries %lu sum %lu behind %ld\n", static_cast<unsigned long>(table().used()),
                  static_cast<unsigned long>(seen), static_cast<long>(counted) - static_cast<long>(seen));
    }
    std::fflush(stdout);
    ticker_.start_after(5ms);
  }
  std::string on_up(ipc::Client& client, const tandem::Hello& hello) override {
    up_ = base::mono_now();
    link_.attach(*client.channel(), hello);
    return "";
  }
  void on_envelope(ipc::Client&, const tandem::Envelope& envelope) override { link_.take(envelope); }
  void on_writable(ipc::Client&) override { link_.on_writable(); }
  void on_down(ipc::Client&, const std::string& reason) override {
    link_.detach();
    std::printf("down: %s\n", reason.c_str());
  }
  void on_complete() override {
    std::printf("complete: %lu entries after %ld ms\n", static_cast<unsigned long>(table().used()),
                static_cast<long>(base::to_millis(base::mono_now() - up_)));
    std::fflush(stdout);
  }
  void on_broken(const std::string& reason) override { client_.channel()->abort(reason); }

  base::Loop loop_;
  std::unique_ptr<config::Config> config_;
  table::Tables tables_;
  const table::Field count_ = field("http_req_cnt"), rate_ = field("http_req_rate");
  tandem::Hello hello_;
  link::PartsLink link_;
  ipc::Client client_;
  base::Timer ticker_;
  uint64_t wanted_ = 0;
  const std::atomic<uint64_t>* counted_ = nullptr;
  base::MonoTime up_{}, said_{};
};

std::atomic<uint64_t>* map_counter(const char* path) {
  const int fd = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  CHECK(fd >= 0 && ::ftruncate(fd, sizeof(uint64_t)) == 0);
  void* memory = ::mmap(nullptr, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CHECK(memory != MAP_FAILED);
  return static_cast<std::atomic<uint64_t>*>(memory);
}

// A thousandth of the changes each millisecond; what was late is caught up.
[[noreturn]] void update(End& end, uint64_t rate, uint32_t keys, std::atomic<uint64_t>& counted) {
  const base::MonoTime start = base::mono_now();
  for (uint64_t done = 0;;) {
    std::this_thread::sleep_for(1ms);
    const base::MonoTime now = base::mono_now();
    const auto due = static_cast<uint64_t>(base::to_millis(now - start)) * rate / 1000;
    for (; done < due; ++done) end.count(static_cast<uint32_t>(done % keys), now);
    counted.store(done);
  }
}

}  // namespace

int main(int argc, char** argv) {
  base::ignore_sigpipe();
  if (argc < 5) {
    std::fputs("bench_link SOCKET NODE fill ENTRIES RATE KEYS FILE | update RATE KEYS FILE | watch ENTRIES FILE\n",
               stderr);
    return 1;
  }
  End end(argv[1], argv[2]);
  const std::string what = argv[3];
  const uint64_t number = std::strtoull(argv[4], nullptr, 10);
  const auto start_changes = [&end](uint64_t rate, const char* keys, const char* file) {
    std::thread([&end, rate, keys = static_cast<uint32_t>(std::strtoul(keys, nullptr, 10)),
                 counter = map_counter(file)] {
      update(end, rate, keys, *counter);
    }).detach();
  };
  if (what == "fill" && argc == 8) {
    for (uint32_t i = 0; i < number; ++i) end.count(i, base::mono_now());
    start_changes(std::strtoull(argv[5], nullptr, 10), argv[6], argv[7]);
  } else if (what == "update" && argc == 7) {
    start_changes(number, argv[5], argv[6]);
  } else if (what == "watch" && argc == 6) {
    end.watch(number, map_counter(argv[5]));
  } else {
    return 1;
  }
  end.run();
  return 0;
}
