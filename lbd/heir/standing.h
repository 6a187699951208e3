// Standing: the state of servers, from one lbd to the next: what an operator said, what checks found, what may be
// reached where. What was set against another line of the file than there is now is left: the file was edited since.
//
// Silent: nothing of it is news. Thread: control thread, of the heir before its workers start. Errors: what makes no
// sense is left.
#pragma once

#include <functional>

#include "lbd/server/objects.h"
#include "proto/succession.pb.h"

namespace lbd::heir {

void tell_standing(const server::Objects& objects, const std::function<void(const tandem::Bequest&)>& tell);

// `in_sync`: what operators say has been replicated already.
void take_standing(server::Objects& objects, const tandem::Standing& standing, bool in_sync);

}  // namespace lbd::heir
