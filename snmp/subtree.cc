#include "snmp/subtree.h"

#include <algorithm>

#include "snmp/net_snmp.h"

namespace snmp {
namespace {

// The library's constants are old-style casts.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"
constexpr char kKey = TABLE_CONTAINER_KEY_NETSNMP_INDEX;
constexpr int kReadOnly = HANDLER_CAN_RONLY;
void add_index(netsnmp_table_registration_info* info, unsigned char type) {
  netsnmp_table_helper_add_index(info, type);
}
#pragma GCC diagnostic pop

// Of each of our handlers: the object that serves it.
template <typename Owner>
Owner& owner_of(netsnmp_mib_handler* handler) {
  while (handler && !handler->myvoid) handler = handler->next;
  return *static_cast<Owner*>(handler->myvoid);
}

using Access = int (*)(netsnmp_mib_handler*, netsnmp_handler_registration*, netsnmp_agent_request_info*,
                       netsnmp_request_info*);

netsnmp_handler_registration* make_registration(std::string_view name, Access access, void* owner, const Oid& root) {
  netsnmp_mib_handler* handler = netsnmp_create_handler(std::string(name).c_str(), access);
  CHECK(handler);
  handler->myvoid = owner;
  auto* registration =
      netsnmp_handler_registration_create(std::string(name).c_str(), handler, root.data(), root.size(), kReadOnly);
  CHECK(registration);
  return registration;
}

class Table final : public Subtree {
 public:
  Table(const TableRow& row, OnRequest on_request) : row_(row), on_request_(on_request), root_(row.oid()) {
    for (const Column& column : row.columns) {
      if (by_number_.size() <= column.number) by_number_.resize(column.number + 1);
      by_number_[column.number] = &column;
    }
    container_ = netsnmp_container_find("table_container");
    CHECK(container_);
    auto* info = static_cast<netsnmp_table_registration_info*>(calloc(1, sizeof(netsnmp_table_registration_info)));
    for (const Type type : row.index) add_index(info, asn_type(type));
    info->min_column = row.columns.front().number;
    info->max_column = row.columns.back().number;
    CHECK(netsnmp_container_table_register(make_registration(row.name, &Table::answer, this, root_), info, container_,
                                           kKey) == SNMPERR_SUCCESS);
  }

  void load(const SnapshotPtr& snapshot) override {
    CONTAINER_CLEAR(container_, nullptr, nullptr);
    entries_.clear();
    row_.list(*snapshot, entries_);
    // In their order an insertion is an appending.
    std::sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.index < b.index; });
    snapshot_ = snapshot;
    lines_.resize(entries_.size());
    for (size_t i = 0; i < entries_.size(); ++i) {
      lines_[i].index.oids = entries_[i].index.data();
      lines_[i].index.len = entries_[i].index.size();
      lines_[i].row = entries_[i].row;
      CONTAINER_INSERT(container_, &lines_[i]);
    }
  }

 private:
  // What the container holds: it begins with its index.
  struct Line {
    netsnmp_index index;
    const void* row;
  };

  static int answer(netsnmp_mib_handler* handler, netsnmp_handler_registration*, netsnmp_agent_request_info* info,
                    netsnmp_request_info* requests) {
    auto& self = owner_of<Table>(handler);
    self.on_request_();
    if (info->mode != MODE_GET) return SNMP_ERR_NOERROR;  // GETNEXT arrives as GET of the row that was found
    for (auto* request = requests; request; request = request->next) {
      if (request->processed) continue;
      const auto* line = static_cast<const Line*>(netsnmp_container_table_row_extract(request));
      const auto* place = netsnmp_extract_table_info(request);
      const Column* column =
          line && place && place->colnum < self.by_number_.size() ? self.by_number_[place->colnum] : nullptr;
      if (column)
        set_variable(request->requestvb, column->type, column->read(line->row, *self.snapshot_));
      else
        netsnmp_set_request_error(info, request, SNMP_NOSUCHINSTANCE);
    }
    return SNMP_ERR_NOERROR;
  }

  const TableRow& row_;
  const OnRequest on_request_;
  const Oid root_;
  std::vector<const Column*> by_number_;
  netsnmp_container* container_;
  SnapshotPtr snapshot_;
  Entries entries_;
  std::vector<Line> lines_;
};

class ScalarGroup final : public Subtree {
 public:
  ScalarGroup(const ScalarRow& row, OnRequest on_request) : row_(row), on_request_(on_request), root_(row.oid()) {
    if (row.apart) {
      for (const Column& object : row.objects)
        CHECK(netsnmp_register_scalar(make_registration(object.name, &ScalarGroup::answer, this,
                                                        below(root_, {object.number}))) == SNMPERR_SUCCESS);
      return;
    }
    CHECK(netsnmp_register_scalar_group(make_registration(row.name, &ScalarGroup::answer, this, root_),
                                        row.objects.front().number, row.objects.back().number) == SNMPERR_SUCCESS);
  }
  void load(const SnapshotPtr& snapshot) override { snapshot_ = snapshot; }

 private:
  static int answer(netsnmp_mib_handler* handler, netsnmp_handler_registration*, netsnmp_agent_request_info* info,
                    netsnmp_request_info* requests) {
    auto& self = owner_of<ScalarGroup>(handler);
    self.on_request_();
    for (auto* request = requests; request; request = request->next) {
      const netsnmp_variable_list* asked = request->requestvb;
      const Column* found = nullptr;
      if (asked->name_length > self.root_.size())
        for (const Column& column : self.row_.objects)
          if (column.number == asked->name[self.root_.size()]) found = &column;
      if (found && self.snapshot_)
        set_variable(request->requestvb, found->type, found->read(nullptr, *self.snapshot_));
      else
        netsnmp_set_request_error(info, request, SNMP_NOSUCHOBJECT);
    }
    return SNMP_ERR_NOERROR;
  }

  const ScalarRow& row_;
  const OnRequest on_request_;
  const Oid root_;
  SnapshotPtr snapshot_;
};

class Leaves final : public Subtree {
 public:
  Leaves(const LeavesRow& row, OnRequest on_request) : row_(row), on_request_(on_request), root_(row.oid()) {
    CHECK(netsnmp_register_handler(make_registration(row.name, &Leaves::answer, this, root_)) == SNMPERR_SUCCESS);
  }
  void load(const SnapshotPtr& snapshot) override {
    leaves_.clear();
    row_.list(*snapshot, leaves_);
    std::sort(leaves_.begin(), leaves_.end(), [](const Leaf& a, const Leaf& b) { return a.suffix < b.suffix; });
  }

 private:
  // The leaf that the request is for; null: none.
  const Leaf* find(const netsnmp_variable_list& asked, bool next) const {
    Oid suffix;
    if (snmp_oidtree_compare(asked.name, asked.name_length, root_.data(), root_.size()) == 0)
      suffix.assign(asked.name + std::min(asked.name_length, root_.size()), asked.name + asked.name_length);
    else if (!next || snmp_oid_compare(asked.name, asked.name_length, root_.data(), root_.size()) > 0)
      return nullptr;
    const auto less = [](const Leaf& leaf, const Oid& oid) { return leaf.suffix < oid; };
    auto at = std::lower_bound(leaves_.begin(), leaves_.end(), suffix, less);
    if (next && at != leaves_.end() && at->suffix == suffix) ++at;
    if (at == leaves_.end() || (!next && at->suffix != suffix)) return nullptr;
    return &*at;
  }

  static int answer(netsnmp_mib_handler* handler, netsnmp_handler_registration*, netsnmp_agent_request_info* info,
                    netsnmp_request_info* requests) {
    auto& self = owner_of<Leaves>(handler);
    self.on_request_();
    const bool next = info->mode == MODE_GETNEXT;
    for (auto* request = requests; request; request = request->next) {
      if (request->processed) continue;
      const Leaf* leaf = self.find(*request->requestvb, next);
      if (leaf) {
        const Oid name = [&] {
          Oid whole = self.root_;
          whole.insert(whole.end(), leaf->suffix.begin(), leaf->suffix.end());
          return whole;
        }();
        if (next) snmp_set_var_objid(request->requestvb, name.data(), name.size());
        set_variable(request->requestvb, leaf->type, leaf->value);
      } else if (!next) {
        netsnmp_set_request_error(info, request, SNMP_NOSUCHINSTANCE);
      }
    }
    return SNMP_ERR_NOERROR;
  }

  const LeavesRow& row_;
  const OnRequest on_request_;
  const Oid root_;
  std::vector<Leaf> leaves_;
};

}  // namespace

std::unique_ptr<Subtree> register_table(const TableRow& row, OnRequest on_request) {
  return std::make_unique<Table>(row, on_request);
}
std::unique_ptr<Subtree> register_scalars(const ScalarRow& row, OnRequest on_request) {
  return std::make_unique<ScalarGroup>(row, on_request);
}
std::unique_ptr<Subtree> register_leaves(const LeavesRow& row, OnRequest on_request) {
  return std::make_unique<Leaves>(row, on_request);
}

}  // namespace snmp
