#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The examples of doc/examples: nginx in front of the server, the units as systemd reads them, sockets
that it opens, reload. What is not installed is skipped.

Usage: deploy_test.py SEXTANT SOURCE-ROOT DATA
"""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SEXTANT, ROOT, DATA = (Path(a).resolve() for a in sys.argv[1:4])
EXAMPLES = ROOT / "doc" / "examples"
failed = passed = 0


def check(name, good, found=""):
    global failed, passed
    passed += bool(good)
    failed += not good
    print("ok" if good else "not ok", name, "" if good else f"# {found!r}"[:300], flush=True)


def lacks(*programs):
    for p in programs:
        if not shutil.which(p, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            check(f"# SKIP {p} is not installed", True)
            return True
    return False


def make_archive(folder):
    file = folder / "delegated-apnic-extended-20240105"
    file.write_text("2|apnic|20240105|1|19850101|20240105|+1000\napnic|*|ipv6|*|1|summary\n"
                    "apnic|FJ|ipv6|2001:db8::|32|20200101|allocated|h\n")
    store = folder / "a.sextant"
    subprocess.run([SEXTANT, "import", "--quiet", "--store", store, file], check=True, stdout=subprocess.DEVNULL)
    return store


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def await_port(port):
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except OSError:
            time.sleep(0.05)


def get(port, target, tls=None, **headers):
    c = http.client.HTTPSConnection("127.0.0.1", port, context=tls, timeout=20) if tls else \
        http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    c.request("GET", target, headers={k.replace("_", "-"): v for k, v in headers.items()})
    r = c.getresponse()
    body = r.read()
    c.close()
    return r, body


def serve(store, *options, **more):
    return subprocess.Popen([SEXTANT, "serve", "--quiet", "--user", "root", "--store", store, *options], **more)


def end(process, how=signal.SIGTERM):
    process.send_signal(how)
    return process.wait(15)


# ---- nginx

def configure(folder, port, back):
    """The example as it is, but for addresses, certificate and cache."""
    text = (EXAMPLES / "nginx.conf").read_text()
    for before, after in (("server [::1]:8064;", f"server 127.0.0.1:{back};"),
                          ("    server 127.0.0.1:8064 backup;\n", ""),
                          ("    listen [::]:443 ssl http2;\n", ""),
                          ("listen 443 ssl http2;", f"listen 127.0.0.1:{port} ssl http2;"),
                          ("/etc/ssl/figures.example.pem", f"{folder}/certificate.pem"),
                          ("/etc/ssl/figures.example.key", f"{folder}/certificate.key"),
                          ("/var/cache/nginx/sextant", f"{folder}/cache")):
        check(f"the example has {before.strip()}", before in text)
        text = text.replace(before, after)
    places = "".join(f"{p}_temp_path {folder}/{p};\n" for p in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "nginx.conf").write_text(
        f"daemon off;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{places}{text}\n}}\n")
    return folder / "nginx.conf"


def certify(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                    "/CN=figures.example", "-keyout", folder / "certificate.key", "-out", folder / "certificate.pem"],
                   check=True, capture_output=True)


def nginx(folder, store):
    if lacks("nginx", "openssl"):
        return
    port, back = free_port(), free_port()
    certify(folder)
    file = configure(folder, port, back)
    tried = subprocess.run(["nginx", "-t", "-e", folder / "error.log", "-c", file], capture_output=True, text=True)
    check("nginx takes the example", tried.returncode == 0, tried.stderr)
    if tried.returncode != 0:
        return
    server = serve(store, "--listen", f"127.0.0.1:{back}", "--base-url", "https://figures.example")
    proxy = subprocess.Popen(["nginx", "-e", folder / "error.log", "-c", file])
    try:
        await_port(back)
        await_port(port)
        through_proxy(port, server)
    finally:
        end(proxy)
        if server.poll() is None:
            end(server)


def through_proxy(port, server):
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
    offers = ssl.create_default_context()
    offers.check_hostname, offers.verify_mode = False, ssl.CERT_NONE
    offers.set_alpn_protocols(["h2", "http/1.1"])
    with offers.wrap_socket(socket.create_connection(("127.0.0.1", port))) as s:
        check("HTTP/2", s.selected_alpn_protocol() == "h2", s.selected_alpn_protocol())
    r, page = get(port, "/en/economy/FJ", tls, Host="figures.example")
    check("a page", r.status == 200 and b"Fiji" in page, r.status)
    check("strict transport", r.headers["Strict-Transport-Security"])
    check("the policy comes through", "default-src 'none'" in r.headers["Content-Security-Policy"])
    check("no version", not re.search(r"\d", r.headers["Server"] or ""), r.headers["Server"])
    r, _ = get(port, "/en/economy/FJ", tls, If_None_Match=r.headers["ETag"], Host="figures.example")
    check("not modified", r.status == 304, r.status)
    r, packed = get(port, "/en/economy/FJ", tls, Accept_Encoding="gzip", Host="figures.example")
    check("packed", r.headers["Content-Encoding"] == "gzip" and packed != page, r.headers["Content-Encoding"])
    r, body = get(port, "/en/economy/FJ", tls, Host="figures.example")
    check("each coding is kept apart", not r.headers["Content-Encoding"] and body == page)
    r, body = get(port, "/en/economy/FJ/changes.atom", tls, Host="figures.example")
    check("links are of the public address", b'href="https://figures.example/en/economy/FJ"' in body, body[:400])
    r, body = get(port, "/api/v1/pace", tls, Accept="text/csv", Host="figures.example")
    check("a format", r.headers["Content-Type"].startswith("text/csv") and body.startswith(b"period,"), body[:80])
    r, body = get(port, "/api/v1/pace", tls, Accept="application/json", Host="figures.example")
    check("another format", json.loads(body)["table"] == "pace")
    check("numbers for the operator", get(port, "/metrics", tls, Host="figures.example")[0].status == 200)
    end(server)
    r, body = get(port, "/en/economy/FJ", tls, Host="figures.example")
    check("what is kept is given while the server is away", r.status == 200 and body == page, r.status)


# ---- systemd

def systemd_calls(names):
    """The system calls behind the names of SystemCallFilter."""
    calls = set()
    for name in names:
        if not name.startswith("@"):
            calls.add(name)
            continue
        said = subprocess.run(["systemd-analyze", "syscall-filter", name], capture_output=True, text=True).stdout
        words = [line.strip() for line in said.split("\n")[1:]]
        calls |= systemd_calls(w for w in words if w and not w.startswith("#"))
    return calls


def units(folder):
    if lacks("systemd-analyze"):
        return
    service = (EXAMPLES / "sextant.service").read_text()
    (folder / "sextant.service").write_text(service.replace("/usr/local/bin/sextant", str(SEXTANT)))
    shutil.copy(EXAMPLES / "sextant.socket", folder)
    files = [folder / "sextant.service", folder / "sextant.socket"]
    run = subprocess.run(["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True)
    check("systemd takes the units", run.returncode == 0 and str(folder) not in run.stderr, run.stderr)
    run = subprocess.run(["systemd-analyze", "security", "--offline=true", "--threshold=20", files[0]],
                         capture_output=True, text=True)
    check("exposure below 2 of 10", run.returncode == 0, run.stdout[-200:])
    lines = re.findall(r"^SystemCallFilter=(.*)$", service, re.M)
    allowed = systemd_calls(" ".join(n for n in lines if n[0] != "~").split()) - \
        systemd_calls(" ".join(n[1:] for n in lines if n[0] == "~").split())
    needed = {"accept4", "clone3", "epoll_wait", "fcntl", "futex", "landlock_add_rule", "landlock_create_ruleset",
              "landlock_restrict_self", "mmap", "openat", "prctl", "pread64", "seccomp", "sendmsg", "signalfd4"}
    check("the unit allows what the server needs", needed <= allowed, needed - allowed)


def sockets(store):
    if lacks("systemd-socket-activate"):
        return
    ports = [free_port(), free_port()]
    p = subprocess.Popen(["systemd-socket-activate", *(f"--listen=127.0.0.1:{port}" for port in ports), SEXTANT, "serve",
                          "--quiet", "--user", "root", "--store", store], stderr=subprocess.DEVNULL)
    try:
        for port in ports:
            await_port(port)
            check("a socket that systemd opened", get(port, "/healthz")[0].status == 200)
    finally:
        check("it ends at SIGTERM", end(p) == 0)


# ---- reload

def reload(folder, store):
    """The signal of ExecReload: reference tables that changed are read, requests go on."""
    data, port = folder / "data", free_port()
    shutil.copytree(DATA, data)
    server = serve(store, "--listen", f"127.0.0.1:{port}", env={**os.environ, "SEXTANT_DATA": str(data)})
    try:
        await_port(port)
        check("before the reload", b"Fiji" in get(port, "/en/economy/FJ")[1])
        names = data / "world" / "names-en.csv"
        names.write_text(names.read_text().replace("FJ,Fiji", "FJ,Isles of Examples"))
        server.send_signal(signal.SIGHUP)
        for _ in range(100):
            r, body = get(port, "/en/economy/FJ")
            if r.status != 200 or b"Isles of Examples" in body:
                break
            time.sleep(0.05)
        check("after the reload", b"Isles of Examples" in body, r.status)
        names.write_text("broken\n")
        server.send_signal(signal.SIGHUP)
        time.sleep(0.5)
        r, body = get(port, "/en/economy/FJ?top=3")
        check("a reload that fails changes nothing", r.status == 200 and b"Isles of Examples" in body, r.status)
    finally:
        check("it ends", end(server) == 0)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        store = make_archive(folder)
        nginx(folder, store)
        units(folder)
        sockets(store)
        reload(folder, store)
    print(f"1..{passed + failed}")
    return failed > 0


sys.exit(main())
