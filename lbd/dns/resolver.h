// Resolver: one `resolvers` section at work. A Question is a name whose answer somebody wants: servers, for as long as
// they run, so that it is asked again and again; and rules (do-resolve), once.
//
// A question goes to all name servers at once and the first good answer counts. When all of them err, the other family
// of addresses is tried, then it has failed; when none answers within `timeout retry` it is sent again, resolve_retries
// times in all. Whatever came of it, `timeout resolve` later it begins anew.
//
// Owner: Names. Thread: control thread. Life: as long as the process. Errors: Watcher::failed(). What comes back counts
// only if it is of a name server that was asked, and of the number, name and type of the question.
// Manual: configuration.txt 5.3.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/addr.h"
#include "base/ev.h"
#include "lbd/dns/answer.h"
#include "lbd/dns/lookup.h"
#include "lbd/dns/name_server.h"

namespace lbd::dns {

class Question;

// Somebody who wants to know for good.
class Watcher {
 public:
  // `by`: "mydns/dns1", for all but the first watcher "DNS cache".
  virtual void resolved(const Question& question, std::string_view by) = 0;
  virtual void failed(const Question& question, Status status) = 0;

 protected:
  ~Watcher() = default;
};

class Question {
 public:
  const std::string& name() const { return name_; }
  const RecordSet& records() const { return records_; }
  const std::vector<Record>& additional() const { return additional_; }
  // Whether an answer came at most so long ago.
  bool valid_within(base::Nanos period, base::MonoTime now) const {
    return last_valid_ != base::MonoTime{} && now < last_valid_ + period;
  }

 private:
  friend class Resolver;
  std::string name_;
  Type first_ = Type::a;  // what is asked for first
  Type type_ = Type::a;   // now
  bool asking_ = false;
  std::optional<uint16_t> id_;  // while it is on its way
  uint32_t tries_left_ = 0;
  uint64_t waits_for_ = 0;  // a bit for each name server that has not answered
  Status error_ = Status::timeout;
  base::MonoTime due_ = base::kNever, last_valid_{};
  RecordSet records_;
  std::vector<Record> additional_;
  std::vector<Watcher*> watchers_;
  std::vector<std::shared_ptr<Lookup>> lookups_;
};

class Resolver final : private NameServer::Client {
 public:
  // Name servers behind these are not asked.
  static constexpr size_t kMaxNameServers = 64;
  // Questions of rules that are under way; more fail at once.
  static constexpr size_t kMaxQuestions = 20000;

  Resolver(base::Loop& loop, const config::Resolvers& config, LookupCache& cache);
  const config::Resolvers& config() const { return config_; }
  const std::vector<std::unique_ptr<NameServer>>& name_servers() const { return name_servers_; }
  base::Nanos hold(Status status) const;

  // `name` is canonical; `type`: srv, or what is asked for first. It may be answered before this returns, but never is.
  Question& watch(const std::string& name, Type type, Watcher& watcher);
  void unwatch(Question& question, Watcher& watcher);
  void look_up(std::shared_ptr<Lookup> lookup);
  // The address of a server does not answer: it may have a new one.
  void hurry(Question& question);

 private:
  using Key = std::pair<std::string, Type>;
  bool accepts(Type type) const;
  Question* open(const std::string& name, Type type, bool forced);
  void start(Question& question);
  void send(Question& question);
  void forget_number(Question& question);
  void on_timer();
  void on_no_answer(Question& question);
  void answered(NameServer& from, std::string_view bytes, bool over_stream) override;
  void take(Question& question, NameServer& from, Answer answer);
  void refuse(Question& question, NameServer& from, Status status);
  void go_on(Question& question);
  void fail(Question& question, Status status);
  void rest(Question& question);
  void schedule(Question& question, base::MonoTime when);
  void arm();

  const config::Resolvers& config_;
  LookupCache& cache_;
  base::Timer timer_;
  std::vector<std::unique_ptr<NameServer>> name_servers_;
  std::map<Key, std::unique_ptr<Question>> questions_;
  std::unordered_map<uint16_t, Question*> by_id_;
  std::set<std::pair<base::MonoTime, Question*>> schedule_;
  std::random_device random_;  // numbers that nobody guesses
};

}  // namespace lbd::dns
