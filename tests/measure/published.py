#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Figures that others have published, computed again from the registries' files of those days.
# usage: published.py SEXTANT SHARED
#
# SHARED/tools/rir-snapshots writes the files of a day. Where it is absent the test is skipped.
# Counted are delegations of a /32 or larger by their own date, unless something else is said.

import csv
import io
import os
import subprocess
import sys
import tempfile

SEXTANT, SHARED = sys.argv[1], sys.argv[2]
SNAPSHOTS = os.path.join(SHARED, "tools", "rir-snapshots")
DAYS = ["2010-01-05", "2016-02-29", "2016-04-15", "2017-01-05"]

failures = 0


def check(what, got, want):
    global failures
    if got != want:
        failures += 1
    print(f"{'ok    ' if got == want else 'FAILED'} {what}: {got}" +
          ("" if got == want else f", published {want}"))


def rows(*arguments):
    done = subprocess.run([SEXTANT, *arguments, "--format", "csv"], check=True,
                          capture_output=True, text=True)
    return list(csv.DictReader(io.StringIO(done.stdout)))


def sums(column, *arguments):
    total = {}
    for row in rows(*arguments):
        if row["key"] != "total":
            total[row["key"]] = total.get(row["key"], 0) + float(row[column])
    return {key: int(value) for key, value in total.items() if value}


def check_figures():
    december = ["--every", "month", "--from", "2009-12", "--to", "2009-12", "--max-length", "32",
                "--known-on", "2010-01-05"]
    check("December 2009, delegations by registry",
          sums("delegations", "pace", *december, "--by", "registry"),
          {"afrinic": 1, "apnic": 10, "arin": 13, "lacnic": 1, "ripencc": 56})
    economies = sums("delegations", "pace", *december, "--by", "economy")
    check("December 2009, economies", len(economies), 28)
    check("December 2009, US and DE", (economies["US"], economies["DE"]), (13, 13))
    check("March 2015 to February 2016, /32s",
          sums("slash32", "pace", "--every", "month", "--from", "2015-03", "--to", "2016-02",
               "--max-length", "32", "--known-on", "2016-02-29", "--by", "economy", "--only",
               "CN,DE"),
          {"CN": 1546, "DE": 1288})
    year = sums("delegations", "pace", "--from", "2016", "--to", "2016", "--known-on",
                "2017-01-05", "--by", "economy")
    check("2016, most delegations of all sizes",
          " ".join(sorted(year, key=lambda e: -year[e])[:10]), "BR US CN DE AU GB NL RU IN ID")
    check("AFRINIC, April 2016, allocated /32s",
          sums("slash32", "geography", "--by", "registry", "--registry", "afrinic", "--status",
               "allocated", "--known-on", "2016-04-15"),
          {"afrinic": 9014})
    last = rows("pace", "--basis", "observed", "--by", "registry", "--every", "year")
    known = {row["key"]: row["cumulative_delegations"] for row in last}
    record = rows("geography", "--by", "registry")
    check("observed and recorded stock at the end agree", known,
          {row["key"]: row["delegations"] for row in sorted(record, key=lambda r: r["key"])
           if row["key"] != "total"})


# The delegations of the end of 2018 that were announced in March 2019: 44 %, 18,580 of 42,654.
def check_visibility(folder):
    table = os.path.join(SHARED, "data", "routing", "riswhoisdump-20190304.IPv6.gz")
    if not os.path.exists(table):
        print(f"left out: {table} is absent")
        return
    os.environ["SEXTANT_STORE"] = os.path.join(folder, "routes.sextant")
    files = os.path.join(folder, "2019")
    subprocess.run([SNAPSHOTS, "--from", "2019-01-01", "--to", "2019-01-01", "--out", files],
                   check=True, capture_output=True)
    subprocess.run([SEXTANT, "import", "-q", files, table], check=True, capture_output=True)
    seen = rows("visibility", "--table", "visibility")[0]
    check("2019-03-04, delegations and those announced",
          (seen["delegations"], seen["announced"]), ("42654", "18580"))


def main():
    if not os.path.exists(SNAPSHOTS):
        print(f"skipped: {SNAPSHOTS} is absent")
        return 77
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SEXTANT_STORE"] = os.path.join(folder, "archive.sextant")
        files = os.path.join(folder, "files")
        for day in DAYS:
            subprocess.run([SNAPSHOTS, "--from", day, "--to", day, "--out", files], check=True,
                           capture_output=True)
        subprocess.run([SEXTANT, "import", "-q", files], check=True, capture_output=True)
        check_figures()
        check_visibility(folder)
    return 1 if failures else 0


sys.exit(main())
