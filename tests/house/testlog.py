#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a run of meson's tests says: each failure with its reason or the end of its output, then "PASSED FAILED".

A test that counts its own parts (cmocka, TAP, unittest) counts as many; any other as one.

Usage: testlog.py TESTLOG.json
"""

import json
import re
import sys


def parts(text):
    """Passed and failed parts, or None where the test does not count them."""
    cmocka = [(re.findall(r"\[  PASSED  \] (\d+) test", text), re.findall(r"\[  FAILED  \] (\d+) test", text))]
    if cmocka[0][0]:
        return tuple(sum(map(int, found)) for found in cmocka[0])
    good, bad = (len(re.findall(rf"^{word} \d*", text, re.M)) for word in ("ok", "not ok"))
    if good + bad:
        return good - len(re.findall(r"^ok .*# SKIP", text, re.M | re.I)), bad
    unittest = re.search(r"^Ran (\d+) tests?", text, re.M)
    if unittest:
        end = text[unittest.end():]
        bad = sum(map(int, re.findall(r"(?:failures|errors)=(\d+)", end)))
        return int(unittest.group(1)) - bad - sum(map(int, re.findall(r"skipped=(\d+)", end))), bad
    return None


def told(text):
    """What failed and why, where the test says so; else the end of its output."""
    rows, said = text.strip().split("\n"), []
    for i, row in enumerate(rows):
        if row.startswith("not ok") or (said and row.startswith("#") and said[-1] == rows[i - 1]):
            said.append(row)
    return (said or rows)[-40:]


def main():
    passed = failed = 0
    for line in open(sys.argv[1]):
        test = json.loads(line)
        text = (test.get("stdout") or "") + "\n" + (test.get("stderr") or "")
        result, name = test["result"], test["name"].split(" / ")[-1]
        good, bad = parts(text) or (1, 0)
        if result == "SKIP":
            print(f"   skipped {name}")
            continue
        if result != "OK":
            bad = max(bad, 1)
            good = good if parts(text) else 0
            print(f"   FAILED  {name} ({result}, {test.get('duration', 0):.1f} s)")
            print("\n".join("      " + row for row in told(text)))
        passed += good
        failed += bad
    print(passed, failed)


main()
