#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Laboratories, as a student and a teacher run them. Nothing may be left behind, whatever is killed.

Usage: lab_test.py PROGRAM
"""

import contextlib
import json
import os
import platform
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from hosts import until
from tap import expect, plan, report

PROGRAM = Path(sys.argv[1]).resolve()
WORK = Path(tempfile.mkdtemp(prefix="sextant-lab-"))
RUN = WORK / "run"
ENVIRONMENT = dict(os.environ, SEXTANT_RUN=str(RUN), COLUMNS="100", LC_ALL="C.UTF-8")


def sextant(*arguments, wait=120, environment=ENVIRONMENT):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=wait, env=environment)


def works(what, *arguments, status=0, said=None, **more):
    done = sextant(*arguments, **more)
    holds = done.returncode == status and (said is None or re.search(said, done.stdout + done.stderr))
    expect(what, holds, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def lab(name, text, **files):
    folder = WORK / name
    folder.mkdir()
    (folder / "lab.yaml").write_text(text)
    for file, content in files.items():
        (folder / file).write_text(content)
    return str(folder)


def processes():
    """Of laboratories: keepers, first processes of nodes, and whatever is in their namespaces."""
    own = os.readlink("/proc/self/ns/net")
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            if f"SEXTANT_RUN={RUN}".encode() in environment and os.readlink(entry / "ns/net") != own:
                found.append((int(entry.name), (entry / "comm").read_text().strip()))
        except OSError:
            continue
    return found


def state(name):
    return (RUN / name / "state").read_text()


def keeper(name):
    return int(re.search(r"^keeper (\d+)$", state(name), re.M).group(1))


def interfaces():
    """Those that a laboratory makes; others on this machine come and go."""
    return [name for name in os.listdir("/sys/class/net") if re.match(r"(lan|wan|to-|[bpoqw]\d+\.)", name)]


def mounts():
    return [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if str(WORK) in line]


def gone(what, before, patience=5):
    until(lambda: not processes(), patience)
    left = processes()
    now = (interfaces(), mounts())
    names = [p.name for p in RUN.iterdir()] if RUN.exists() else []
    expect(what, not left and now == before and not names, f"{left} {now} {before} {names}")


PAIR = """title: A pair
nodes:
  - name: a
    interfaces: [{name: eth0, addresses: ["2001:db8::1/64", "192.0.2.1/24"]}]
    SERVICE
  - name: b
    interfaces: [{name: eth0, addresses: ["2001:db8::2/64", "192.0.2.2/24"]}]
links:
  - {name: wire, ends: ["a:eth0", "b:eth0"]LINK}
tasks:
  - name: t
    title: T
    checks:
      - {name: c, title: C, node: a, within: WITHIN, CHECK}
CHANGE
"""


def pair(name, check='ping: {to: "2001:db8::2"}', service="", link="", change="", within="1s"):
    text = PAIR.replace("SERVICE", service).replace("LINK", link).replace("CHECK", check).replace("CHANGE", change)
    text = text.replace("WITHIN", within)
    return lab(name, text)


def what_a_student_does():
    before = (interfaces(), mounts())
    works("all laboratories are listed", "lab", "list", said="static-routing")
    works("its story is told", "lab", "show", "static-routing", said="clinic")
    works("the ways to have what it needs are told", "lab", "show", "nat64", said="- NAT64: own:nat64, program:tayga")
    works("a laboratory comes up", "lab", "up", "static-routing", said="5 nodes, 4 links")
    works("the story of what is up", "lab", "show", said="clinic")
    works("it is up already", "lab", "up", "static-routing", status=2, said="is up already")
    works("a second copy beside it", "lab", "up", "static-routing", "--as", "second")
    works("which of the two must be said", "lab", "check", status=2, said="--lab")
    works("whose story too", "lab", "show", status=2, said="the name of a laboratory was wanted")
    works("nothing holds before the work", "lab", "check", "--lab", "second", status=1, said="failed")
    done = sextant("lab", "enter", "--lab", "second", "ra", "sh", "-c", "hostname; ls /sys/class/net; exit 7")
    expect("a command in a node", done.returncode == 7 and done.stdout.split() == ["ra", "lan0", "lo", "wan0"], done)
    works("a command after --", "lab", "enter", "--lab", "second", "ra", "--", "hostname", said="ra")
    works("a service that is not there", "lab", "service", "start", "ha", "web", "--lab", "second", status=2,
          said='node ha has no service "web"')
    works("nor has its log", "lab", "log", "ha", "web", "--lab", "second", status=2, said='node ha has no service "web"')
    done = sextant("lab", "enter", "--lab", "second", "ha", "ip", "-6", "route", "add", "default", "via",
                   "2001:db8:a:1::1")
    done = sextant("lab", "check", "hosts", "--lab", "second", "--format", "json")
    rows = {r["name"]: r["result"] for r in json.loads(done.stdout)["rows"]}
    expect("what the student did is seen, and only that",
       rows == {"ha-default": "passed", "hb-default": "failed", "ha-router": "passed"}, rows)
    done = sextant("lab", "enter", "--lab", "second", "ha", "touch", "/etc/written")
    expect("the machine's files cannot be written", done.returncode != 0 and not Path("/etc/written").exists(), done)
    done = sextant("lab", "enter", "--lab", "second", "ha", "sh", "-c", "ls /dev; test -w /proc/sys/kernel/hostname;"
                   "echo $?; mount -o bind,remount,rw / 2>/dev/null; echo $?; mount -t proc p /tmp 2>/dev/null; echo $?")
    expect("its root has no disks, no settings but the network's, no way to mount it otherwise",
       not re.search("sda|vda|nvme|loop|mem", done.stdout) and re.findall(r"^\d+$", done.stdout, re.M)[0] == "1"
       and "0" not in re.findall(r"^\d+$", done.stdout, re.M), done)
    works("the solution solves it", "lab", "solve", "--lab", "second")
    works("all points", "lab", "grade", "--lab", "second", said="13 of 13 points")
    works("a fault", "lab", "break", "circles", "--lab", "second")
    done = works("the fault is found", "lab", "check", "unused", "--lab", "second", status=1)
    expect("a packet in circles ends with its hops", "hop limit exceeded" in done.stdout, done.stdout)
    works("an unknown fault", "lab", "break", "nothing", "--lab", "second", status=2, said="no variant")
    works("from the start again", "lab", "reset", "--lab", "second")
    works("the default routes are lost", "lab", "check", "hosts", "--lab", "second", status=1)
    kept = WORK / "kept.pcap"
    kept.write_text("an earlier capture")
    works("a filter that is none", "lab", "capture", "line-a", str(kept), "--filter", "no (", "--lab", "second", status=3,
          said="filter expression")
    expect("what was captured before is still there", kept.read_text() == "an earlier capture", kept.read_text())
    works("both go", "lab", "down", "--all")
    gone("nothing is left", before)
    works("nothing is up", "lab", "check", status=2, said="no laboratory is up")


def what_a_teacher_does():
    before = (interfaces(), mounts())
    works("a new laboratory", "lab", "new", str(WORK / "mine"))
    done = works("it is whole", "lab", "test", str(WORK / "mine"), "--junit", str(WORK / "mine.xml"))
    import xml.etree.ElementTree as tree
    suite = tree.parse(WORK / "mine.xml").getroot()[0]
    expect("JUnit has its cases", suite.get("failures") == "0" and int(suite.get("tests")) == len(suite) >= 5,
       (WORK / "mine.xml").read_text())
    drawing = tree.fromstring(sextant("lab", "show", "static-routing", "--format", "svg").stdout)
    texts = [t.text for t in drawing.iter("{http://www.w3.org/2000/svg}text")]
    expect("every node is drawn", {"ha", "ra", "rp", "rb", "hb"} <= set(texts), texts)
    works("a name that it could not have", "lab", "new", str(WORK / "Bad_Name"), status=2, said="names no laboratory")
    expect("is not written", not (WORK / "Bad_Name").exists())
    handed = WORK / "handed"
    for student, commands in (("ana", "ip -6 route add default via 2001:db8:a:1::1"), ("ben", "false")):
        (handed / student / "ha").mkdir(parents=True)
        (handed / student / "ha" / "commands").write_text(commands + "\n")
    (handed / "eve" / "ha").mkdir(parents=True)
    (handed / "eve" / "ha" / "x").symlink_to("/etc/shadow")
    done = sextant("lab", "grade", "--class", str(handed), "static-routing", "--format", "json")
    rows = {r["student"]: r for r in json.loads(done.stdout)["rows"]} if done.returncode == 0 else {}
    expect("a class is graded", rows.get("ana", {}).get("points") == 2 and rows["ben"]["points"] == 0, done)
    expect("what went wrong is told", "status 1" in rows["ben"]["failed"] and "eve" in rows
       and "symbolic" in rows["eve"]["failed"], rows)
    for i in range(6):
        shutil.copytree(handed / ("ana" if i % 2 else "ben"), handed / f"n{i}")
    grading = subprocess.Popen([PROGRAM, "lab", "grade", "--class", str(handed), "static-routing", "--together", "4",
                                "--format", "csv"], env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
    most = 0
    while grading.poll() is None:
        most = max(most, len(os.listdir(RUN)))
    said = grading.stdout.read()
    expect("several are graded side by side, no more than was said", 1 < most <= 4, most)
    points = [row.split(",")[:2] for row in said.splitlines() if re.match("(ana|ben|n[0-9]),", row)]
    expect("in the order of their names, each with the student's own points",
       points == [["ana", "2"], ["ben", "0"]] + [[f"n{i}", "2" if i % 2 else "0"] for i in range(6)], said)
    done = sextant("lab", "grade", "--class", str(handed), "static-routing", "--together", "1", "--format", "csv")
    expect("one after the other gives the same", done.stdout == said, done.stdout + said)
    works("only a class is graded together", "lab", "grade", "--together", "2", status=2, said="--class")
    for i in range(6):
        shutil.rmtree(handed / f"n{i}")
    page = (WORK / "class.html")
    (handed / "<b>zoe" / "ha").mkdir(parents=True)
    works("a page of the class", "lab", "grade", "--class", str(handed), "static-routing", "--page", str(page))
    text = page.read_text() if page.exists() else ""
    expect("the page has each student, escaped, and what failed", "<bdi>&lt;b&gt;zoe</bdi>" in text and "<b>" not in text
       and re.search(r"<bdi>ana</bdi></th><td class=\"n\">2</td>", text)
       and "<li>hb has a default route through rb</li>" in text, text)
    expect("it says why nothing was checked", re.search(r"<bdi>eve</bdi>.*?Nothing was checked: [^<]*symbolic", text, re.S), text)
    expect("and how many passed", re.search(r">ha has a default route through ra</th>\s*<td class=\"n\">1</td><td class=\"n\">1</td>", text), text)
    works("a page without a class", "lab", "grade", "--page", str(page), status=2, said="--class")
    gone("nothing is left of the class", before)


WAY = "ip -6 route add default via 2001:db8:a:1::1"


def what_students_hand_in():
    before = (interfaces(), mounts())
    handed = WORK / "odd"

    def hand_in(student, commands, node="ha", file="commands"):
        (handed / student / node).mkdir(parents=True)
        (handed / student / node / file).write_bytes(commands.encode())
    hand_in("windows", "\ufeff" + WAY + "\r\n")
    hand_in("link-local", "ip -6 route add default via fe80::ff:fe00:201 dev eth0")
    hand_in("other-router", "ip -6 route add default via fe80::ff:fe00:301 dev eth0")
    hand_in("background", WAY + "\nsleep 1000 &\n")
    hand_in("editor", WAY)
    (handed / "editor/ha/commands~").write_text("false")
    hand_in("=1+1", WAY)
    hand_in("around", WAY, node="work/ha")
    hand_in("without-end", "f() { f | f & }\nf\nexit 0")
    hand_in("too-big", "", file="empty")
    os.truncate(handed / "too-big/ha/empty", 1 << 30)
    (handed / "nothing").mkdir()
    (handed / "elsewhere").symlink_to("/etc")
    (handed / "etc").mkdir()
    (handed / "etc/ha").symlink_to("/etc")
    (handed / "pipe/ha").mkdir(parents=True)
    os.mkfifo(handed / "pipe/ha/commands")
    if not has_groups():
        shutil.rmtree(handed / "without-end")
    done = sextant("lab", "grade", "--class", str(handed), "static-routing", "--format", "json")
    rows = {r["student"]: r for r in json.loads(done.stdout)["rows"]} if done.returncode == 0 else {}
    expect("the class is graded", len(rows) == len(os.listdir(handed)), done)
    right = {s for s, r in rows.items() if r["hosts"] == 2}
    expect("a right answer is one however it was written",
           right == {"windows", "link-local", "background", "editor", "=1+1"}, rows)
    told = {"around": 'no node is called "work"; ha-default', "nothing": "nothing was handed in; ha-default",
            "too-big": "No space left", "elsewhere": "symbolic", "etc": "ha is a symbolic link", "pipe": "is no file"}
    expect("what was not looked at, and why, is told", all(said in rows[s]["failed"] for s, said in told.items()), rows)
    page = WORK / "odd.html"
    done = works("the same as CSV and page", "lab", "grade", "--class", str(handed), "static-routing", "--format", "csv",
                 "--page", str(page), "--lang", "ar")
    expect("a name is no formula", "\n'=1+1,2" in done.stdout, done.stdout)
    text = page.read_text()
    expect("the page tells it too", '<p><span lang="en" dir="ltr">nothing was handed in</span></p>' in text, text)
    expect("in Arabic, from right to left", '<html lang="ar" dir="rtl">' in text and "التوجيه الثابت: نتائج صف</title>" in text, text)
    gone("nothing is left of the odd ones", before)


def begin_what_takes_long():
    """A student's commands that never end; they are waited for a minute, in a place of their own."""
    handed = WORK / "sleeper"
    (handed / "ann" / "ha").mkdir(parents=True)
    (handed / "ann" / "ha" / "commands").write_text("sleep 1000\n")
    return subprocess.Popen([PROGRAM, "lab", "grade", "--class", str(handed), "static-routing", "--format", "csv"],
                            env=dict(ENVIRONMENT, SEXTANT_RUN=str(WORK / "slow")), stdout=subprocess.PIPE, text=True)


def end_what_takes_long(grading):
    said = grading.communicate(timeout=120)[0]
    expect("commands that never end are ended", "ha: its commands are not done after 60 s" in said, said)
    expect("nothing is left of them", os.listdir(WORK / "slow") == [], os.listdir(WORK / "slow"))


def what_is_read_in_other_languages():
    sextant("lab", "up", "static-routing")
    done = sextant("lab", "show", "static-routing", "--hints", "--lang", "fr")
    expect("lab show in French, with its headings", all(word in done.stdout for word in (
        "Réseau", "Ce qui est vérifié", "Indices", "Pour commencer", "30 minutes")) and "Network" not in done.stdout, done.stdout)
    works("and what it needs", "lab", "show", "firewall", "--lang", "fr", said="filtre de paquets: program:nft")
    for command, words in (("check", ("Constaté", "ha atteint son routeur", "une réponse après", "il n’y a pas de telle route")),
                           ("grade", ("Points  Sur", "sur 13 points", "Les hôtes connaissent leur routeur")),
                           ("status", ("en marche", "s’exécute en")), ("break", ("Ce qui ne va pas", "Les hôtes n’ont pas")), ("list", ("Durée", "Routage statique"))):
        done = sextant("lab", command, "--lang", "fr")
        expect(f"lab {command} in French", all(word in done.stdout for word in words), done.stdout)
    done = sextant("lab", "check", environment=dict(ENVIRONMENT, COLUMNS="80"))
    expect("what was found stands beside its check", done.stdout.count("Task") == 1
       and max(map(len, done.stdout.splitlines())) <= 80, done.stdout)
    sextant("lab", "down")


THREE = """title: Three at a switch
nodes:
  - {name: a, interfaces: [{name: eth0, addresses: ["2001:db8::1/64"]}]}
  - {name: b, interfaces: [{name: eth0, addresses: ["2001:db8::2/64 valid 600", "192.0.2.2/24"]}]}
  - {name: c, interfaces: [{name: eth0, addresses: ["2001:db8::3/64"]}]}
links: [{name: lan, ends: ["a:eth0", "b:eth0", "c:eth0"], delay: 20ms, back: {delay: 10ms}}]
tasks:
  - name: t
    title: T
    checks:
      - {name: b, title: B, node: a, within: 10s, ping: {to: "2001:db8::2"}}
      - {name: c, title: C, node: a, within: 10s, ping: {to: "2001:db8::3"}}
"""


def what_a_slow_switch_does():
    works("a switch with a delay comes up", "lab", "up", lab("three", THREE), said="3 nodes, 1 link")
    done = works("its three ends reach each other", "lab", "check", "--format", "csv")
    late = [float(ms) for ms in re.findall(r"after ([\d.]+) ms", done.stdout)]
    expect("each way takes what it is to take", len(late) == 2 and min(late) >= 59, done.stdout)
    works("addresses are told apart", "lab", "show", said="b eth0: 2001:db8::2/64 valid 600, 192.0.2.2/24")
    sextant("lab", "down")


def what_is_tentative_first():
    sextant("lab", "up", "first-hop")
    done = sextant("lab", "enter", "printer", "ip", "-6", "address", "show", "dev", "eth0")
    expect("it is up when its addresses are there", "2001:db8:1::77" in done.stdout and "tentative" not in done.stdout,
       done.stdout)
    sextant("lab", "down")


VACUOUS = """title: Vacuous
nodes: [{name: a}, {name: b}]
links: [{name: w, ends: ["a:eth0", "b:eth0"]}]
tasks:
  - name: t
    title: T
    checks:
      - {name: up, title: U, node: a, before: passes, within: 100ms, command: {run: ["true"]}}
      - {name: route, title: R, node: a, within: 100ms, route: {to: "::/0"}}
solution: [{step: s, node: a, routes: ["default dev eth0"]}]
variants: [{name: v, title: V, omit: [s]}]
"""


def what_a_trial_refuses():
    done = works("a check that cannot fail", "lab", "test", lab("vacuous", VACUOUS), "--format", "csv", status=1)
    failed = [line for line in done.stdout.splitlines() if ",failed," in line]
    expect("only that one", len(failed) == 1 and "can fail: up" in failed[0], done.stdout)
    works("in French too", "lab", "test", WORK / "vacuous", "--lang", "fr", status=1, said="aucune variante")
    done = works("a variant that nothing finds", "lab", "test", "--format", "csv", lab("blind", VACUOUS.replace(
        "omit: [s]", "change: [{node: b, routes: [\"default dev eth0\"]}]")), status=1)
    expect("it is named", "variant v,failed" in done.stdout, done.stdout)
    done = works("a solution that does not solve", "lab", "test", "--format", "csv", lab(
        "unsolved", VACUOUS.replace("node: a, routes", "node: b, routes")), status=1)
    expect("the check is named", "solution: route,failed" in done.stdout, done.stdout)
    done = works("a machine that lacks something", "lab", "test", "--format", "csv", lab(
        "lacking", VACUOUS + "needs: [{feature: magic, ways: [\"program:no-such-program\", \"own:magic\"]}]\n"),
        status=77)
    expect("it is skipped, not passed", ",skipped," in done.stdout and ",passed," not in done.stdout, done.stdout)


def probe(what, name, check, passes, **more):
    # What is to come may take its time on a busy machine; what is not to come is waited for.
    folder = pair(name, check, within="10s" if passes else "1s", **more)
    up = sextant("lab", "up", folder)
    done = sextant("lab", "check", "--format", "csv")
    expect(what, up.returncode == 0 and done.returncode == (0 if passes else 1), f"{up}\n{done}")
    down = sextant("lab", "down")
    if down.returncode:
        expect(f"{what}: down", False, down)
    return done


ANSWERS = ("services: [{name: web, run: [python3, -u, -c, \"import http.server as h; h.test(HandlerClass="
           "h.SimpleHTTPRequestHandler, port=8080, bind='::')\"], ready: {within: 20s, tcp: {to: '::1', port: 8080}}}]")


def what_probes_see():
    probe("a ping", "p1", 'ping: {to: b}', True)
    probe("a ping of IPv4", "p2", 'ping: {to: "192.0.2.2"}', True)
    probe("a ping to nobody", "p3", 'ping: {to: "2001:db8::9"}', False)
    probe("a reply where silence is wanted", "p4", 'twin: d, ping: {to: b, expect: silence}}\n      '
          '- {name: d, title: D, node: a, ping: {to: b}', False)
    probe("silence counts only with its twin", "p5", 'twin: d, ping: {to: "2001:db8::9", expect: none}}\n      '
          '- {name: d, title: D, node: a, within: 200ms, ping: {to: "2001:db8::8"}', False)
    probe("a closed port", "p6", 'tcp: {to: b, port: 80, expect: refused}', True)
    probe("an open port where none is", "p7", 'tcp: {to: b, port: 80}', False)
    probe("a web server", "p8", 'http: {url: "http://[2001:db8::1]:8080/", contains: Directory}', True, service=ANSWERS)
    probe("another status", "p9", 'http: {url: "http://[::1]:8080/none", status: 200}', False, service=ANSWERS)
    probe("a service that runs", "p10", 'service: {name: web}', True, service=ANSWERS)
    probe("packets on a link", "p11",
          'ping: {to: b}, capture: {at: "b:eth0", filter: "icmp6 and ip6[40] = 128", least: 1, most: 1}', True)
    probe("packets that are not there", "p12",
          'ping: {to: b}, capture: {at: "b:eth0", filter: "udp port 53", least: 1}', False)
    probe("an address", "p13", 'address: {in: "2001:db8::/64", state: preferred, origin: static}', True)
    probe("an address that is not there", "p14", 'address: {in: "2001:db8:1::/64"}', False)
    probe("a route on the link", "p15", 'route: {to: "2001:db8::/64", interface: eth0}', True)
    probe("a lookup without a way", "p16", 'route: {to: "2001:db8:9::1"}', False)
    probe("a neighbour", "p17", 'ping: {to: b}}\n      - {name: d, title: D, node: a, '
          'neighbour: {address: "2001:db8::2", mac: "02:00:00:00:02:01"}', True)
    probe("a setting", "p18", 'sysctl: {name: net.ipv6.conf.all.forwarding, is: "0"}', True)
    probe("the names of nodes", "p19", 'file: {path: /etc/hosts, contains: "2001:db8::2 b", lacks: nobody}', True)
    probe("a command's words", "p20", 'command: {run: [hostname], contains: a}', True)
    probe("a command's status", "p21", 'command: {run: ["false"]}', False)
    sextant("lab", "up", pair("p22", "ping: {to: b}", link=", delay: 20ms, back: {delay: 10ms}", within="10s"))
    took = [re.search(r"after ([\d.]+) ms", sextant("lab", "check", "--format", "csv").stdout) for _ in range(5)]
    sextant("lab", "down")
    fastest = min([float(t.group(1)) for t in took if t], default=0)
    expect("delay both ways takes the sum", 30 <= fastest < 95, fastest)
    probe("a line that loses everything", "p23", "ping: {to: b}", False, link=", loss: 100%")
    probe("a line that loses nothing on the way there, all on the way back", "p24",
          'ping: {to: b, expect: none}, twin: d}\n      - {name: d, title: D, node: a, address: {in: "2001:db8::1"}, '
          'capture: {at: "b:eth0", filter: icmp6, least: 1}', True, link=", back: {loss: 100%}")
    done = probe("a command that never ends", "p26", 'command: {run: [sleep, "1000"]}', False)
    expect("is told", "sleep is not done in time" in done.stdout, done.stdout)
    probe("a pipe on which nothing comes", "p27", 'file: {path: /run/lab/pipe}', False,
          service="services: [{name: p, run: [sh, -c, 'mkfifo pipe; exec sleep 1000 <>pipe'], "
          "ready: {command: {run: [test, -p, /run/lab/pipe]}}}]")
    done = probe("a check without its twin", "p28", 'twin: d, ping: {to: "2001:db8::9", expect: none}}\n      '
                 '- {name: d, title: The wire works, node: a, within: 200ms, ping: {to: "2001:db8::8"}', False)
    expect("says which, by its title", "not counted, as this fails: The wire works" in done.stdout, done.stdout)
    probe("a next hop by its link-local address", "p29", 'route: {to: "2001:db8:9::/48", via: "2001:db8::2"}', True,
          service="routes: [\"2001:db8:9::/48 via fe80::ff:fe00:201 dev eth0\"]")
    probe("another next hop", "p30", 'route: {to: "2001:db8:9::/48", via: "2001:db8::2"}', False,
          service="routes: [\"2001:db8:9::/48 via fe80::ff:fe00:301 dev eth0\"]")
    probe("what is too big is swallowed", "p25", "ping: {to: b, size: 1400, whole: true}", False,
          link=", mtu: 1500, back: {mtu: 1300}")


def has_groups():
    return os.geteuid() == 0 and any(os.access(f"/sys/fs/cgroup{place}/cgroup.procs", os.W_OK) for place in ("", "/pids"))


def what_is_limited():
    if not has_groups():
        print("# no control groups to limit with")
        return
    service = "processes: 12\n    services: [{name: many, run: [sh, -c, 'for i in $(seq 40); do sleep 99 & done; wait']}]"
    sextant("lab", "up", pair("g1", service=service))

    def running():
        return int(sextant("lab", "enter", "a", "sh", "-c", "ps ax | grep -c 's[l]eep 99'").stdout or 0)
    until(running)
    time.sleep(0.5)
    expect("a node has no more processes than it may", 0 < running() < 13, running())
    sextant("lab", "down")
    left = [str(p) for p in Path("/sys/fs/cgroup").glob("*sextant-g1*")] + \
        [str(p) for p in Path("/sys/fs/cgroup").glob("*/sextant-g1*")]
    expect("no control group is left", not left, left)


def what_is_refused():
    before = (interfaces(), mounts())
    works("a program that is not there", "lab", "up", pair("r1", service="services: [{name: s, run: [no-such-program], "
          "ready: {tcp: {to: \"::1\", port: 1}}}]"), status=4, said="no-such-program")
    works("without a probe too", "lab", "up", pair("r8", service="services: [{name: s, run: [no-such-program]}]"),
          status=4, said="a: s cannot start: this machine has no program no-such-program")
    works("a name that the kernel keeps for itself", "lab", "up", lab("r9", "title: T\nnodes: [{name: a}, {name: b}]\n"
          "links: [{name: w, ends: ['a:all', 'b:eth0']}]\n"), status=3, said="lab.yaml:3: .*a:all")
    (WORK / "r10").mkdir()
    os.mkfifo(WORK / "r10" / "lab.yaml")
    works("a pipe", "lab", "up", str(WORK / "r10"), status=3, said="is no file")
    works("a service that ends", "lab", "up", pair("r2", service="services: [{name: s, run: [sh, -c, "
          "'echo port in use; exit 3'], ready: {tcp: {to: \"::1\", port: 1}}}]"), status=4,
          said="has ended with status 3; it said: port in use")
    works("a service that is never ready", "lab", "up", pair("r3", service="services: [{name: s, run: [sleep, '99'], "
          "ready: {within: 300ms, tcp: {to: \"::1\", port: 1}}}]"), status=4,
          said="s is not ready in time: nothing answers at TCP port 1")
    works("a route to nowhere", "lab", "up", pair("r4", service="routes: [\"default via 2001:db8:7::1\"]"), status=4,
          said="a: cannot add the route default via 2001:db8:7::1: No route to host")
    works("a setting that is not there", "lab", "up", pair("r5", service="sysctls: [net.no.such=1]"), status=4,
          said="net.no.such=1")
    works("a folder that is no laboratory", "lab", "up", str(WORK), status=4)
    works("a name that would lead elsewhere", "lab", "up", str(WORK / "r1"), "--as", "../r1", status=2, said="1 to 40 letters")
    works("a name from nowhere", "lab", "up", "no-such-lab", status=2, said="no laboratory")
    works("a link out of the folder", "lab", "up", lab("r6", "title: T\nnodes: [{name: a, firewall: passwd}]\n"),
          status=3, said="lab.yaml:2: .*passwd")
    (WORK / "r7").mkdir()
    (WORK / "r7" / "x").symlink_to("/etc/passwd")
    (WORK / "r7" / "lab.yaml").write_text("title: T\nnodes: [{name: a, files: [{name: x, from: x}]}]\n")
    works("a symbolic link out of the folder", "lab", "up", str(WORK / "r7"), status=3, said="lab.yaml:2: ")
    gone("nothing is left of what failed", before)


def needs(daemon):
    return f"needs: [{{feature: {daemon}, ways: ['own:{daemon}']}}]"


def what_an_ordinary_user_hears():
    run = WORK / "ordinary"
    run.mkdir(mode=0o777)
    os.chmod(WORK, 0o755)
    os.chmod(run, 0o777)
    environment = dict(ENVIRONMENT, SEXTANT_RUN=str(run / "run"))

    def ordinary(*arguments):
        return subprocess.run([PROGRAM, "lab", *arguments], capture_output=True, text=True, env=environment, user=65534,
                              group=65534, extra_groups=[])
    able = os.geteuid() == 0 and ordinary("up", pair("o1")).returncode == 0
    if not able:
        print("# no other user to run it as")
        return
    expect("it runs as an ordinary user", "as an ordinary user" in ordinary("status").stdout, ordinary("status"))
    ordinary("down")
    opened = subprocess.run(["sh", "-c", "exec 3<> /dev/net/tun"], stderr=subprocess.DEVNULL, user=65534, group=65534, extra_groups=[])
    for name, may in (("sink", True), ("siit", opened.returncode == 0)):
        done = ordinary("up", pair(f"needs-{name}", change=needs(name)))
        expect(f"whether it may have {name} is known before", done.returncode == (0 if may else 1) and
               ("/dev/net/tun)" in done.stderr) != may, done)
        ordinary("down")
    done = ordinary("up", pair("o2", service="services: [{name: s, run: [sh, -c, 'echo Operation not permitted; exit 1'], "
                               "ready: {tcp: {to: \"::1\", port: 1}}}]"))
    expect("what needs more is told", done.returncode == 4 and done.stderr.endswith("as root it may work\n"), done)
    expect("nothing is left of it", os.listdir(run / "run") == [], os.listdir(run / "run"))


WAYS = """title: Two ways
needs: [{feature: nothing, ways: ["program:no-such-program", "program:sleep", "program:sh"]}]
nodes:
  - name: a
    services:
      - {name: s, way: "program:sh", run: [sh, -c, "echo by sh > /run/way; exec sleep 1000"], ready: READY}
      - {name: s, way: "program:sleep", run: [sh, -c, "echo by sleep > /run/way; exec sleep 1000"], ready: READY}
  - {name: b}
links: [{name: w, ends: ["a:eth0", "b:eth0"]}]
tasks:
  - name: t
    title: T
    checks: [{name: c, title: C, node: a, within: 3s, service: {name: s, stopped: true}}]
solution: [{step: s, node: a, stop: [s]}]
variants: [{name: v, title: V, omit: [s]}]
""".replace("READY", "{file: {path: /run/way}}")


def solved(name, *changes, seconds=30):
    """The lab with these changes of node a as its solution, brought up, solved and down again."""
    change = "solution:" + "".join(f"\n  - {{node: a, {c}}}" for c in changes)
    path = pair(name, change=change)
    sextant("lab", "up", path)
    try:
        return sextant("lab", "solve", wait=seconds)
    except subprocess.TimeoutExpired as late:
        return late
    finally:
        sextant("lab", "down")


KEYS = """import ctypes, os, platform, sys
call = ctypes.CDLL(None).syscall
add, request, control = {"x86_64": (248, 249, 250), "aarch64": (217, 218, 219)}[platform.machine()]
if sys.argv[1] == "find":
    print("seen" if call(request, b"user", b"sextant", None, 0) > 0 else "unseen")
else:
    call(control, 1, None)
    call(add, b"user", b"sextant", b"secret", 6, -3)
    os.execvp(sys.argv[1], sys.argv[1:])
"""


def what_is_left_open():
    readable, writable = os.pipe()
    subprocess.run([PROGRAM, "lab", "up", pair("open-ends")], pass_fds=[writable], env=ENVIRONMENT, capture_output=True)
    done = subprocess.run([PROGRAM, "lab", "enter", "a", "ls", "/proc/self/fd"], pass_fds=[writable], env=ENVIRONMENT,
                          capture_output=True, text=True)
    expect("who enters takes nothing open along", str(writable) not in done.stdout.split() and "0" in done.stdout.split(), done)
    os.close(writable)
    os.set_blocking(readable, False)
    try:
        rest = os.read(readable, 1)
    except BlockingIOError:
        rest = "a keeper has it"
    expect("nor does what stays up", rest == b"", rest)
    os.close(readable)
    sextant("lab", "down")


def who_types():
    """At a terminal: a shell starts a program in a node, and reads a line when it is left."""
    sextant("lab", "up", pair("typed"))
    inject = "import fcntl, termios; [fcntl.ioctl(0, termios.TIOCSTI, bytes([c])) for c in b'typed by a node\\n']"
    (WORK / "inject.py").write_text(f"import subprocess, sys\nsubprocess.run({[str(PROGRAM), 'lab', 'enter', 'a', sys.executable, '-c', inject]})\n"
                                    "print('read:', input())\n")
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, str(WORK / "inject.py")], ENVIRONMENT)
    said = b""
    while b"Error" not in said and b"read:" not in said and (more := os.read(terminal, 4096)):
        said += more
    os.write(terminal, b"typed by us\n")
    with contextlib.suppress(OSError):
        while more := os.read(terminal, 4096):
            said += more
    os.waitpid(child, 0)
    os.close(terminal)
    # Where no program may type (dev.tty.legacy_tiocsti is 0), the error is another.
    expect("nothing is typed by a node", re.search(rb"(Permission|OS)Error", said) and b"read: typed by us" in said, said)
    sextant("lab", "down")


def who_is_obeyed():
    """Where its folder is not hidden by a node's own /run and /tmp."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        there = dict(ENVIRONMENT, SEXTANT_RUN=f"{folder}/run")
        own = "services: [{name: s, run: [sleep, '1000']}]"
        works("it is up elsewhere", "lab", "up", pair("obeyed", service=own), environment=there)
        ask = "import socket, sys; s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET); s.connect(sys.argv[1]); " \
            "s.send(b'stop a s'); print(s.recv(600).decode())"
        done = sextant("lab", "enter", "b", sys.executable, "-c", ask, f"{folder}/run/obeyed/control", environment=there)
        expect("a keeper does not obey a node", done.stdout == "a node has no say in what runs\n", done)
        works("the service runs", "lab", "status", environment=there, said="s  +ready")
        works("it obeys us", "lab", "service", "stop", "a", "s", environment=there)
        works("it goes", "lab", "down", environment=there)


def whose_keys_are_seen():
    if platform.machine() not in ("x86_64", "aarch64"):
        return
    find = f"{sys.executable} keys.py find"
    check = f"command: {{run: [{sys.executable}, keys.py, find], contains: unseen}}"
    path = pair("keys", check=check, service='files: [{name: keys.py, from: keys.py}]\n    services: [{name: s, run: [sh, -c, '
                f'"{find} > /run/found; exec sleep 1000"], ready: {{file: {{path: /run/found, contains: seen}}}}}}]')
    Path(path, "keys.py").write_text(KEYS)
    script = f"cd {path}; {find}; {PROGRAM} lab up . -q; {PROGRAM} lab enter a cat /run/found; {PROGRAM} lab enter a {find}; " \
        f"{PROGRAM} lab check --format csv | grep -o passed"
    done = subprocess.run([sys.executable, f"{path}/keys.py", "sh", "-c", script], capture_output=True, text=True, env=ENVIRONMENT)
    sextant("lab", "down")
    if done.stdout.startswith("unseen"):
        report("keys of the kernel", skip="this kernel keeps none")
        return
    expect("a node has none of the keys of who brings it up, or enters", done.stdout == "seen\nunseen\nunseen\npassed\n", done)


def what_a_stranger_tries():
    before = (interfaces(), mounts())
    own = 'services: [{name: s, run: [sextant, run, sink, --tcp, "7"], ready: {tcp: {to: "::1", port: 7}}}]'
    works("a daemon of ours is up", "lab", "up", pair("shut-in", service=own))

    def in_node(script):
        return sextant("lab", "enter", "a", "sh", "-c", script)
    done = in_node("for p in /proc/[0-9]*/exe; do chmod --reference=$p $p && echo $p; done; true")
    expect("a node cannot change the programs in it: what keeps it, this one, sh",
           done.stdout == "" and done.stderr.count("Read-only file system") == 3, done)
    done = in_node("touch /run/lab/own; find /proc /run/lab -mindepth 1 -maxdepth 3 \\( -path '/proc/[0-9]*' -o -path /proc/sys \\) -prune -o "
                   "-type f -perm /222 -writable -exec test -f {} \\; -print")
    expect("nor interrupts, buses and drivers", done.stdout == "/run/lab/own\n", done)
    if not os.statvfs("/proc/sys").f_flag & os.ST_RDONLY and os.path.exists("/proc/sys/user/max_cgroup_namespaces"):
        expect("nor control groups, which a namespace of them would show", in_node("unshare -C true").returncode != 0)
    sextant("lab", "down")
    done = solved("led-out", 'commands: "mkdir /run/else; ln -s /run/else led"', "files: [{name: led/out, text: x}]")
    expect("no file is written behind a node's link", "led/out: Not a directory" in str(done.stderr), done)
    done = solved("led-in", 'commands: "mv /run/lab /run/moved; ln -s moved /run/lab"', 'commands: "touch out"')
    expect("nor do commands begin there", "/run/lab: Not a directory" in str(done.stderr), done)
    done = solved("piped", 'commands: "mkfifo pipe"', "files: [{name: pipe, text: x}]")
    expect("nobody waits for a node's pipe", "pipe: No such device" in str(done.stderr), done)
    gone("nothing is left of strangers", before)


def what_has_no_end():
    before = (interfaces(), mounts())
    endless = 'services: [{name: s, run: [sh, -c, "yes; echo over > /run/over; exec sleep 1000"], ' \
        'ready: {within: 20s, file: {path: /run/over}}}]'
    works("who writes without end is stopped", "lab", "up", pair("endless", service=endless))
    log = RUN / "endless" / "log" / "a.s"
    expect("at what the machine can bear", log.stat().st_size == 64 << 20, log.stat())
    sextant("lab", "down")
    gone("nothing is left of it", before)


def what_a_spreadsheet_gets():
    path = pair("formula", check='command: {run: ["true"]}')
    text = Path(path, "lab.yaml").read_text()
    Path(path, "lab.yaml").write_text(text.replace("title: T\n", "title: =T\n").replace("title: C,", 'title: "=1+1",'))
    sextant("lab", "up", path)
    works("no title of a check is a formula", "lab", "check", "--format", "csv", said="\nt,'=1\\+1,passed")
    works("nor that of a task", "lab", "grade", "--format", "csv", said="\n'=T,1")
    sextant("lab", "down")


def what_a_container_hides():
    """A part of /proc is hidden, as container runtimes do: the kernel allows no new one then."""
    path = pair("contained")
    script = f"mount -t tmpfs -o ro none /proc/fs || exit 9; {PROGRAM} lab up -q {path} && {PROGRAM} lab check --format csv; " \
        f"{PROGRAM} lab enter a sh -c 'echo x > /proc/sys/kernel/hostname'; {PROGRAM} lab down"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode == 9 or "unshare:" in done.stderr:
        report("a hidden part of /proc", skip="none can be hidden here")
        return
    expect("a laboratory runs where a part of /proc is hidden", "t,C,passed" in done.stdout, done)
    expect("and nothing but the network's settings is written there", "kernel/hostname: Read-only" in done.stderr, done)


def what_a_container_lacks():
    script = f"mount -t tmpfs none /dev/net || exit 9; {PROGRAM} lab up {pair('no-tun', change=needs('siit'))}"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode == 9 or "unshare:" in done.stderr:
        report("no TUN device", skip="it cannot be hidden here")
        return
    expect("a machine without TUN devices is told from a user without a right", done.returncode == 1 and
           "for this machine has no /dev/net/tun)" in done.stderr, done)


def what_finds_no_room():
    full = WORK / "full"
    full.mkdir()
    script = f"mount -t tmpfs -o nr_inodes=3 none {full} || exit 9; SEXTANT_RUN={full}/run {PROGRAM} lab up {pair('full-up')}; ls {full}/run"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode == 9 or "unshare:" in done.stderr:
        report("a full disk", skip="none can be mounted here")
        return
    expect("a folder that cannot be filled is not left", "run/full-up: No space left" in done.stderr and done.stdout == "", done)


def refuses_folder(what, folder, said):
    done = sextant("lab", "status", environment=dict(ENVIRONMENT, SEXTANT_RUN=str(folder)))
    expect(what, done.returncode == 2 and re.search(said, done.stderr), done)


def whose_folder_it_is():
    folder = WORK / "runs"
    folder.mkdir(mode=0o700)
    (WORK / "file").write_text("")
    refuses_folder("what runs needs a folder", WORK / "file", "is no folder")
    folder.chmod(0o777)
    refuses_folder("of one's own", folder, "others may write there")
    if os.geteuid() != 0:
        return
    folder.chmod(0o755)
    os.chown(folder, 65534, 65534)
    refuses_folder("not another user's", folder, "belongs to another user")
    (WORK / "mine-too").mkdir(mode=0o700)
    (WORK / "led").symlink_to(WORK / "mine-too")
    os.chown(WORK / "led", 65534, 65534, follow_symlinks=False)
    refuses_folder("nor where another user's link leads", WORK / "led", "belongs to another user")


def what_has_several_ways():
    folder = lab("ways", WAYS)
    before = (interfaces(), mounts())

    def taken():
        return sextant("lab", "enter", "a", "cat", "/run/way").stdout.strip()
    works("a laboratory of several ways", "lab", "up", folder)
    expect("the first that is here is taken", taken() == "by sleep", taken())
    works("a service of one name is the one that takes part", "lab", "solve")
    works("so the check sees", "lab", "check")
    works("it goes", "lab", "down")
    works("a way that is chosen", "lab", "up", folder, "--way", "program:sh")
    expect("is taken", taken() == "by sh", taken())
    works("from the start again", "lab", "reset")
    expect("by the same way", taken() == "by sh", taken())
    works("that goes", "lab", "down")
    works("a way that is not here", "lab", "up", folder, "--way", "program:no-such-program", status=1, said="lacks nothing")
    works("a way that it does not know", "lab", "up", folder, "--way", "own:ra", status=2,
          said="there are: program:no-such-program, program:sleep, program:sh")
    gone("nothing is left", before)
    tried = {way: sextant("lab", "test", folder, *way, "--format", "json") for way in ((), ("--every-way",))}
    labs = {way: {row["lab"] for row in json.loads(done.stdout)["rows"]} for way, done in tried.items()}
    expect("every way that is here is tried, when that is asked", labs == {
        (): {"ways"}, ("--every-way",): {"ways", "ways program:sh"}} and not any(d.returncode for d in tried.values()), tried)
    works("the same way twice", "lab", "test", lab("twice", WAYS.replace('"program:sh", run', '"program:sleep", run')),
          status=3, said="there twice")


def children(of):
    return Path(f"/proc/{of}/task/{of}/children").read_text().split()


def what_keeps_a_node():
    before = (interfaces(), mounts())
    sextant("lab", "up", pair("kept"))
    first = int(re.search(r"^node a (\d+)$", state("kept"), re.M).group(1))
    maps = Path(f"/proc/{first}/maps").read_text().splitlines()
    expect("what keeps a node has few mappings", 0 < len(maps) < 40, "\n".join(maps))
    sextant("lab", "enter", "a", "sh", "-c", "(sleep 5 & sleep 5 &) >/dev/null 2>&1")
    expect("it takes orphans in", len(children(first)) == 2, children(first))
    until(lambda: not children(first), 20)
    expect("and buries them", children(first) == [], children(first))
    sextant("lab", "down", "--all")
    gone("nothing is left of it", before)


def what_is_installed_elsewhere():
    place = WORK / "installed"
    for folder, file in (("bin", PROGRAM), ("libexec/sextant", PROGRAM.parent / "../lab/lab-node"),
                         ("libexec/sextant", PROGRAM.parent / "sextant-run")):
        (place / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, place / folder)
    run = [place / "bin/sextant", "lab", "up", pair("moved")]
    done = subprocess.run(run, capture_output=True, text=True, env=ENVIRONMENT)
    expect("an installed copy finds what keeps its nodes", done.returncode == 0, done)
    works("it goes", "lab", "down")
    (place / "libexec/sextant/lab-node").write_text("no program")
    done = subprocess.run(run, capture_output=True, text=True, env=ENVIRONMENT)
    expect("what cannot be started is said, and nothing is left", done.returncode == 4
       and "cannot start what keeps the node" in done.stderr and not processes(), done)


def what_is_killed():
    before = (interfaces(), mounts())
    folder = pair("k1", service=ANSWERS, link=", delay: 1ms")
    sextant("lab", "up", folder)
    expect("it runs in namespaces of its own", len(processes()) >= 5, processes())
    os.kill(keeper("k1"), signal.SIGKILL)
    until(lambda: not processes(), 5)
    expect("its keeper killed, nothing runs any more", not processes(), processes())
    # A process has no environment any more before it lets go of its lock.
    until(lambda: "0 laboratories" in sextant("lab", "status").stdout, 5)
    works("what it left is swept away", "lab", "status", said="0 laboratories")
    gone("nothing is left of the keeper", before)
    # The commands that bring it up, killed at any instant; then the keeper at any instant.
    for i in range(24):
        up = subprocess.Popen([PROGRAM, "lab", "up", folder], env=ENVIRONMENT, stderr=subprocess.DEVNULL)
        time.sleep(0.004 * i)
        if i % 2:
            up.kill()
        else:
            for pid, name in processes():
                if name == "lab-keeper":
                    with contextlib.suppress(ProcessLookupError):  # it may have ended by itself
                        os.kill(pid, signal.SIGKILL)
        up.wait()
        sextant("lab", "down", "--all")
    until(lambda: not processes(), 5)
    sextant("lab", "down", "--all")
    gone("killed 24 times while it came up", before)


def keepers(trial, wanted):
    """How many laboratories stand, as soon as these many do; fewer where the trial ended or half a minute passed first."""
    end = time.monotonic() + 30
    while True:
        standing = len([1 for _, name in processes() if name == "lab-keeper"])
        if standing >= wanted or trial.poll() is not None or time.monotonic() > end:
            return standing
        time.sleep(0.002)


def a_trial_that_is_killed():
    """At once, at instants after its first laboratory stands, and when two do: how soon that is depends on the machine."""
    before = (interfaces(), mounts())
    seen = 0
    for wanted, later in ((0, 0), (0, 0.03), (1, 0), (1, 0.02), (1, 0.06), (1, 0.12), (1, 0.25), (2, 0)):
        trial = subprocess.Popen([PROGRAM, "lab", "test", str(WORK / "mine")], env=ENVIRONMENT,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seen = keepers(trial, wanted)
        time.sleep(later)
        trial.kill()
        trial.wait()
    until(lambda: not processes(), 10)
    expect("its states were up side by side", seen > 1, seen)
    expect("a trial that is killed takes its laboratories along", not processes(), processes())
    works("nor is their folder there", "lab", "status", said="0 laboratories")
    gone("nothing is left of the trial", before)
    works("one state after the other", "lab", "test", "--together", "1", str(WORK / "mine"))
    works("no state at all", "lab", "test", "--together", "0", str(WORK / "mine"), status=2, said="wanted 1 to 32")


def can_run():
    done = sextant("lab", "up", pair("first"))
    sextant("lab", "down", "--all")
    return done.returncode == 0, done.stderr.strip()


def main():
    able, why = can_run()
    if not able:
        print(f"1..0 # SKIP namespaces: {why}")
        return 0
    long = begin_what_takes_long()
    for part in (what_a_student_does, what_a_teacher_does, what_students_hand_in, what_is_read_in_other_languages,
                 what_a_slow_switch_does, what_is_tentative_first, what_a_trial_refuses, what_probes_see,
                 what_is_limited, what_is_refused, what_an_ordinary_user_hears, what_a_stranger_tries, what_is_left_open,
                 who_types, who_is_obeyed, whose_keys_are_seen, what_has_no_end, what_a_container_hides, what_a_container_lacks,
                 what_a_spreadsheet_gets, what_finds_no_room, whose_folder_it_is,
                 what_has_several_ways, what_keeps_a_node, what_is_installed_elsewhere, what_is_killed, a_trial_that_is_killed):
        part()
    end_what_takes_long(long)
    return plan()


try:
    status = main()
finally:
    sextant("lab", "down", "--all")
    shutil.rmtree(WORK, ignore_errors=True)
sys.exit(status)
