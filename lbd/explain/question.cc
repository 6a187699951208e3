#include "lbd/explain/question.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <memory>

#include "base/strings.h"
#include "lbd/http/uri.h"

namespace lbd::explain {
namespace {

constexpr std::string_view kSomeClient = "192.0.2.1";  // RFC 5737: nobody has it
constexpr uint16_t kSomePort = 40000;

base::Result<base::IpPort> address(std::string_view name, std::string_view text, uint16_t port) {
  // "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80"
  if (auto ip = base::IpAddr::parse(text)) return base::IpPort{*ip, port};
  size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  auto ip = base::IpAddr::parse(host);
  auto number = colon == std::string_view::npos ? std::nullopt : base::parse_int<uint16_t>(text.substr(colon + 1));
  if (ip && number) return base::IpPort{*ip, *number};
  return base::Err(
      base::Error::invalid(fmt::format("{}={}: an address is expected, with or without a port", name, text)));
}

bool has_field(const std::vector<std::string>& fields, std::string_view name) {
  for (const std::string& field : fields)
    if (base::iequals(std::string_view(field).substr(0, field.find(':')), name)) return true;
  return false;
}

}  // namespace

std::string_view Question::target() const {
  return url.find("://") == std::string::npos ? std::string_view(url) : http::path_and_query_of(url);
}

std::string_view Question::authority() const {
  return url.find("://") == std::string::npos ? std::string_view() : http::authority_of(url);
}

uint16_t Question::port() const {
  if (auto named = base::parse_int<uint16_t>(http::split_authority(authority()).port)) return *named;
  return tls() ? 443 : 80;
}

std::string Question::request() const {
  std::string_view path = target();
  std::string text = fmt::format("{} {} HTTP/1.1\r\n", method, path.empty() ? "/" : path);
  if (!authority().empty() && !has_field(fields, "host")) text += fmt::format("Host: {}\r\n", authority());
  for (const std::string& field : fields) text += field + "\r\n";
  return text + "\r\n";
}

std::string Question::server_name() const {
  if (!tls() || !sni.empty()) return sni;
  const std::string_view host = http::split_authority(authority()).host;
  return base::IpAddr::parse(host) ? std::string() : std::string(host);  // RFC 6066, 3: addresses are not named
}

std::string Question::hello() const {
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(context.get()), SSL_free);
  BIO* sent = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), BIO_new(BIO_s_mem()), sent);
  if (const std::string name = server_name(); !name.empty())
    SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(name.c_str()));
  SSL_connect(ssl.get());  // gets no answer: it stops behind the hello
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(sent, &bytes);
  return {bytes, static_cast<size_t>(size)};
}

std::string Question::answer() const {
  if (response.empty()) return "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  std::string text;
  for (const std::string& line : response) text += line + "\r\n";
  if (!has_field(response, "content-length") && !has_field(response, "transfer-encoding"))
    text += "Content-Length: 0\r\n";
  return text + "\r\n";
}

base::Result<Question> parse_question(std::string_view text) {
  Question question;
  question.src = {*base::IpAddr::parse(kSomeClient), kSomePort};
  std::vector<std::string_view> lines = base::split(text, '\n');
  for (std::string_view& line : lines)
    if (line.ends_with('\r')) line.remove_suffix(1);
  std::vector<std::string_view> words;
  for (std::string_view word : base::split(lines.front(), ' '))
    if (!base::trim(word).empty()) words.push_back(base::trim(word));
  if (words.size() < 2)
    return base::Err(base::Error::invalid("a method and a URL are expected: GET https://www.example.com/"));
  question.method = words[0];
  question.url = words[1];
  for (size_t i = 2; i < words.size(); ++i) {
    size_t equals = words[i].find('=');
    std::string_view name = words[i].substr(0, equals);
    std::string_view value = equals == std::string_view::npos ? std::string_view() : words[i].substr(equals + 1);
    if (name == "src")
      question.src = TRY(address(name, value, kSomePort));
    else if (name == "dst")
      question.dst = TRY(address(name, value, question.port()));
    else if (name == "frontend")
      question.frontend = value;
    else if (name == "sni")
      question.sni = value;
    else
      return base::Err(base::Error::invalid(fmt::format("'{}': there are src= dst= frontend= sni=", words[i])));
  }
  for (size_t i = 1; i < lines.size(); ++i) {
    std::string_view line = base::trim(lines[i]);
    bool answer = line.starts_with('<');
    if (answer) line = base::trim(line.substr(1));
    if (line.empty()) continue;
    if (line.find(':') == std::string_view::npos && !(answer && question.response.empty()))
      return base::Err(base::Error::invalid(fmt::format("'{}' is no field: Name: value", line)));
    (answer ? question.response : question.fields).emplace_back(line);
  }
  if (!question.response.empty() && !question.response.front().starts_with("HTTP/"))
    question.response.insert(question.response.begin(), "HTTP/1.1 200 OK");
  return question;
}

}  // namespace lbd::explain
