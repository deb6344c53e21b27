#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The built server over loopback: hostile clients, imports beside it, signals, passed sockets.

Usage: serve_test.py SEXTANT
"""

import csv
import gzip
import http.client
import io
import json
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

SEXTANT = Path(sys.argv[1]).resolve()
failed = passed = 0


def check(name, good, found=""):
    global failed, passed
    passed += bool(good)
    failed += not good
    print("ok" if good else "not ok", name, "" if good else f"# {found!r}"[:300], flush=True)


def delegated(day, count):
    rows = [f"apnic|JP|ipv6|2001:db8:{i:x}::|48|20200101|allocated|h{i}" for i in range(count)]
    return "\n".join([f"2|apnic|{day}|{count}|19850101|{day}|+1000", "apnic|*|asn|*|0|summary",
                      "apnic|*|ipv4|*|0|summary", f"apnic|*|ipv6|*|{count}|summary", *rows]) + "\n"


def take(store, folder, day, count):
    path = folder / f"delegated-apnic-extended-{day}"
    path.write_text(delegated(day, count))
    return subprocess.run([SEXTANT, "import", "--quiet", "--store", store, path], capture_output=True)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    def __init__(self, store, host="127.0.0.1", *options):
        self.host = host
        self.port = free_port()
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen([SEXTANT, "serve", "--store", store, "--user", "root", "--listen",
                                         f"{host}:{self.port}", *options], stderr=self.log)
        for _ in range(100):
            try:
                self.connect().close()
                break
            except OSError:
                time.sleep(0.05)

    def connect(self):
        return socket.create_connection((self.host, self.port), timeout=10)

    def get(self, target, method="GET", **headers):
        c = http.client.HTTPConnection(self.host, self.port, timeout=20)
        c.request(method, target, headers={k.replace("_", "-"): v for k, v in headers.items()})
        r = c.getresponse()
        body = r.read()
        c.close()
        return r, body

    def raw(self, sent, wait=5):
        """What comes back until the server closes or nothing more comes."""
        s = self.connect()
        s.settimeout(wait)
        got = b""
        try:
            s.sendall(sent)
            while part := s.recv(65536):
                got += part
        except OSError:
            pass
        s.close()
        return got

    def memory(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmRSS:")[1].split()[0]) >> 10

    def stop(self, which=signal.SIGTERM):
        self.process.send_signal(which)
        return self.process.wait(10)


def ordinary(s):
    r, body = s.get("/api/v1/geography?by=economy")
    check("JSON", r.status == 200 and json.loads(body)["basis"]["inputs"][0]["sha256"])
    etag = r.headers["ETag"]
    r, body = s.get("/api/v1/geography?by=economy", If_None_Match=etag)
    check("not modified", r.status == 304 and body == b"" and r.headers["ETag"] == etag, r.status)
    r, packed = s.get("/api/v1/geography?by=economy", Accept_Encoding="gzip")
    check("gzip", r.headers["Content-Encoding"] == "gzip" and json.loads(gzip.decompress(packed)))
    r, body = s.get("/en/", "HEAD")
    check("HEAD", r.status == 200 and body == b"" and int(r.headers["Content-Length"]) > 0)
    check("no version", not r.headers["Server"], r.headers["Server"])
    check("policy", "default-src 'none'" in r.headers["Content-Security-Policy"])
    r, _ = s.get("/api/v1/pace", "OPTIONS")
    check("OPTIONS", r.status == 204 and r.headers["Access-Control-Allow-Origin"] == "*", r.status)
    r, _ = s.get("/api/v1/pace", "DELETE")
    check("DELETE", r.status == 405, r.status)


def confined(s):
    """Every thread has what the log says that the kernel has."""
    s.log.seek(0)
    said = s.log.read().decode()
    statuses = [p.read_text() for p in Path(f"/proc/{s.process.pid}/task").glob("*/status")]
    check("confinement is said", "no new privileges yes" in said and "seccomp" in said and "Landlock" in said, said)
    check("no new privileges", all("NoNewPrivs:\t1\n" in t for t in statuses))
    if "seccomp yes" in said:
        check("a filter for each thread", len(statuses) > 1 and all("Seccomp:\t2\n" in t for t in statuses))


def status_of(answer):
    return answer.split(b" ", 2)[1] if answer.startswith(b"HTTP/1.1 ") else answer[:40]


def hostile(s):
    def one(name, target, wanted):
        got = s.raw(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        check(name, status_of(got) in wanted, got[:80])

    one("broken percent-encoding", b"/%zz", (b"400",))
    one("an encoded NUL", b"/en/economy/%00", (b"400",))
    one("not UTF-8", b"/en/economy/%ff%fe", (b"400",))
    one("a deep path", b"/en" + b"/a" * 1000, (b"404",))
    one("a deeper path", b"/en" + b"/a" * 5000, (b"414",))
    one("a huge parameter", b"/api/v1/pace?only=" + b"A" * 10000, (b"414",))
    one("many parameters", b"/api/v1/pace?" + b"a=1&" * 300, (b"414",))
    one("more parameters than a connection may remember", b"/api/v1/pace?" + b"a=1&" * 3000, (b"414", b"431", b""))
    one("out of the folder", b"/static/../../../../etc/passwd", (b"404",))
    one("out of the folder, encoded", b"/static/%2e%2e%2f%2e%2e%2fetc%2fpasswd", (b"404",))
    one("markup", b"/en/economy/%3Cscript%3E", (b"404",))
    got = s.raw(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: " + b"y" * 60000 + b"\r\n\r\n")
    check("a huge header", status_of(got) in (b"431", b"") or not got, got[:80])
    got = s.raw(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 20000 + b"\r\n")
    check("many headers", status_of(got) in (b"431", b"") or not got, got[:80])
    got = s.raw(b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    check("a huge line", status_of(got) in (b"414", b"431", b"") or not got, got[:80])
    got = s.raw(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)) * 4, 2)
    check("not HTTP", b"200 OK" not in got, got[:80])
    got = s.raw(b"POST /api/v1/pace HTTP/1.1\r\nHost: x\r\nContent-Length: 999999999999\r\n\r\n" + b"z" * 65536)
    check("a body", status_of(got) == b"405" or not got, got[:80])
    got = s.raw(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 200 +
                b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    check("pipelining", got.count(b"HTTP/1.1 200 OK") == 201, got.count(b"HTTP/1.1 200 OK"))
    r, _ = s.get("/healthz")
    check("healthy after all that", r.status == 200)


def full(s):
    """When every place is taken, who comes next is told so."""
    held = []
    for _ in range(3000):
        held.append(s.connect())
    for _ in range(50):  # until it has taken them all
        r, body = s.get("/healthz")
        if r.status == 503:
            break
        held.append(s.connect())
        time.sleep(0.05)
    check("a full server says 503", r.status == 503 and r.headers["Retry-After"] and json.loads(body)["status"] == 503,
          (r.status, body))
    for c in held[:100]:
        c.close()
    time.sleep(0.2)
    check("a place that is left is given", s.get("/healthz")[0].status == 200)
    for c in held:
        c.close()
    time.sleep(0.2)


def crowd(store):
    """One address has its share of connections. In a network of its own: loopback is not counted."""
    s = Server(store, "192.0.2.1", "--connections", "5")
    time.sleep(0.2)
    held = [http.client.HTTPConnection(s.host, s.port, timeout=10) for _ in range(5)]
    for c in held:
        c.request("GET", "/healthz")
        check("one of five", c.getresponse().read() == b"ok\n")
    r, body = s.get("/healthz")
    check("the sixth of an address", r.status == 429 and r.headers["Retry-After"] and json.loads(body)["status"] == 429,
          (r.status, body))
    silent = [s.connect() for _ in range(40)]
    time.sleep(0.5)
    closed = 0
    for c in silent:
        c.setblocking(False)
        try:
            closed += c.recv(1) == b""
        except BlockingIOError:
            pass
        except OSError:
            closed += 1
    check("those far beyond its share are closed", 15 <= closed <= 25, closed)
    for c in held + silent:
        c.close()
    time.sleep(0.2)
    check("a share that is given back", s.get("/healthz")[0].status == 200)
    s.stop()
    return failed > 0


def crowd_apart(store):
    script = 'ip link set lo up && ip address add 192.0.2.1/24 dev lo && exec "$@"'
    run = subprocess.run(["unshare", "--map-root-user", "--net", "sh", "-c", script, "sh", sys.executable, __file__,
                          SEXTANT, store], capture_output=True, text=True)
    lines = [line for line in run.stdout.splitlines() if line.startswith(("ok", "not ok"))]
    for line in lines:
        check(line.split(" ", 1)[1] if line.startswith("ok") else line[7:], line.startswith("ok"))
    if not lines:
        check("connections of one address # SKIP no network of its own", True)


def idle(s):
    """Ten thousand who connect and say nothing, in as many as one process may have."""
    before, held = s.memory(), []
    try:
        for _ in range(10000):
            c = socket.socket()
            c.setblocking(False)
            held.append(c)
            c.connect_ex(("127.0.0.1", s.port))
    except OSError:
        pass
    time.sleep(1)
    check(f"memory of {len(held)} idle connections is bounded", s.memory() - before < 100, s.memory() - before)
    for c in held:
        c.close()
    r, _ = s.get("/healthz")
    check("healthy after idle connections", r.status == 200)


def slow(s, ret):
    """A byte of a header now and then; the server ends it, whatever it is told."""
    c = s.connect()
    c.settimeout(25)
    start = time.monotonic()
    c.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX: ")
    try:
        ret.append(c.recv(1000) is not None)
    except OSError:
        ret.append(False)
    ret.append(time.monotonic() - start)
    c.close()


def import_beside(s, store, folder):
    wrong, revisions, ending = [], set(), threading.Event()

    def ask():
        while not ending.is_set():
            r, body = s.get("/api/v1/geography?by=economy")
            t = json.loads(body) if r.status == 200 else {}
            rows = {row["key"]: row for row in t.get("rows", [])}
            known = t.get("basis", {}).get("known_on", "")
            if r.status != 200 or rows["JP"]["delegations"] != int(known[-2:]) * 10:
                wrong.append((r.status, known, rows.get("JP")))
            revisions.add(t.get("basis", {}).get("revision"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for t in threads:
        t.start()
    for day in range(2, 12):
        done = take(store, folder, f"202401{day:02}", day * 10)
        if done.returncode != 0:
            wrong.append(done.stderr)
        time.sleep(0.1)
    ending.set()
    for t in threads:
        t.join()
    check("imports beside requests: each answer is of one state", not wrong, wrong[:2])
    check("imports are seen", len(revisions) > 3, revisions)


ATOM = "{http://www.w3.org/2005/Atom}"
XHTML = "{http://www.w3.org/1999/xhtml}"


def feeds(s):
    """Entries have what RFC 4287 asks for, and say what the API says about the same days."""
    titles = set()
    for language in ("ar", "en", "es", "fr", "ru", "zh"):
        r, body = s.get(f"/{language}/economy/JP/changes.atom")
        feed = ElementTree.fromstring(body)
        titles.add(feed.findtext(ATOM + "title"))
        check(f"feed in {language}", r.headers["Content-Type"].startswith("application/atom+xml") and
              feed.tag == ATOM + "feed" and feed.get("{http://www.w3.org/XML/1998/namespace}lang") == language,
              r.headers["Content-Type"])
    check("titles are translated", len(titles) == 6, titles)
    for place in ("/en/economy/JP", "/fr/region/asia", "/ar/itu-region/asia-pacific", "/zh/group/developed", "/ru"):
        r, body = s.get(place + "/changes.atom")
        feed = ElementTree.fromstring(body)
        entries = feed.findall(ATOM + "entry")
        ids = [e.findtext(ATOM + "id") for e in entries]
        check(f"{place}: entries", len(entries) == 10 and len(set(ids)) == 10, ids)
        check(f"{place}: names", all(i.startswith(f"tag:127.0.0.1,2026:{place[1:]}/changes/2024-01-") for i in ids), ids)
        check(f"{place}: dates", feed.findtext(ATOM + "updated") == entries[0].findtext(ATOM + "updated") ==
              "2024-01-11T00:00:00Z" and feed.findtext(ATOM + "id") and feed.findtext(ATOM + "author/" + ATOM + "name"))
        links = {link.get("rel"): link.get("href") for link in feed.findall(ATOM + "link")}
        check(f"{place}: links", links["self"].endswith(place + "/changes.atom") and place in links["alternate"], links)
        for e in entries[:2]:
            target = e.find(ATOM + "link").get("href").split("/changes?")[1]
            r, body = s.get("/api/v1/changes?table=changes-by-kind&" + target)
            said = len(e.findall(f".//{XHTML}li"))
            check(f"{place}: {target[:31]}", json.loads(body)["rows"][-1]["changes"] == said == 10, said)
    r, body = s.get("/es/economy/JP")
    check("the page links to its feed", b'rel="alternate" type="application/atom+xml" href="/es/economy/JP/changes.atom"'
          in body)
    for place in ("economy/jp", "economy/XX", "region/nowhere", "group/x", "economy", "economy/JP/x"):
        check(f"no feed: {place}", s.get(f"/en/{place}/changes.atom")[0].status == 404)


def structures(s):
    """What SDMX-CSV names exists, has all of its columns, and its dimensions name each line once."""
    r, body = s.get("/api/v1/structure")
    flows = {f["id"]: f for f in json.loads(body)["data"]["dataflows"]}
    check("structures", r.status == 200 and {"PACE", "GEOGRAPHY", "CHANGES_BY_KIND", "ECONOMY_PACE", "INPUTS"} <= set(flows),
          list(flows))
    questions = ["pace?by=economy", "pace?by=registry&every=month&basis=observed", "geography?by=economy",
                 "geography?by=group", "concentration?table=concentration", "concentration?table=lorenz",
                 "changes?table=changes&from=2024-01-01", "changes?table=changes-by-kind&from=2024-01-01",
                 "lookup?resource=2001:db8::/32", "snapshots?part=snapshot-list", "inputs",
                 *(f"economy?economy=JP&table={t}" for t in ("holdings", "ranks", "pace", "holders"))]
    for question in questions:
        r, body = s.get(f"/api/v1/{question}", Accept="application/vnd.sdmx.data+csv; version=2.0.0")
        lines = list(csv.DictReader(io.StringIO(body.decode())))
        if r.status != 200 or not lines:
            check(f"{question} as SDMX-CSV", False, body[:200])
            continue
        flow = lines[0]["STRUCTURE_ID"].split(":")[1].split("(")[0]
        r, body = s.get(f"/api/v1/structure/dataflow/SEXTANT/{flow}/1.0")
        data = json.loads(body)["data"] if r.status == 200 else {}
        if flow not in flows or len(data.get("dataStructures", ())) != 1:
            check(f"{question}: {flow}", False, body[:200])
            continue
        parts = data["dataStructures"][0]["dataStructureComponents"]
        dimensions = [d["id"] for d in parts["dimensionList"]["dimensions"]]
        others = [c["id"] for l, n in (("measureList", "measures"), ("attributeList", "attributes"))
                  for c in parts.get(l, {}).get(n, ())]
        concepts = {c["id"] for c in data["conceptSchemes"][0]["concepts"]}
        columns = [c for c in lines[0] if c not in ("STRUCTURE", "STRUCTURE_ID", "ACTION")]
        names = [tuple(line[d] for d in dimensions) for line in lines]
        check(f"{question}: columns", set(columns) <= set(dimensions + others) == concepts and
              len(dimensions + others) == len(concepts), (columns, dimensions, others))
        check(f"{question}: dimensions", len(set(names)) == len(names) and all(all(n) for n in names), names[:3])
    check("no structure", s.get("/api/v1/structure/dataflow/SEXTANT/NOTHING")[0].status == 404)
    check("no such agency", s.get("/api/v1/structure/dataflow/OTHER/PACE")[0].status == 404)


def passed_sockets(store):
    with socket.create_server(("127.0.0.1", 0)) as l:
        port = l.getsockname()[1]
        code = "import os,sys; os.dup2(int(sys.argv[1]), 3, inheritable=True); " \
               "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); os.execv(sys.argv[2], sys.argv[2:])"
        p = subprocess.Popen([sys.executable, "-c", code, str(l.fileno()), SEXTANT, "serve", "--quiet", "--user", "root",
                              "--store", store], pass_fds=[l.fileno()])
        c = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        c.request("GET", "/healthz")
        check("a passed socket", c.getresponse().status == 200)
        p.send_signal(signal.SIGINT)
        check("SIGINT ends", p.wait(10) == 0)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = folder / "a.sextant"
        take(store, folder, "20240101", 10)
        s = Server(store)
        slow_result = []
        waiting = threading.Thread(target=slow, args=(s, slow_result))
        waiting.start()
        ordinary(s)
        confined(s)
        hostile(s)
        import_beside(s, store, folder)
        feeds(s)
        structures(s)
        s.process.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        r, _ = s.get("/api/v1/pace")
        check("SIGHUP reopens", r.status == 200, r.status)
        waiting.join()
        check("a slow header is ended in time", slow_result[0] and 5 < slow_result[1] < 22, slow_result)
        full(s)
        idle(s)
        crowd_apart(store)
        check("SIGTERM ends", s.stop() == 0)
        passed_sockets(store)
        wrong = subprocess.run([SEXTANT, "serve", "--store", store, "--listen", "here"], capture_output=True)
        check("a wrong address is wrong usage", wrong.returncode == 2, wrong.stderr)
        none = subprocess.run([SEXTANT, "serve", "--store", folder / "none"], capture_output=True)
        check("no archive", none.returncode > 1 and b"no archive" in none.stderr, none.stderr)
    print(f"1..{passed + failed}")
    return failed > 0


resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
sys.exit(crowd(sys.argv[2]) if len(sys.argv) > 2 else main())
