"""What a drill (drill.py) must not have seen: judges a journal of what was done to two nodes and what they did.

A journal holds signals, each a list of (time, value) that holds until the next one. Of a node n there are
    n.vrrpd n.lbd n.syncd   "runs", "frozen", "dead", or "starts" until it has told its first state
    n.cable                 whether its link to the clients is plugged in
    n.vip                   whether the address is on its interface
    n.drains                whether it has the address in silence, for what was open when it gave it up by plan
and of the pair "adverts" (in both directions) and "sync": whether the two paths between the nodes are open. Times are
monotonic seconds.

Pure: no process, no clock. `stall(begin, end)` says how long the machine kept programs from running in that time.
"""

import bisect
import collections

Violation = collections.namedtuple("Violation", "begin end text")
NODES = ("a", "b")
DAEMONS = ("lbd", "vrrpd", "syncd")
# What is repaired serves again after so long: lbd is linked, its health has been good for a second.
RECOVERY = 2.0
# The syncd find each other again after at most their longest back-off and one lost connection request.
RELINK = 5.0
# A client asks again who has an address that does not answer, after the longest time for which the kernel believes an
# answer that it once got.
DOUBT = 60.0


class Journal:
    def __init__(self):
        self.signals = {}

    def put(self, when, name, value):
        signal = self.signals.setdefault(name, [])
        if not signal or signal[-1][1] != value:
            signal.append((when, value))

    def at(self, name, when):
        signal = self.signals.get(name, [])
        position = bisect.bisect_right(signal, when, key=lambda each: each[0])
        return signal[position - 1][1] if position else None

    def held(self, name, value, begin, end):
        """True when the signal had this value all the time."""
        signal = self.signals.get(name, [])
        return self.at(name, begin) == value and all(now == value for when, now in signal if begin < when < end)

    def changes(self, *names):
        return sorted({when for name in names for when, _ in self.signals.get(name, [])})

    def deeds(self):
        """When something was done to the nodes."""
        return self.changes(*(name for name in self.signals if not name.endswith((".vip", ".drains"))))


class Judge:
    """`master_down` and `interval` are those of the routers; `slack` is granted beyond what the machine's stalls explain."""

    def __init__(self, journal, interval, master_down, slack, stall=lambda begin, end: 0.0):
        self.journal, self.interval, self.master_down, self.slack, self.stall = journal, interval, master_down, slack, stall

    def is_linked(self, when):
        """The second path has been whole for long enough."""
        begin = when - RELINK
        return (self.journal.held("sync", True, begin, when)
                and all(self.journal.held(f"{node}.syncd", "runs", begin, when) for node in NODES))

    def is_path(self, when):
        advertised = self.journal.at("adverts", when) and all(self.journal.at(f"{node}.cable", when) for node in NODES)
        return bool(advertised or self.is_linked(when))

    def holds(self, node, when):
        return bool(self.journal.at(f"{node}.vip", when) and not self.journal.at(f"{node}.drains", when))

    def serves(self, node, when):
        at = self.journal.at
        return bool(self.holds(node, when) and at(f"{node}.cable", when) and at(f"{node}.lbd", when) == "runs")

    def is_double(self, when):
        return all(self.holds(node, when) for node in NODES)

    def is_able(self, node, when):
        """Nothing has ailed it for long enough."""
        begin = when - RECOVERY
        held = self.journal.held
        return (held(f"{node}.cable", True, begin, when)
                and all(held(f"{node}.{daemon}", "runs", begin, when) for daemon in ("lbd", "vrrpd")))

    def times(self, begin, end):
        """Where anything judged here may change: the signals, and what holds some time after them."""
        times = {begin, end}
        for when in self.journal.changes(*self.journal.signals):
            times |= {when, when + RECOVERY, when + RELINK}
        return sorted(time for time in times if begin <= time <= end)

    def spans(self, begin, end, condition, cuts=()):
        """(begin, end) of the times in which the condition holds, cut where `cuts` say."""
        found, times, cuts = [], self.times(begin, end), set(cuts)
        for left, right in zip(times, times[1:]):
            if not condition((left + right) / 2):
                continue
            if found and found[-1][1] == left and left not in cuts:
                found[-1][1] = right
            else:
                found.append([left, right])
        return found

    def too_long(self, spans, limit, text):
        return [Violation(left, right, f"{text} for {(right - left) * 1000:.0f} ms (limit {limit * 1000:.0f} ms)")
                for left, right in spans if right - left > limit + self.slack + self.stall(left, right)]

    def two_masters(self, begin, end):
        def two(when):
            return (self.is_double(when) and all(self.journal.at(f"{node}.vrrpd", when) == "runs" for node in NODES)
                    and self.is_path(when))

        return self.too_long(self.spans(begin, end, two, self.journal.deeds()), self.interval,
                             "two masters with a path between them")

    def no_master(self, begin, end):
        """Between two deeds; each may begin another wait."""

        def none(when):
            return (not any(self.serves(node, when) for node in NODES)
                    and any(self.is_able(node, when) for node in NODES))

        return self.too_long(self.spans(begin, end, none, self.journal.deeds()), self.master_down + 0.05,
                             "nobody serves though one could")

    def no_answer(self, begin, end, answers):
        """A client that has one node to find finds it. Whom it believes while there are two, nobody can say. It can know
        better at once if the one that gave way could say so, and else when its own doubts begin."""
        doubtful = []
        for _, right in self.spans(begin, end, self.is_double):
            said = self.is_path(right) and all(self.journal.at(f"{node}.vrrpd", right) == "runs" for node in NODES)
            if not said:
                doubtful.append(right)

        def one(when):
            return (sum(self.holds(node, when) for node in NODES) == 1
                    and any(self.serves(node, when) for node in NODES)
                    and not any(right < when < right + DOUBT for right in doubtful))

        violations, answers = [], [begin, *answers, end]
        for left, right in self.spans(begin, end, one, self.journal.deeds()):
            inside = answers[bisect.bisect_left(answers, left):bisect.bisect_right(answers, right)]
            marks = [left, *inside, right]
            violations += self.too_long(list(zip(marks, marks[1:])), self.master_down + 0.05,
                                        "a client is not answered by the only master")
        return violations

    def all(self, begin, end, answers):
        return sorted(self.two_masters(begin, end) + self.no_master(begin, end) + self.no_answer(begin, end, answers))
