// TLS of a link between nodes, both ends with a certificate of the same authority: TLS 1.3 as a wrap of the channel.
// Nothing is resumed, so every link proves both certificates.
//
// Life: a TlsContext as long as the process, and load() may give it other files, for the sessions that are made from
// then on; a TlsSession with its connection. Thread: any one. Pure but for the files that open() reads. Errors: of
// files and of the peer as text; after an error the session is of no more use, but what drain() gives (the alert) may
// be sent.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "ipc/wrap.h"

struct ssl_st;
struct ssl_ctx_st;

namespace syncd {

class TlsContext final : public ipc::WrapMaker {
 public:
  // Of our certificate (PEM, intermediates behind it), its key, and the authorities of the peers'.
  static base::Result<std::unique_ptr<TlsContext>> open(const std::string& certificate, const std::string& key,
                                                        const std::string& authorities);
  // The same once more from files that were renewed; after an error all stays as it is.
  base::Status reload() { return load(certificate_, key_, authorities_); }
  base::Status load(const std::string& certificate, const std::string& key, const std::string& authorities);
  std::unique_ptr<ipc::Wrap> make(bool accepts) const override;

 private:
  struct Deleter {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Deleter> context_;
  std::string certificate_, key_, authorities_;
};

class TlsSession final : public ipc::Wrap {
 public:
  TlsSession(ssl_ctx_st* context, bool accepts);
  base::Status take(std::string_view bytes, std::string& plain) override;
  base::Status put(std::string_view plain) override;
  void drain(std::string& bytes) override;
  // Its certificate is for this name.
  bool peer_is(std::string_view name) const override;

 private:
  struct Deleter {
    void operator()(ssl_st* session) const;
  };
  base::Status proceed();
  base::Status failure(int result) const;
  std::unique_ptr<ssl_st, Deleter> session_;
  std::string waiting_;
};

}  // namespace syncd
