#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The house rules that a compiler does not know. One line a rule: "ok NAME" or "not ok NAME", and
what was found.

Usage: house.py SOURCE-ROOT [BUILD-FOLDER]     the build folder (of gcc, without sanitizers) is
                                               needed to look for mutable state
"""

import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(sys.argv[1]).resolve()
BUILD = Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None

# From the ground up: a room includes only those before it.
ROOMS = ["base", "net", "packet", "daemon", "world", "read", "store", "measure", "check", "lab",
         "conform", "capable", "plan", "registry", "site", "report", "cmd"]

FILE_LINES_MAX = 900
FUNCTION_LINES_MAX = 100
FUNCTION_LINES_USUAL = 60  # 95 % are shorter
HEADER_FLAGS = ["-fsyntax-only", "-x", "c", "-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror",
                "-Isrc"]

BANNED = re.compile(r"(?<![\w.>])(strcpy|strcat|sprintf|vsprintf|gets|strtok|strtok_r|atoi|atol|"
                    r"atoll|sscanf|fscanf|scanf|alloca|system|popen|tmpnam|mktemp)\s*\(")
ENDS_OR_PRINTS = re.compile(r"(?<![\w.>])(printf|puts|putchar|vprintf|perror|exit|_exit|abort|assert)\s*\(")
WRITES_STREAM = re.compile(r"\b(stdout|stderr)\b")
INVISIBLE = re.compile("[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
                       "\u2066-\u206f\ufeff\ufff9-\ufffb]")
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # not the tabulator
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATH = re.compile(r"/(work|home|root|Users|tmp|mnt)/")

PLACEHOLDER = re.compile(r"\{\d\}")

# Set once, the same for every caller.
ONCE = {("terminal.c.o", "once"), ("terminal.c.o", "width_locale"), ("names.c.o", "key")}

# Made to be odd.
ODD_BY_DESIGN = ("fuzz/corpus/",)


def tracked():
    listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], capture_output=True)
    if listed.returncode == 0:
        return [Path(p) for p in listed.stdout.decode().split("\0") if p and (ROOT / p).is_file()]
    return [p.relative_to(ROOT) for p in ROOT.rglob("*")
            if p.is_file() and not any(part.startswith(("build", ".git")) for part in p.relative_to(ROOT).parts[:-1])]


def is_text(data):
    return b"\0" not in data[:8192]


FILES = [p for p in tracked() if not str(p).startswith(ODD_BY_DESIGN)]
BYTES = {p: (ROOT / p).read_bytes() for p in FILES}
TEXT = {p: data.decode("utf-8", "replace") for p, data in BYTES.items() if is_text(data)}
C_FILES = [p for p in TEXT if p.suffix in (".c", ".h")]
SOURCES = [p for p in C_FILES if p.parts[0] == "src"]
HEADERS = [p for p in SOURCES if p.suffix == ".h"]
LIBRARY = [p for p in SOURCES if p.parts[1] != "cmd"]


def code_lines(path):
    """Numbered lines without comments and without the insides of literals."""
    text = re.sub(r'"(\\.|[^"\\\n])*"', '""', TEXT[path])
    text = re.sub(r"'(\\.|[^'\\\n])+'", "''", text)
    text = re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)
    return [(n, re.sub(r"//.*", "", line)) for n, line in enumerate(text.split("\n"), 1)]


def found_in(paths, pattern, lines=code_lines):
    return [f"{p}:{n}: {line.strip()}" for p in paths for n, line in lines(p) if pattern.search(line)]


def raw_lines(path):
    return list(enumerate(TEXT[path].split("\n"), 1))


def functions(path):
    """Name and length of each function: clang-format puts its braces alone in the first column."""
    start, head = None, ""
    for n, line in raw_lines(path):
        if line == "{":
            start = n
        elif line == "}" and start:
            yield head, n - start - 1
            start = None
        elif line and not line[0].isspace() and "(" in line:
            head = f"{path}:{n}: " + line.split("(")[0].split()[-1].lstrip("*")


def rooms_include_only_rooms_below():
    wrong = []
    for p in SOURCES:
        own = p.parts[1]
        if own not in ROOMS:
            wrong.append(f"{p}: {own} is no room of the design")
            continue
        for n, line in raw_lines(p):
            m = re.match(r'#include "([^"]+)"', line)
            room = m.group(1).split("/")[0] if m else own
            if m and ("/" not in m.group(1) or room not in ROOMS):
                wrong.append(f'{p}:{n}: {line}: wanted "room/file.h"')
            elif ROOMS.index(room) > ROOMS.index(own):
                wrong.append(f"{p}:{n}: {own} includes {room}, a room above it")
    return wrong


def headers_guard_themselves():
    return [str(p) for p in HEADERS
            if "#ifndef " + "_".join(p.parts[1:]).upper().replace(".", "_") not in TEXT[p]]


def compile_header(job):
    compiler, header = job
    done = subprocess.run([compiler, *HEADER_FLAGS, "-include", header, "/dev/null"], cwd=ROOT,
                          capture_output=True, text=True)
    return [] if done.returncode == 0 else [f"{header} ({compiler}): {done.stderr.strip().splitlines()[0]}"]


def headers_compile_alone():
    with ThreadPoolExecutor(2) as pool:
        return sum(pool.map(compile_header, [(c, h) for c in ("gcc", "clang") for h in HEADERS]), [])


def code_is_formatted():
    done = subprocess.run(["clang-format", "--dry-run", "-Werror", *C_FILES], cwd=ROOT, capture_output=True,
                          text=True)
    return [line for line in done.stderr.splitlines() if "error:" in line]


def text_is_clean():
    wrong = []
    for p, text in TEXT.items():
        if text and not text.endswith("\n"):
            wrong.append(f"{p}: no line end at the end")
        if text.endswith("\n\n"):
            wrong.append(f"{p}: empty lines at the end")
        for n, line in raw_lines(p):
            if line.rstrip() != line:
                wrong.append(f"{p}:{n}: blanks, or a carriage return, at the end")
            elif "\t" in line[:len(line) - len(line.lstrip())]:
                wrong.append(f"{p}:{n}: indented with a tabulator")
            elif CONTROL.search(line):
                wrong.append(f"{p}:{n}: a control character")
            elif INVISIBLE.search(line):
                wrong.append(f"{p}:{n}: an invisible character")
            elif "\ufffd" in line:
                wrong.append(f"{p}:{n}: not UTF-8")
    return wrong


def every_source_names_its_licence():
    def has(p):
        return "SPDX-License-Identifier: Apache-2.0" in "\n".join(TEXT[p].split("\n")[:3])
    scripts = [p for p in TEXT if p.suffix in (".py", ".sh") or TEXT[p].startswith("#!")]
    return [str(p) for p in C_FILES + scripts if not has(p)]


def no_banned_function():
    return found_in(C_FILES, BANNED)


def library_does_not_print_or_exit():
    # The progress line is drawn on stderr: that is what it is for. Forked children end in one place.
    return found_in([p for p in LIBRARY if p != Path("src/base/process.c")], ENDS_OR_PRINTS) + found_in([p for p in LIBRARY if p.name != "progress.c"], WRITES_STREAM)


def functions_are_short():
    lengths = [(length, name) for p in C_FILES for name, length in functions(p)]
    wrong = [f"{name}: {length} lines" for length, name in lengths if length > FUNCTION_LINES_MAX]
    long = sorted((f for f in lengths if f[0] > FUNCTION_LINES_USUAL), reverse=True)
    if len(long) > len(lengths) * 5 // 100:
        wrong += [f"{name}: {length} lines" for length, name in long]
    return wrong if lengths else ["no functions found"]


def files_are_short():
    return [f"{p}: {TEXT[p].count(chr(10))} lines" for p in C_FILES + [q for q in TEXT if q.suffix in (".py", ".sh")]
            if TEXT[p].count("\n") > FILE_LINES_MAX]


def nothing_is_left_unfinished():
    return found_in([p for p in TEXT if p.suffix != ".csv"], UNFINISHED, raw_lines)


def no_path_of_one_machine():
    return found_in([p for p in TEXT if p.parts[0] not in ("tests", "fuzz", "bench", "LICENSE")], MACHINE_PATH,
                    raw_lines)


def no_mutable_state():
    """Library code keeps nothing between calls: no variable in a section that can be written."""
    archives = sorted(BUILD.glob("src/*/lib*.a"))
    wrong = []
    for archive in archives:
        listed = subprocess.run(["objdump", "-t", archive], capture_output=True, text=True).stdout
        member = ""
        for line in listed.splitlines():
            if ":     file format" in line:
                member = Path(line.split(":")[0]).name
            m = re.search(r" (\.data|\.bss|\*COM\*)\S*\t\S+ (.*)$", line)
            is_section = m and m.group(2).startswith(".")
            if m and not is_section and ".data.rel.ro" not in line \
                    and (member, re.sub(r"\.\d+$", "", m.group(2))) not in ONCE:
                wrong.append(f"{member}: {m.group(2)}")
    return wrong if archives else ["no libraries found"]


def nothing_is_untranslated():
    """Every text of the site is collected, and each language has it whole, with its placeholders."""
    with tempfile.TemporaryDirectory() as folder:
        pot = Path(folder) / "now.pot"
        made = subprocess.run(["bash", ROOT / "po/update.sh", pot], capture_output=True, text=True)
        if made.returncode != 0:
            return [made.stderr.strip()]
        now, kept = pot.read_text("utf-8"), TEXT.get(Path("po/sextant.pot"), "")
    wrong = [] if now == kept else ["po/sextant.pot: not what the source says now; run po/update.sh"]
    wanted = {message for message, _ in messages(kept)}
    for p in [p for p in TEXT if p.suffix == ".po" and p.parent == Path("po")]:
        found = dict(messages(TEXT[p]))
        wrong += [f"{p}: fuzzy or obsolete entries"] if re.search(r"^#, fuzzy|^#~", TEXT[p], re.M) else []
        wrong += [f"{p}: missing: {message}" for message in sorted(wanted - {m for m, text in found.items() if text})]
        wrong += [f"{p}: other placeholders: {message}" for message, text in found.items()
                  if text and set(PLACEHOLDER.findall(message)) != set(PLACEHOLDER.findall(text))]
    return wrong if wanted else ["po/sextant.pot: no texts"]


def laboratories_are_translated():
    """The catalogues of po/labs have every text of the laboratories and courses, as they are now."""
    with tempfile.TemporaryDirectory() as folder:
        pot = Path(folder) / "now.pot"
        made = subprocess.run(["bash", ROOT / "po/labs/update.sh", BUILD / "src/cmd/sextant", pot], capture_output=True, text=True)
        if made.returncode != 0:
            return [made.stderr.strip()]
        now, kept = pot.read_text("utf-8"), TEXT.get(Path("po/labs/labs.pot"), "")
    wrong = [] if now == kept else ["po/labs/labs.pot: not what the laboratories say now; run po/labs/update.sh SEXTANT"]
    wanted = {message for message, _ in messages(kept)}
    for p in [p for p in TEXT if p.suffix == ".po" and p.parent == Path("po/labs")]:
        have = {message for message, text in messages(TEXT[p]) if text}
        wrong += [f"{p}: missing: {message}" for message in sorted(wanted - have)]
    return wrong if wanted else ["po/labs/labs.pot: no texts"]


def every_key_of_a_laboratory_is_explained():
    """What the schema takes, doc/labs.md names: in a span of code, or in an example."""
    source, page = TEXT[Path("src/lab/schema.c")], TEXT[Path("doc/labs.md")]
    keys = set(re.findall(r'^ +(?:CYAML_FIELD_)?[A-Z_]+\(\s*"([a-z0-9-]+)"', source, re.M))
    keys |= set(re.findall(r'^ +\{"([a-z0-9-]+)", LAB_', source, re.M))
    code = "\n".join(re.findall(r"`[^`]+`|^    .*", page, re.M))
    told = set(re.findall(r"[a-z0-9]+(?:-[a-z0-9]+)*", code))
    return sorted(f"doc/labs.md: {key} is not there" for key in keys - told) if len(keys) > 50 else ["schema.c: no keys"]


def messages(text):
    """Pairs of text and translation of a catalogue; the header is left out."""
    for m in re.finditer(r'^msgid ((?:".*"\n)+)msgstr ((?:".*"\n)+)', text, re.M):
        pair = tuple("".join(line[1:-1] for line in part.split("\n")) for part in m.groups())
        if pair[0]:
            yield pair


RULES = [rooms_include_only_rooms_below, headers_guard_themselves, headers_compile_alone, code_is_formatted,
         text_is_clean, every_source_names_its_licence, no_banned_function, library_does_not_print_or_exit,
         functions_are_short, files_are_short, nothing_is_left_unfinished, no_path_of_one_machine,
         nothing_is_untranslated, every_key_of_a_laboratory_is_explained]


def main():
    failed = 0
    for rule in RULES + ([no_mutable_state, laboratories_are_translated] if BUILD else []):
        wrong = rule()
        failed += bool(wrong)
        print("not ok" if wrong else "ok", rule.__name__.replace("_", " "))
        for line in wrong[:40]:
            print("    " + line)
        if len(wrong) > 40:
            print(f"    and {len(wrong) - 40} more")
    return 1 if failed else 0


sys.exit(main())
