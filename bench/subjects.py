"""The programs that are measured side by side, each with an equivalent configuration of one thread."""

import os
import socket
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests"))

from support.client import get  # noqa: E402
from support.process import Program, Proxy, find_program, listening_socket, run, wait_for  # noqa: E402

MAXCONN = 1000  # bench.py raises it to what it needs and the machine allows

PROXY_HTTP = """
global
    nbthread 1
    maxconn {maxconn}
    {in_global}
defaults
    mode {mode}
    timeout connect 5s
    timeout client 300s
    timeout server 300s
frontend fe
    bind "fd@${{fe}}" {on_bind}
{rules}
    default_backend be
backend be
{in_backend}
{servers}
"""

# 20 conditions that do not hold (so all are evaluated) and 5 header edits, of the kinds that real files are full of.
ACL_RULES = "\n".join(
    [f"    acl path{i} path_beg /section{i}/" for i in range(8)]
    + [f"    acl host{i} hdr(host) -i host{i}.example.org" for i in range(6)]
    + [f"    acl agent{i} hdr_sub(user-agent) -i robot{i}" for i in range(4)]
    + ["    acl post method POST PUT", "    acl net src 192.0.2.0/24 198.51.100.0/24"]
    + [f"    http-request deny if path{i}" for i in range(8)]
    + [f"    http-request deny if host{i}" for i in range(6)]
    + [f"    http-request deny if agent{i}" for i in range(4)]
    + ["    http-request deny if post", "    http-request deny if net"]
    + ["    http-request set-header X-Forwarded-Proto http", "    http-request set-header X-Client %[src]",
       "    http-request del-header X-Internal", "    http-response set-header X-Served-By balancer",
       "    http-response del-header Server"])

MAP_ENTRIES = 100_000  # bench/keys.lua asks for them


def map_rules(path):
    """The rules above, with one header edit that looks its value up in a map."""
    return ACL_RULES.replace("X-Client %[src]", f"X-Client %[req.hdr(x-key),map({path},none)]")


# Every request is counted for its client, and goes where the client went before; bench/keys.lua says who the clients are.
STICK_RULES = """
    stick-table type string len 40 size 1m expire 10m store http_req_rate(10s),conn_cur
    http-request track-sc0 req.hdr(x-key)
    http-request deny deny_status 429 if { sc_http_req_rate(0) gt 1000000 }
"""
STICK_IN_BACKEND = """
    stick-table type string len 40 size 1m expire 10m
    stick on req.hdr(x-key)
"""

CACHE_IN_BACKEND = """
    http-request cache-use kept
    http-response set-header Cache-Control max-age=3600
    http-response cache-store kept
"""
CACHE = """
cache kept
    total-max-size 64
    max-age 3600
"""
IN_BACKEND = {"stick": STICK_IN_BACKEND, "cache": CACHE_IN_BACKEND}
# The kind "servers": so many, each of which is the origin, checked, and chosen by the connections that it has.
SERVERS = 200

# Kinds of scenarios whose clients speak TLS.
ENCRYPTED = ("tls", "tls-full", "tls-full-rsa", "h2")
# What the bind line says, and what nginx listens with.
ON_BIND = {"tls": "ssl crt {certificate} alpn http/1.1",
           "tls-full": "ssl crt {certificate} alpn http/1.1 no-tls-tickets",
           "tls-full-rsa": "ssl crt {certificate} alpn http/1.1 no-tls-tickets",
           "h2": "ssl crt {certificate} alpn h2,http/1.1", "h2c": "proto h2"}
ON_LISTEN = {"tls": "ssl", "tls-full": "ssl", "tls-full-rsa": "ssl", "h2": "ssl http2", "h2c": "http2"}
P256 = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
NEW_KEY = {"tls": P256, "tls-full": P256, "tls-full-rsa": ["rsa:2048"], "h2": P256}
# Where every handshake is to be a full one: nothing to resume, by ticket or from a cache.
IN_GLOBAL = {"tls-full": "tune.ssl.cachesize 0", "tls-full-rsa": "tune.ssl.cachesize 0"}
IN_NGINX = {"tls-full": "ssl_session_tickets off; ssl_session_cache off;",
            "tls-full-rsa": "ssl_session_tickets off; ssl_session_cache off;"}


def certificate(kind, directory):
    """A self-signed certificate with its key, in one file; "" for kinds in clear."""
    if kind not in NEW_KEY:
        return ""
    path, key = os.path.join(directory, "site.pem"), os.path.join(directory, "site.key")
    code, _, errors = run(["openssl", "req", "-x509", "-newkey", *NEW_KEY[kind], "-nodes", "-days", "2", "-subj", "/CN=bench",
                           "-keyout", key, "-out", path])
    if code:
        sys.exit(f"bench: openssl: {errors}")
    with open(path, "a", encoding="ascii") as to, open(key, encoding="ascii") as text:
        to.write(text.read())
    return path


NGINX = """
worker_processes 1;
master_process off;
daemon off;
pid {directory}/nginx.pid;
{modules}
events {{ worker_connections 50000; }}
"""

NGINX_HTTP = """
http {{
    access_log off;
    client_body_temp_path {directory}/body; proxy_temp_path {directory}/proxy; fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi; scgi_temp_path {directory}/scgi;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    tcp_nodelay on;
    upstream origin {{ {servers} keepalive 256; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{listen} backlog=4096 {on_listen};
        {tls}
        http2_max_requests 1000000000;
        location / {{
            proxy_pass http://origin;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_max_temp_file_size 0;
        }}
    }}
}}
"""

NGINX_TCP = """
stream {{
    server {{ listen 127.0.0.1:{listen} backlog=4096; proxy_pass 127.0.0.1:{port}; tcp_nodelay on; }}
}}
"""

STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so"


class Subject:
    """A running proxy in front of the origin; `program.pid` is what is measured."""

    def __init__(self, name, binary, kind, origin_port, pin):
        self.name = name
        self.kind = kind
        self.map = None
        self.directory = tempfile.TemporaryDirectory(prefix="tandem-bench-")
        self.certificate = certificate(kind, self.directory.name)
        if name == "nginx":
            # nginx binds by itself: take a port that the kernel says is free.
            with listening_socket() as probe:
                self.address = probe.getsockname()
            self.program = self._nginx(binary, kind, origin_port, pin)
        else:
            self.listener = listening_socket(backlog=4096)
            self.address = self.listener.getsockname()
            if name == "floor":
                argv = [binary, str(self.listener.fileno()), str(origin_port)]
                self.program = Program(argv, sockets={"fe": self.listener}, prefix=pin)
            else:
                self.program = self._haproxy_like(binary, kind, origin_port, pin)
        wait_for(self._answers, what=f"{name} to answer; {self.program.errors()}")

    def _haproxy_like(self, binary, kind, origin_port, pin):
        rules = {"acl": ACL_RULES, "stick": STICK_RULES}.get(kind, map_rules(self._map()) if kind == "map" else "")
        servers = f"    server origin 127.0.0.1:{origin_port}"
        if kind == "servers":
            servers = "    balance leastconn\n    option httpchk\n    http-check send meth GET uri /1 ver HTTP/1.1 hdr Host bench\n    default-server check inter 2s\n" + "\n".join(
                f"    server s{number} 127.0.0.1:{origin_port}" for number in range(SERVERS))
        text = PROXY_HTTP.format(mode="tcp" if kind == "tcp" else "http", servers=servers, rules=rules,
                                 maxconn=1000 if kind == "servers" else MAXCONN,  # checks need descriptors, too
                                 in_global=IN_GLOBAL.get(kind, ""), in_backend=IN_BACKEND.get(kind, ""),
                                 on_bind=ON_BIND.get(kind, "").format(certificate=self.certificate))
        if kind == "cache":
            text += CACHE
        return Proxy(binary, text, {"fe": self.listener}, prefix=pin)

    def _map(self):
        self.map = tempfile.NamedTemporaryFile("w", prefix="tandem-bench-", suffix=".map", encoding="ascii")
        self.map.writelines(f"tenant-{n}.example.org customer-{n % 5000}\n" for n in range(MAP_ENTRIES))
        self.map.flush()
        return self.map.name

    def _nginx(self, binary, kind, origin_port, pin):
        directory = tempfile.mkdtemp(prefix="tandem-bench-")
        servers = f"server 127.0.0.1:{origin_port};"
        if kind == "servers":
            servers = "least_conn; " + " ".join(f"server 127.0.0.1:{origin_port};" for _ in range(SERVERS))
        values = {"directory": directory, "servers": servers, "port": origin_port, "listen": self.address[1],
                  "on_listen": ON_LISTEN.get(kind, ""),
                  "tls": f"ssl_certificate {self.certificate}; ssl_certificate_key {self.certificate}; "
                         f"ssl_protocols TLSv1.2 TLSv1.3; {IN_NGINX.get(kind, '')}" if self.certificate else "",
                  "modules": f"load_module {STREAM_MODULE};" if kind == "tcp" else ""}
        path = os.path.join(directory, "nginx.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write((NGINX + (NGINX_TCP if kind == "tcp" else NGINX_HTTP)).format(**values))
        return Program([binary, "-p", directory, "-c", path, "-e", os.path.join(directory, "error.log")], directory,
                       prefix=pin, own_directory=True)

    def _answers(self):
        assert self.program.alive(), f"{self.name} ended: {self.program.errors()}"
        try:
            if self.kind in ON_BIND:
                with socket.create_connection(self.address):
                    return True
            return get(self.address, "/1").status == 200
        except OSError:
            return False

    @property
    def pid(self):
        return self.program.pid

    def close(self):
        self.program.close()
        self.directory.cleanup()
        if self.map:
            self.map.close()
        if self.name != "nginx":
            self.listener.close()


def available(names, build):
    """(name, path) of the wanted subjects that this machine has; those absent are named on standard error."""
    found = []
    for name in names:
        own = {"lbd": "lbd", "floor": "bench_floor"}.get(name)  # of that build, whichever one tests use
        path = find_program(os.path.join(build, own) if own else name)
        if path:
            found.append((name, path))
        else:
            print(f"bench: no {name} here, left out", file=sys.stderr)
    return found


def can(name, kind):
    """Whether a subject can run a kind of scenario at all."""
    if name == "nginx":
        return kind == "http" or kind in ON_LISTEN or (kind == "tcp" and os.path.exists(STREAM_MODULE))
    return name != "floor" or kind in ("http", "tcp")
