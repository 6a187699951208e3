// userlist sections: users, their passwords and groups (manual 3.4).
#include <crypt.h>
#include <fmt/format.h>

#include <algorithm>

#include "base/strings.h"
#include "lbd/config/section.h"

namespace lbd::config {
namespace {

// What one userlist gathers: groups may name users before they are declared, and the other way round.
struct UserListDraft {
  UserList list;
  struct Membership {
    std::string group, user;
    cfg::Location where;
    bool user_names_group;
  };
  std::vector<std::string> groups;
  std::vector<Membership> memberships;
};

std::vector<std::string_view> names_in(std::string_view text) {
  std::vector<std::string_view> out = base::split(text, ',');
  std::erase(out, std::string_view());
  return out;
}

void add_group(cfg::Args& args, UserListDraft& draft) {
  auto name = args.take<std::string>();
  if (!name) return;
  if (std::find(draft.groups.begin(), draft.groups.end(), *name) != draft.groups.end())
    return args.error(fmt::format("group '{}' is declared twice", *name));
  draft.groups.push_back(*name);
  if (!args.accept("users")) return;
  auto users = args.take<cfg::Word>();
  if (!users) return;
  for (std::string_view user : names_in(users->text))
    draft.memberships.push_back({*name, std::string(user), users->loc, false});
}

void add_user(cfg::Args& args, UserListDraft& draft) {
  auto name = args.take<std::string>();
  if (!name) return;
  User user;
  user.name = *name;
  for (const User& other : draft.list.users)
    if (other.name == *name) {
      args.warning(fmt::format("user '{}' is declared twice, the first counts", *name));
      args.rest();
      return;
    }
  while (!args.at_end()) {
    auto what = args.take_choice({"password", "insecure-password", "groups"});
    if (!what) return;
    auto word = args.take<cfg::Word>();
    if (!word) return;
    if (*what == 2) {
      for (std::string_view group : names_in(word->text))
        draft.memberships.push_back({std::string(group), *name, word->loc, true});
      continue;
    }
    user.password = word->text;
    user.insecure = *what == 1;
    if (*what == 0) {
      // Its form only: some passwords take seconds to compute.
      const int form = crypt_checksalt(word->text.c_str());
      if (form == CRYPT_SALT_INVALID || form == CRYPT_SALT_METHOD_DISABLED)
        args.diagnostics().report(
            cfg::Severity::advice, args.last(),
            fmt::format("user '{}' can never log in: crypt(3) does not understand this password", *name),
            "a password in clear is written insecure-password");
    }
  }
  draft.list.users.push_back(std::move(user));
}

constexpr cfg::Keyword<UserListDraft> kWords[] = {
    {.name = "group", .doc = "A group and its users.", .set = add_group},
    {.name = "user", .doc = "A user with password and groups.", .set = add_user},
};
const base::Registered<cfg::Keyword<UserListDraft>> kEnrolWords(kWords);

class UserListSection : public Section {
 public:
  UserListSection(std::string name, const cfg::Location& where, Loading& loading) : loading_(loading) {
    draft_.list.name = std::move(name);
    draft_.list.location = where;
  }
  void line(const cfg::Statement& statement) override { run_word(statement, draft_, "userlist", loading_); }
  void close() override {
    for (const auto& membership : draft_.memberships) {
      auto user = std::find_if(draft_.list.users.begin(), draft_.list.users.end(),
                               [&](const User& each) { return each.name == membership.user; });
      if (user == draft_.list.users.end()) {
        loading_.diagnostics.error(
            membership.where, fmt::format("no such user '{}' in userlist '{}'", membership.user, draft_.list.name));
      } else if (std::find(draft_.groups.begin(), draft_.groups.end(), membership.group) == draft_.groups.end()) {
        loading_.diagnostics.error(
            membership.where, fmt::format("no such group '{}' in userlist '{}'", membership.group, draft_.list.name));
      } else if (std::find(user->groups.begin(), user->groups.end(), membership.group) == user->groups.end()) {
        user->groups.push_back(membership.group);
      }
    }
    loading_.config.userlists.push_back(std::move(draft_.list));
  }

 private:
  UserListDraft draft_;
  Loading& loading_;
};

std::unique_ptr<Section> open(const cfg::Statement& header, Loading& loading) {
  std::string name = section_name(header, loading);
  if (name.empty()) return nullptr;
  for (const UserList& other : loading.config.userlists)
    if (other.name == name)
      loading.diagnostics.error(header.at(1), fmt::format("userlist '{}' is declared twice", name));
  return std::make_unique<UserListSection>(std::move(name), header.loc, loading);
}

constexpr SectionRow kRows[] = {{"userlist", "Users and groups for authentication.", open}};
const base::Registered<SectionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::config
