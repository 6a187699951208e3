"""The scenarios of cache_test.py. The origin answers with the fields, status and body that the request asks for by X-Set,
X-Status and X-Size, and says which request made it, so that it shows where it comes from.
"""

import re
import time

from support.compare import Scenario
from support.origin import answer, response

SCENARIOS = []
VALID = "ETag: \"e\""
FRESH = "Cache-Control: max-age=60"


def _origin():
    def reply(head):
        wanted = re.findall(rb"(?im)^x-set: ([^\r]*)", head)
        status = re.search(rb"(?im)^x-status: ([^\r]*)", head)
        size = re.search(rb"(?im)^x-size: (\d+)", head)
        asked = re.search(rb"(?im)^x-number: (\d+)", head)
        body = b"of request %s" % (asked[1] if asked else b"-") + (b"." * int(size[1]) if size else b"")
        if re.search(rb"(?im)^x-chunked:", head):
            return (b"HTTP/1.1 200 OK\r\n" + b"".join(field + b"\r\n" for field in wanted)
                    + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n3\r\nend\r\n0\r\n\r\n" % (len(body), body))
        return response(body, headers=[field.decode() for field in wanted], status=status[1].decode() if status else "200 OK")

    return answer(reply)


# An answer from the cache is as old as the seconds that have gone by.
AGE = (r"(?im)^age: [01]\r?$", "age: <now>")


def scenario(cache=(), name=None, count=1, use="http-request cache-use c", store="http-response cache-store c", blur=(), **more):
    more.setdefault("backend", [use, store, "server s1 127.0.0.1:@o1@"])

    def register(function):
        SCENARIOS.append(Scenario(function, name=name or function.__name__, lines=count, origins=[_origin()], blur=[AGE, *blur],
                                  more=["cache c", "  total-max-size 4", *(f"  {line}" for line in cache)], **more))
        return function

    return register


def _ask(run, path="/a", wanted=(VALID, FRESH), headers=(), **more):
    """The answer is to have these fields."""
    number = len(run.noted) + 1
    run.get(path, headers=[f"X-Number: {number}", *headers, *(f"X-Set: {field}" for field in wanted)], **more)


def twice(name, first=None, second=None, **more):
    """What the first request leaves behind for the second."""
    first, second = first or {}, second or {}

    @scenario(name=name, count=2, **more)
    def _both(run):
        _ask(run, **first)
        _ask(run, **second)


twice("fresh")
twice("nothing_said", first={"wanted": []})
for _name, _fields in {
    "only_etag": [VALID], "only_last_modified": ["Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT"], "only_max_age": [FRESH],
    "only_s_maxage": ["Cache-Control: s-maxage=60"], "s_maxage_first": [VALID, "Cache-Control: max-age=60, s-maxage=0"],
    "max_age_0": [VALID, "Cache-Control: max-age=0"], "s_maxage_0": ["Cache-Control: s-maxage=0, max-age=60", VALID],
    "no_store": [VALID, "Cache-Control: no-store"], "no_cache": [VALID, "Cache-Control: no-cache"],
    "private": [VALID, "Cache-Control: private, max-age=60"], "public": [VALID, "Cache-Control: public"],
    "public_alone": ["Cache-Control: public"], "must_revalidate": [VALID, "Cache-Control: max-age=60, must-revalidate"],
    "no_cache_of_cookie": [VALID, "Cache-Control: max-age=60, no-cache=\"set-cookie\""],
    "private_of_field": [VALID, "Cache-Control: max-age=60, private=\"x-y\""],
    "cookie": [VALID, FRESH, "Set-Cookie: a=b"], "pragma": [VALID, FRESH, "Pragma: no-cache"],
    "expires_past": [VALID, "Expires: Sat, 01 Jan 2022 00:00:00 GMT"], "expires_future": ["Expires: Sat, 01 Jan 2050 00:00:00 GMT"],
    "expires_0": [VALID, "Expires: 0"], "expires_future_max_age_0": [VALID, "Expires: Sat, 01 Jan 2050 00:00:00 GMT", "Cache-Control: max-age=0"],
    "vary": [VALID, FRESH, "Vary: Accept-Encoding"], "age_old": [VALID, FRESH, "Age: 100"], "age_young": [VALID, FRESH, "Age: 10"],
    "age_odd": [VALID, FRESH, "Age: x"], "connection_field": [VALID, FRESH, "X-Hop: 1", "Connection: x-hop"],
    "odd_max_age": [VALID, "Cache-Control: max-age=abc"], "quoted_max_age": [VALID, "Cache-Control: max-age=\"60\""],
    "two_fields": [VALID, "Cache-Control: public", "Cache-Control: max-age=60"], "capitals": [VALID, "CACHE-CONTROL: MAX-AGE=60"],
    "date": [VALID, FRESH, "Date: Sat, 01 Jan 2022 00:00:00 GMT"], "warning": [VALID, FRESH, "Warning: 110 - x"],
}.items():
    twice(f"answer_{_name}", first={"wanted": _fields})
for _status in ("201 Created", "203 Non", "204 No Content", "301 Moved", "304 Not Modified", "404 Not Found", "206 Partial"):
    twice(f"status_{_status[:3]}", first={"headers": [f"X-Status: {_status}"]})
for _method in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "CUSTOM"):
    twice(f"first_{_method.lower()}", first={"method": _method})
    twice(f"then_{_method.lower()}", second={"method": _method})

    @scenario(name=f"between_{_method.lower()}", count=3)
    def _between(run, method=_method):
        _ask(run)
        _ask(run, wanted=[], method=method)
        _ask(run)

    @scenario(name=f"failing_{_method.lower()}_between", count=3)
    def _failing(run, method=_method):
        _ask(run)
        _ask(run, wanted=[], method=method, headers=["X-Status: 500 No"])
        _ask(run)
for _name, _fields in {
    "no_cache": ["Cache-Control: no-cache"], "no_store": ["Cache-Control: no-store"], "max_age_0": ["Cache-Control: max-age=0"],
    "pragma": ["Pragma: no-cache"], "authorization": ["Authorization: Basic eDp5"], "range": ["Range: bytes=0-2"],
    "only_if_cached": ["Cache-Control: only-if-cached"], "none_match_equal": ["If-None-Match: \"e\""],
    "none_match_other": ["If-None-Match: \"f\""], "none_match_weak": ["If-None-Match: W/\"e\""], "none_match_any": ["If-None-Match: *"],
    "none_match_list": ["If-None-Match: \"x\", \"e\""], "none_match_bare": ["If-None-Match: e"],
    "match_equal": ["If-Match: \"e\""], "match_other": ["If-Match: \"f\""], "cookie": ["Cookie: a=b"],
    "modified_since_old": ["If-Modified-Since: Sat, 01 Jan 2020 00:00:00 GMT"],
    "modified_since_new": ["If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT"], "accept_gzip": ["Accept-Encoding: gzip"],
}.items():
    twice(f"first_with_{_name}", first={"headers": _fields})
    twice(f"then_with_{_name}", second={"headers": _fields})
MODIFIED = [VALID, FRESH, "Last-Modified: Sat, 01 Jan 2022 00:00:00 GMT"]
for _date in ("Sat, 01 Jan 2020 00:00:00 GMT", "Sat, 01 Jan 2022 00:00:00 GMT", "Sat, 01 Jan 2022 00:00:01 GMT", "Tue, 01 Feb 2022 00:00:00 GMT", "x",
              "Saturday, 01-Jan-22 00:00:00 GMT", "Sat Jan  1 00:00:00 2022"):
    twice(f"since_{_date}", first={"wanted": MODIFIED}, second={"headers": [f"If-Modified-Since: {_date}"]})
    twice(f"since_{_date}_other_tag", first={"wanted": MODIFIED},
          second={"headers": [f"If-Modified-Since: {_date}", "If-None-Match: \"f\""]})
twice("since_without_last_modified", second={"headers": ["If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT"]})
twice("weak_tag", first={"wanted": ["ETag: W/\"e\"", FRESH]}, second={"headers": ["If-None-Match: \"e\""]})
twice("chunked", first={"headers": ["X-Chunked: 1"]})
twice("old_client_first", first={"version": "HTTP/1.0"})
twice("old_client_then", second={"version": "HTTP/1.0"})
twice("other_path", second={"path": "/b"})
twice("with_query", first={"path": "/a?x=1"}, second={"path": "/a?x=1"})
twice("other_query", first={"path": "/a?x=1"}, second={"path": "/a?x=2"})
twice("other_host", second={"host": "other"})
twice("host_in_capitals", second={"host": "TEST"})
twice("with_fragment", second={"path": "/a#x"})
twice("absolute", second={"path": "http://test/a"})
twice("absolute_elsewhere", second={"path": "http://else/a"})
twice("too_large", first={"headers": ["X-Size: 20000"]}, cache=["max-object-size 10000"])
twice("large", first={"headers": ["X-Size: 900000"]}, cache=["max-object-size 1000000"])
twice("just_large", first={"headers": ["X-Size: 9500"]}, cache=["max-object-size 10000"])
twice("too_large_in_chunks", first={"headers": ["X-Size: 20000", "X-Chunked: 1"]}, cache=["max-object-size 10000"])
twice("max_age_of_the_cache_is_0", cache=["max-age 0"])

VARY = ["process-vary on"]
for _name, _vary, _first, _second in (
    ("none", "Accept-Encoding", [], []), ("gzip_then_none", "Accept-Encoding", ["Accept-Encoding: gzip"], []),
    ("none_then_gzip", "Accept-Encoding", [], ["Accept-Encoding: gzip"]),
    ("same", "Accept-Encoding", ["Accept-Encoding: gzip"], ["Accept-Encoding: gzip"]),
    ("more", "Accept-Encoding", ["Accept-Encoding: gzip"], ["Accept-Encoding: gzip, br"]),
    ("less", "Accept-Encoding", ["Accept-Encoding: gzip, br"], ["Accept-Encoding: gzip"]),
    ("order", "Accept-Encoding", ["Accept-Encoding: gzip, br"], ["Accept-Encoding: br;q=0.5, gzip"]),
    ("refused", "Accept-Encoding", ["Accept-Encoding: gzip"], ["Accept-Encoding: gzip;q=0"]),
    ("any", "Accept-Encoding", ["Accept-Encoding: gzip"], ["Accept-Encoding: *"]),
    ("identity_refused", "Accept-Encoding", [], ["Accept-Encoding: identity;q=0"]),
    ("unknown", "Accept-Encoding", ["Accept-Encoding: zz"], ["Accept-Encoding: zz"]),
    ("referer_same", "Referer", ["Referer: a"], ["Referer: a"]), ("referer_other", "Referer", ["Referer: a"], ["Referer: b"]),
    ("referer_missing", "Referer", ["Referer: a"], []),
    ("both", "Referer, accept-encoding", ["Referer: a", "Accept-Encoding: gzip"], ["Accept-Encoding: gzip", "Referer: a"]),
    ("unmanaged", "Accept-Language", [], []), ("everything", "*", [], []), ("not_varying", "X", ["Accept-Encoding: gzip"], [])):
    for _encoding in ([], ["Content-Encoding: gzip"], ["Content-Encoding: br"], ["Content-Encoding: zz"]):
        if _encoding and _vary != "Accept-Encoding":
            continue
        _part = _encoding[0][18:] if _encoding else "identity"

        @scenario(VARY, name=f"vary_{_name}_{_part}", count=4)
        def _vary_case(run, vary=_vary, first=_first, second=_second, encoding=_encoding):
            fields = [VALID, FRESH, f"Vary: {vary}", *encoding]
            for headers in (first, second, first, second):
                _ask(run, wanted=fields, headers=headers)


@scenario([*VARY, "max-secondary-entries 2"], count=6)
def vary_with_many(run):
    for name in "abcacb":
        _ask(run, wanted=[VALID, FRESH, "Vary: Referer"], headers=[f"Referer: {name}"])


@scenario(["max-age 1"], count=3)
def expired(run):
    _ask(run)
    _ask(run)
    time.sleep(2.1)  # it is the time that matters
    _ask(run)


@scenario(count=2, backend=["http-request cache-use c", "http-response set-header X-Before %[rand(1)]", "http-response cache-store c",
                            "http-response set-header X-After 1", "http-after-response set-header X-Last 1",
                            "server s1 127.0.0.1:@o1@"])
def rules_around(run):
    _ask(run)
    _ask(run)


@scenario(count=2, frontend=["http-response set-header X-Front 1", "http-after-response set-header X-Front-Last 1"])
def rules_of_the_frontend(run):
    _ask(run)
    _ask(run)


@scenario(count=3, use="http-request cache-use c if { path_beg /a }")
def used_if(run):
    for path in ("/b", "/b", "/a"):
        _ask(run, path)


@scenario(count=3, store="http-response cache-store c unless { status 404 } || { res.hdr(X-No) -m found }")
def stored_unless(run):
    _ask(run, wanted=[VALID, FRESH, "X-No: 1"])
    _ask(run)
    _ask(run)


@scenario(count=2, frontend=["http-request cache-use c", "http-response cache-store c"], backend=["server s1 127.0.0.1:@o1@"])
def in_the_frontend(run):
    _ask(run)
    _ask(run)


@scenario(count=2, backend=["http-request cache-use c", "http-response cache-store c",
                            "http-response set-header X-Hit %[res.cache_hit]-%[res.cache_name]",
                            "http-after-response set-header X-Hit-After %[res.cache_hit]-%[res.cache_name]",
                            "server s1 127.0.0.1:@o1@"])
def fetches(run):
    _ask(run)
    _ask(run)


@scenario(count=2, backend=["http-request set-path /always", "http-request cache-use c", "http-response cache-store c",
                            "server s1 127.0.0.1:@o1@"])
def changed_before(run):
    _ask(run, "/a")
    _ask(run, "/b")


@scenario(count=2, backend=["http-request cache-use c", "http-request set-header X-Later 1", "http-request deny if { path /a } { nbsrv 5 }",
                            "http-response cache-store c", "server s1 127.0.0.1:@o1@"])
def rules_behind(run):
    _ask(run)
    _ask(run)


@scenario(count=3)
def on_one_connection(run):
    client = run.connect()
    for _ in range(3):
        _ask(run, client=client)


@scenario(count=2)
def close_wanted(run):
    _ask(run)
    client = run.connect()
    _ask(run, client=client, headers=["Connection: close"])
    run.note_end(client)


@scenario(count=2, backend=["cookie SRV insert", "http-request cache-use c", "http-response cache-store c",
                            "server s1 127.0.0.1:@o1@ cookie one"])
def with_cookie_insertion(run):
    _ask(run)
    _ask(run)


@scenario(count=2, use="filter cache c\n    http-request cache-use c")
def with_filter_line(run):
    _ask(run)
    _ask(run)


@scenario(count=2, frontend=["capture request header host len 10", "capture response header etag len 10"])
def captured(run):
    _ask(run)
    _ask(run)


@scenario(count=4)
def asked_anew(run):
    _ask(run)
    _ask(run, headers=["Cache-Control: no-cache"])
    _ask(run)
    _ask(run, method="HEAD")


@scenario(count=4)
def asked_anew_and_not_cacheable(run):
    _ask(run)
    _ask(run, wanted=[], headers=["Cache-Control: no-cache"])
    _ask(run)
    _ask(run, headers=["Cache-Control: max-age=0"])


@scenario(count=5)
def other_authority_and_authorization(run):
    _ask(run, headers=["Authorization: Basic eDp5"], wanted=[VALID, "Cache-Control: public, max-age=60"])
    _ask(run)
    _ask(run, headers=["Authorization: Basic eDp5"])
    _ask(run, headers=["Cache-Control: no-cache", "Pragma: x"])
    _ask(run)
