// Objects: the frontends, backends and servers that run, made from the configuration, with the slot of each in the
// arrays of counters.
//
// Servers and backends that come at run time have slots of their own, which are given again when one has gone.
//
// Life: made once after the configuration is linked, before workers start; as long as the process. `fullconn` of a
// backend with minconn servers is computed here: a tenth of the maxconn of all frontends that may branch to it by
// default_backend or a use_backend without an expression (manual: fullconn). Thread: built by the main thread, then
// read by all. Errors: none, since load checked the configuration.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "lbd/server/server.h"

namespace lbd::server {

class Objects {
 public:
  // `process_maxconn`: what a frontend without a maxconn of its own may reach.
  Objects(const config::Config& config, uint32_t process_maxconn);

  const std::vector<std::unique_ptr<Frontend>>& frontends() const { return frontends_; }
  const std::vector<std::unique_ptr<Backend>>& backends() const { return backends_; }
  // Servers and backends that may have come at run time and be there at once.
  static constexpr uint32_t kMostAdded = 8192;
  size_t slots() const { return slots_; }                             // how many Counters a worker needs now
  size_t most_slots() const { return slots_at_start_ + kMostAdded; }  // and how many at most
  // At run time, by the control thread. Nothing: there are too many.
  std::optional<uint32_t> take_slot();
  void give_slot(uint32_t slot) { free_slots_.push_back(slot); }

  // Backends that come at run time and go, by the control thread, which alone looks at the lists then. Their proxies.
  Backend& add_backend(const config::Proxy& proxy, uint32_t slot);
  [[nodiscard]] std::unique_ptr<Backend> remove_backend(const Backend& backend);
  const std::vector<const config::Proxy*>& added_proxies() const { return added_proxies_; }

  // Null when the proxy has no such side, or no proxy has the name.
  Frontend* frontend(const config::Proxy* proxy) const;
  Backend* backend(const config::Proxy* proxy) const;
  Frontend* find_frontend(std::string_view name) const;
  Backend* find_backend(std::string_view name) const;

 private:
  std::vector<std::unique_ptr<Frontend>> frontends_;
  std::vector<std::unique_ptr<Backend>> backends_;
  std::unordered_map<const config::Proxy*, Frontend*> frontend_of_;
  std::unordered_map<const config::Proxy*, Backend*> backend_of_;
  std::unordered_map<std::string_view, Frontend*> frontend_named_;
  std::unordered_map<std::string_view, Backend*> backend_named_;
  std::vector<const config::Proxy*> added_proxies_;
  uint32_t slots_ = 0, slots_at_start_ = 0;
  std::vector<uint32_t> free_slots_;
};

}  // namespace lbd::server
