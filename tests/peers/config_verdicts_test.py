#!/usr/bin/env python3
"""The verdict on a configuration, beside haproxy: what `-c` and `-dW -c` (a warning is fatal) exit with.

Good and bad lines are put into small sections; where both programs must agree, a line stands once in a table here. The
good files of tests/data/configs are compared too, unless their head says why haproxy cannot be asked.
TANDEM_TESTED names another program than lbd to run them with.
"""

import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from support.process import need_program  # noqa: E402

CONFIGS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "data", "configs")
HAPROXY = need_program("haproxy")
TESTED = need_program(os.environ.get("TANDEM_TESTED", "lbd"))

TIMEOUTS = " timeout client 5s\n timeout server 5s\n timeout connect 5s\n"
HTTP = "defaults\n mode http\n" + TIMEOUTS
TCP = "defaults\n mode tcp\n" + TIMEOUTS
FRONT = HTTP + "frontend f\n bind 127.0.0.1:18080\n "
BACK = HTTP + "frontend f\n bind 127.0.0.1:18080\nbackend b\n server s0 127.0.0.1:80\n "
LISTEN_TCP = TCP + "listen l\n bind 127.0.0.1:18080\n server s0 127.0.0.1:80\n "

GLOBAL_LINES = """
daemon|daemon x|maxconn 100|maxconn|nbthread 1|nbthread 0|nbthread 2x|user root|user nosuchuser|group nosuchgroup|uid 0
log 127.0.0.1 local0|log 127.0.0.1|log|log 127.0.0.1 locale|log 127.0.0.1 local0 notice|log 127.0.0.1 local0 noise
log 127.0.0.1:x local0|log 127.0.0.1 len 100 local0|log 127.0.0.1 format raw local0|log 127.0.0.1 format x local0
log 127.0.0.1 sample 1:2 local0|log 127.0.0.1 sample 1 local0|log stdout format raw local0|log ring@nowhere local0
stats socket|stats socket /tmp/tandem-verdict.sock|stats socket /tmp/tandem-verdict.sock level root
stats socket 127.0.0.1|stats timeout 10s|stats timeout|stats timeout 10x|stats timeot 10s|stats maxconn 3|stats maxconn x
spread-checks 50|spread-checks 51|hard-stop-after 10s|hard-stop-after x|chroot|chroot /|pidfile|setenv A|setenv A b
tune.bufsize 16384|tune.bufsize x|tune.nothing 3|tune.maxrewrite 1024|tune.http.maxhdr 100|tune.http.maxhdr 100000
unix-bind mode 600|unix-bind mod 600|node a|localpeer a|log-tag x|log-tag|quiet|nosplice|no maxconn|no strict-limits
ssl-server-verify none|ssl-server-verify maybe|ssl-default-bind-options ssl-min-ver TLSv1.2|presetenv A b|unsetenv A
bogus|insecure-fork-wanted|external-check|set-dumpable|description some text|ulimit-n 1000|ulimit-n|grace 1s|crt-base /
h1-case-adjust host Host|h1-case-adjust Host host|unix-bind prefix /tmp|tune.ssl.cachesize 100|tune.idle-pool.shared on
set-var-fmt proc.x %f%ft%b%s%B%Tt%ts|set-var-fmt proc.x %HM|set-var-fmt proc.x %[fe_name]|set-var proc.x int(1)
tune.idle-pool.shared maybe|.notice "hello"|.warning "careful"|.alert "no"|.notice two words|.if 1
"""
FRONT_LINES = """
bogus|mode http|mode htp|mode|bind 127.0.0.1:18081|bind 127.0.0.1|bind|bind :99999|bind :20-10|bind 127.0.0.1:18081 nmae x
bind 127.0.0.1:18081 name|bind 127.0.0.1:18081 id 0|bind 127.0.0.1:18081 id 3|bind 127.0.0.1:18081 mode 9
bind fd@x|bind unix@|bind /tmp/tandem-verdict.sock mode 600|bind /tmp/tandem-verdict.sock user nosuchuser
bind no.such.host.invalid:80|bind localhost:18081|bind 127.0.0.1:18081-18083|bind 127.0.0.1:18081,[::1]:18081
bind 127.0.0.1:18081 level root|bind 127.0.0.1:18081 accept-proxy transparent|bind 127.0.0.1:18081 interface
maxconn 10|maxconn|backlog 10|timeout client 1s|timeout client|timeout client x|timeout clinet 1s|timeout client 1s 2s
timeout client 100us|timeout client 100d|timeout client 1x|timeout server 1s|timeout http-request 1s|timeout tunnel 1s
option|option bogus|option httplog|option dontlognull|option dontlognull x|no option dontlognull|no option forwardfor
no timeout client|option forwardfor|option forwardfor except 10.0.0.0/8|option forwardfor except x|option forwardfor x
option http-server-close|option http-keep-alive|option redispatch|option abortonclose|option checkcache|option tcpka
option http-restrict-req-hdr-names delete|option http-restrict-req-hdr-names never|option originalto x
balance roundrobin|server s 127.0.0.1:80|default-server weight 3|retries 3|retry-on 503|http-reuse safe|cookie A insert
default_backend nowhere|default_backend|errorfile 400 /dev/null|errorfile 999 /dev/null|errorfile 400|errorfiles nowhere
errorloc 400 /x|errorloc 400|errorloc303 503 /x|stats enable|stats uri|stats uri /x|stats refresh x|stats bogus|stats
log global|log 127.0.0.1 local0|no log|log-format|id 10|id 0|description|rate-limit sessions 10|rate-limit bogus 10
monitor-uri /x|monitor-uri|monitor fail if TRUE|unique-id-header X|log-tag x|disabled|enabled|fullconn 10|dispatch :80
tcp-response content accept|tcp-request connection accept|tcp-request bogus accept|stick on src|use-server s if TRUE
capture request header Host len 10|capture cookie A len 10|hash-type consistent|option httpchk|option tcp-check
clitcpka-cnt 3|srvtcpka-cnt 3|server-template s 3 127.0.0.1:80|compression algo gzip|source 127.0.0.1|external-check path /
max-keep-alive-queue 3|option socket-stats|option splice-auto|option logasap|option nolinger|option contstats
""".replace("\\n", "\n")
BACK_LINES = """
bogus|balance roundrobin|balance leastconn|balance static-rr|balance first|mode tcp|retries 2|fullconn 10|bind :80
server s 127.0.0.1:80|server|server s|server a/b 127.0.0.1:80|server s 127.0.0.1:80x|server s0 127.0.0.1:81
server s 127.0.0.1|server s 127.0.0.1:+10|server s 127.0.0.1:80-90|server s /run/x.sock|server s 127.0.0.1 check
server s 127.0.0.1:80 check inter 1s fall 3 rise 2|server s 127.0.0.1:80 inter 0|server s 127.0.0.1:80 weight 256
server s 127.0.0.1:80 weight 257|server s 127.0.0.1:80 weight|server s 127.0.0.1:80 wieght 3|server s 127.0.0.1:80 id 0
server s 127.0.0.1:80 id 1|server s 127.0.0.1:80 track s0|server s 127.0.0.1:80 track nobody|server s 127.0.0.1:80 backup
server s 127.0.0.1:80 track x/nobody|server s 127.0.0.1:80 maxconn 3 minconn 1|server s 127.0.0.1:80 observe layer4
server s 127.0.0.1:80 observe layer9|server s 127.0.0.1:80 on-error bogus|server s 127.0.0.1:80 init-addr none
server s 127.0.0.1:80 init-addr bogus|server s 127.0.0.1:80 send-proxy-v2|server s 127.0.0.1:80 cookie
server s 127.0.0.1:80 resolvers nowhere|server s 127.0.0.1:80 slowstart 10s|server s 127.0.0.1:80 slowstart x
server s 127.0.0.1:80 proxy-v2-options bogus|server s 127.0.0.1:80 source 127.0.0.1|server s 127.0.0.1:80 port 99999 check
server-template t 3 127.0.0.1:80|server-template t 2-4 127.0.0.1:80|default-server inter 2s|default-server bogus
default-server|http-reuse always|http-reuse bogus|hash-type consistent sdbm avalanche|hash-type bogus
hash-type consistent md5|cookie|cookie A insert indirect nocache|cookie A bogus|cookie A insert prefix|retry-on none
retry-on bogus|retry-on 503 conn-failure|option httpchk|option httpchk GET /|http-check expect status 200|id 3|id 0
option redispatch 3|option allbackups|option persist|option log-health-checks|option dontlognull|timeout client 5s
timeout check 1s|timeout queue 1s|timeout server x|monitor-uri /x|maxconn 3|backlog 3|default_backend b|use_backend b
option external-check|dispatch 127.0.0.1:80|load-server-state-from-file none|server-state-file-name|server-state-file-name use-backend-name|http-send-name-header X|option httplog
tcp-request connection accept|tcp-request content accept|option tcplog|log-format x|errorloc 503 /x|rate-limit sessions 3
capture request header Host len 10|external-check command /bin/true|option forwardfor|option http-keep-alive
source 127.0.0.1|source nowhere.invalid|description x|disabled|srvtcpka-cnt 3|clitcpka-cnt 3|fullconn|retries|balance
cookie A rewrite indirect|cookie A preserve|cookie A insert attr a;b|cookie A insert domain|cookie A prefix indirect
cookie A insert rewrite|cookie A insert maxidle 5m maxlife 1h|dynamic-cookie-key|cookie|cookie A insert bogus
"""
TCP_LINES = """
option forwardfor|option httplog|option tcplog|option http-no-delay|option originalto|option http-buffer-request
http-request deny|http-response deny|redirect location /|stats enable|cookie A insert|monitor-uri /|option abortonclose
capture request header Host len 3|option prefer-last-server|option http-keep-alive|option httpclose|errorloc 503 /x
option http-ignore-probes|option checkcache|http-reuse safe|option accept-invalid-http-request|option redispatch
"""
WHOLE = [
    "", "# nothing\n", "global\n", "defaults\n", "global x\n", "bogus\n", "frontend\n", "frontend a/b\n",
    "global\n daemon", "global\n description \"open\n", "global\n description \\xZZ\n", "global\n description \"${A\"\n",
    "global\n.if 1\n daemon\n.endif\n", "global\n.if 1\n", "global\n.endif\n", "global\n.else\n", "global\n.if foo\n.endif\n",
    "global\n.if 0\n bogus\n.else\n daemon\n.endif\n", "global\n.if 1\n.else\n.else\n.endif\n",
    "global\n.if streq(a,a) && !defined(NOPE) || feature(NOPE)\n daemon\n.else\n bogus\n.endif\n",
    "frontend f\n bind 127.0.0.1:18080\n", "frontend f\n bind 127.0.0.1:18080\n timeout client 1s\n",
    "frontend f\n timeout client 1s\n", "backend b\n", "backend b\n server s 127.0.0.1:80\n",
    "backend b\n disabled\n server s 127.0.0.1:80\n",
    FRONT + "\nfrontend f\n bind 127.0.0.1:18081\n", FRONT + "\nbackend f\n", FRONT + "\nlisten f\n bind 127.0.0.1:18081\n",
    BACK + "option tcp-check\n tcp-check connect ssl\n server s1 127.0.0.1:81 check\n",
    BACK + "option tcp-check\n tcp-check connect ssl\n server s1 127.0.0.1:81 check verify none\n",
    BACK + "option tcp-check\n tcp-check connect ssl\n server s1 127.0.0.1:81\n",
    "resolvers r\n nameserver n 127.0.0.1:53\n" + BACK + "server-template t 2 _a._tcp.x check resolvers r init-addr none\n",
    BACK + "\nbackend b\n", FRONT + "id 7\nbackend b\n id 7\n", FRONT + "default_backend b\nbackend b\n mode tcp\n",
    TCP + "frontend f\n bind 127.0.0.1:18080\n default_backend b\nbackend b\n mode http\n",
    FRONT + "default_backend b\ndefaults\nbackend b\n mode http\n",
    "defaults d\n mode http\n" + TIMEOUTS + "frontend f from d\n bind 127.0.0.1:18080\n",
    "defaults d\n mode http\n" + TIMEOUTS + "frontend f from e\n bind 127.0.0.1:18080\n",
    "defaults d\n mode http\n" + TIMEOUTS + "frontend f from d\n bind 127.0.0.1:18080\nbackend b\n server s 127.0.0.1:80\n",
    "defaults d\n http-request deny\n mode http\n" + TIMEOUTS + "frontend f from d\n bind 127.0.0.1:18080\n",
    HTTP + " http-request deny\n", HTTP + " acl a src 127.0.0.1\n", HTTP + " bind 127.0.0.1:18080\n",
    HTTP + " server s 127.0.0.1:80\n", HTTP + " use_backend b\n", HTTP + " option httplog\n option tcplog\n",
    HTTP + " option httplog\n option httplog\n", "userlist u\n user a insecure-password b\n", "userlist u\n bogus\n",
    "userlist u\n group g users a\n", "userlist u\n user a password 1\n", "userlist\n",
    "userlist u\n user a insecure-password b groups g\n", "userlist u\n user a\n user a\n",
    "http-errors e\n errorfile 400 /dev/null\n", "http-errors e\n bogus\n", "http-errors\n",
    "http-errors e\n errorfile 400 /dev/null\n" + FRONT + "errorfiles e\n",
    "http-errors e\n errorfile 400 /dev/null\n" + FRONT + "errorfiles e 503\n", "peers p\n bogus\n", "resolvers r\n bogus\n",
    "cache c\n total-max-size 4\n max-age 10\n process-vary on\n max-secondary-entries 4\n max-object-size 9\n",
    "cache c\n max-age 4\n", "cache c\n total-max-size 4096\n", "cache c\n total-max-size 0\n", "cache\n total-max-size 4\n",
    "cache c\n total-max-size 1\n max-object-size 600000\n", "cache c\n total-max-size 1\n process-vary maybe\n",
    "cache c\n total-max-size 1\n max-secondary-entries 0\n", "cache c\n total-max-size 1\n max-age x\n",
    "cache c\n total-max-size 1\ncache c\n total-max-size 1\n", "cache c\n total-max-size 1\n bogus\n",
    "cache c\n total-max-size 1\n" + FRONT + "http-request cache-use c\n http-response cache-store c\n filter cache c\n",
    "cache c\n total-max-size 1\n" + FRONT + "http-request cache-use d\n", FRONT + "filter cache c\n",
    "cache c\n total-max-size 1\n" + FRONT + "http-request cache-use\n", FRONT + "http-response cache-store c\n",
    FRONT + "http-request deny if { req.body x }\n", FRONT + "http-request deny if { var(txn.x) x }\n",
    FRONT + "tcp-request connection expect-netscaler-cip layer4\n", FRONT + "tcp-request connection expect-netscaler-cip\n",
    FRONT + "use_backend f2 if TRUE\n http-request deny if FALSE\nbackend f2\n",
    FRONT + "http-request deny\n http-request allow\n", FRONT + "http-request deny if TRUE\n http-request allow\n",
    FRONT + "redirect location / if FALSE\n http-request deny if FALSE\n tcp-request content accept if FALSE\n",
]


def cases():
    """(a name, the text)"""
    tables = {"global": (GLOBAL_LINES, "global\n "), "frontend": (FRONT_LINES, FRONT), "backend": (BACK_LINES, BACK),
              "tcp": (TCP_LINES, LISTEN_TCP)}
    for section, (table, head) in tables.items():
        for line in table.strip().replace("\n", "|").split("|"):
            yield f"{section}: {line}", head + line + "\n"
    for text in WHOLE:
        yield repr(text[-60:]), text
    folder = os.path.join(CONFIGS, "good")
    for name in sorted(os.listdir(folder)):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            text = file.read()
        if "# haproxy:" not in text:
            yield name, text


# Where lbd means to differ, and why.
GARBAGE = "haproxy reads the number in front of garbage, or none for zero; lbd says what is wrong"
IGNORED = "haproxy follows a rule that it has just said it ignores"
DIFFERENT = {
    "global: nbthread 2x": GARBAGE,
    "backend: server s 127.0.0.1:80x": GARBAGE,
    "backend: server s 127.0.0.1:80 weight": GARBAGE,
    "backend: server s 127.0.0.1:80 port 99999 check": GARBAGE,
    repr("cache c\n total-max-size 1\n max-age x\n"): GARBAGE,
    "frontend: bind unix@": "haproxy binds a socket without a path",
    "frontend: use-server s if TRUE": IGNORED,
    "backend: default_backend b": IGNORED,
    "backend: use_backend b": IGNORED,
}


class Verdicts(unittest.TestCase):
    def verdict(self, program, path, *flags):
        done = subprocess.run([program, *flags, "-c", "-f", path], capture_output=True, text=True, timeout=20)
        return done.returncode, done.stdout + done.stderr

    def test_the_same_as_haproxy(self):
        different = []
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "x.cfg")
            for name, text in cases():
                if name in DIFFERENT:
                    continue
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                for flags in ([], ["-dW"]):
                    theirs, their_words = self.verdict(HAPROXY, path, *flags)
                    ours, our_words = self.verdict(TESTED, path, *flags)
                    if theirs != ours:
                        said = "\n    ".join((their_words if theirs else our_words).strip().splitlines()[:4])
                        different.append(f"{' '.join(flags)} {name}: haproxy {theirs}, tested {ours}\n    {said}")
        self.assertEqual(different, [], "\n" + "\n".join(different))


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=1))
