// deny, tarpit, return: answers of our own.
#include "lbd/rules/answer.h"

namespace lbd::rules {
namespace {

class Reply final : public Action {
 public:
  Reply(const ErrorPages& errors, Verdict verdict, bool denied, int status)
      : errors_(errors), verdict_(verdict), denied_(denied) {
    answer.status = status;
  }
  Verdict run(expr::Transaction& t, Outcome& outcome) const override {
    outcome.reply = answer.make(t, errors_);
    outcome.denied = denied_;
    outcome.cause = denied_ ? 'P' : 'L';
    return verdict_;
  }
  Answer answer;

 private:
  const ErrorPages& errors_;
  Verdict verdict_;
  bool denied_;
};

template <Verdict verdict, bool denied, int request_status, int response_status>
const Action* parse_reply(Parse& parse) {
  auto* made = parse.context.storage.make<Reply>(parse.errors, verdict, denied,
                                                 parse.response() ? response_status : request_status);
  // A refusal of which nothing more than deny_status is said is the error page.
  if (!parse_answer(parse, made->answer, denied)) return nullptr;
  if (denied && made->answer.kind == Answer::Body::none && !made->answer.status_given && made->answer.fields.empty()) {
    if (!http::default_error(made->answer.status)) {
      parse.error("this status has no error page", "content-type TYPE string TEXT");
      return nullptr;
    }
    made->answer.kind = Answer::Body::pages;
  }
  return made;
}

constexpr ActionRow kRows[] = {
    {"deny", "Refuses the message with an error page (403, or 502 for a response).",
     set::kHttpRequest | set::kHttpResponse | set::kStats, true, parse_reply<Verdict::answer, true, 403, 502>},
    {"block", "Old name of deny.", set::kHttpRequest, true, parse_reply<Verdict::answer, true, 403, 502>},
    {"tarpit", "Refuses the request after timeout tarpit.", set::kHttpRequest, true,
     parse_reply<Verdict::tarpit, true, 500, 500>},
    {"return", "Answers with a status, a body and fields of its own.", set::kHttpRequest | set::kHttpResponse, true,
     parse_reply<Verdict::answer, false, 200, 200>},
};
const base::Registered<ActionRow> kEnrol(kRows);

}  // namespace
}  // namespace lbd::rules
