#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
#
# Forecasts against what came, with data that nobody here made. Four public forecasts of the world's
# IPv6 users, none of which gave an interval, missed by far; from the same days, with what was known
# then, the outcome must lie inside the 90 % interval, and the interval must say something.
# And over the delegations of economies as they stood each quarter since 2005: 90 % intervals hold 85
# to 95 % of what came, over all economies and origins.
#
# usage: foreseen.py SEXTANT SHARED [all]
#
# SHARED/data has the figures. Where it is absent the test is skipped. With "all" every economy is
# taken, else each eighth.

import collections
import csv
import gzip
import io
import os
import subprocess
import sys
import tempfile

SEXTANT, SHARED = sys.argv[1], sys.argv[2]
GOOGLE = os.path.join(SHARED, "data", "users", "google-world-weekly-2008-2026.csv")
LIFETIMES = os.path.join(SHARED, "data", "rir", "history", "rir-ipv6-lifetimes.csv.gz")
PART = 1 if sys.argv[3:] == ["all"] else 8

failures = 0


def check(what, good):
    global failures
    failures += not good
    print(f"{'ok    ' if good else 'FAILED'} {what}")


def rows(*arguments):
    done = subprocess.run([SEXTANT, *arguments, "--format", "csv"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(arguments)}: {done.stderr}")
    return list(csv.DictReader(io.StringIO(done.stdout)))


def month_means():
    months = collections.defaultdict(list)
    for row in csv.DictReader(open(GOOGLE)):
        if row["weekly_min_percent"] and row["weekly_max_percent"]:
            months[row["week_starting"][:7]].append(
                (float(row["weekly_min_percent"]) + float(row["weekly_max_percent"])) / 2)
    return {month: sum(v) / len(v) for month, v in months.items()}


# The day of the forecast, the month of the outcome, and what was said: 50 % in 2016 by a polynomial;
# 15, 10 and 8 % at the end of 2015; 50 % in January 2019 and 90 % in 2022 by a logistic curve; a
# ceiling of 28 to 30 %.
PUBLIC = [("2013-06", "2015-12"), ("2013-06", "2016-06"), ("2014-07", "2015-12"), ("2016-01", "2019-01"),
          ("2016-01", "2022-01"), ("2019-06", "2022-01"), ("2019-06", "2026-03")]


def check_public():
    came = month_means()
    subprocess.run([SEXTANT, "import", "--quiet", GOOGLE], check=True, capture_output=True)
    score = naive = 0
    for origin, month in PUBLIC:
        made = rows("forecast", "google", "--to", origin, "--horizon", month, "--step", "month",
                    "--every", "month", "--table", "forecast")
        last = made[-1]
        low, median, high = (float(last[k]) for k in ("low90", "median", "high90"))
        inner = float(last["high50"]) - float(last["low50"])
        assert last["date"].startswith(month) and max(r["date"][:7] for r in made if r["value"]) == origin
        value, before = came[month], came[origin]
        score += abs(value - median)
        naive += abs(value - before)
        check(f"{origin} -> {month}: {value:5.1f} % came; 90 % from {low:.1f} to {high:.1f} (width {high - low:.1f}, "
              f"50 %: {inner:.1f}), median {median:.1f}, then {before:.1f}",
              low <= value <= high and high - low < 97 and inner < 40)
    check(f"medians missed by {score / len(PUBLIC):.1f} points, the naive forecast by {naive / len(PUBLIC):.1f}",
          score < 0.6 * naive)


def quarters():
    for year in range(2005, 2021):
        for day in ("03-31", "06-30", "09-30", "12-30"):
            yield f"{year}-{day}"


def write_counts(folder):
    """The delegations that stood at each quarter's end, by economy, as a series of one's own."""
    changes = collections.defaultdict(lambda: collections.defaultdict(int))
    with gzip.open(LIFETIMES, "rt") as file:
        for row in csv.DictReader(file, delimiter="|"):
            if row["status"] in ("allocated", "assigned") and len(row["cc"]) == 2:
                changes[row["cc"]][row["dtstart"]] += 1
                changes[row["cc"]][row["dtend"] + "~"] -= 1  # after the day
    path = os.path.join(folder, "standing.csv")
    with open(path, "w") as out:
        out.write("# name: standing\n# unit: delegations\n# title: Delegations that stood\n# source: lifetimes\n")
        out.write("date,economy,value\n")
        for economy, events in sorted(changes.items()):
            ordered, i, standing = sorted(events.items()), 0, 0
            for day in quarters():
                while i < len(ordered) and ordered[i][0] <= day:
                    standing += ordered[i][1]
                    i += 1
                if standing:
                    out.write(f"{day},{economy},{standing}\n")
    return path, sorted(changes)


def check_delegations(folder):
    path, economies = write_counts(folder)
    subprocess.run([SEXTANT, "import", "--quiet", path], check=True, capture_output=True)
    count = inside50 = inside90 = used = 0
    chosen = economies[::PART]
    for i in range(0, len(chosen), 30):
        for row in rows("forecast", "standing", "--only", ",".join(chosen[i:i + 30]), "--horizon", "2025",
                        "--table", "back-test"):
            if not row["outcomes"]:
                continue
            outcomes = int(row["outcomes"])
            used += 1
            count += outcomes
            inside50 += round(outcomes * float(row["coverage50"]) / 100)
            inside90 += round(outcomes * float(row["coverage90"]) / 100)
    check(f"{used} economies, {count} outcomes up to five years ahead: {100 * inside90 / count:.1f} % in the 90 % "
          f"intervals, {100 * inside50 / count:.1f} % in the 50 % ones",
          used >= 120 / PART and 0.85 <= inside90 / count <= 0.95 and 0.45 <= inside50 / count <= 0.70)


if not os.path.exists(GOOGLE) or not os.path.exists(LIFETIMES):
    print(f"skipped: no figures in {SHARED}")
    sys.exit(77)
with tempfile.TemporaryDirectory() as temporary:
    os.environ["SEXTANT_STORE"] = os.path.join(temporary, "archive.sextant")
    check_public()
    check_delegations(temporary)
sys.exit(failures > 0)
