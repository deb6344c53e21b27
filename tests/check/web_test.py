#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The web part against real servers in a network namespace of its own: nginx, and servers that misbehave each in one
way. Names come from a file. A table says what each domain must get. TAP.

Usage: web_test.py CHECK_WEB_RUN [DOMAIN...]
"""

import gzip
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(tempfile.mkdtemp(prefix="sextant-web-"))
SIX, FOUR = "2001:db8:1::", "192.0.2."
WORDS = " ".join(f"word{chr(97 + i % 26)}{chr(97 + i // 26)}" for i in range(400))
PAGE = f"""<!doctype html><html><head><meta charset=utf-8><title>A ministry</title></head><body><h1>Welcome</h1>
<p>{WORDS}</p><a href="/a">a</a> <a href="/b">b</a> %s</body></html>"""
OTHER = "<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1></body></html>"


def run(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def certificates():
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, cwd=HERE, capture_output=True)
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "30",
            "-subj", "/CN=An authority", "-addext", "basicConstraints=critical,CA:TRUE")
    for name, what in (("good", ",".join(f"DNS:{name},DNS:www.{name}" for name in NUMBERS)), ("wrong", "DNS:other.example")):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                "/CN=" + what.split(":")[1].split(",")[0])
        (HERE / f"{name}.ext").write_text(f"subjectAltName={what}\n")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out",
                f"{name}.pem", "-days", "30", "-extfile", f"{name}.ext")


# ---- domains: their number is the last part of their addresses

NUMBERS, HOSTS, NGINX, TABLE = {}, [], [], {}


def domain(name, six=True, four=True, expect=None, extra=()):
    number = len(NUMBERS) + 10
    NUMBERS[name] = number
    if six:
        HOSTS.append(f"{name} AAAA {SIX}{number:x}")
    if four:
        HOSTS.append(f"{name} A {FOUR}{number}")
    HOSTS.extend(extra)
    if expect is not None:
        TABLE[name] = expect
    return f"[{SIX}{number:x}]", f"{FOUR}{number}"


def server(listens, body=PAGE % "", certificate="good", more=""):
    """One server block; listens like "ADDRESS:443 ssl http2"."""
    path = HERE / f"page{len(NGINX)}"
    path.mkdir()
    (path / "index.html").write_text(body)
    for page in "ab":
        (path / page).write_text(f"<html><title>{page}</title><p>page {page}<a href=/c>c</a>")
    (path / "c").write_text("<html><title>c</title><p>page c")
    NGINX.append("server { %s ssl_certificate %s/%s.pem; ssl_certificate_key %s/%s.key; root %s; default_type text/html;"
                 " %s }" % (" ".join(f"listen {at};" for at in listens), HERE, certificate, HERE, certificate, path,
                            more))


def both(six, four, body=PAGE % "", more=""):
    server([f"{six}:443 ssl http2", f"{four}:443 ssl http2", f"{six}:80", f"{four}:80"], body, more=more)


GOOD = {"web-aaaa": "pass", "web-addresses": "pass", "web-tcp80": "pass", "web-tcp443": "pass", "web-tls": "pass",
        "web-http": "pass", "web-http2": "pass", "web-same": "pass", "web-repeated": "pass", "web-mtu": "pass",
        "web-eyeballs": "pass", "web-resources": "not-applicable", "web-links": "pass"}


def but(**changes):
    return GOOD | {"web-" + key: value for key, value in changes.items()}


ALL_NONE = {test: "none" for test in GOOD}
DEAD = dict(tls="fail web-not-reached", http="fail web-not-reached", http2="fail web-not-reached",
            same="fail web-not-reached", repeated="fail web-repeated-none", mtu="not-testable web-no-page",
            eyeballs="fail web-eyeballs-fallback", links="fail web-links-all")


def servers_of_nginx():
    both(*domain("sound.test", expect=GOOD))
    both(*domain("cdn.test"))
    both(*domain("counted.test", expect=GOOD), more=f"access_log {HERE}/counted connections;")
    six, four = domain("only4.test", six=False, expect=ALL_NONE)
    server([f"{four}:443 ssl http2", f"{four}:80"])
    six, four = domain("other.test", expect=but(same="fail web-other-title", links="not-applicable web-links-none",
                                                mtu="not-applicable web-small-answers"))
    server([f"{four}:443 ssl http2", f"{four}:80"])
    server([f"{six}:443 ssl http2", f"{six}:80"], OTHER)
    six, four = domain("h1.test", expect=but(http2="fail web-http2-four"))
    server([f"{four}:443 ssl http2", f"{four}:80", f"{six}:443 ssl", f"{six}:80"])
    six, four = domain("cert6.test", expect=but(tls="fail web-certificate-six"))
    server([f"{four}:443 ssl http2", f"{four}:80", f"{six}:80"])
    server([f"{six}:443 ssl http2"], certificate="wrong")
    six, four = domain("certboth.test", expect=but(tls="fail web-certificate-both"))
    server([f"{four}:443 ssl http2", f"{six}:443 ssl http2", f"{four}:80", f"{six}:80"], certificate="wrong")
    both(*domain("parts.test", expect=but(resources="partial web-parts-some")),
         PAGE % "<img src=https://cdn.test/x.png><script src=https://only4.test/x.js></script>")
    both(*domain("partsfine.test", expect=but(resources="pass")), PAGE % "<img src=https://cdn.test/x.png>")
    six, four = domain("status.test", expect=but(http="fail web-status", same="fail web-other-status",
                                                 links="not-applicable", mtu="not-applicable web-small-answers"))
    server([f"{four}:443 ssl http2", f"{four}:80"])
    server([f"{six}:443 ssl http2", f"{six}:80"], more="location / { return 404; }")
    both(*domain("redirect4.test", expect={"web-http": "fail web-redirect-four", "web-same": "fail web-not-reached",
                                           "web-tcp443": "pass"}), more="return 301 https://only4.test/;")
    both(*domain("loop.test", expect={"web-http": "fail web-redirect-loop"}), more="return 301 https://loop.test/;")
    both(*domain("private.test", expect={"web-http": "fail web-redirect-private"}),
         more="return 301 http://inside.test/;")
    HOSTS.extend(["inside.test AAAA fd00::1", "inside.test A 10.0.0.1"])
    six, four = domain("plain.test", expect=but(tcp443="not-applicable", tls="not-applicable", http2="not-applicable"))
    server([f"{six}:80", f"{four}:80"])
    six, four = domain("small.test", expect=but(tcp443="not-applicable", tls="not-applicable", http2="not-applicable",
                                                mtu="not-applicable web-small-answers", links="not-applicable"))
    server([f"{six}:80", f"{four}:80"], "<title>x</title><p>small")
    six, four = domain("refused.test", expect=but(tcp80="fail web-port-refused", tcp443="fail web-port-refused", **DEAD))
    server([f"{four}:443 ssl http2", f"{four}:80"])
    six, four = domain("filtered.test", expect=but(tcp80="fail web-port-silent", tcp443="fail web-port-silent", **DEAD))
    server([f"{four}:443 ssl http2", f"{four}:80"])
    run("nft", f"add rule inet f in ip6 daddr {six[1:-1]} tcp dport {{80, 443}} drop")
    six, four = domain("multi.test", expect=but(tcp80="partial web-port-some", tcp443="partial web-port-some",
                                                http="partial web-page-some"), extra=[f"multi.test AAAA {SIX}dead"])
    both(six, four)
    both(*domain("odd.test", expect=but(addresses="partial web-some-odd")))
    HOSTS.extend(["odd.test AAAA ::1", "odd.test AAAA 64:ff9b::c000:201"])
    six, four = domain("rubbish.test", six=False, extra=["rubbish.test AAAA fd00::1"], expect={
        "web-aaaa": "fail web-only-odd", "web-addresses": "fail web-only-odd", "web-http": "fail web-only-odd"})
    server([f"{four}:443 ssl http2", f"{four}:80"])
    six, four = domain("only6.test", four=False, expect=but(same="not-applicable web-ipv6-only"))
    server([f"{six}:443 ssl http2", f"{six}:80"])
    domain("noweb.test", expect={test: "not-applicable web-no-service" for test in
                                 ("web-tcp80", "web-tcp443", "web-http", "web-same")})
    domain("servfail.test", six=False, extra=["servfail.test AAAA fail"], expect={
        "web-aaaa": "fail web-aaaa-unanswered", "web-http": "not-testable any-unresolved"})
    six, four = domain("links.test", expect=but(links="partial web-links-some"))
    server([f"{four}:443 ssl http2", f"{four}:80"])
    server([f"{six}:443 ssl http2", f"{six}:80"], more="location = /b { return 403; }")
    both(*domain("robots.test", expect=but(links="not-applicable web-links-robots")),
         more="location = /robots.txt { return 200 'User-agent: *\\nDisallow: /\\n'; }")
    six, four = domain("blackhole.test", expect=but(mtu="fail web-black-hole", eyeballs="fail web-eyeballs-hang",
                                                    http="fail web-page-failed", same="fail web-not-reached",
                                                    tls="fail web-tls-six", http2="fail web-not-reached",
                                                    repeated="fail web-repeated-none", links="fail web-links-all"))
    both(six, four)
    run("nft", f"add rule inet f out ip6 saddr {six[1:-1]} meta length > 1280 drop")
    both(*domain("wider.test", expect=GOOD))
    HOSTS.extend(["www.wider.test CNAME x", f"www.wider.test AAAA {SIX}{NUMBERS['wider.test']:x}",
                  f"www.wider.test A {FOUR}{NUMBERS['wider.test']}"])


# ---- servers that misbehave over IPv6, and are sound over IPv4

def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def answer(s, body, headers=""):
    s.sendall(f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body)
    s.close()


def sound(s, count):
    request = s.recv(4096)
    answer(s, (PAGE % "").encode() if b"GET / " in request else b"<title>x</title>")


def flapping(s, count):
    if count % 2:
        reset(s)
    else:
        sound(s, count)


def silent(s, count):
    time.sleep(30)


def slow(s, count):
    s.recv(4096)
    s.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    for _ in range(30):
        s.sendall(b"X-A: b\r\n")
        time.sleep(0.5)


def bomb(s, count):
    s.recv(4096)
    answer(s, BOMB, "Content-Encoding: gzip\r\n")


def long_headers(s, count):
    s.recv(4096)
    s.sendall(b"HTTP/1.1 200 OK\r\n")
    for i in range(100000):
        s.sendall(b"X-%d: %s\r\n" % (i, b"a" * 1000))


def huge(s, count):
    s.recv(4096)
    answer(s, HUGE)


def garbage(s, count):
    s.recv(4096)
    s.sendall(b"\x00\xff garbage\r\n\r\n")
    s.close()


def serve(address, behave):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((address, 80))
    listener.listen(64)

    def one(s, count):
        try:
            behave(s, count)
        except OSError:
            pass

    def loop():
        count = 0
        while True:
            s, _ = listener.accept()
            count += 1
            threading.Thread(target=one, args=(s, count), daemon=True).start()
    threading.Thread(target=loop, daemon=True).start()


def odd(name, behave, four=sound, **expect):
    plain = dict(tcp443="not-applicable", tls="not-applicable", http2="not-applicable")
    six_at, four_at = domain(name, expect={"web-" + key: value for key, value in (plain | expect).items()})
    serve(six_at[1:-1], behave)
    serve(four_at, four)


def servers_of_python():
    global BOMB, HUGE
    HUGE = (PAGE % "").encode() + b"<p>x</p>" * (4 << 20)
    BOMB = gzip.compress(b"<p>x</p>" * (32 << 20), 9)
    odd("flap.test", flapping, repeated="partial web-repeated-some")
    odd("tarpit.test", silent, http="fail web-page-failed", repeated="fail web-repeated-none", tcp80="pass",
        eyeballs="fail web-eyeballs-hang", mtu="not-testable web-no-page")
    odd("slowloris.test", slow, http="fail web-page-failed", repeated="fail web-repeated-none")
    odd("bomb.test", bomb, http="pass", same="fail web-other-title")
    odd("headers.test", long_headers, http="fail web-page-failed")
    odd("huge.test", huge, huge, http="pass", same="pass")
    odd("garbage.test", garbage, http="fail web-page-failed")


# ---- the run

def namespace():
    for command in (["ip", "link", "set", "lo", "mtu", "1500", "up"],
                    ["ip", "link", "set", "lo", "gso_max_segs", "1"],
                    ["ip", "-6", "route", "add", "local", f"{SIX}/64", "dev", "lo"],
                    ["ip", "route", "add", "local", f"{FOUR}0/24", "dev", "lo"],
                    ["nft", "add table inet f; add chain inet f in { type filter hook input priority 0; };"
                            " add chain inet f out { type filter hook output priority 0; }"]):
        run(*command)
    for path in ("net/ipv6/ip_nonlocal_bind", "net/ipv4/ip_nonlocal_bind"):
        try:
            Path("/proc/sys", path).write_text("1")
        except OSError:
            pass


def start_nginx():
    (HERE / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {HERE}/pid; error_log {HERE}/error.log; events {{}} http {{ access_log off;"
        " log_format connections '$connection \"$request\"';"
        f" client_body_temp_path {HERE}/t; proxy_temp_path {HERE}/t; fastcgi_temp_path {HERE}/t; uwsgi_temp_path {HERE}/t;"
        f" scgi_temp_path {HERE}/t; {' '.join(NGINX)} }}\n")
    process = subprocess.Popen(["nginx", "-c", HERE / "nginx.conf", "-p", HERE])
    deadline = time.time() + 10
    while time.time() < deadline:
        try:
            socket.create_connection((f"{FOUR}{NUMBERS['sound.test']}", 80), 1).close()
            return process
        except OSError:
            time.sleep(0.05)
    sys.exit("nginx did not begin: " + (HERE / "error.log").read_text())


def check(program, names, level="web", depth="2"):
    """One process a domain, some at a time; a dict of (subject, test) to (verdict, reason, details, value)."""
    results, running = {}, []

    def one(name):
        done = subprocess.run([program, HERE / "hosts", HERE / "ca.pem", level, depth, name], capture_output=True,
                              text=True, timeout=200)
        found = {}
        if os.environ.get("EVIDENCE"):
            print(done.stdout)
        for line in done.stdout.splitlines():
            parts = line.split("\t")
            found[(parts[0], parts[1] if parts[0] != "nist" else "nist")] = parts[1:] if parts[0] == "nist" else parts[2:]
        results[name] = (found, done.returncode, done.stderr)
    for name in names:
        running.append(threading.Thread(target=one, args=(name,)))
        running[-1].start()
        while sum(t.is_alive() for t in running) >= 8:
            time.sleep(0.05)
    for thread in running:
        thread.join()
    return results


def wrongs(name, found, expect):
    wrong = []
    for test, wanted in expect.items():
        subject = f"{name} depth 2" if test == "web-links" else name
        got = found.get((subject, test), ["absent", "", "", ""])
        verdict, _, reason = wanted.partition(" ")
        if got[0] != verdict or (reason and got[1] != reason) or (verdict == "pass" and got[1]):
            wrong.append(f"{test}: {' '.join(got)}, wanted {wanted}")
    return wrong


def main():
    program, only = sys.argv[1], sys.argv[2:]
    namespace()
    servers_of_nginx()
    servers_of_python()
    certificates()
    HOSTS.append(f"allow {SIX}/64")
    HOSTS.append(f"allow {FOUR}0/24")
    (HERE / "hosts").write_text("\n".join(h for h in HOSTS if " CNAME " not in h) + "\n")
    nginx = start_nginx()
    failed, number = 0, 0
    try:
        results = check(program, only or list(TABLE))
        for name, (found, code, said) in results.items():
            wrong = wrongs(name, found, TABLE[name])
            wrong += [f"exit {code}: {said}"] if code or said else []
            number += 1
            failed += bool(wrong)
            print("not ok" if wrong else "ok", number, "-", name)
            for line in wrong:
                print("#  ", line)
            if only:
                print("\n".join(f"# {k} {v}" for k, v in found.items()))
        for text, fine in more(program, results) if not only else []:
            number += 1
            failed += not fine
            print("ok" if fine else "not ok", number, "-", text)
    finally:
        nginx.terminate()
        nginx.wait()
        shutil.rmtree(HERE, ignore_errors=True)
    print(f"1..{number}")
    return 1 if failed else 0


def more(program, results):
    sound_found = results["sound.test"][0]
    yield "the name with www. that is not there", sound_found[("www.sound.test", "web-aaaa")][:2] == \
        ["not-applicable", "web-no-host"]
    yield "NIST's count of a sound host", sound_found[("nist", "nist")] == ["1", "1", "1", "1"]
    yield "and of one whose port is shut", results["refused.test"][0][("nist", "nist")] == ["1", "1", "0", "0"]
    wider = results["wider.test"][0]
    yield "two hosts that are sound", not wrongs("www.wider.test", wider, GOOD) and wider[("nist", "nist")][3] == "2"
    # Over each family: port 80 once; port 443 five times, of which the first is for address and redirects, too.
    asked = [line.split(" ", 1) for line in (HERE / "counted").read_text().splitlines()]
    home = [connection for connection, request in asked if request.startswith('"GET / ')]
    yield f"the home page is asked for 12 times, not {len(home)}", len(home) == 12
    yield "over a connection of its own each time", len(set(home)) == len(home)
    deeper = [connection for connection, request in asked if not request.startswith('"GET / ')]
    yield "and the pages below over the last of them of each family", len(deeper) == 5 and set(deeper) <= set(home) and len(set(deeper)) == 2
    quick = check(program, ["sound.test", "refused.test"], level="connect")
    tests = {test for subject, test in quick["sound.test"][0] if subject == "sound.test"}
    yield "connections only", tests == {"web-aaaa", "web-addresses", "web-tcp80", "web-tcp443"}
    yield "connections only, refused", quick["refused.test"][0][("refused.test", "web-tcp443")][0] == "fail"
    deep = check(program, ["sound.test"], depth="3")["sound.test"][0]
    yield "the third level", deep.get(("sound.test depth 3", "web-links"), [""])[0] == "pass"


if __name__ == "__main__":
    if os.environ.get("INSIDE") != "1":
        for tool in ("nginx", "nft", "ip", "openssl", "unshare"):
            if not shutil.which(tool, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
                print(f"1..0 # SKIP no {tool}")
                sys.exit(0)
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        os.environ["INSIDE"] = "1"
        options = ["-n"] if os.geteuid() == 0 else ["-Urn"]
        os.execvp("unshare", ["unshare", *options, sys.executable, *sys.argv])
    sys.exit(main())
