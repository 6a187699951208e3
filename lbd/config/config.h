// The immutable model of a configuration: what haproxy.cfg said, typed, before anything runs.
//
// Life: load() makes it from text (parsing opens nothing but the files themselves), link() resolves names, the check
// rows look across sections; then it is const for ever and outlives the runtime built from it. Rule lines (acl,
// http-request, use_backend …) stay statements here: lbd/rules compiles them. Thread: any, since nothing changes.
// Manual: HAProxy configuration.txt, sections 3 to 5.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cfg/environment.h"
#include "cfg/source.h"
#include "cfg/statement.h"
#include "lbd/config/global.h"
#include "lbd/config/proxy.h"

namespace lbd::config {

// userlist NAME: users with clear or crypt(3) passwords and the groups they are in.
struct User {
  std::string name, password;
  bool insecure = false;  // insecure-password: in clear
  std::vector<std::string> groups;
};
struct UserList {
  std::string name;
  cfg::Location location;
  std::vector<User> users;
};

// http-errors NAME: a set of error files that `errorfiles NAME` refers to.
struct HttpErrors {
  std::string name;
  cfg::Location location;
  std::map<int, ErrorAnswer> answers;
};

struct Config {
  // The text of everything below, which every Location and Statement points into; and what the variables were.
  cfg::SourceSet sources;
  cfg::Environment environment;
  Global global;
  std::vector<std::unique_ptr<Proxy>> proxies;  // in the order of the files; Proxy::id is HAProxy's
  std::vector<UserList> userlists;
  std::vector<HttpErrors> http_errors;
  // Sections whose words belong to other parts (peers, resolvers, cache, ring, mailers …), kept as they stand.
  struct OtherSection {
    std::string kind, name;
    cfg::Location location;
    std::vector<cfg::Statement> statements;
  };
  std::vector<OtherSection> other_sections;
  // Named defaults sections, which may hold rules: unused ones are checked too.
  std::vector<std::unique_ptr<Proxy>> defaults;

  // By name, made by link(); large files name their backends often.
  std::unordered_map<std::string_view, Proxy*> frontend_by_name, backend_by_name;

  Proxy* find_frontend(std::string_view name) const;  // also a listen section; null when there is none
  Proxy* find_backend(std::string_view name) const;   // also a listen section
};

}  // namespace lbd::config
