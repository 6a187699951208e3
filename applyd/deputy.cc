#include "applyd/deputy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "base/fd.h"
#include "base/journal.h"
#include "base/log.h"

namespace applyd {
namespace {

using Step = tandem::ChangeRequest;

// Names and notes stand in a line of a file.
std::string in_a_line(std::string text, size_t longest = 200) {
  if (text.size() > longest) text.resize(longest);
  for (char& c : text)
    if (c < 0x20 || c > 0x7e) c = '?';
  return text;
}

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (size_t at = 0; (at = text.find(what, at)) != text.npos; at += by.size()) text.replace(at, what.size(), by);
}

}  // namespace

Deputy::Deputy(base::Loop& loop, const Files& files, Archive& archive, Hands& hands, std::string staging)
    : files_(files), archive_(archive), hands_(hands), staging_(std::move(staging)), deadline_(loop) {
  deadline_.bind<&Deputy::on_deadline>(this);
}

void Deputy::start() {
  if (archive_.pending()) undo("applyd ended before it was confirmed");
}

void Deputy::refuse(const Answer& answer, std::string why) const {
  tandem::ChangeReply reply;
  reply.set_error(std::move(why));
  answer(reply);
}

void Deputy::reply(tandem::ChangeReply reply) {
  last_reply_ = std::move(reply);
  if (const Answer answer = std::exchange(answer_, nullptr)) answer(last_reply_);
}

void Deputy::end() {
  state_ = State::idle;
  change_ = 0;
  texts_.clear();
  deadline_.stop();
}

void Deputy::take(const tandem::ChangeRequest& request, Answer answer) {
  if (request.step() == Step::TELL) return answer(tell(request));
  const bool repeated = asked_ == Asked(request.change(), request.step());
  if (answer_ && !repeated) return refuse(answer, "a step of a change is under way");
  if (answer_) {
    answer_ = std::move(answer);
    return;
  }
  if (repeated) return answer(last_reply_);
  const bool ours = change_ != 0 && request.change() == change_;
  if (request.step() == Step::STAGE) {
    if (state_ != State::idle) return refuse(answer, fmt::format("a change by {} is under way", author_));
    begin_step(request, std::move(answer));
    return stage(request);
  }
  if (!ours) return refuse(answer, "there is no such change: it was undone, or never staged");
  const State needed = request.step() == Step::COMMIT ? State::staged : State::waiting;
  const bool drop = request.step() == Step::UNDO && state_ == State::staged;
  if (state_ != needed && !drop) return refuse(answer, "that is not the next step");
  begin_step(request, std::move(answer));
  if (request.step() == Step::COMMIT) return commit(request);
  if (request.step() == Step::CONFIRM) return confirm(request);
  if (!drop) return undo("as ordered");
  end();
  reply({});
}

void Deputy::begin_step(const tandem::ChangeRequest& request, Answer answer) {
  asked_ = Asked(request.change(), request.step());
  answer_ = std::move(answer);
}

tandem::Revision Deputy::revision_of(uint64_t number, const Texts& texts) const {
  tandem::Revision revision;
  revision.set_number(number);
  revision.set_wall_us(static_cast<uint64_t>(base::wall_now().time_since_epoch().count()));
  revision.set_author(author_);
  revision.set_note(note_);
  for (const auto& [daemon, text] : texts) {
    tandem::ChangeFile& file = *revision.add_files();
    file.set_daemon(daemon);
    file.set_text(text);
  }
  return revision;
}

bool Deputy::edited() const {
  const auto now = files_.read();
  const auto last = archive_.read(archive_.last());
  if (!now || !last) return true;
  Texts then;
  for (const tandem::ChangeFile& file : last->files()) then[file.daemon()] = file.text();
  return *now != then;
}

tandem::ChangeReply Deputy::tell(const tandem::ChangeRequest& request) const {
  tandem::ChangeReply told;
  told.set_last(archive_.last());
  told.set_edited(edited());
  if (request.revision() == 0) {
    for (tandem::Revision& revision : archive_.list()) *told.add_history() = std::move(revision);
  } else if (auto revision = archive_.read(request.revision())) {
    *told.add_history() = std::move(*revision);
  } else {
    told.set_error(revision.error().text);
  }
  return told;
}

base::Result<Texts> Deputy::wanted(const tandem::ChangeRequest& request) const {
  tandem::Revision from;
  for (const tandem::ChangeFile& file : request.files()) *from.add_files() = file;
  if (request.revision() != 0) from = TRY(archive_.read(request.revision()));
  Texts texts;
  const Texts now = TRY(files_.read());
  for (const tandem::ChangeFile& file : from.files()) {
    if (!files_.knows(file.daemon())) return base::Err(fmt::format("nobody has a file of '{}' here", file.daemon()));
    if (!now.contains(file.daemon()))
      return base::Err(
          fmt::format("{} is not there: only files that are there are changed", files_.path(file.daemon())));
    texts[file.daemon()] = file.text();
  }
  if (texts.empty()) return base::Err("there is no file in it");
  return texts;
}

base::Status Deputy::write_staged(const Texts& texts) {
  if (::mkdir(staging_.c_str(), 0700) != 0 && errno != EEXIST) return base::Err(base::Error::from_errno(staging_));
  for (const auto& [daemon, text] : texts)
    TRY(base::write_file_atomic(fmt::format("{}/{}.cfg", staging_, daemon), text, 0600));
  return {};
}

void Deputy::stage(const tandem::ChangeRequest& request) {
  const auto fail = [&](const base::Error& error) {
    end();
    tandem::ChangeReply failed;
    failed.set_error(error.text);
    reply(std::move(failed));
  };
  auto texts = wanted(request);
  if (!texts) return fail(texts.error());
  if (const auto written = write_staged(*texts); !written) return fail(written.error());
  texts_ = std::move(*texts);
  change_ = request.change();
  author_ = in_a_line(request.author());
  note_ = in_a_line(request.note());
  state_ = State::checking;
  // The other files as they are: they belong together.
  std::map<std::string, std::string> paths;
  for (const auto& [daemon, path] : files_.paths())
    if (texts_.contains(daemon))
      paths[daemon] = fmt::format("{}/{}.cfg", staging_, daemon);
    else if (base::read_file(path))
      paths[daemon] = path;
  hands_.check(paths, [this](bool good, const std::string& said) { checked(good, said); });
}

void Deputy::checked(bool good, std::string said) {
  for (const auto& [daemon, text] : texts_) {
    const std::string path = fmt::format("{}/{}.cfg", staging_, daemon);
    replace_all(said, path, files_.path(daemon));
    ::unlink(path.c_str());
  }
  tandem::ChangeReply result;
  result.set_text(std::move(said));
  result.set_last(archive_.last());
  result.set_edited(edited());
  const auto now = files_.read();
  result.set_same(now && std::all_of(texts_.begin(), texts_.end(), [&](const auto& text) {
                    return now->contains(text.first) && now->at(text.first) == text.second;
                  }));
  if (good) {
    state_ = State::staged;
    deadline_.start_after(kStaged);
  } else {
    result.set_error("the files are not good");
    end();
  }
  reply(std::move(result));
}

std::vector<std::string> Deputy::changed_daemons() const {
  std::vector<std::string> daemons;
  for (const auto& [daemon, text] : texts_) daemons.push_back(daemon);
  return daemons;
}

void Deputy::commit(const tandem::ChangeRequest& request) {
  found_ = request.found();
  wait_ = std::clamp(base::Millis(request.confirm_within_ms()), kLeastWait, kMostWait);
  const auto replace = [&]() -> base::Status {
    const Texts before = TRY(files_.read());
    TRY(archive_.keep_pending(revision_of(0, before)));
    const base::Status replaced = files_.replace(texts_);
    if (!replaced) (void)archive_.drop_pending();
    return replaced;
  };
  deadline_.stop();
  if (const base::Status replaced = replace(); !replaced) {
    end();
    tandem::ChangeReply failed;
    failed.set_error(replaced.error().text);
    return reply(std::move(failed));
  }
  state_ = State::reloading;
  base::record("change", fmt::format("{}", fmt::join(changed_daemons(), ", ")),
               fmt::format("applied by {}: {}", author_, note_));
  hands_.reload(changed_daemons(), [this](bool good, const std::string& said) { reloaded(good, said); });
}

void Deputy::reloaded(bool good, const std::string& said) {
  if (!good) return undo(said);
  state_ = State::waiting;
  deadline_.start_after(wait_);
  tandem::ChangeReply result;
  result.set_text(said);
  reply(std::move(result));
}

void Deputy::confirm(const tandem::ChangeRequest& request) {
  const auto keep = [&]() -> base::Status {
    const Texts now = TRY(files_.read());
    if (auto before = found_ != 0 ? archive_.pending() : std::nullopt) {
      before->set_number(found_);
      before->set_author("");
      before->set_note("as it was found");
      TRY(archive_.add(*before));
    }
    TRY(archive_.add(revision_of(request.revision(), now)));
    return archive_.drop_pending();
  };
  if (const base::Status kept = keep(); !kept) return undo(kept.error().text);
  base::log(base::Level::notice, "revision {} by {}: {}", request.revision(), author_, note_);
  base::record("change", fmt::format("revision {}", request.revision()),
               fmt::format("stays; by {}: {}", author_, note_));
  end();
  reply({});
}

void Deputy::undo(const std::string& why) {
  deadline_.stop();
  why_ = why;
  const auto before = archive_.pending();
  Texts texts;
  if (before)
    for (const tandem::ChangeFile& file : before->files()) texts[file.daemon()] = file.text();
  base::Status restored = before ? files_.replace(texts) : base::Err("what was there before is lost");
  state_ = State::undoing;
  if (!restored) return undone(false, restored.error().text);
  base::log(base::Level::warning, "the configuration is what it was before: {}", why);
  base::record("change", "configuration", fmt::format("undone: {}", why));
  if (texts_.empty()) texts_ = texts;
  // Whether or not the daemons take them now, the files are back: doing that again would undo what comes later.
  hands_.reload(changed_daemons(), [this](bool good, const std::string& said) {
    (void)archive_.drop_pending();
    undone(good, said);
  });
}

void Deputy::undone(bool good, const std::string& said) {
  if (!good) base::log(base::Level::err, "what was there before does not come back: {}", said);
  tandem::ChangeReply result;
  if (why_ != "as ordered")
    result.set_error(good ? why_ : fmt::format("{}; and what was there before does not come back: {}", why_, said));
  else if (!good)
    result.set_error(said);
  end();
  reply(std::move(result));
}

void Deputy::on_deadline() {
  if (state_ == State::waiting) return undo("nobody confirmed it in time");
  end();
}

}  // namespace applyd
