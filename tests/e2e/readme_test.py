#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every example of README.md: each line "$ ..." in a console block, in order, in one folder with
the small archive's files that the README speaks of. The exit status must be 0 and the output as shown;
a line "..." stands for any lines.

Usage: readme_test.py PATH-OF-SEXTANT            with README_UPDATE=1 the shown outputs are written anew
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from example import environment, write_example

SEXTANT = Path(sys.argv[1]).resolve()
README = Path(__file__).resolve().parents[2] / "README.md"
UPDATE = os.environ.get("README_UPDATE")


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
        around = environment(name, PATH=f"{folder}/bin:{os.environ['PATH']}", COLUMNS="80", TERM="dumb")
        for number, block in enumerate(blocks, 1):
            new, failed, count = run_block(block, number, around, work)
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
