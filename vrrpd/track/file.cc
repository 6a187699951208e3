// track_file: the number in a file, read whenever the file is written, replaced or removed (inotify(7) on its folder).
// Operators and scripts use it as a switch: `echo -100 > /etc/keepalived/maintenance`.
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "vrrpd/track/file_number.h"
#include "vrrpd/words/words.h"

namespace vrrpd {
namespace {

constexpr std::string_view kWord = "track_file";
constexpr std::string_view kDoc = "Files whose number moves the priority, or is a FAULT.";
constexpr base::Seconds kAgain{1};  // for a folder that is not there
constexpr uint32_t kChanges = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF | IN_MOVE_SELF;

class FileTracker final : public Tracker {
 public:
  FileTracker(base::Loop& loop, const FileConfig& config)
      : Tracker(kWord, config.name, true), path_(config.path), changes_(loop), again_(loop) {
    changes_.bind<&FileTracker::on_changes>(this);
    again_.bind<&FileTracker::watch>(this);
    if (config.initial) write_initial(*config.initial, config.overwrite);
    watch();
  }

  Verdict judge(int weight, bool reverse) const override { return judge_number(number_, weight, reverse); }

 private:
  void write_initial(int64_t number, bool overwrite) const {
    if (!overwrite && access(path_.c_str(), F_OK) == 0) return;
    if (auto status = base::write_file_atomic(path_, fmt::format("{}\n", number)); !status)
      base::log(base::Level::warning, "track_file {}: {}", name(), status.error().text);
  }

  void watch() {
    inotify_ = base::Fd(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    const size_t slash = path_.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path_.substr(0, std::max<size_t>(slash, 1));
    if (!inotify_ || inotify_add_watch(inotify_.get(), folder.c_str(), kChanges) < 0) {
      again_.start_after(kAgain);
    } else {
      changes_.stop();
      changes_.start(inotify_.get(), EV_READ);
    }
    read();
  }

  void on_changes() {
    alignas(inotify_event) std::array<char, 4096> events;
    bool folder_gone = false;
    for (;;) {
      const ssize_t n = ::read(inotify_.get(), events.data(), events.size());
      if (n <= 0) break;
      for (ssize_t at = 0; at < n;) {
        const auto* event = reinterpret_cast<const inotify_event*>(events.data() + at);
        folder_gone |= (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_IGNORED)) != 0;
        at += static_cast<ssize_t>(sizeof *event + event->len);
      }
    }
    if (folder_gone) {
      changes_.stop();
      return watch();
    }
    read();
  }

  void read() {
    const auto text = base::read_file(path_);
    const int64_t number = text ? number_in(*text) : 0;
    if (number == number_) return;
    base::log(base::Level::notice, "track_file {}: now {}", name(), number);
    number_ = number;
    tell_users();
  }

  const std::string path_;
  base::IoWatcher changes_;
  base::Timer again_;
  base::Fd inotify_;
  int64_t number_ = 0;
};

using File = FileConfig;

void parse_initial(File& file, Args& args) {
  file.initial = 0;
  file.overwrite = args.take_if("overwrite");
  if (args.more()) args.number(file.initial, -kMostNumber, kMostNumber);
  file.overwrite |= args.take_if("overwrite");
  args.expect_end();
}

constexpr FileWord kWords[] = {
    {.name = "file", .doc = "Its path.", .parse = [](File& f, Args& a) { a.text(f.path, "a path"), a.expect_end(); }},
    {.name = "weight",
     .doc = "What its number is multiplied with; 0: any number but 0 is a FAULT.",
     .parse =
         [](File& f, Args& a) {
           a.number(f.weight, -kMostNumber, kMostNumber);
           f.reverse = a.take_if("reverse");
           a.expect_end();
         }},
    {.name = "init_file", .doc = "What is written into it at the start.", .parse = parse_initial},
};

std::optional<OwnWeight> own_weight(const Config& config, std::string_view name) {
  const FileConfig* file = config.find_file(name);
  if (!file || file->path.empty()) return std::nullopt;
  return OwnWeight{static_cast<int>(file->weight), file->reverse};
}

bool same(const Config& before, const Config& now, std::string_view name) {
  const FileConfig* one = before.find_file(name);
  const FileConfig* other = now.find_file(name);
  return one && other && one->path == other->path;
}

constexpr TrackerRow kRow[] = {
    {.name = kWord,
     .doc = kDoc,
     .own_weight = own_weight,
     .make = [](const TrackerContext& context, const std::string& name) -> std::unique_ptr<Tracker> {
       return std::make_unique<FileTracker>(context.loop, *context.config.find_file(name));
     },
     .same = same}};
void parse_file(Config& config, Args& args) {
  parse_item(config.files, args);
}
constexpr TopWord kTop[] = {
    {.name = "track_file", .doc = "A file whose number counts.", .parse = parse_file},
    {.name = "vrrp_track_file", .doc = "Old name of track_file.", .parse = parse_file},
};
constexpr InstanceWord kInstance[] = {
    {.name = kWord, .doc = kDoc, .parse = [](InstanceConfig& i, Args& a) { parse_trackers(i.trackers, a); }}};
constexpr GroupWord kGroup[] = {
    {.name = kWord, .doc = kDoc, .parse = [](GroupConfig& g, Args& a) { parse_trackers(g.trackers, a); }}};

const base::Registered<FileWord> kEnrolWords(kWords);
const base::Registered<TrackerRow> kEnrolRow(kRow);
const base::Registered<TopWord> kEnrolTop(kTop);
const base::Registered<InstanceWord> kEnrolInstance(kInstance);
const base::Registered<GroupWord> kEnrolGroup(kGroup);

}  // namespace

}  // namespace vrrpd
