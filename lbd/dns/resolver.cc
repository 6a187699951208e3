#include "lbd/dns/resolver.h"

#include <algorithm>

#include "lbd/dns/choice.h"

namespace lbd::dns {
namespace {

Type type_of(base::Family family) {
  return family == base::Family::v6 ? Type::aaaa : Type::a;
}

void answer(Lookup& lookup, const Question& question) {
  std::vector<base::IpAddr> addresses;
  for (const Record* record : question.records().all()) addresses.push_back(record->ip);
  lookup.found = choose(addresses, {.family = lookup.prefer, .networks = {}}, {}, {});
}

}  // namespace

Resolver::Resolver(base::Loop& loop, const config::Resolvers& config, LookupCache& cache)
    : config_(config), cache_(cache), timer_(loop) {
  timer_.bind<&Resolver::on_timer>(this);
  NameServer::Client& client = *this;
  for (const config::NameServer& server : config.name_servers)
    name_servers_.push_back(std::make_unique<NameServer>(loop, server, client));
}

bool Resolver::accepts(Type type) const {
  return type == Type::a ? config_.accepted.v4 : type != Type::aaaa || config_.accepted.v6;
}

base::Nanos Resolver::hold(Status status) const {
  switch (status) {
    case Status::valid:
      return config_.hold_valid;
    case Status::nx:
      return config_.hold_nx;
    case Status::timeout:
      return config_.hold_timeout;
    case Status::refused:
      return config_.hold_refused;
    case Status::other:
      break;
  }
  return config_.hold_other;
}

// Null: there are too many, and it is not `forced`.
Question* Resolver::open(const std::string& name, Type type, bool forced) {
  if (!accepts(type)) type = type == Type::a ? Type::aaaa : Type::a;
  if (!forced && questions_.size() >= kMaxQuestions && !questions_.contains({name, type})) return nullptr;
  std::unique_ptr<Question>& question = questions_[{name, type}];
  if (!question) {
    question = std::make_unique<Question>();
    question->name_ = name;
    question->first_ = type;
  }
  return question.get();
}

Question& Resolver::watch(const std::string& name, Type type, Watcher& watcher) {
  Question& question = *open(name, type, true);
  question.watchers_.push_back(&watcher);
  hurry(question);
  return question;
}

void Resolver::unwatch(Question& question, Watcher& watcher) {
  std::erase(question.watchers_, &watcher);
  if (!question.asking_ && question.watchers_.empty()) schedule(question, base::mono_now());
}

void Resolver::look_up(std::shared_ptr<Lookup> lookup) {
  Question* question = open(lookup->name, type_of(lookup->prefer), false);
  if (!question) return lookup->finish();
  if (!question->asking_ && question->valid_within(config_.hold_valid, base::mono_now())) {
    answer(*lookup, *question);
    return lookup->finish();
  }
  question->lookups_.push_back(std::move(lookup));
  hurry(*question);
}

void Resolver::hurry(Question& question) {
  if (!question.asking_) schedule(question, base::mono_now());
}

void Resolver::schedule(Question& question, base::MonoTime when) {
  schedule_.erase({question.due_, &question});
  question.due_ = when;
  if (when != base::kNever) schedule_.insert({when, &question});
  arm();
}

void Resolver::arm() {
  if (schedule_.empty())
    timer_.stop();
  else
    timer_.start_at(schedule_.begin()->first);
}

void Resolver::on_timer() {
  const base::MonoTime now = base::mono_now();
  while (!schedule_.empty() && schedule_.begin()->first <= now) {
    Question& question = *schedule_.begin()->second;
    schedule_.erase(schedule_.begin());
    question.due_ = base::kNever;
    if (question.asking_)
      on_no_answer(question);
    else if (question.watchers_.empty() && question.lookups_.empty())
      questions_.erase(Key(question.name_, question.first_));
    else
      start(question);
  }
  arm();
}

void Resolver::start(Question& question) {
  question.asking_ = true;
  question.tries_left_ = config_.retries;
  question.type_ = question.first_;
  send(question);
}

void Resolver::send(Question& question) {
  forget_number(question);
  // There are far more numbers than questions.
  while (!question.id_ || by_id_.contains(*question.id_)) question.id_ = static_cast<uint16_t>(random_());
  by_id_[*question.id_] = &question;
  question.waits_for_ = 0;
  question.error_ = Status::timeout;
  const std::string query = encode_query(*question.id_, question.name_, question.type_, config_.payload);
  for (size_t i = 0; i < name_servers_.size() && i < kMaxNameServers; ++i)
    if (name_servers_[i]->ask(query)) question.waits_for_ |= uint64_t{1} << i;
  schedule(question, base::mono_now() + config_.timeout_retry);
}

void Resolver::forget_number(Question& question) {
  if (question.id_) by_id_.erase(*question.id_);
  question.id_.reset();
}

void Resolver::on_no_answer(Question& question) {
  for (size_t i = 0; i < name_servers_.size() && i < kMaxNameServers; ++i)
    if (question.waits_for_ >> i & 1) ++name_servers_[i]->counters.timeout;
  // Somebody did answer, if badly.
  if (question.error_ != Status::timeout) return go_on(question);
  if (--question.tries_left_ > 0) return send(question);
  fail(question, Status::timeout);
}

void Resolver::answered(NameServer& from, std::string_view bytes, bool over_stream) {
  auto message = decode_response(bytes);
  if (!message) {
    ++from.counters.invalid;
    return;
  }
  auto it = by_id_.find(message->id);
  if (it == by_id_.end()) {
    ++from.counters.outdated;
    return;
  }
  Question& question = *it->second;
  if (message->name != question.name_ || message->type != question.type_) {
    ++from.counters.invalid;
    return;
  }
  if (message->truncated && !over_stream) {
    ++from.counters.truncated;
    if (from.ask_over_stream(encode_query(*question.id_, question.name_, question.type_, config_.payload))) return;
  }
  Answer answer = answer_of(*message);
  if (answer.status == Status::valid) return take(question, from, std::move(answer));
  if (message->code == Code::no_error && !message->truncated) ++from.counters.any_error;
  refuse(question, from, answer.status);
}

void Resolver::take(Question& question, NameServer& from, Answer answer) {
  const base::MonoTime now = base::mono_now();
  ++from.counters.valid;
  question.last_valid_ = now;
  question.records_.update(answer, now, config_.hold_obsolete);
  question.additional_ = std::move(answer.additional);
  std::erase_if(question.additional_, [&](const Record& record) { return !accepts(record.type); });
  rest(question);
  for (std::shared_ptr<Lookup>& lookup : std::exchange(question.lookups_, {})) {
    dns::answer(*lookup, question);
    if (lookup->found) cache_.put(lookup->name, lookup->prefer, *lookup->found, now + config_.hold_valid, now);
    lookup->finish();
  }
  // They may stop watching meanwhile, and others begin to.
  bool first = true;
  for (Watcher* watcher : std::vector<Watcher*>(question.watchers_)) {
    if (std::find(question.watchers_.begin(), question.watchers_.end(), watcher) == question.watchers_.end()) continue;
    watcher->resolved(question, first ? config_.name + "/" + from.config().name : "DNS cache");
    first = false;
  }
}

void Resolver::refuse(Question& question, NameServer& from, Status status) {
  NameServerCounters& counters = from.counters;
  ++(status == Status::nx ? counters.nx : status == Status::refused ? counters.refused : counters.other);
  for (size_t i = 0; i < name_servers_.size() && i < kMaxNameServers; ++i)
    if (name_servers_[i].get() == &from) question.waits_for_ &= ~(uint64_t{1} << i);
  question.error_ = status;
  if (question.waits_for_ == 0) go_on(question);
}

// Nobody has a good answer: the other family, if that was not it already.
void Resolver::go_on(Question& question) {
  const Type other = question.first_ == Type::a ? Type::aaaa : Type::a;
  if (question.type_ == Type::srv || question.type_ == other || !accepts(other)) return fail(question, question.error_);
  question.type_ = other;
  send(question);
}

void Resolver::fail(Question& question, Status status) {
  rest(question);
  for (std::shared_ptr<Lookup>& lookup : std::exchange(question.lookups_, {})) lookup->finish();
  for (Watcher* watcher : std::vector<Watcher*>(question.watchers_))
    if (std::find(question.watchers_.begin(), question.watchers_.end(), watcher) != question.watchers_.end())
      watcher->failed(question, status);
}

void Resolver::rest(Question& question) {
  forget_number(question);
  question.asking_ = false;
  schedule(question, base::mono_now() + config_.timeout_resolve);
}

}  // namespace lbd::dns
