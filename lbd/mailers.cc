#include "lbd/mailers.h"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>
#include <deque>

#include "base/fd.h"
#include "lbd/smtp_reply.h"

namespace lbd {
namespace {

// Mails that wait for one mailer.
constexpr size_t kMostWaiting = 1000;
// A mail server that says more than this at once is none.
constexpr size_t kLongestReply = 8192;

// What goes to the mailer, each piece after a reply of the code before it.
struct Mail {
  std::array<std::string, 6> says;
};
constexpr std::array<int, 7> kExpected = {220, 250, 250, 250, 354, 250, 221};

// One line, whatever a server's check has put into it.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  if (text.ends_with('.')) text.pop_back();
  return text;
}

std::string date_now() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  char text[64];
  const size_t length = std::strftime(text, sizeof text, "%a, %d %b %Y %T %z (%Z)", &local);
  return std::string(text, length);
}

Mail make_mail(const config::EmailAlert& words, const std::string& text) {
  const std::string line = one_line(text);
  return {{fmt::format("HELO {}\r\n", words.host), fmt::format("MAIL FROM:<{}>\r\n", words.from),
           fmt::format("RCPT TO:<{}>\r\n", words.to), "DATA\r\n",
           fmt::format("From: {}\r\nTo: {}\r\nDate: {}\r\nSubject: [HAProxy Alert] {}\r\n\r\n{}\r\n\r\n.\r\n",
                       words.from, words.to, date_now(), line, line),
           "QUIT\r\n"}};
}

}  // namespace

// The way to one mailer.
class Mailers::Channel {
 public:
  Channel(base::Loop& loop, config::Mailer mailer) : mailer_(std::move(mailer)), io_(loop), timer_(loop) {
    io_.bind<&Channel::on_io>(this);
    timer_.bind<&Channel::on_timeout>(this);
  }
  const config::Mailer& mailer() const { return mailer_; }

  void send(Mail mail) {
    if (waiting_.size() >= kMostWaiting) return complain("too many mails wait");
    waiting_.push_back(std::move(mail));
    if (!fd_ && !resting_) begin();
  }

 private:
  void begin() {
    resting_ = false;
    if (waiting_.empty()) return;
    step_ = 0;
    in_.clear();
    out_.clear();
    fd_ = base::Fd(::socket(mailer_.address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    timer_.start_after(mailer_.timeout);
    if (!fd_ || (::connect(fd_.get(), mailer_.address.sa(), mailer_.address.length()) < 0 && errno != EINPROGRESS))
      return end(std::strerror(errno));
    io_.start(fd_.get(), EV_READ);
  }

  void on_io(int revents) {
    if ((revents & EV_WRITE) && !flush()) return;
    if (revents & EV_READ) read();
  }

  void read() {
    std::array<char, 2048> piece;
    const ssize_t size = ::recv(fd_.get(), piece.data(), piece.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size < 0) return end(std::strerror(errno));
    if (size == 0) return end("the connection was closed");
    in_.append(piece.data(), static_cast<size_t>(size));
    while (const auto reply = take_smtp_reply(in_))
      if (!replied(*reply)) return;
    if (in_.size() > kLongestReply) end("it says too much");
  }

  // False: this mail is done with.
  bool replied(const SmtpReply& reply) {
    if (reply.code != kExpected[step_]) {
      end(fmt::format("it says: {}", one_line(reply.line.substr(0, 200))));
      return false;
    }
    if (step_ == waiting_.front().says.size()) {
      end({});
      return false;
    }
    out_ += waiting_.front().says[step_++];
    return flush();
  }

  bool flush() {
    while (!out_.empty()) {
      const ssize_t sent = ::send(fd_.get(), out_.data(), out_.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent < 0 && errno != EAGAIN) {
        end(std::strerror(errno));
        return false;
      }
      if (sent < 0) break;
      out_.erase(0, static_cast<size_t>(sent));
    }
    io_.start(fd_.get(), out_.empty() ? EV_READ : EV_READ | EV_WRITE);
    return true;
  }

  void on_timeout() {
    if (resting_) return begin();
    end("it took too long");
  }

  // "": it was delivered. The next goes in another turn.
  void end(const std::string& why) {
    // Once the mail was taken nothing is lost.
    if (!why.empty() && step_ < waiting_.front().says.size()) complain(why);
    io_.stop();
    fd_.reset();
    waiting_.pop_front();
    resting_ = true;
    timer_.start_after(base::Nanos(0));
  }

  void complain(std::string_view why) {
    base::log(base::Level::warning, "mailer {}/{}: a mail was not delivered: {}", mailer_.section, mailer_.name, why);
  }

  const config::Mailer mailer_;
  base::Fd fd_;
  base::IoWatcher io_;
  base::Timer timer_;
  std::deque<Mail> waiting_;  // the first is under way
  size_t step_ = 0;           // replies that have come
  std::string in_, out_;
  bool resting_ = false;  // between two mails
};

Mailers::Mailers(base::Loop& loop, const config::Config& config, std::string host) {
  cfg::Diagnostics diagnostics;
  for (const auto& proxy : config.proxies) {
    if (proxy->is_defaults || !proxy->backend) continue;
    auto words = config::read_email_alert(*proxy, config, diagnostics);
    if (!words) continue;
    if (words->host.empty()) words->host = host;
    Alert& alert = alerts_[proxy.get()];
    for (const config::Mailer& mailer : words->mailers) {
      auto same = std::find_if(channels_.begin(), channels_.end(), [&](const auto& channel) {
        return channel->mailer().section == mailer.section && channel->mailer().name == mailer.name;
      });
      if (same == channels_.end()) same = channels_.insert(channels_.end(), std::make_unique<Channel>(loop, mailer));
      alert.channels.push_back(same->get());
    }
    alert.words = std::move(*words);
  }
}

Mailers::~Mailers() = default;

void Mailers::alert(const config::Proxy& proxy, base::Level level, const std::string& text) {
  const auto found = alerts_.find(&proxy);
  if (found == alerts_.end() || level > found->second.words.level) return;
  for (Channel* channel : found->second.channels) channel->send(make_mail(found->second.words, text));
}

}  // namespace lbd
