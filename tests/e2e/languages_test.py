#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every table that the README's archive can show, in languages whose letters are not Latin: what is left of
English in a title, a heading, a note or a word in a cell is told. Names stay as they are.

Usage: languages_test.py PATH-OF-SEXTANT
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from example import environment, journal, write_example
from tap import expect, plan

PROGRAM = Path(sys.argv[1]).resolve()
COMMANDS = """
pace --every year
pace --every quarter --by region --basis observed
pace --every month --family ipv4
pace --every day --from 2023-11-01 --to 2023-11-03 --family asn
geography
geography --by region --status allocated --min-length 33 --max-length 40
geography --by subregion
geography --by itu-region --registry apnic
geography --by group --family ipv4
geography --by registry --on 2023-06-30
concentration
changes --from 2023-01-05 --to 2024-01-05
lookup 2001:db8:a000::1
economy JP
snapshots
snapshots --gaps
evidence
evidence delegated-apnic-extended-20240105
tally rir-files/delegated-apnic-extended-20240105
visibility --by region
visibility --by economy
networks --by economy
delay
holders --by economy
holders
adoption --by economy
adoption --by region
indices
services --by economy
services --by region --domain d3.example
forecast search --target 50 --horizon 2030
doctor
lab list
lab status
verify kept.csv
""".strip().split("\n")
NAMES = r"""https?://\S+ | (United\ Nations|UNITED|International\ Telecommunication\ Union).* | Users\ of\ Example\ Search\ with\ IPv6
 | \S+\.example | internet\.nl | q\d\ from\ here
 | Households\ asked\ by\ Example\ Survey | \S+\.(csv|sextant|json|md)\b | (delegated|vrps|riswhoisdump)-\S+ | "?sextant\ (import|evidence|0\S*)"?
 | sha256\ \S+ | SHA-256 | --known-on | [\w-]+\d[\w-]* | \b(RFC|AS|DNS|RIPE|NCC|AFRINIC|APNIC|ARIN|LACNIC|IANA|RIPEness|RIS|ris|RPKI|ROA|HHI|HD-ratio|6lab|search|ASN|NIST|UTC
 |afrinic|apnic|arin|lacnic|ripencc|internet-users|content|transit|log|Happy\ Eyeballs)\b"""
FOLDER = Path(tempfile.mkdtemp(prefix="sextant-languages-"))


def sextant(*words):
    return subprocess.run([PROGRAM, *words], cwd=FOLDER, capture_output=True, text=True, timeout=60,
                          env=environment(FOLDER, SEXTANT_RUN=str(FOLDER / "run")))


def english(text):
    """Words in titles, headings and notes; in cells, where names are as well, where there are two."""
    found, above = [], ""
    for line in text.split("\n"):
        rest = re.sub(NAMES, " ", line, flags=re.X)
        cells = line.startswith("| ") and above.startswith("|")
        if re.search(r"[a-z]{2,} [a-z]{2,}" if cells else r"[A-Za-z]{3,}", rest):
            found.append(line)
        above = line
    return found


def main():
    write_example(FOLDER / "rir-files")
    (FOLDER / "campaigns").mkdir()
    for number, name in enumerate(("q1", "q2")):
        (FOLDER / "campaigns" / name).write_text(journal(name, "here", (19723 + 90 * number) * 86400000, number))
    for what in ("rir-files", "routes", "users", "campaigns"):
        sextant("import", "--quiet", what)
    sextant("geography", "--format", "csv", "--output", "kept.csv")
    for language in ("zh", "ar", "ru"):
        for command in COMMANDS:
            done = sextant(*command.split(), "--lang", language, "--format", "markdown")
            expect(f"{language}: {command}", done.returncode in (0, 1) and done.stdout and not english(done.stdout),
                   done.stderr + "\n".join(english(done.stdout)))
    return plan()


try:
    status = main()
finally:
    shutil.rmtree(FOLDER, ignore_errors=True)
sys.exit(status)
