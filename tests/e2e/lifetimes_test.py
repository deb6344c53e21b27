#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The history of IPv6 as others recorded it, through Sextant and back.

Usage: lifetimes_test.py PATH-OF-SEXTANT

A recorded history of all IPv6 records of the five registries (first and last day of each) is written as
statistics files of many days, imported in a shuffled order, and what `sextant lifetimes` gives must be the
recorded history again, as far as those days can tell. Skipped where the data is not there: SEXTANT_SHARED_DATA,
else ../shared/data beside the source tree. FIRST, LAST and EVERY in the environment choose other days; the
whole of it is FIRST=2005-02-18 LAST=2020-12-31 EVERY=day.
"""
import collections
import csv
import datetime
import gzip
import ipaddress
import os
import random
import subprocess
import sys
import tempfile
import unittest

SEXTANT = sys.argv.pop(1)
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SHARED = os.environ.get("SEXTANT_SHARED_DATA", os.path.join(ROOT, "..", "shared", "data"))
HISTORY = os.path.join(SHARED, "rir", "history", "rir-ipv6-lifetimes.csv.gz")
MAKER = os.path.join(SHARED, "..", "tools", "rir-snapshots")
FIRST = datetime.date.fromisoformat(os.environ.get("FIRST", "2011-11-01"))
LAST = datetime.date.fromisoformat(os.environ.get("LAST", "2013-03-01"))
EVERY = os.environ.get("EVERY", "month")


def days():
    day = FIRST
    while day <= LAST:
        yield day
        if EVERY == "day":
            day += datetime.timedelta(days=1)
        else:
            day = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)


def iso(compact):
    compact = compact.replace("-", "")
    return f"{compact[:4]}-{compact[4:6]}-{compact[6:]}" if compact.strip("0") else ""


def recorded():
    """registry -> record -> days on which it stood, of the days that are asked for."""
    shown = collections.defaultdict(lambda: collections.defaultdict(set))
    asked = list(days())
    with gzip.open(HISTORY, "rt", newline="") as f:
        for r in csv.DictReader(f, delimiter="|"):
            first, last = (datetime.date.fromisoformat(r[k]) for k in ("dtstart", "dtend"))
            start = str(ipaddress.IPv6Address(r["start"]))
            record = (r["registry"], r["cc"], "ipv6", start, r["value"], iso(r["date"]), r["status"], "")
            stood = [d for d in asked if first <= d <= last] if EVERY != "day" else [
                first + datetime.timedelta(n)
                for n in range(max(0, (FIRST - first).days), (min(last, LAST) - first).days + 1)]
            if stood:
                shown[r["registry"]][record].update(stood)
    return shown


def runs(shown):
    for records in shown.values():
        held = sorted(set().union(*records.values()))
        after = dict(zip(held, held[1:]))
        for record, stood in records.items():
            stood = sorted(stood)
            begin = stood[0]
            for day, following in zip(stood, stood[1:] + [None]):
                if following is None or after[day] != following:
                    yield ",".join((*record, begin.isoformat(), day.isoformat()))
                    begin = following


@unittest.skipUnless(os.path.exists(HISTORY) and os.path.exists(MAKER), "the recorded history is not here")
class Lifetimes(unittest.TestCase):
    def test_history_comes_back(self):
        with tempfile.TemporaryDirectory() as folder:
            files, store = os.path.join(folder, "files"), os.path.join(folder, "a.sextant")
            subprocess.run([MAKER, "--from", FIRST.isoformat(), "--to", LAST.isoformat(), "--every", EVERY,
                            "--gzip", "--out", files], check=True, stderr=subprocess.DEVNULL)
            places = [os.path.join(top, name) for top, _, names in os.walk(files) for name in names]
            if EVERY != "day":
                random.Random(1).shuffle(places)
            given = places if EVERY != "day" else [files]
            subprocess.run([SEXTANT, "import", "--quiet", "--store", store, *given], check=True,
                           stdout=subprocess.DEVNULL)
            out = subprocess.run([SEXTANT, "lifetimes", "--quiet", "--store", store], check=True,
                                 capture_output=True, text=True).stdout.splitlines()
        self.assertEqual(out[0], "registry,economy,family,start,value,date,status,holder,first_seen,last_seen")
        seen, wanted = sorted(out[1:]), sorted(runs(recorded()))
        self.assertGreater(len(wanted), 1000)
        self.assertEqual(len(seen), len(wanted))
        for a, b in zip(seen, wanted):
            self.assertEqual(a, b)


if __name__ == "__main__":
    unittest.main()
