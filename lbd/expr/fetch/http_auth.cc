// Samples of who the client says to be, and whether a userlist knows it. Manual: 7.3.6, 3.4; RFC 7617, RFC 6750.
#include "base/strings.h"
#include "lbd/expr/context.h"
#include "lbd/expr/credentials.h"
#include "lbd/expr/row.h"

namespace lbd::expr {

namespace {

Found fetch_auth(const FetchCall& call, Transaction& transaction, Cursor&, Value& out) {
  const Credentials credentials = credentials_of(transaction);
  if (credentials.scheme != "Basic") return Found::no;
  out.set_bool(authenticate(*call.arg(0).users, credentials) != nullptr);
  return Found::yes;
}

// As a text the name of the user; a condition looks at the groups that the user is in.
Found fetch_auth_group(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  const config::User* user = authenticate(*call.arg(0).users, credentials_of(transaction));
  if (!user) return Found::no;
  if (!cursor.iterate) {
    out.set_text(user->name);
    return Found::yes;
  }
  if (cursor.index >= user->groups.size()) return Found::no;
  out.set_text(user->groups[cursor.index++]);
  cursor.more = cursor.index < user->groups.size();
  return Found::yes;
}

enum class Part : uint8_t { scheme, user, password, token };

template <Part part>
Found fetch_part(const FetchCall&, Transaction& transaction, Cursor&, Value& out) {
  const Credentials credentials = credentials_of(transaction);
  const bool basic = credentials.scheme == "Basic";
  if (credentials.scheme.empty() || (part == Part::token && basic) ||
      ((part == Part::user || part == Part::password) && !basic))
    return Found::no;
  out.set_text(part == Part::scheme     ? credentials.scheme
               : part == Part::user     ? credentials.user
               : part == Part::password ? credentials.password
                                        : credentials.token);
  return Found::yes;
}

// http_auth_bearer([header]): without a name the Authorization field.
Found fetch_bearer(const FetchCall& call, Transaction& transaction, Cursor& cursor, Value& out) {
  if (!call.arg(0).given()) return fetch_part<Part::token>(call, transaction, cursor, out);
  if (!transaction.request) return Found::no;
  const http::Header* field = transaction.request->headers.find(call.arg(0).text);
  constexpr std::string_view kScheme = "bearer ";
  if (!field || field->value.size() <= kScheme.size() ||
      !base::iequals(field->value.substr(0, kScheme.size()), kScheme))
    return Found::no;
  out.set_text(base::trim(field->value.substr(kScheme.size())));
  return Found::yes;
}

bool prepare_field(Prepare& prepare) {
  Arg& name = prepare.args[0];
  if (name.given()) name.text = prepare.context.storage.copy(base::lower(name.text));
  return true;
}

constexpr ArgSpecs kList = {{{ArgKind::userlist}}};

constexpr FetchRow kRows[] = {
    {.name = "http_auth",
     .doc = "Whether a user of a userlist has sent the right password.",
     .args = kList,
     .out = Type::boolean,
     .valid = valid::kRequest,
     .run = fetch_auth},
    {.name = "http_auth_group",
     .doc = "The groups of the user, for conditions; the user's name otherwise.",
     .args = kList,
     .valid = valid::kRequest,
     .run = fetch_auth_group},
    {.name = "http_auth_type",
     .doc = "How the client authenticates: Basic, Bearer.",
     .valid = valid::kRequest,
     .run = fetch_part<Part::scheme>},
    {.name = "http_auth_user",
     .doc = "The user that the client says to be, whether or not that is true.",
     .valid = valid::kRequest,
     .run = fetch_part<Part::user>},
    {.name = "http_auth_pass",
     .doc = "The password that the client has sent.",
     .valid = valid::kRequest,
     .run = fetch_part<Part::password>},
    {.name = "http_auth_bearer",
     .doc = "The token of Authorization: Bearer, or of another field.",
     .args = {{{ArgKind::text, true}}},
     .valid = valid::kRequest,
     .run = fetch_bearer,
     .prepare = prepare_field},
};
const Fetches kEnrol(kRows);

}  // namespace

}  // namespace lbd::expr
