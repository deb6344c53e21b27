# SPDX-License-Identifier: Apache-2.0
"""sextant check against the laboratory of public services: every verdict must be the one of the table. No green where
something is broken, no red where nothing is, nothing sent where nothing may be sent.

Usage: services_test.py SEXTANT [DOMAIN...]. SEXTANT_REPEATS: how often; then a verdict that is wrong once is wrong. Without
it once, and what is wrong is asked again by itself: what is wrong twice is the program's fault, what is wrong once may be
the busy machine's, and is told as "shaky". SERVICES_RESULTS: a folder that keeps the results.
"""

import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from laboratory import Laboratory, why_not  # noqa: E402
from model import GOOD  # noqa: E402

SECONDS = 170  # for one run, the lot of them
WEB = ("web-aaaa", "web-addresses", "web-tcp80", "web-tcp443", "web-tls", "web-http", "web-http2", "web-same", "web-resources", "web-repeated", "web-mtu", "web-eyeballs")
NAMES = ("names-resolves", "names-delegation", "names-aaaa", "names-udp", "names-tcp", "names-edns", "names-same", "names-ipv6-only", "names-dnssec")
MAIL = ("mail-mx", "mail-aaaa", "mail-addresses", "mail-greeting", "mail-starttls", "mail-ptr", "mail-spf")
OPTIONS = ("--depth", "3", "--open", "96", "--timeout", "3", "--patience", "75", "--repeats", "5", "--at-least", "none", "--quiet", "--contact", "https://example.org/check")


def check(lab, sextant, domains, results):
    """Runs the check; (results by domain, seconds, what went wrong)."""
    began = time.monotonic()
    given = [d.spelled or d.name for d in domains]
    done = lab.network.within("client", sextant, "check", *given, *OPTIONS, *lab.options(), "--results", results, "--format", "json", timeout=SECONDS,
                              env=dict(os.environ, LC_ALL="C.UTF-8"))
    took = time.monotonic() - began
    if done.returncode not in (0, 1) or not results.exists():
        return {}, took, f"status {done.returncode}: {done.stderr[-800:]}"
    found = {}
    for line in results.read_text(encoding="utf-8").splitlines():
        result = json.loads(line)
        found[result["domain"]] = result
    return found, took, ""


def evidence(test):
    lines = [f"    {e.get('family', '')} {e['asked']} -> {e['whom']}: {e['answer']}" for e in test.get("evidence", [])]
    return "\n".join(lines[:6] + ([f"    and {len(lines) - 6} more"] if len(lines) > 6 else []))


def kind_of(verdict, wanted):
    if verdict == "pass":
        return "FALSE GREEN"
    return "FALSE RED" if verdict in ("fail", "partial", "none") and wanted <= GOOD else "WRONG"


def required(d):
    """Tests that must be there, with their subjects."""
    names = [(t, None) for t in NAMES if d.is_zone]
    web = [(t, host) for host, has in ((d.name, d.apex), (f"www.{d.name}", d.www)) if has for t in WEB]
    return names + web + ([(t, None) for t in MAIL] if d.mail and "mail-*" not in d.expect else [])


def compared(lab, d, result):
    """Sentences about what is not as the table says."""
    wrong, seen = [], set()
    for test in result["tests"]:
        subject = test["subject"].split(" ")[0]
        depth = test["subject"].rpartition(" ")[2] if test["test"] == "web-links" else ""
        wanted = lab.catalogue.expected(d, test["test"], subject, depth)
        seen |= {(test["test"], subject), (test["test"], None)}
        if test["verdict"] not in wanted:
            wrong.append(f"{kind_of(test['verdict'], wanted)}: {test['test']} of {test['subject']} is {test['verdict']} ({test.get('reason', 'no reason')} "
                         f"{' | '.join(test.get('details', []))}), the table says {'|'.join(sorted(wanted))}\n{evidence(test)}")
    parts = os.environ.get("SERVICES_PARTS", "names,web,mail").split(",")
    for test, subject in required(d):
        if (test, subject) not in seen and test.split("-")[0] in parts:
            wrong.append(f"MISSING: {test} of {subject or d.name}")
    stage = result.get("stage", result.get("scores", {}).get("stage"))
    if stage not in d.stage.split("|"):
        wrong.append(f"{'FALSE GREEN' if stage == 'complete' else 'WRONG'}: the stage is {stage}, the table says {d.stage}")
    return wrong


class Report:
    def __init__(self):
        self.number = self.failed = 0

    def say(self, name, wrong=()):
        self.number += 1
        self.failed += bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {self.number} - {name}")
        for line in wrong:
            print("# " + line.replace("\n", "\n# "), flush=True)


class Tally:
    def __init__(self):
        self.totals = {"FALSE GREEN": 0, "FALSE RED": 0, "WRONG": 0, "MISSING": 0}
        self.verdicts = self.shaky = 0

    def add(self, result, wrong):
        self.verdicts += len(result["tests"])
        for line in wrong:
            self.totals[line.split(":")[0]] += 1

    def say(self):
        print(f"# {self.verdicts} verdicts; " + ", ".join(f"{n} {what.lower()}" for what, n in self.totals.items()) + f"; {self.shaky} domains shaky")


def again(lab, sextant, suspects, results):
    """What is wrong of these domains when nothing else is asked: by domain."""
    found, _, broken = check(lab, sextant, suspects, results)
    return {d.name: [broken] if broken else compared(lab, d, found[d.name]) if d.name in found else ["no result"] for d in suspects}


def run(lab, sextant, domains, repeats, report):
    keep = Path(os.environ.get("SERVICES_RESULTS", lab.folder))
    strict, tally = "SEXTANT_REPEATS" in os.environ, Tally()
    for n in range(repeats):
        lab.network.watch()
        found, took, broken = check(lab, sextant, domains, keep / f"results-{n}.jsonl")
        report.say(f"run {n + 1}: {len(found)} of {len(domains)} domains, {took:.1f} s", [broken] if broken else
                   [] if len(found) == len(domains) else ["without a result: " + " ".join(d.name for d in domains if d.name not in found)])
        told = {d.name: compared(lab, d, found[d.name]) for d in domains if d.name in found}
        suspects = [d for d in domains if told.get(d.name)]
        second = again(lab, sextant, suspects, keep / f"results-{n}-again.jsonl") if suspects and not strict else told
        for d in [d for d in domains if d.name in found]:
            wrong = told[d.name] and second[d.name]
            tally.add(found[d.name], wrong)
            if told[d.name] and not wrong:
                tally.shaky += 1
                print("# shaky: " + "; ".join(line.split("\n")[0] for line in told[d.name]))
            report.say(f"run {n + 1}: {d.name}: {d.odd}", wrong)
        forbidden = lab.network.forbidden()
        report.say(f"run {n + 1}: nothing is sent where nothing may be sent", [", ".join(forbidden)] if forbidden else [])
    tally.say()


def main():
    lacking = why_not()
    if lacking:
        print(f"1..0 # SKIP {lacking}")
        return 0
    report = Report()
    lab = Laboratory()
    with lab:
        domains = [d for d in lab.catalogue.listed() if not sys.argv[2:] or d.name in sys.argv[2:]]
        report.say(f"{len(domains)} domains, up in {lab.took:.1f} s", [] if len(domains) >= 120 or sys.argv[2:] else ["fewer than 120"])
        run(lab, sys.argv[1], domains, int(os.environ.get("SEXTANT_REPEATS", "1")), report)
    report.say("nothing is left", lab.left)
    print(f"1..{report.number}")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
