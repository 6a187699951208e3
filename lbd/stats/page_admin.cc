#include "lbd/stats/page_admin.h"

#include "base/strings.h"
#include "lbd/server/objects.h"

namespace lbd::stats {
namespace {

int hex_of(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_of(text[i + 1]) >= 0 && hex_of(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2]));
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

struct Form {
  std::string backend, action;
  bool has_action = false;
  std::vector<std::string> servers;
};

Form read(std::string_view body) {
  Form form;
  for (std::string_view field : base::split(body, '&')) {
    const size_t equals = field.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = field.substr(0, equals);
    std::string value = decoded(field.substr(equals + 1));
    if (name == "b") form.backend = std::move(value);
    if (name == "s") form.servers.push_back(std::move(value));
    if (name == "action") {
      form.action = std::move(value);
      form.has_action = true;
    }
  }
  return form;
}

// By name, or "#" and its number.
server::Backend* find_backend(const Source& source, std::string_view name) {
  if (!name.starts_with('#')) return source.objects().find_backend(name);
  const auto id = base::parse_int<uint32_t>(name.substr(1));
  for (const auto& backend : source.objects().backends())
    if (id && backend->config().id == *id) return backend.get();
  return nullptr;
}

}  // namespace

std::string_view apply_form(const PageRequest& request, const ProcessView& process) {
  if (!request.admin || request.foreign || !process.admin) return "DENY";
  if (request.body_cut) return "EXCD";
  const Form form = read(request.body);
  if (form.has_action && !process.admin->knows(form.action)) return "ERRP";
  server::Backend* backend = form.backend.empty() ? nullptr : find_backend(process.source, form.backend);
  if (!form.backend.empty() && !backend) return "ERRP";
  if (!backend || !form.has_action) return "NONE";
  size_t changed = 0, unknown = 0;
  for (const std::string& name : form.servers) {
    server::Server* server = backend->find_server(name);
    if (!server)
      ++unknown;
    else if (process.admin->administer(*server, form.action))
      ++changed;
  }
  if (unknown) return changed ? "PART" : "ERRP";
  return changed ? "DONE" : "NONE";
}

std::string_view text_of_result(std::string_view word) {
  if (word == "DONE") return "Action processed successfully.";
  if (word == "NONE") return "Nothing has changed.";
  if (word == "PART") return "Action partially processed. Some server names are probably unknown or ambiguous.";
  if (word == "ERRP") return "Action not processed because of invalid parameters.";
  if (word == "EXCD") return "Action not processed: the buffer couldn't store all the data. Select fewer servers.";
  if (word == "DENY") return "Action denied.";
  return {};
}

}  // namespace lbd::stats
