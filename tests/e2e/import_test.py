#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""sextant import as its users meet it: bad files, bad archives, kills, crowds.

Usage: import_test.py PATH-OF-SEXTANT [UNITTEST-ARGUMENTS]
SEXTANT_SHARED_DATA names a folder with real files that went wrong (rir/odd); without it those are
skipped. SEXTANT_KILLS: how often an import is killed.
"""

import bz2
import contextlib
import csv
import gzip
import io
import lzma
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SEXTANT = os.path.abspath(sys.argv.pop(1))
SHARED = Path(os.environ.get("SEXTANT_SHARED_DATA")
              or Path(__file__).resolve().parents[2].parent / "shared" / "data")
KILLS = int(os.environ.get("SEXTANT_KILLS", "40"))
SECONDS = 120

HEAD = "2|{registry}|{day}|{count}|19990813|{day}|+0000"


def record(registry, i, economy="KE", holder="h"):
    return f"{registry}|{economy}|ipv6|2001:db8:{i:x}::|48|20200101|assigned|{holder}{i % 97}"


def text(records, registry="apnic", day="20240105", count=None):
    """A file of the exchange format around these records."""
    head = HEAD.format(registry=registry, day=day, count=len(records) if count is None else count)
    return "\n".join([head, f"{registry}|*|ipv6|*|{len(records)}|summary", *records]) + "\n"


def some(count=10, registry="apnic", day="20240105"):
    return text([record(registry, i) for i in range(count)], registry, day)


def long_series(folder, days, registry="ripencc", size=4000):
    """Daily files in which some records come and go."""
    chance = random.Random(7)
    held = set(range(size))
    for day in range(days):
        for _ in range(40):
            held ^= {chance.randrange(size + size // 4)}
        stamp = f"2024{1 + day // 28:02}{1 + day % 28:02}"
        rows = [record(registry, i) for i in sorted(held)]
        (folder / f"delegated-{registry}-extended-{stamp}").write_text(text(rows, registry, stamp))


def daily_tables(folder, days, size=12000):
    """Routing tables, as RIS whois dumps, in which some routes come and go."""
    chance = random.Random(8)
    held = set(range(size))
    for day in range(days):
        for _ in range(100):
            held ^= {chance.randrange(size + size // 4)}
        rows = [f"{64496 + i % 16}\t3fff:{i // 65536 + 1:x}:{i % 65536:x}::/48\t{chance.randint(1, 9)}\n"
                for i in sorted(held)]
        (folder / f"table-2024{1 + day // 28:02}{1 + day % 28:02}").write_text(f"% day {day}\n" + "".join(rows))


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.store = self.folder / "archive.sextant"
        self.addCleanup(shutil.rmtree, self.folder, True)

    def file(self, content, name="input"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run_sextant(self, *arguments, stdin=b"", store=None):
        return subprocess.run([SEXTANT, arguments[0], *self.store_option(arguments[0], store),
                               *map(str, arguments[1:])], input=stdin, capture_output=True, timeout=SECONDS)

    def store_option(self, command, store):
        return [] if command in ("help", "tally") else ["--store", str(store or self.store)]

    def ends(self, status, *arguments, says=(), **options):
        done = self.run_sextant(*arguments, **options)
        error = done.stderr.decode()
        self.assertEqual(done.returncode, status, f"{arguments}: {error}")
        for word in [says] if isinstance(says, str) else says:
            self.assertIn(word, error)
        if status >= 2:
            self.assertEqual(len([line for line in error.splitlines() if line.startswith("sextant: ")
                                  and "warning" not in line]), 1, error)
        return done.stdout.decode()

    def refused(self, content, *says, options=()):
        """Exit 3, one sentence, and the archive is as before."""
        self.ends(0, "import", self.file(some(), "good"))
        before = self.lifetimes()
        path = self.file(content)
        self.ends(3, "import", *options, path, says=says)
        self.assertEqual(self.lifetimes(), before)
        self.assertEqual(self.query("SELECT count(*) FROM input"), [(1,)])

    def taken(self, content, *options, count=10):
        self.ends(0, "import", *options, self.file(content))
        self.assertEqual(len(self.lifetimes().splitlines()), count + 1)

    def lifetimes(self, store=None):
        return self.ends(0, "lifetimes", "--format", "csv", store=store)

    def sound(self):
        self.assertEqual(self.query("PRAGMA integrity_check"), [("ok",)])
        self.ends(0, "doctor")

    def query(self, sql, store=None):
        with contextlib.closing(sqlite3.connect(f"file:{store or self.store}?mode=rw", uri=True)) as db:
            return db.execute(sql).fetchall()


class Inputs(Case):
    def test_empty(self):
        self.refused("", "input: ", "empty")

    def test_comments_only(self):
        self.refused("# nothing\n", "comments only")

    def test_no_version_line(self):
        self.refused(record("apnic", 1) + "\n", "input:1: ", "no version line", "--registry", "--date")

    def test_no_version_line_but_supplied(self):
        rows = "\n".join(record("apnic", i) for i in range(10)) + "\n"
        self.taken(rows, "--registry", "apnic", "--date", "2024-01-05")
        self.assertIn("2024-01-05", self.lifetimes())

    def test_cut_in_a_line(self):
        self.refused(some(20)[:-30], "cut")

    def test_cut_at_a_line_end(self):
        self.refused("\n".join(some(20).split("\n")[:-5]) + "\n", "cut", "says 20")

    def test_last_line_without_end_is_whole(self):
        self.taken(some()[:-1])

    def test_two_downloads(self):
        self.refused(some() + some(5), "second version line")

    def test_page(self):
        self.refused("<!DOCTYPE html>\n<html><body>503</body></html>\n", "input:1: ")

    def test_rubbish(self):
        self.refused(random.Random(1).randbytes(20000), "input")

    def test_rubbish_in_the_middle(self):
        self.refused(some().encode() + b"\0\1\2" * 100, "NUL")

    def test_bomb(self):
        self.refused(gzip.compress(b"\n" * (64 << 20)), "input")

    def test_cut_container(self):
        for pack in (gzip.compress, bz2.compress, lzma.compress):
            with self.subTest(pack=pack.__module__):
                self.store.unlink(missing_ok=True)
                self.refused(pack(some(2000).encode())[:-20], "input")

    def test_containers(self):
        zstd = subprocess.run(["zstd", "-qc"], input=some().encode(), capture_output=True).stdout
        packed = [gzip.compress(some().encode()), bz2.compress(some().encode()), lzma.compress(some().encode()), zstd]
        for number, content in enumerate(packed):
            self.store = self.folder / f"{number}.sextant"
            self.taken(content)

    def test_gzip_of_several_members(self):
        whole = some().encode()
        self.taken(gzip.compress(whole[:100]) + gzip.compress(whole[100:300]) + gzip.compress(whole[300:]))

    def test_crlf(self):
        self.taken(some().replace("\n", "\r\n"))

    def test_standard_input(self):
        self.ends(0, "import", "-", stdin=gzip.compress(some().encode()))
        self.assertEqual(len(self.lifetimes().splitlines()), 11)
        self.ends(3, "import", "-", stdin=b"", says="empty")

    def test_nothing_there(self):
        self.ends(4, "import", self.folder / "nowhere", says="nowhere: No such file")

    def test_rejected_lines_are_told(self):
        rows = [record("apnic", i) for i in range(10)] + ["apnic|KE|ipv6|2001:db8::|200|20200101|assigned|h"]
        done = self.run_sextant("import", self.file(text(rows)))
        self.assertIn("1 lines rejected; see sextant evidence 1\n", done.stderr.decode())
        out = self.ends(0, "evidence", "1", "--format", "json")
        self.assertIn("impossible prefix length", out)

    def test_same_bytes_again(self):
        path = self.file(some())
        self.ends(0, "import", path)
        before = self.query("SELECT * FROM input")
        out = self.ends(0, "import", path, self.file(some(), "copy"), "--format", "csv")
        self.assertIn("inputs known already,2", out)
        self.assertEqual(self.query("SELECT * FROM input"), before)

    def test_one_bad_of_three(self):
        good, bad, later = self.file(some(), "a-20240105"), self.file("", "b-20240106"), self.file(
            some(11, day="20240107"), "c-20240107")
        self.ends(3, "import", good, bad, later, says="empty")
        self.assertEqual(self.query("SELECT count(*) FROM input"), [(1,)])
        self.ends(3, "import", "--keep-going", good, bad, later, says="empty")
        self.assertEqual(self.query("SELECT count(*) FROM input"), [(2,)])

    def test_folder_in_order_of_dates(self):
        inside = self.folder / "files" / "deep"
        inside.mkdir(parents=True)
        for day in ("20240107", "20240105", "20240106"):
            (inside / f"x-{day}").write_text(some(10, day=day))
        (inside / ".hidden").write_text("no")
        (inside / "x-20240107.md5").write_text("no")
        self.ends(0, "import", self.folder / "files")
        days = [source[-8:] for source, in self.query("SELECT source FROM input ORDER BY id")]
        self.assertEqual(days, ["20240105", "20240106", "20240107"])


class Usage(Case):
    def test_wrong_words(self):
        self.ends(2, "import", "--rigistry", "apnic", "x", says=("--rigistry", "did you mean --registry"))
        self.ends(2, "import", says="needs PATH")
        self.ends(2, "import", "--registry", "apnik", "x", says=("apnik", "apnic"))
        self.ends(2, "import", "--date", "yesterday", "x", says="yesterday")
        self.ends(2, "import", "--format", "xml", "x", says="csv, json, markdown")
        done = subprocess.run([SEXTANT, "inport", "x"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 2)
        self.assertIn("did you mean import?", done.stderr)

    def test_nothing_imported_yet(self):
        self.ends(2, "pace", says="sextant import")
        self.assertFalse(self.store.exists())


class Archives(Case):
    def test_foreign_database(self):
        with contextlib.closing(sqlite3.connect(self.store)) as db, db:
            db.execute("CREATE TABLE t (x)")
        content = self.store.read_bytes()
        self.ends(3, "import", self.file(some()), says="another program")
        self.ends(3, "snapshots", says="another program")
        self.assertEqual(self.store.read_bytes(), content)

    def test_not_a_database(self):
        self.store.write_text("some notes, which must stay\n" * 100)
        content = self.store.read_bytes()
        self.ends(3, "import", self.file(some()), says=str(self.store))
        self.ends(3, "pace", says=str(self.store))
        self.assertEqual(self.store.read_bytes(), content)

    def test_folder_instead_of_a_file(self):
        self.store.mkdir()
        self.ends(3, "import", self.file(some()), says="not a file")

    def test_newer_version(self):
        self.ends(0, "import", self.file(some()))
        with contextlib.closing(sqlite3.connect(self.store)) as db, db:
            db.execute("PRAGMA user_version = 4711")
        self.ends(3, "pace", says=("4711", "newer"))
        self.ends(3, "import", self.file(some(), "x"), says=("4711", "newer"))

    def test_damaged(self):
        self.ends(0, "import", self.file(some(3000)))
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            db.execute("PRAGMA journal_mode = DELETE")
        content = bytearray(self.store.read_bytes())
        for at in range(8192, len(content) - 4096, 4096):
            content[at:at + 64] = b"\xa5" * 64
        self.store.write_bytes(content)
        self.assertIn(self.run_sextant("doctor").returncode, (1, 3))
        done = self.run_sextant("lifetimes")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn(str(self.store), done.stderr.decode())

    def test_cut_short(self):
        self.ends(0, "import", self.file(some(3000)))
        with contextlib.closing(sqlite3.connect(self.store)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        os.truncate(self.store, self.store.stat().st_size // 2)
        self.assertIn(self.run_sextant("doctor").returncode, (1, 3))

    def test_folder_that_cannot_be_written(self):
        self.ends(4, "import", self.file(some()), store="/proc/no/archive.sextant", says="/proc/no")

    def test_full_disk(self):
        full = self.folder / "full"
        try:
            os.mknod(full, 0o600 | 0o020000, os.makedev(1, 7))
            with open(full, "wb", 0) as device, self.assertRaises(OSError):
                device.write(b"x")
        except PermissionError:
            self.skipTest("needs the right to make a device")
        self.ends(0, "import", self.file(some()))
        self.ends(4, "lifetimes", "--output", full, says="No space left")
        self.ends(4, "snapshots", "--format", "json", "--output", full, says="No space left")
        self.assertTrue(full.is_char_device())


class Kills(Case):
    def reference(self, folder):
        store = self.folder / "whole.sextant"
        self.ends(0, "import", folder, store=store)
        return self.lifetimes(store)

    def test_killed_at_random_moments(self):
        """What was committed stays, nothing is half there, and the end is that of a quiet run."""
        files = self.folder / "files"
        files.mkdir()
        long_series(files, 80)
        begin = time.monotonic()
        wanted = self.reference(files)
        whole = time.monotonic() - begin
        chance = random.Random(11)
        kills = known = 0
        while kills < KILLS:
            process = subprocess.Popen([SEXTANT, "import", "--quiet", "--store", self.store, files],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            time.sleep(chance.uniform(0, whole / 4))
            process.send_signal(signal.SIGKILL)
            error = process.communicate()[1]
            if process.returncode == 0:
                for left in self.folder.glob("archive.sextant*"):
                    left.unlink()
                known = 0
                continue
            self.assertEqual(process.returncode, -signal.SIGKILL, error)
            kills += 1
            if not self.store.exists() or not self.store.stat().st_size:
                continue
            if not self.query("SELECT count(*) FROM sqlite_schema")[0][0]:
                continue
            (held,), = self.query("SELECT count(*) FROM input")
            self.assertGreaterEqual(held, known)
            known = held
            sources = [Path(source).name for source, in self.query("SELECT source FROM input ORDER BY id")]
            self.assertEqual(sources, sorted(p.name for p in files.iterdir())[:held])
            self.sound()
        self.ends(0, "import", files)
        self.sound()
        self.assertEqual(self.lifetimes(), wanted)

    def test_killed_while_it_takes_routes(self):
        """The same of routing tables: the packed lifetimes are those of a quiet run."""
        files = self.folder / "files"
        files.mkdir()
        daily_tables(files, 40)
        pieces = "SELECT key, runs, bytes FROM route_piece ORDER BY key"
        whole = self.folder / "whole.sextant"
        begin = time.monotonic()
        self.ends(0, "import", files, store=whole)
        length = time.monotonic() - begin
        wanted = self.query(pieces, whole)
        self.assertGreater(len(wanted), 1)
        chance = random.Random(5)
        kills = 0
        while kills < KILLS // 2:
            process = subprocess.Popen([SEXTANT, "import", "--quiet", "--store", self.store, files],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(chance.uniform(0, length / 3))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            if process.returncode == 0:
                for left in self.folder.glob("archive.sextant*"):
                    left.unlink()
                continue
            kills += 1
            if self.store.exists() and self.store.stat().st_size and \
                    self.query("SELECT count(*) FROM sqlite_schema")[0][0]:
                self.sound()
                (inputs, snapshots), = self.query(
                    "SELECT (SELECT count(*) FROM input), (SELECT count(*) FROM route_snapshot)")
                self.assertEqual(inputs, snapshots)
        self.ends(0, "import", files)
        self.sound()
        self.assertEqual(self.query(pieces), wanted)

    def test_two_importers_at_once(self):
        sides = [self.folder / "one", self.folder / "two"]
        for side, registry in zip(sides, ("ripencc", "arin")):
            side.mkdir()
            long_series(side, 40, registry, 1500)
        shutil.copy(next(sides[0].iterdir()), sides[1])
        importers = [subprocess.Popen([SEXTANT, "import", "--quiet", "--store", self.store, side],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for side in sides]
        for importer in importers:
            error = importer.communicate(timeout=SECONDS)[1]
            self.assertEqual(importer.returncode, 0, error)
        self.sound()
        together = sorted(self.lifetimes().splitlines())
        store = self.folder / "after.sextant"
        self.ends(0, "import", *sides, store=store)
        self.assertEqual(together, sorted(self.lifetimes(store).splitlines()))

    def test_readers_during_an_import(self):
        files = self.folder / "files"
        files.mkdir()
        long_series(files, 60)
        self.ends(0, "import", sorted(files.iterdir())[0])
        importer = subprocess.Popen([SEXTANT, "import", "--quiet", "--store", self.store, files],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        reads = 0
        last = 0
        while importer.poll() is None:
            out = self.ends(0, "snapshots", "--list", "--format", "csv")
            rows = len(out.splitlines())
            self.assertGreaterEqual(rows, last)
            last, reads = rows, reads + 1
        self.assertEqual(importer.communicate()[1], b"")
        self.assertEqual(importer.returncode, 0)
        self.assertGreater(reads, 0)
        self.sound()


@unittest.skipUnless((SHARED / "rir" / "odd").is_dir(), f"no {SHARED / 'rir' / 'odd'}")
class RealOnes(Case):
    """Each real file that went wrong is taken or refused with a sentence; never anything else."""

    def test_each(self):
        fates = {}
        for path in sorted((SHARED / "rir" / "odd").rglob("*")):
            if not path.is_file() or path.suffix in (".md", ".md5", ".txt"):
                continue
            done = self.run_sextant("import", path)
            self.assertIn(done.returncode, (0, 3), f"{path.name}: {done.stderr.decode()}")
            if done.returncode == 3:
                self.assertIn(path.name, done.stderr.decode())
            fates[path.name] = done.returncode
        self.assertIn(0, fates.values())
        self.assertIn(3, fates.values())
        self.ends(0, "doctor")


class Others(Case):
    """Inputs that are no registry's: each is evidence, is counted once, and what it gives is shown."""

    TABLE = "% This file was generated at Mon Jan  5 10:06:01 UTC 2024.\n" \
            "64496\t3fff:100::/24\t200\n64497\t3fff:200::/24\t7\n{64496}\t3fff:200::/32\t1\n"

    def rows(self, *arguments):
        done = self.run_sextant(*arguments, "--format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return list(csv.DictReader(io.StringIO(done.stdout.decode())))

    def facts(self, key):
        return {row["fact"]: row["value"] for row in self.rows("evidence", key)}

    def test_routes(self):
        table = self.file(gzip.compress(self.TABLE.encode()), "table.gz")
        self.ends(0, "import", table)
        self.ends(0, "import", table)
        row, = self.rows("snapshots", "--table", "routes")
        self.assertEqual((row["kind"], row["collector"], row["family"], row["first"], row["prefixes"],
                          row["routes"]), ("announced", "ris", "ipv6", "2024-01-05", "3", "3"))
        facts = self.facts("table.gz")
        self.assertEqual((facts["collector"], facts["format"], facts["container"], facts["counts"]),
                         ("ris", "ris-whois-dump", "gzip", "yes"))
        row, = self.rows("evidence", "1", "--table", "contributes")
        self.assertEqual((row["family"], row["registry"], row["records"]), ("ipv6", "ris", "3"))
        lines = {row["fate"]: row["count"] for row in self.rows("evidence", "1", "--table", "lines")}
        self.assertEqual(lines, {"used": "3", "ignored": "1", "all": "4"})
        self.sound()

    def test_better_table_of_a_day(self):
        fuller = self.TABLE.replace("200\n", "300\n")
        self.ends(0, "import", self.file(self.TABLE, "first"))
        self.ends(0, "import", self.file(fuller, "second"))
        self.ends(0, "import", self.file(self.TABLE + "64500\t3fff:300::/24\t3\n", "third"))
        counts = {row["name"]: row["counts"] for row in self.rows("evidence", "--table", "inputs")}
        self.assertEqual(counts, {"first": "no", "second": "yes", "third": "no"})
        self.sound()

    def test_collector_and_date(self):
        plain = "3fff:100::/24,64496\n198.51.100.0/24,64500\n"
        self.ends(3, "import", self.file(plain, "plain"), says="--date")
        self.assertEqual(self.rows("evidence"), [])
        self.ends(0, "import", "--date", "2024-02-01", "--collector", "home", self.file(plain, "plain"))
        self.ends(0, "import", "--date", "2024-02-02", "--collector", "home", self.file(plain + "\n", "next"))
        rows = self.rows("snapshots", "--table", "routes")
        self.assertEqual([(r["collector"], r["family"], r["last"], r["snapshots"]) for r in rows],
                         [("home", "ipv6", "2024-02-02", "2"), ("home", "ipv4", "2024-02-02", "2")])
        self.ends(3, "import", "--date", "1969-12-31", self.file(plain + "\n\n", "old"), says="1970-01-01")
        self.sound()

    def test_validated(self):
        payloads = "ASN,IP Prefix,Max Length,Trust Anchor\nAS64496,3fff:100::/24,48,apnic\n" \
                   "AS64496,198.51.100.0/24,24,apnic\n"
        self.ends(0, "import", "--date", "2024-02-01", self.file(payloads, "vrps"))
        rows = self.rows("snapshots", "--table", "routes")
        self.assertEqual({(r["kind"], r["collector"], r["family"], r["routes"]) for r in rows},
                         {("validated", "rpki", "ipv6", "1"), ("validated", "rpki", "ipv4", "1")})

    def test_series(self):
        own = "# name: lab\n# unit: %\n# title: Our lab\n# source: example.com\n" \
              "date,economy,value\n2024-01-01,KE,10\n"
        self.ends(0, "import", self.file(own, "own"))
        self.ends(0, "import", "--series", "lab-2", self.file(own + "2024-02-01,KE,12\n", "more"))
        rows = self.rows("snapshots", "--table", "series")
        self.assertEqual([(r["series"], r["values"], r["last"], r["source"]) for r in rows],
                         [("lab", "1", "2024-01-01", "example.com"), ("lab-2", "2", "2024-02-01", "example.com")])
        self.ends(2, "import", "--series", "No Name", self.file(own + "\n", "third"), says="small letters")
        self.assertEqual(self.facts("own")["series"], "lab")
        self.sound()


if __name__ == "__main__":
    unittest.main()
