// StickRules: `stick match`, `stick on`, `stick store-request` and `stick store-response` of a backend, compiled.
//
// choose() is asked once for an exchange, before a server is chosen: it gives the server that a table names, and
// remembers in the transaction what is to be stored; store() enters the server that then answered.
// Life: with the ProxyRules. Thread: any; the tables have their locks. Errors: at load, at the word. Manual: 4.2 stick
// on.
#pragma once

#include <string_view>
#include <vector>

#include "cfg/statement.h"
#include "lbd/expr/condition.h"
#include "lbd/expr/expr.h"
#include "lbd/server/server.h"

namespace lbd::rules {

class StickRules {
 public:
  bool empty() const { return rules_.empty(); }
  // A line `stick …`; its condition begins at `condition_at`.
  void add(expr::CompileContext& context, const expr::Acls& acls, const cfg::Statement& statement, size_t condition_at);

  // Null: no table names one of the backend.
  server::Server* choose(expr::Transaction& transaction, const server::Backend& backend) const;
  void store(expr::Transaction& transaction, const server::Server& server) const;

 private:
  struct Line {
    const cfg::Statement* statement;
    bool matches, stores, of_response;
    const expr::Expr* key;
    const config::StickTable* table;
    const expr::Condition* condition;
  };
  static bool applies(const Line& rule, expr::Transaction& transaction);
  static bool key_of(const Line& rule, expr::Transaction& transaction, table::Table& table, std::string_view& key);
  static void remember(const Line& rule, expr::Transaction& transaction, std::string_view key);

  std::vector<Line> rules_;
};

}  // namespace lbd::rules
