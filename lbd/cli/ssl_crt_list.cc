// show, add, del ssl crt-list: the lines of crt-lists, and of folders of certificates, at run time; answers are
// haproxy's.
#include <fmt/format.h>

#include "base/strings.h"
#include "lbd/cli/command.h"

namespace lbd::cli {
namespace {

using tls::CrtList;
using tls::CrtListLine;

std::string without_slash(std::string_view name) {
  while (name.size() > 1 && name.ends_with('/')) name.remove_suffix(1);
  return std::string(name);
}

const CrtList* find_list(const Invocation& invocation, const std::string& name) {
  const auto& lists = invocation.services.tls->crt_lists();
  auto found = lists.find(name);
  return found == lists.end() ? nullptr : &found->second;
}

void show(Invocation& invocation) {
  const bool numbered = invocation.argument(0) == "-n";
  const std::string name = without_slash(invocation.argument(numbered ? 1 : 0));
  if (name.empty()) {
    if (numbered) return invocation.say("'show ssl crt-list -n' expects a filename or a directory");
    for (const auto& [each, list] : invocation.services.tls->crt_lists()) invocation.say(each);
    return;
  }
  const CrtList* list = find_list(invocation, name);
  if (!list) return invocation.say("didn't find the specified filename");
  invocation.say("# " + name);
  for (const auto& line : list->lines) {
    std::string text = line->path;
    if (numbered) text += fmt::format(":{}", line->number);
    if (!line->options.empty()) text += fmt::format(" [{}]", line->options);
    for (const std::string& filter : line->filters) text += ' ' + filter;
    invocation.say(text);
  }
}

void add(Invocation& invocation) {
  const std::string name = without_slash(invocation.argument(0));
  if (name.empty() || (invocation.argument(1).empty() && invocation.payload.empty()))
    return invocation.say("'add ssl crtlist' expects a filename and a certificate name");
  auto refuse = [&](std::string_view why) { invocation.say(fmt::format("Can't edit the crt-list: {}", why)); };
  const CrtList* list = find_list(invocation, name);
  if (!list) return refuse(fmt::format("crt-list '{}' does not exist!", name));
  std::string text = invocation.payload.empty() ? std::string(invocation.argument(1)) : invocation.payload;
  auto read = invocation.services.tls->read_line("CLI", text);
  if (!read) return refuse(read.error().text);
  const CrtListLine& line = **read;
  const tls::CertificateStore& store = invocation.services.tls->certificates();
  if (list->is_folder) {
    if (!line.path.starts_with(name + "/"))
      return refuse(
          fmt::format("'{}' is a directory, certificate path '{}' must contain the directory path", name, line.path));
    for (const auto& known : list->lines)
      if (known->path == line.path) return refuse("file already exists in this directory!");
  }
  if (!store.has(line.path)) return refuse(fmt::format("certificate '{}' does not exist!", line.path));
  if (!store.find(line.path)) return refuse(fmt::format("certificate '{}' is empty!", line.path));
  invocation.say(fmt::format("Inserting certificate '{}' in crt-list '{}'{}", line.path, name,
                             std::string(list->binds.size(), '.')));
  const base::Status done = invocation.services.tls->add_line(name, *read);
  if (!done) invocation.say(done.error().text + ".");
  invocation.say(done ? "Success!" : "Failed!");
}

void remove(Invocation& invocation) {
  const std::string name = without_slash(invocation.argument(0));
  std::string path(invocation.argument(1));
  if (name.empty() || path.empty())
    return invocation.say("'del ssl crtlist' expects a filename and a certificate name");
  auto refuse = [&](std::string_view why) { invocation.say(fmt::format("Can't delete the entry: {}", why)); };
  const CrtList* list = find_list(invocation, name);
  if (!list) return refuse(fmt::format("crt-list '{}' does not exist!", name));
  std::optional<uint32_t> number;
  const tls::CertificateStore& store = invocation.services.tls->certificates();
  if (const size_t colon = path.rfind(':'); colon != std::string::npos && !store.has(path)) {
    number = base::parse_int<uint32_t>(std::string_view(path).substr(colon + 1));
    if (!number) return refuse(fmt::format("wrong line number after colons in '{}'!", path));
    path.resize(colon);
  }
  if (!store.has(path)) return refuse(fmt::format("certificate '{}' does not exist!", path));
  const CrtListLine* chosen = nullptr;
  std::vector<uint32_t> numbers;
  for (const auto& line : list->lines) {
    if (line->path != path) continue;
    numbers.push_back(line->number);
    if (!number || *number == line->number) chosen = line.get();
  }
  if (numbers.empty()) return refuse(fmt::format("certificate '{}' can't be found in crt-list '{}'!", path, name));
  if (number ? !chosen : numbers.size() > 1)
    return refuse(fmt::format("found {} '{}' {}, please specify a {}line number preceded by colons ({})!",
                              number ? "a certificate" : "the certificate", path,
                              number ? "but the line number is incorrect" : "in several entries",
                              number ? "correct " : "", fmt::join(numbers, ", ")));
  if (const auto binds = invocation.services.tls->defaults_of(*chosen); !binds.empty()) {
    std::string where;
    for (const config::Bind* bind : binds)
      where += fmt::format("\t- {}:{}\n", bind->location.file(), bind->location.line);
    return refuse(
        fmt::format("certificate '{}' cannot be deleted, it is used as default certificate by the following "
                    "frontends:\n{}",
                    path, where));
  }
  invocation.services.tls->remove_line(name, *chosen);
  invocation.say(fmt::format("Entry '{}' deleted in crtlist '{}'!", path, name));
}

constexpr CommandRow kRows[] = {
    {.name = "show ssl crt-list",
     .usage = "[-n] [<list>]",
     .doc = "show the list of crt-lists or the content of a crt-list file <list>",
     .level = Level::admin,
     .run = show},
    {.name = "add ssl crt-list",
     .usage = "<list> <cert> [opts]*",
     .doc = "add to crt-list file <list> a line <cert> or a payload",
     .level = Level::admin,
     .run = add},
    {.name = "del ssl crt-list",
     .usage = "<list> <cert[:line]>",
     .doc = "delete a line <cert> from crt-list file <list>",
     .level = Level::admin,
     .run = remove},
};
const base::Registered<CommandRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::cli
