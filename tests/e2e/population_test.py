#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Population imported beside the registries' files gives per-capita columns.

Usage: population_test.py PATH-OF-SEXTANT [UNITTEST-ARGUMENTS]
"""

import csv
import gzip
import io
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SEXTANT = os.path.abspath(sys.argv.pop(1))

RECORDS = """2|afrinic|20240105|3||20240105|+0000
afrinic|KE|ipv6|2001:db8::|32|20100101|allocated|h1
afrinic|KE|ipv6|3fff:100::|24|20110101|allocated|h2
afrinic|UG|ipv6|3fff:200::|32|20120101|allocated|h3
"""
LONG = """Country Name,Country Code,Year,Value
Kenya,KEN,2022,1000
Kenya,KEN,2023,2570
Kenya,KEN,2024,9999
World,WLD,2023,8000000000
"""
WIDE = ('\ufeff"Data Source","World Development Indicators",\n\n"Last Updated Date","2025-01-28",\n\n'
        '"Country Name","Country Code","Indicator Name","Indicator Code","2022","2023",\n'
        '"Kenya","KEN","Population, total","SP.POP.TOTL","1","514",\n'
        '"Uganda","UGA","Population, total","SP.POP.TOTL","65536","",\n'
        '"Arab World","ARB","Population, total","SP.POP.TOTL","7","8",\n')


class Population(unittest.TestCase):
    def setUp(self):
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, True)
        self.file("records", RECORDS)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run_sextant(self, status, command, *arguments):
        done = subprocess.run([SEXTANT, command, "--store", self.folder / "archive", *arguments],
                              capture_output=True, timeout=60)
        self.assertEqual(done.returncode, status, done.stderr.decode())
        return done

    def rows(self, command, *arguments):
        out = self.run_sextant(0, command, "--format", "csv", *arguments).stdout.decode()
        return {row["key"]: row for row in csv.DictReader(io.StringIO(out))}

    def expect(self, wanted):
        rows = self.rows("geography")
        found = {key: (row["population"], row["slash48_per_capita"]) for key, row in rows.items()
                 if key != "total"}
        self.assertEqual(found, wanted)

    def test_without(self):
        self.run_sextant(0, "import", self.folder / "records")
        self.expect({"KE": ("", ""), "UG": ("", "")})

    def test_long_form_in_any_order(self):
        people = self.file("people.gz", gzip.compress(LONG.encode()))
        self.run_sextant(0, "import", people)
        self.run_sextant(0, "import", self.folder / "records")
        # 257 /32s are 257 * 65536 /48s.
        rows = self.rows("geography")
        self.assertEqual(rows["KE"]["population"], "9999")
        per_capita = 257 * 65536 / float(rows["KE"]["population"])
        self.assertAlmostEqual(float(rows["KE"]["slash48_per_capita"]), per_capita, places=9)
        self.assertEqual(rows["UG"]["population"], "")
        self.run_sextant(0, "doctor")

    def test_newer_table_counts(self):
        (self.folder / "files").mkdir()
        newer = WIDE.replace('"2022","2023"', '"2023","2024"')
        for name, content in (("a-people.csv", LONG), ("b-people.csv", newer), ("records", RECORDS)):
            self.file(f"files/{name}", content)
        out = self.run_sextant(0, "import", "--format", "csv", self.folder / "files").stdout.decode()
        self.assertIn("inputs taken,3\n", out)
        self.assertIn("new figures and names,6\n", out)
        self.expect({"KE": ("514", "32768"), "UG": ("65536", "1")})
        # An older table fills the years that the newer ones do not state.
        older = LONG.replace("KEN,2022", "KEN,2021").replace("KEN,2024", "UGA,2019")
        self.run_sextant(0, "import", self.file("older.csv", older))
        self.expect({"KE": ("514", "32768"), "UG": ("65536", "1")})
        out = self.run_sextant(0, "snapshots", "--format", "csv", "--table", "series").stdout.decode()
        self.assertIn("population,people,2019-01-01,2024-01-01,6,2,", out)
        self.run_sextant(0, "doctor")

    def test_refused_tables_change_nothing(self):
        self.run_sextant(0, "import", self.folder / "records", self.file("wide", WIDE))
        for name, content, says in (
                ("gdp", WIDE.replace("SP.POP.TOTL", "NY.GDP.MKTP.CD"), "gdp:6: another indicator"),
                ("cut", LONG[:-40], "cut:4: the last line has no end"),
                ("packed", gzip.compress(LONG.encode())[:-9], "packed"),
                ("none", LONG.split("\n")[0] + "\n", "none: 0 lines used")):
            done = self.run_sextant(3, "import", self.file(name, content))
            self.assertIn(says, done.stderr.decode())
            self.expect({"KE": ("514", "32768"), "UG": ("65536", "1")})

    def test_rejected_lines_are_told(self):
        table = LONG + "Uganda,UGA,2023,many\nUganda,UGA,twenty,1\n"
        done = self.run_sextant(0, "import", self.folder / "records", self.file("some", table))
        self.assertIn("2 lines rejected; see sextant evidence", done.stderr.decode())


if __name__ == "__main__":
    unittest.main()
