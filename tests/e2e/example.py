# SPDX-License-Identifier: Apache-2.0
"""Small things to import: what the README speaks of (two registries' files of two days, routing tables, two sources'
users), and journals of campaigns whose verdicts chance decided."""

import json
import math
import os
import random

def environment(home, **more):
    """That of somebody who has set nothing for the program."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SEXTANT_", "XDG_", "LC_", "LANG"))}
    return {**kept, "HOME": str(home), "LANG": "C.UTF-8", **more}


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


TESTS = ["names-resolves", "names-aaaa", "web-aaaa", "web-tls", "mail-mx"]
VERDICTS = ["pass", "partial", "fail", "none", "not-applicable", "not-testable"]
STAGES = ["unknown", "none", "named", "reachable", "working", "complete"]


def line(value):
    return json.dumps(value, separators=(",", ":")) + "\n"


def journal(campaign, vantage, began, seed, domains=40, ended=True):
    chance = random.Random(seed)
    text = line({"journal": 1, "campaign": campaign, "vantage": vantage, "list": "ab" * 32,
                 "options": "level 31", "version": "0", "began": began})
    for i in range(domains):
        name = f"d{i}.example"
        tests = [{"test": t, "subject": name, "verdict": chance.choice(VERDICTS),
                  "evidence": [{"family": "ipv6", "at": began, "asked": "AAAA", "whom": "[2001:db8::53]:53",
                                "answer": "NOERROR"}]} for t in TESTS]
        text += line({"economy": ["KE", "NE", "FJ"][i % 3], "organisation": f"Office {i}",
                      "sector": ["health", "tax"][i % 2],
                      "result": {"format": 1, "domain": name, "vantage": vantage, "began": began + i,
                                 "took": 5, "level": 31, "ipv4": True, "ipv6": True,
                                 "stage": chance.choice(STAGES), "tests": tests}})
    return text + (line({"ended": began + 1000}) if ended else "")
