#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sextant fetch against a server on this machine that does everything wrong that servers do.

Usage: fetch_test.py PATH-OF-SEXTANT
"""

import bz2
import csv
import datetime
import fcntl
import gzip
import hashlib
import http.server
import io
import lzma
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

SEXTANT = sys.argv[1]
RUN_SECONDS = 20
LATEST = "/arin/delegated-arin-extended-latest"


def text(registry="arin", day="20240105", lines=2000):
    rows = [f"{registry}|ZZ|ipv6|2001:db8:{i:x}::|48|20200101|assigned|h{i}" for i in range(lines)]
    head = [f"2|{registry}|{day}|{lines}|20000101|{day}|+0000", f"{registry}|*|ipv6|*|{lines}|summary"]
    return ("\n".join(head + rows) + "\n").encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_GET(self):
        site = self.server.site
        with site.lock:
            site.log.append((self.path, dict(self.headers)))
            turn = sum(1 for path, _ in site.log if path == self.path)
        answer = site.pages.get(self.path)
        try:
            if callable(answer):
                answer(self, turn)
            elif answer is None:
                self.answer(404, b"not here")
            else:
                self.answer(200, answer)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def answer(self, status, body=b"", length=None, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def page(self, body, etag):
        """A well-behaved answer: conditional requests and ranges."""
        asked, range_, if_range = (self.headers.get(n) for n in ("If-None-Match", "Range", "If-Range"))
        if asked == etag:
            self.answer(304, ETag=etag)
        elif range_ and if_range == etag:
            start = int(range_.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                self.answer(416, b"", ETag=etag)
            else:
                self.answer(206, body[start:], ETag=etag,
                            Content_Range=f"bytes {start}-{len(body) - 1}/{len(body)}")
        else:
            self.answer(200, body, ETag=etag)

    def half(self, body, etag):
        """The first half, and then the line is dead."""
        self.answer(200, body[: len(body) // 2], length=len(body), ETag=etag)
        self.close_connection = True


class Site:
    def __init__(self, pages):
        self.pages, self.log, self.lock = pages, [], threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.site = self
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def asked(self, path):
        return [headers for p, headers in self.log if p == path]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class FetchTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.into = os.path.join(self.folder.name, "some", "rir")
        self.sites = []

    def tearDown(self):
        for site in self.sites:
            site.close()
        self.folder.cleanup()

    def site(self, pages):
        self.sites.append(Site(pages))
        return self.sites[-1]

    def words(self, url, *options, registry="arin", retries=2):
        return [SEXTANT, "fetch", "rir", "--into", self.into, "--mirror", url, "--format", "csv",
                "--registry", registry, "--retries", str(retries), *options]

    def fetch(self, url, *options, **named):
        """(exit status, rows, what stderr says)"""
        env = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        run = subprocess.run(self.words(url, *options, **named), capture_output=True, text=True,
                             timeout=RUN_SECONDS, env=env, check=False)
        lines = [line for line in run.stdout.splitlines() if not line.startswith("#")]
        return run.returncode, list(csv.DictReader(io.StringIO("\n".join(lines)))), run.stderr

    def expect(self, got, status, *results):
        self.assertEqual((got[0], tuple(row["result"] for row in got[1])), (status, results), got)

    def path(self, name="delegated-arin-extended-latest"):
        return os.path.join(self.into, name)

    def held(self, name="delegated-arin-extended-latest"):
        with open(self.path(name), "rb") as f:
            return f.read()

    def visible(self):
        return sorted(n for n in os.listdir(self.into) if not n.startswith("."))

    def test_current_files_then_unchanged(self):
        registries = ["afrinic", "apnic", "arin", "lacnic", "ripencc"]
        pages = {f"/{r}/delegated-{r}-extended-latest": (lambda h, n, r=r: h.page(text(r), f'"{r}"'))
                 for r in registries}
        site = self.site(pages)
        self.expect(self.fetch(site.url, registry=",".join(registries)), 0, *["fetched"] * 5)
        self.assertEqual(self.visible(), [f"delegated-{r}-extended-latest" for r in registries])
        for r in registries:
            self.assertEqual(self.held(f"delegated-{r}-extended-latest"), text(r))
        site.log.clear()
        self.expect(self.fetch(site.url + "/", registry=",".join(registries)), 0, *["unchanged"] * 5)
        self.assertEqual([p for p, _ in site.log if p.endswith(".md5")], [])

    def test_last_modified_where_there_is_no_etag(self):
        when = "Fri, 05 Jan 2024 10:00:00 GMT"

        def page(h, turn):
            if h.headers.get("If-Modified-Since") == when:
                h.answer(304)
            else:
                h.answer(200, text(), Last_Modified=when)

        site = self.site({LATEST: page})
        self.expect(self.fetch(site.url), 0, "fetched")
        self.expect(self.fetch(site.url), 0, "unchanged")

    def test_new_version_replaces_the_old(self):
        site = self.site({LATEST: lambda h, n: h.page(text(lines=n * 10), f'"{n}"')})
        self.expect(self.fetch(site.url), 0, "fetched")
        self.expect(self.fetch(site.url), 0, "fetched")
        self.assertEqual(self.held(), text(lines=20))

    def test_cut_body_goes_on_where_it_stopped(self):
        site = self.site({LATEST: lambda h, n: h.half(text(), '"a"') if n == 1 else h.page(text(), '"a"')})
        self.expect(self.fetch(site.url), 0, "resumed")
        self.assertEqual(self.held(), text())
        self.assertEqual(site.asked(LATEST)[1]["Range"], f"bytes={len(text()) // 2}-")
        self.assertEqual(self.visible(), ["delegated-arin-extended-latest"])

    def test_file_that_changed_in_between_comes_whole(self):
        new = text(day="20240106")
        site = self.site({LATEST: lambda h, n: h.half(text(), '"a"') if n == 1 else h.page(new, '"b"')})
        self.expect(self.fetch(site.url), 0, "fetched")
        self.assertEqual(self.held(), new)

    def test_range_that_is_not_the_one_asked_for(self):
        def page(h, turn):
            if turn == 1:
                h.half(text(), '"a"')
            elif turn == 2:
                h.answer(206, text()[5:], ETag='"a"', Content_Range=f"bytes 5-9/{len(text())}")
            else:
                h.page(text(), '"a"')

        site = self.site({LATEST: page})
        self.expect(self.fetch(site.url), 0, "fetched")
        self.assertEqual(self.held(), text())

    def test_busy_server_says_when(self):
        site = self.site({LATEST: lambda h, n: h.answer(503, b"busy", Retry_After="1") if n == 1
                          else h.page(text(), '"a"')})
        start = time.monotonic()
        self.expect(self.fetch(site.url), 0, "fetched")
        self.assertGreaterEqual(time.monotonic() - start, 1)

    def test_right_md5_in_every_form(self):
        packed = gzip.compress(text())
        for number, (body, name, md5) in enumerate([
                (text(), "X", "MD5 (delegated-arin-extended-latest) = {}\n"),
                (text(), "X", "{}  delegated-arin-extended-latest\n"),
                (text(), "X", "{}"), (packed, "X", "{}\n")]):
            digest = hashlib.md5(body if number < 3 else text()).hexdigest()
            site = self.site({LATEST: body, LATEST + ".md5": md5.format(digest).encode()})
            got = self.fetch(site.url)
            self.expect(got, 0, "fetched")
            self.assertEqual(got[1][0]["md5"], "right")

    def test_wrong_md5_keeps_the_old_file(self):
        site = self.site({LATEST: text()})
        self.expect(self.fetch(site.url), 0, "fetched")
        site.pages[LATEST] = text(lines=3)
        site.pages[LATEST + ".md5"] = b"MD5 (x) = " + b"0" * 32
        site.log.clear()
        got = self.fetch(site.url, retries=4)
        self.expect(got, 3, "failed")
        self.assertIn("MD5", got[2])
        self.assertEqual(len(site.asked(LATEST)), 2)
        self.assertEqual(self.held(), text())

    def test_standing_still_is_given_up(self):
        def page(h, turn):
            h.answer(200, text()[:100], length=len(text()))
            for _ in range(60):
                h.wfile.write(b"x")
                h.wfile.flush()
                time.sleep(0.1)

        site = self.site({LATEST: page})
        self.expect(self.fetch(site.url, "--timeout", "1", retries=0), 4, "failed")
        self.assertEqual(self.visible(), [])

    def test_plain_file_of_a_day_without_an_extended_one(self):
        path = "/ripencc/2009/delegated-ripencc-20090101.bz2"
        site = self.site({path: bz2.compress(text("ripencc")),
                          "/ripencc/2009/delegated-ripencc-20090101.md5":
                          hashlib.md5(text("ripencc")).hexdigest().encode()})
        got = self.fetch(site.url, "--from", "2009-01-01", "--to", "2009-01-01", registry="ripencc")
        self.expect(got, 0, "fetched")
        self.assertEqual((got[1][0]["file"], got[1][0]["md5"], got[1][0]["day"]),
                         ("delegated-ripencc-20090101.bz2", "right", "2009-01-01"))

    def test_series_is_held_afterwards(self):
        pages = {f"/lacnic/delegated-lacnic-extended-2020{m:02}01": text("lacnic") for m in (1, 2, 4)}
        site = self.site(pages)
        span = ("--from", "2020-01", "--to", "2020-04", "--every", "month")
        self.expect(self.fetch(site.url, *span, registry="lacnic"), 0,
                    "fetched", "fetched", "missing", "fetched")
        site.log.clear()
        self.expect(self.fetch(site.url, *span, registry="lacnic"), 0,
                    "unchanged", "unchanged", "missing", "unchanged")
        self.assertTrue(all("20200301" in path for path, _ in site.log), site.log)

    def test_redirects(self):
        site = self.site({LATEST: lambda h, n: h.answer(302, Location="/elsewhere"), "/elsewhere": text()})
        self.expect(self.fetch(site.url), 0, "fetched")
        site.pages["/elsewhere"] = site.pages[LATEST]
        site.pages[LATEST] = lambda h, n: h.answer(302, Location=LATEST)
        site.log.clear()
        self.expect(self.fetch(site.url, retries=4), 4, "failed")
        self.assertEqual(len(site.asked(LATEST)), 6)
        site.pages[LATEST] = lambda h, n: h.answer(302, Location="file:///etc/passwd")
        self.expect(self.fetch(site.url, retries=4), 4, "failed")
        self.assertEqual(self.held(), text())

    def test_too_large(self):
        site = self.site({LATEST: lambda h, n: h.answer(200, b"x" * 1000, length=600 << 20)})
        got = self.fetch(site.url, retries=4)
        self.expect(got, 3, "failed")
        self.assertEqual((len(site.asked(LATEST)), self.visible()), (1, []))

    def test_nobody_there(self):
        site = self.site({})
        url = site.url
        site.close()
        self.sites.clear()
        got = self.fetch(url, retries=1)
        self.expect(got, 4, "failed")
        self.assertIn("1 of 1 files did not come", got[2])

    def test_none_there(self):
        got = self.fetch(self.site({}).url)
        self.expect(got, 4, "missing")

    def test_forbidden_is_not_asked_again(self):
        site = self.site({LATEST: lambda h, n: h.answer(403)})
        self.expect(self.fetch(site.url), 4, "failed")
        self.assertEqual(len(site.log), 1)

    def test_page_instead_of_a_file(self):
        site = self.site({LATEST: b"\n <!DOCTYPE html><p>Log in"})
        got = self.fetch(site.url, retries=1)
        self.expect(got, 3, "failed")
        self.assertIn("web page", got[2])
        self.assertEqual(self.visible(), [])

    def test_killed_in_the_middle(self):
        sent = threading.Event()

        def page(h, turn):
            if turn > 1:
                h.page(text(), '"a"')
                return
            h.answer(200, text()[:50000], length=len(text()), ETag='"a"')
            sent.set()
            time.sleep(3)
            h.close_connection = True

        site = self.site({LATEST: page})
        run = subprocess.Popen(self.words(site.url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.assertTrue(sent.wait(RUN_SECONDS))
        part = os.path.join(self.into, ".fetch", "delegated-arin-extended-latest.part")
        for _ in range(200):
            if os.path.exists(part) and os.path.getsize(part) > 0:
                break
            time.sleep(0.01)
        run.send_signal(signal.SIGKILL)
        run.wait()
        self.assertEqual(self.visible(), [])
        self.expect(self.fetch(site.url), 0, "resumed")
        self.assertEqual(self.held(), text())

    def test_part_that_is_whole_already(self):
        site = self.site({LATEST: lambda h, n: h.half(text(), '"a"') if n == 1 else h.page(text(), '"a"')})
        self.expect(self.fetch(site.url, retries=0), 4, "failed")
        with open(os.path.join(self.into, ".fetch", "delegated-arin-extended-latest.part"), "wb") as f:
            f.write(text())
        self.expect(self.fetch(site.url), 0, "fetched")
        self.assertEqual(self.held(), text())

    def test_one_run_at_a_time(self):
        os.makedirs(os.path.join(self.into, ".fetch"))
        with open(os.path.join(self.into, ".fetch", "lock"), "w", encoding="ascii") as f:
            fcntl.flock(f, fcntl.LOCK_EX)
            got = self.fetch("http://127.0.0.1:1")
        self.assertEqual(got[0], 4)
        self.assertIn("another run", got[2])

    def test_wrong_words(self):
        for options in (("--to", "2020"), ("--from", "2021", "--to", "2020"), ("--every", "year")):
            self.assertEqual(self.fetch("http://127.0.0.1:1", *options)[0], 2, options)
        self.assertEqual(self.fetch("ftp://127.0.0.1")[0], 2)
        self.assertEqual(self.fetch("http://127.0.0.1:1", registry="iana")[0], 2)


def day_text(date):
    return f"{date:%Y%m%d}"


RIS = gzip.compress(b"% This file was generated at Mon Mar  4 10:06:01 UTC 2019.\n64496\t2001:db8::/32\t12\n")
# A table of peers without peers: the head of every TABLE_DUMP_V2.
MRT = struct.pack(">IHHI4sHH", 1551657600, 13, 1, 8, b"\xc0\x00\x02\x01", 0, 0)
SCRIPT = b"var googleIPv6AdoptionData = [\n[2008, 8, 4, 0.1, 0.1],\n];\n"
MAP = b'google = {data: [["KE", "Kenya", 12.5],\n]};\n'
HISTORY = b'{"data":[{"date":"2024-01-05","cc":"KE","raw":{"seen":10,"capable_pc":12.5}}]}'
NETWORKS = b'{"Date":"05/09/2025","Data":[{"AS":64496,"CC":"KE","Users":10,"Percent of CC Pop":1.5}]}'
VRPS = b"ASN,IP Prefix,Max Length,Trust Anchor\nAS64496,192.0.2.0/24,24,apnic\n"
ARCHIVED = b"URI,ASN,IP Prefix,Max Length,Not Before,Not After\nrsync://x/a,AS64496,192.0.2.0/24,24,x,y\n"


class OthersTest(FetchTest):
    """The commands beside fetch rir: what they share with it is tested above."""

    def words(self, url, *options, what="routing", retries=0):
        return [SEXTANT, "fetch", what, "--into", self.into, "--format", "csv", "--retries", str(retries),
                *(("--mirror", url) if url else ()), *options]

    def results(self, got):
        return sorted((row["file"], row["result"]) for row in got[1])

    def test_routing_dump_of_now(self):
        site = self.site({"/dumps/riswhoisdump.IPv6.gz": lambda h, n: h.page(RIS, '"a"')})
        got = self.fetch(site.url)
        name = f"ris/{day_text(datetime.datetime.now(datetime.timezone.utc))}-riswhoisdump.IPv6.gz"
        self.assertEqual((got[0], self.results(got)), (0, [("", "missing"), (name, "fetched")]), got)
        self.assertEqual([row["checked"] for row in got[1]], ["right", ""])
        self.assertEqual(self.held(name), RIS)
        self.assertEqual([row["result"] for row in self.fetch(site.url)[1]], ["unchanged", "missing"])
        self.assertEqual(site.asked("/dumps/riswhoisdump.IPv6.gz")[1]["If-None-Match"], '"a"')

    def test_routing_of_the_past(self):
        first = "/route-views6/bgpdata/2019.03/RIBS/rib.20190301.0000.bz2"
        second = "/route-views6/bgpdata/2019.04/RIBS/rib.20190401.0200.bz2"
        site = self.site({first: bz2.compress(MRT), second: bz2.compress(MRT),
                          "/rrc00/2019.03/bview.20190301.0800.gz": gzip.compress(MRT)})
        span = ("--from", "2019-03", "--to", "2019-04", "--every", "month", "--collector", "route-views6,rrc00")
        got = self.fetch(site.url, *span)
        self.assertEqual([(row["collector"], row["day"], row["result"], row["file"]) for row in got[1]], [
            ("rrc00", "2019-03-01", "fetched", "rrc00/bview.20190301.0800.gz"),
            ("route-views6", "2019-03-01", "fetched", "route-views6/rib.20190301.0000.bz2"),
            ("rrc00", "2019-04-01", "missing", ""),
            ("route-views6", "2019-04-01", "fetched", "route-views6/rib.20190401.0200.bz2")], got)
        site.log.clear()
        self.assertEqual([row["result"] for row in self.fetch(site.url, *span)[1]],
                         ["unchanged", "unchanged", "missing", "unchanged"])
        self.assertTrue(all("/rrc00/2019.04/" in path for path, _ in site.log), site.log)

    def test_routing_without_a_newest_table_is_asked_for_yesterday(self):
        got = self.fetch(self.site({}).url, "--collector", "route-views2")
        yesterday = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(1)
        self.assertEqual((got[0], got[1][0]["day"], got[1][0]["result"]), (4, f"{yesterday:%Y-%m-%d}", "missing"))

    def test_damaged_container_and_other_content(self):
        path = "/dumps/riswhoisdump.IPv6.gz"
        site = self.site({path: RIS[:-6] + b"\0\0\0\0" + RIS[-2:]})
        got = self.fetch(site.url)
        self.assertEqual((got[0], got[1][0]["result"], self.visible_below("ris")), (3, "failed", []), got)
        site.pages[path] = gzip.compress(text())
        got = self.fetch(site.url)
        self.assertEqual((got[0], got[1][0]["result"], self.visible_below("ris")), (3, "failed", []), got)
        self.assertIn("nothing of what was asked for", got[2])

    def visible_below(self, folder):
        return sorted(n for n in os.listdir(self.path(folder)) if not n.startswith("."))

    def test_resumed_below_a_folder(self):
        path = "/dumps/riswhoisdump.IPv6.gz"
        site = self.site({path: lambda h, n: h.half(RIS, '"a"') if n == 1 else h.page(RIS, '"a"')})
        self.assertEqual([row["result"] for row in self.fetch(site.url)[1]], ["failed", "missing"])
        self.assertEqual([row["result"] for row in self.fetch(site.url)[1]], ["resumed", "missing"])

    def test_users(self):
        pages = {"/intl/en_ALL/ipv6/statistics/data/adoption.js": SCRIPT,
                 "/intl/en_ALL/ipv6/statistics/data/worldmap.js": MAP, "/cgi-bin/aspop?f=j": NETWORKS,
                 "/v6stats/v6region/XA.json": HISTORY, "/v6stats/v6economy/KE.json": HISTORY}
        got = self.fetch(self.site(pages).url, "--economy", "KE,UGA", what="users")
        today = day_text(datetime.datetime.now(datetime.timezone.utc))
        self.assertEqual([(row["source"], row["file"], row["result"]) for row in got[1]], [
            ("google", "google-adoption.js", "fetched"), ("google", f"google-worldmap-{today}.js", "fetched"),
            ("apnic", "XA.json", "fetched"), ("apnic", "KE.json", "fetched"), ("apnic", "", "missing"),
            ("apnic", f"aspop-{today}.json", "fetched")], got)

    def test_rpki(self):
        site = self.site({"/vrps.json": b'{"roas":[]}', "/rpki/apnic.tal/2019/03/04/roas.csv": ARCHIVED,
                          "/rpki/ripencc.tal/2019/03/04/roas.csv.xz": lzma.compress(ARCHIVED),
                          "/own/vrps.csv?x=1": VRPS})
        self.expect(self.fetch(site.url, what="rpki"), 0, "fetched")
        got = self.fetch(site.url, "--from", "2019-03-04", "--to", "2019-03-04", what="rpki")
        self.assertEqual([row["file"] for row in got[1]],
                         ["", "apnic-20190304.csv", "", "", "ripencc-20190304.csv.xz"], got)
        got = self.fetch(None, "--url", site.url + "/own/vrps.csv?x=1", what="rpki")
        today = day_text(datetime.datetime.now(datetime.timezone.utc))
        self.assertEqual((got[0], got[1][0]["file"]), (0, f"{today}-vrps.csv"), got)
        self.assertEqual(self.held(f"{today}-vrps.csv"), VRPS)

    def test_words_that_are_wrong(self):
        url = "http://127.0.0.1:1"
        got = self.fetch(url, "--collector", "rrc99")
        self.assertEqual(got[0], 2)
        self.assertIn("rrc00", got[2])
        self.assertEqual(self.fetch(url, "--collector", "ris", "--from", "2019")[0], 2)
        self.assertEqual(self.fetch(url, "--economy", "XX", what="users")[0], 2)
        self.assertEqual(self.fetch(None, "--url", "ftp://x", what="rpki")[0], 2)
        self.assertEqual(self.fetch(url, "--from", "2019", what="users")[0], 2)


def run_one(test):
    result = unittest.TestResult()
    test.run(result)
    return test, result.errors + result.failures


def main():
    load = unittest.defaultTestLoader.loadTestsFromTestCase
    tests = list(load(FetchTest)) + [t for t in load(OthersTest) if t.id().rpartition(".")[2] in vars(OthersTest)]
    print(f"1..{len(tests)}")
    with ThreadPoolExecutor(len(tests)) as pool:
        for number, (test, failures) in enumerate(pool.map(run_one, tests), 1):
            print("not ok" if failures else "ok", number, test.id().rpartition(".")[2])
            for _, trace in failures:
                print("#", trace.replace("\n", "\n# "))


main()
