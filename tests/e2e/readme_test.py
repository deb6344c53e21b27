#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every example of README.md: each line "$ ..." in a console block, in order, in one folder with
the small archive's files that the README speaks of. The exit status must be 0 and the output as shown;
a line "..." stands for any lines.

Usage: readme_test.py PATH-OF-SEXTANT            with README_UPDATE=1 the shown outputs are written anew
"""

import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SEXTANT = Path(sys.argv[1]).resolve()
README = Path(__file__).resolve().parents[2] / "README.md"
UPDATE = os.environ.get("README_UPDATE")

AFRINIC = ["KE|ipv6|2001:db8::|36|20080411|allocated|m-1", "UG|ipv6|2001:db8:1000::|36|20120903|allocated|m-2",
           "KE|ipv4|192.0.2.0|256|19980101|allocated|m-1", "KE|asn|64496|1|20080411|allocated|m-1"]
AFRINIC_NEW = ["ZA|ipv6|2001:db8:2000::|36|20230607|allocated|m-3", "KE|ipv6|2001:db8:3000::|36|20230620|allocated|m-1"]
APNIC = ["JP|ipv6|2001:db8:8000::|35|19990813|allocated|h-1", "FJ|ipv6|2001:db8:b000::|48|20100215|assigned|h-2",
         "JP|ipv4|198.51.100.0|256|19940505|allocated|h-1"]
APNIC_MOVED = ["JP|ipv6|2001:db8:a000::|36|20060116|allocated|h-1", "JP|ipv6|2001:db8:a000::|36|20060116|allocated|h-3"]
APNIC_NEW = ["VU|ipv6|2001:db8:b100::|40|20231102|allocated|h-4"]


def write_file(folder, registry, day, rows):
    families = sorted({row.split("|")[1] for row in rows})
    lines = [f"2.3|{registry}|{day}|{len(rows)}|19990101|{day}|+0000"]
    lines += [f"{registry}|*|{f}|*|{sum(row.split('|')[1] == f for row in rows)}|summary" for f in families]
    lines += [f"{registry}|{row}" for row in rows]
    (folder / f"delegated-{registry}-extended-{day}").write_text("\n".join(lines) + "\n")


ROUTES = ["64496\t2001:db8::/36\t30", "64511\t2001:db8:1000::/40\t28", "64510\t2001:db8:8000::/34\t29",
          "64510\t::/0\t2", "64511\t3fff::/32\t12"]
ROUTES_NEW = ["64496\t2001:db8:3000::/36\t30", "64509\t2001:db8:b100::/48\t2"]


def write_routes(folder):
    folder.mkdir()
    for day, rows in (("20230105", ROUTES), ("20240105", ROUTES + ROUTES_NEW)):
        head = ["% RIPE NCC's Routing Information Service, as an example", "% <origin> <prefix> <seen by peers>"]
        (folder / f"riswhoisdump-{day}.IPv6").write_text("\n".join(head + sorted(rows)) + "\n")
    (folder / "vrps-20240105.csv").write_text("ASN,IP Prefix,Max Length,Trust Anchor\n"
                                              "AS64496,2001:db8::/36,36,afrinic\n"
                                              "AS64500,2001:db8:8000::/35,48,apnic\n")


def write_users(folder):
    """Shares of users as two made-up sources have them: every month, and as a survey with samples."""
    folder.mkdir()
    months = [f"{2018 + i // 12}-{1 + i % 12:02}-15" for i in range(72)]
    share = [60 / (1 + math.exp(4 - i / 15)) + i % 5 * 0.2 for i in range(72)]
    head = "# unit: %\n# title: Users of Example Search with IPv6\n# source: Example Search\n"
    rows = [f"{day},WORLD,{x:.2f}\n{day},KE,{x / 3:.2f}\n{day},UG,{x / 4:.2f}" for day, x in zip(months, share)]
    (folder / "search.csv").write_text(f"# name: search\n{head}date,economy,value\n" + "\n".join(rows) + "\n")
    head = "# unit: %\n# title: Households asked by Example Survey\n# source: Example Survey\n"
    (folder / "survey.csv").write_text(f"# name: survey\n{head}date,economy,value,low,high,samples\n"
                                       "2023-11-30,KE,12.5,,,400\n2023-11-30,UG,3,,,300\n")
    (folder / "internet-users.csv").write_text("# name: internet-users\n# unit: people\n# title: Internet users\n"
                                               "# source: made up\ndate,economy,value\n"
                                               "2022-12-31,KE,15000000\n2022-12-31,UG,5000000\n")


def write_example(folder):
    write_users(folder.parent / "users")
    write_routes(folder.parent / "routes")
    folder.mkdir()
    write_file(folder, "afrinic", "20230105", AFRINIC)
    write_file(folder, "afrinic", "20240105", AFRINIC + AFRINIC_NEW)
    write_file(folder, "apnic", "20230105", APNIC + APNIC_MOVED[:1])
    write_file(folder, "apnic", "20240105", APNIC + APNIC_MOVED[1:] + APNIC_NEW)


def fits(wanted, got):
    """`...` alone on a line of what is wanted stands for any lines."""
    pattern = "".join("(?:.*\n)*" if line == "..." else re.escape(line) + "\n" for line in wanted)
    return re.fullmatch(pattern, got) is not None


def run_block(block, number, environment, folder):
    """The block with the outputs that came, and the failures."""
    out, failures = [], []
    steps = re.split(r"^\$ ", block, flags=re.M)[1:]
    for step in steps:
        command, *wanted = step.rstrip("\n").split("\n")
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        shown = wanted if not UPDATE or "..." in wanted or not wanted else done.stdout.rstrip("\n").split("\n")
        out += [f"$ {command}", *shown]
        if done.returncode != 0:
            failures.append(f"block {number}: $ {command}\nexit status {done.returncode}\n{done.stdout}")
        elif shown and not fits(shown, done.stdout):
            failures.append(f"block {number}: $ {command}\nwanted:\n" + "\n".join(shown) + f"\ngot:\n{done.stdout}")
    return "\n".join(out) + "\n", failures, len(steps)


def main():
    text, failures, commands = README.read_text(), [], 0
    blocks = re.findall(r"```console\n(.*?)```", text, re.S)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bin").mkdir()
        (folder / "bin" / "sextant").symlink_to(SEXTANT)
        work = folder / "work"
        work.mkdir()
        write_example(work / "rir-files")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEXTANT_", "XDG_", "LC_", "LANG"))}
        environment = kept | {"HOME": name, "PATH": f"{folder}/bin:{os.environ['PATH']}", "COLUMNS": "80",
                              "LANG": "C.UTF-8", "TERM": "dumb"}
        for number, block in enumerate(blocks, 1):
            new, failed, count = run_block(block, number, environment, work)
            failures += failed
            commands += count
            if UPDATE:
                text = text.replace(block, new, 1)
    if UPDATE:
        README.write_text(text)
    print(f"{commands} commands of {len(blocks)} blocks run")
    print("\n".join(failures))
    return 1 if failures or commands < 10 else 0


sys.exit(main())
