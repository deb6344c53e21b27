#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""MRT files against bgpdump, line by line: on real files where they lie beside the project, and on
tables and messages that BIRD and FRR write themselves, in a network namespace of the test's own.

Usage: mrt_test.py SEXTANT [FOLDER-OF-REAL-FILES]
"""

import ipaddress
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from itertools import zip_longest
from pathlib import Path

from tap import plan, report

SEXTANT = sys.argv[1]
REAL = Path(sys.argv[2] if len(sys.argv) > 2
            else Path(__file__).resolve().parents[3] / "shared/data/routing/mrt")
ADDRESSES = (3, 5, 8, 9)  # fields that may hold one


def canonical(line):
    """Addresses as RFC 5952 has them: bgpdump shortens a single zero group."""
    fields = line.rstrip("\n").split("|")
    for i in ADDRESSES:
        if i < len(fields) and ":" in fields[i]:
            address, slash, length = fields[i].partition("/")
            try:
                fields[i] = str(ipaddress.ip_address(address)) + slash + length
            except ValueError:
                pass
    return fields


def aggregators_differ_by_width(theirs, ours):
    """bgpdump takes an aggregator's AS number to have the width of the record's; some routers write
    four octets into a record of two."""
    i = next((i for i, pair in enumerate(zip(theirs, ours)) if pair[0] != pair[1]), None)
    if i is None or theirs[:i] + theirs[i + 1:] != ours[:i] + ours[i + 1:]:
        return False
    (their_as, their_ip), (our_as, our_ip) = theirs[i].split(" "), ours[i].split(" ")
    ours_whole = int(our_as) << 32 | int(ipaddress.ip_address(our_ip))
    return (int(their_as) << 32 | int(ipaddress.ip_address(their_ip))) == ours_whole >> 16


def same(theirs, ours):
    if theirs is None or ours is None:
        return False
    theirs, ours = canonical(theirs), canonical(ours)
    try:
        return theirs == ours or (len(theirs) == len(ours) and aggregators_differ_by_width(theirs, ours))
    except ValueError:
        return False


def compare(name, path, least):
    """Both programs on one file. It ends at the first line that differs."""
    lines = 0
    with subprocess.Popen(["bgpdump", "-m", path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, errors="replace") as theirs, \
            subprocess.Popen([SEXTANT, "mrt", "routes", "--quiet", "--format", "bgpdump", path],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as ours:
        for left, right in zip_longest(theirs.stdout, ours.stdout):
            lines += 1
            if left != right and not same(left, right):
                theirs.kill()
                ours.kill()
                return report(name, f"line {lines}\nbgpdump: {left}\nsextant: {right}")
    report(f"{name}: {lines} lines", None if lines >= least else f"only {lines} lines")


def check_real():
    if not REAL.is_dir():
        return report("real files", skip=f"no folder {REAL}")
    for path in sorted(p for p in REAL.rglob("*") if p.is_file()):
        # Written by a BIRD that gave its paths identifiers without saying so: bgpdump reads
        # prefixes from them that nobody announced.
        if path.name == "bird6_bgp":
            ours = subprocess.run([SEXTANT, "mrt", "routes", "-qf", "csv", path], capture_output=True, text=True)
            rows = [line for line in ours.stdout.splitlines() if ",announced," in line]
            wrong = [row for row in rows if not row.split(",")[4].startswith("fd0") or not row.split(",")[5]]
            report(path.name, None if rows and not wrong else "\n".join(wrong) or "no rows")
            continue
        compare(path.name, str(path), 5)


# ---- tables that routers write

NETNS = f"sextant-mrt-{os.getpid()}"


def inside(*command, **how):
    return subprocess.Popen(["ip", "netns", "exec", NETNS, *command], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL, **how)


def make_namespace():
    done = subprocess.run(["ip", "netns", "add", NETNS], capture_output=True, text=True)
    if done.returncode != 0:
        return done.stderr.strip() or "no network namespaces"
    for command in ("link set lo up", "addr add 198.51.100.1/32 dev lo", "addr add 198.51.100.2/32 dev lo",
                    "-6 addr add 2001:db8::1/128 dev lo", "-6 addr add 2001:db8::2/128 dev lo"):
        subprocess.run(["ip", "-n", NETNS, *command.split()], check=False, capture_output=True)
    return None


# Gives what it has to FRR, and dumps its own tables.
BIRD = """
router id 198.51.100.1;
mrtdump protocols all;
mrtdump "{folder}/bird-messages";
protocol device {{}}
protocol static four {{ ipv4; {four} }}
protocol static six {{ ipv6; {six} }}
filter dress {{
    bgp_community.add((64500, 1));
    bgp_community.add((65535, 65281));
    bgp_large_community.add((64500, 7, 4294967295));
    bgp_med = 50;
    if net.len > 30 then bgp_path.prepend(4200000000);
    accept;
}}
protocol bgp frr {{
    local 198.51.100.1 port 1790 as 64500;
    neighbor 198.51.100.2 port 1791 as 64501;
    multihop 2;
    ipv4 {{ import all; export filter dress; add paths on; }};
    ipv6 {{ import all; export filter dress; next hop address 2001:db8::1; add paths on; }};
}}
protocol mrt {{ table "master4"; filename "{folder}/bird-table4"; period 2; }}
protocol mrt {{ table "master6"; filename "{folder}/bird-table6"; period 2; }}
"""

FRR = """
hostname frr
log file {folder}/frr.log
dump bgp all {folder}/frr-messages
dump bgp routes-mrt {folder}/frr-table 2
router bgp 64501
 bgp router-id 198.51.100.2
 no bgp ebgp-requires-policy
 no bgp network import-check
 bgp listen limit 10
 neighbor 198.51.100.1 remote-as 64500
 neighbor 198.51.100.1 port 1790
 neighbor 198.51.100.1 passive
 neighbor 198.51.100.1 ebgp-multihop 2
 neighbor 198.51.100.1 update-source 198.51.100.2
 address-family ipv4 unicast
  network 203.0.113.0/25
  aggregate-address 192.0.2.0/24
 exit-address-family
 address-family ipv6 unicast
  neighbor 198.51.100.1 activate
  network 2001:db8:f000::/36
 exit-address-family
"""


def start_routers(folder):
    four = " ".join(f"route 192.0.2.{i}/32 blackhole;" for i in range(0, 200)) + \
        " route 198.51.100.128/25 blackhole; route 203.0.113.128/25 blackhole;"
    six = " ".join(f"route 2001:db8:{i:x}::/{48 if i % 2 else 64} blackhole;" for i in range(1, 300))
    (folder / "bird.conf").write_text(BIRD.format(folder=folder, four=four, six=six))
    (folder / "frr.conf").write_text(FRR.format(folder=folder))
    shutil.chown(folder, "frr", "frr")
    folder.chmod(0o777)
    return [inside("bird", "-f", "-c", str(folder / "bird.conf"), "-s", str(folder / "bird.ctl")),
            inside("/usr/lib/frr/bgpd", "-f", str(folder / "frr.conf"), "-i", str(folder / "frr.pid"),
                   "-p", "1791", "-l", "198.51.100.2", "-Z", "-n", "--vty_socket", str(folder), "-S")]


def table_lines(path):
    if not path.exists() or path.stat().st_size == 0:
        return 0
    done = subprocess.run([SEXTANT, "mrt", "routes", "-qf", "bgpdump", path], capture_output=True)
    return done.stdout.count(b"|B|")


def settle(folder):
    """Until both have each other's routes in what they dump, or a minute and a half."""
    for _ in range(180):
        time.sleep(0.5)
        if table_lines(folder / "frr-table") > 450 and table_lines(folder / "bird-table6") > 299 and \
                table_lines(folder / "bird-table4") > 202:
            return
    return


def stop(processes):
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def check_routers():
    for program in ("bird", "ip", "/usr/lib/frr/bgpd"):
        if not shutil.which(program):
            return report("tables of BIRD and FRR", skip=f"no {program} here")
    why = make_namespace()
    if why:
        return report("tables of BIRD and FRR", skip=why)
    folder = Path(tempfile.mkdtemp(prefix="sextant-mrt-"))
    try:
        processes = start_routers(folder)
        settle(folder)
        stop(processes)
        for name, least in (("bird-table4", 203), ("bird-table6", 300), ("frr-table", 450),
                            ("frr-messages", 400), ("bird-messages", 5)):
            if (folder / name).exists():
                compare(name, str(folder / name), least)
            else:
                report(name, "it was not written")
    finally:
        subprocess.run(["ip", "netns", "del", NETNS], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


def main():
    os.environ["PATH"] += ":/usr/sbin:/sbin"
    if shutil.which("bgpdump"):
        check_real()
        check_routers()
    else:
        report("against bgpdump", skip="no bgpdump here")
    return plan()


sys.exit(main())
