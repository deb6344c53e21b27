# SPDX-License-Identifier: Apache-2.0
"""The table of the laboratory against other programs: what dig, delv, unbound, curl, openssl, pyspf and an SMTP client see must
be what the table says of each domain. A verdict that can be one or the other is not asked about.
"""

import ipaddress
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from model import ALLOWED, HOSTED, SHARED_SPF, Serve  # noqa: E402
from laboratory import Laboratory, why_not  # noqa: E402
from peers import Peers  # noqa: E402

DOWN = frozenset(("fail", "partial", "none", "not-testable", "not-applicable"))


def unbound(lab, name, port, four):
    run = lab.folder / "run" / name
    run.mkdir()
    text = f"""server:
  directory: "{run}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  interface: 127.0.0.1@{port}
  do-ip4: {"yes" if four else "no"}
  root-hints: "{lab.root_hints()}"
  trust-anchor-file: "{lab.servers.zones.anchor}"
  unblock-lan-zones: yes
  local-zone: "test." nodefault
  num-threads: 1
  discard-timeout: 15000
remote-control:
  control-enable: no
"""
    if not four:  # clients are asked over IPv4 all the same
        text = text.replace("do-ip4: no", "do-ip4: yes\n  do-not-query-address: 0.0.0.0/0\n  do-not-query-localhost: no")
    lab.servers.start("client", name, "unbound", "-d", "-c", lab.servers.write(name + ".conf", text))


def is_public(address):
    """By Python's own tables, or one of the laboratory's."""
    a = ipaddress.ip_address(address)
    if any(a in ipaddress.ip_network(block) for block in ALLOWED if a.version == ipaddress.ip_network(block).version):
        return True
    return a.is_global and not (a.is_multicast or a.is_reserved or a.is_site_local or a.sixtofour)


class Seen:
    """Facts of one domain, each asked once."""

    def __init__(self, lab, peers, d):
        self.c, self.peers, self.d, self.kept = lab.catalogue, peers, d, {}
        self.facts = {}

    def once(self, key, ask):
        if key not in self.kept:
            self.kept[key] = ask()
        return self.kept[key]

    def host(self, subject):
        return {"apex": self.d.name, "www": f"www.{self.d.name}"}.get(subject, f"{subject}.{self.d.name}")

    def address(self, host, kind):
        return self.once((host, kind), lambda: self.peers.look_up(host, kind)) or []

    def bracketed(self, host, kind):
        return [f"[{a}]" if ":" in a else a for a in self.address(host, kind)]

    def schemes(self):
        """What is open over either family, the one that a user gets first."""
        ports = {p for s in self.d.six + self.d.four for p in s.ports}
        return [s for s, p in (("https", 443), ("http", 80)) if p in ports]

    def page(self, host, kind, address=None, scheme=None):
        """From one address, or from those of the name as curl takes them."""
        hosts = {h: self.bracketed(h, kind) for h in (self.host("apex"), self.host("www"), "cdn.test") if self.bracketed(h, kind)}
        at = [f"[{address}]"] if address else self.bracketed(host, kind)
        if address:
            hosts[host] = at
        scheme = scheme or self.schemes()[0]
        return self.once((host, kind, scheme, address), lambda: self.peers.page(scheme, host, at, hosts))

    def comes(self, host, six):
        """From every address, over each scheme, with the status that it has over IPv4."""
        over4 = {s: self.page(host, "A", scheme=s)[0] for s in self.schemes()}
        found = [(self.page(host, "AAAA", a, s)[0], over4[s]) for a in six for s in self.schemes()]
        return bool(found) and all(status is not None and (status < 400 or (status < 500 and status == other)) for status, other in found)

    def alike(self, host, six):
        """What comes without an error is the page that comes over IPv4."""
        over4 = self.page(host, "A")
        if over4[0] is None:
            return None
        pages = [p for p in (self.page(host, "AAAA", a) for a in six) if p[0] is not None and (p[0] < 400 or p[0] == over4[0])]
        return bool(pages) and all(self.peers.alike(p[1], over4[1]) > 0.9 for p in pages)

    def certified(self, host, six):
        """At each address that opens; asked twice, as a single connection can be lost."""
        opened = [a for a in six if self.peers.opens(a, 443) or self.peers.opens(a, 443)]
        return bool(opened) and all(self.peers.certificate(a, host)[0] or self.peers.certificate(a, host)[0] for a in opened)

    def web(self, test, subject):
        host = self.host(subject)
        six = self.address(host, "AAAA")
        if test == "web-aaaa":
            return any(is_public(a) for a in six)
        if not six:
            return None
        public = [a for a in six if is_public(a)]
        if test in ("web-tcp80", "web-tcp443"):
            port = int(test[7:])
            return bool(public) and all(self.once((a, port), lambda a=a: self.peers.opens(a, port)) for a in public)
        if test == "web-tls":
            return self.certified(host, six)
        if test == "web-http":
            return self.comes(host, public)
        if test == "web-http2":
            over6, over4 = self.page(host, "AAAA"), self.page(host, "A")
            return over6[2] == over4[2] if None not in (over6[0], over4[0]) else None
        return self.alike(host, public) if test == "web-same" else None

    def ns_names(self):
        return [n.name[:-1] if n.name.endswith(".") else f"{n.name}.{self.d.name}" for n in self.d.ns]

    def names(self, test, _):
        d, p = self.d, self.peers
        if test == "names-resolves":
            return p.look_up(d.name, "SOA") not in (None, []) if d.is_zone else p.look_up(d.name, "AAAA") not in (None, [])
        if test == "names-ipv6-only":
            return p.look_up(d.name, "SOA" if d.is_zone else "AAAA", six=True) not in (None, [])
        if test == "names-dnssec":
            # What stands in the zone is signed or not: "pass" where it is secure, or where nothing is signed.
            return p.validated(d.name) == "secure" if d.signed else None
        if not d.is_zone:
            return None
        inside = list(self.c.ns_addresses(d))
        at = {f: [a for _, of, a, _ in inside if of == f] for f in (4, 6)} if inside else self.once("servers", lambda: p.servers(self.ns_names()))
        at[6] += [n.glue6 for n, of, _, _ in inside if of == 6 and n.glue6 not in ("", "same", *at[6])]
        if test == "names-aaaa":
            if any(n.address6 for n in d.ns):
                return None  # there, and useless
            found = [None if p.look_up(n, "AAAA") is None else bool(p.look_up(n, "AAAA")) and not p.look_up(n, "CNAME") for n in self.ns_names()]
            return None if None in found else all(found)
        if test in ("names-udp", "names-tcp"):
            option = ("+notcp", "+ignore", "+noedns") if test == "names-udp" else ("+tcp", "+noedns")
            works = bool(at[6]) and all(self.once((a, option), lambda a=a: p.ask(a, d.name, ["SOA"], *option)) for a in at[6])
            if not works or not any("names-edns" in s for s in d.expect):
                return works
            # Resolvers ask with EDNS: what only IPv6 swallows is not there for them.
            option = ("+notcp", "+ignore", "+edns=0") if test == "names-udp" else ("+tcp", "+edns=0")
            with_edns = {f: all(p.ask(a, d.name, ["SOA"], *option) for a in at[f]) for f in (4, 6)}
            return with_edns[6] or not with_edns[4]
        if test == "names-same":
            if not at[6]:
                return None
            told = {f: {str(said) for a in at[f] if (said := p.ask(a, d.name, ["SOA", "A", "AAAA", "MX"], "+noedns"))} for f in (4, 6)}
            return all(told[f] for f in (4, 6) if at[f]) and len(told[4] | told[6]) == 1
        return None

    def mail(self, test, _):
        """Of all mail servers together: the table speaks of the domain."""
        if test == "mail-spf":
            found = [self.peers.spf(self.d.name, a) for a in self.mail_senders()]
            return all(x == "pass" for x in found) if found else None
        seen = [self.mail_at(test, self.host(m.name)) for m in self.d.mx]
        if test == "mail-aaaa" and any(not m.six for m in self.d.mx):
            return False
        known = [s for s in seen if s is not None]
        return all(known) if known else None

    def mail_senders(self):
        """The IPv6 addresses of the servers that take its mail."""
        names = [x.split()[1].rstrip(".") for x in self.peers.look_up(self.d.name, "MX") or []]
        return [a for name in names if name for a in self.peers.look_up(name, "AAAA") or [] if is_public(a)]

    def mail_at(self, test, subject):
        d, p = self.d, self.peers
        mx = next((m for m in d.mx if self.host(m.name) == subject), None)
        if mx is None or not mx.six:
            return None
        name = subject
        address = next(iter(self.address(name, "AAAA")), None)
        if test == "mail-aaaa":
            return address is not None
        if address is None:
            return None
        if test in ("mail-greeting", "mail-starttls"):
            seen = [self.once((a, "smtp"), lambda a=a: p.greets(a, name)) for a in self.address(name, "AAAA")]
            if test == "mail-greeting":
                return all(greets for greets, _, _ in seen)
            held = [holds for greets, _, holds in seen if greets]
            return all(held) if held else None
        if test == "mail-ptr":
            return p.leads_back(address)
        return p.dane(address, name) if test == "mail-dane" else None

    def subjects(self):
        """What is asked; not twice what stands behind the same servers."""
        d = self.d
        ordinary = d.ns is HOSTED and d.name != "sound.test" and not d.signed and not any(k.startswith("names") for k in d.expect)
        zone = ("names-resolves",) if ordinary else ("names-resolves", "names-ipv6-only", "names-dnssec", "names-aaaa", "names-udp", "names-tcp", "names-same")
        yield from ((t, d.name, self.names) for t in zone)
        same = d.www == d.apex and not any("@" in k for k in d.expect)
        usual = d.six == (Serve(),) == d.four and d.name != "sound.test"
        for subject in ("apex",) if same else ("apex", "www"):
            tests = ("web-aaaa", "web-http") if usual else ("web-aaaa", "web-tcp80", "web-tcp443", "web-tls", "web-http", "web-http2", "web-same")
            yield from ((t, self.host(subject), self.web) for t in tests if t.split("-")[0] not in d.others_differ)
        if d.mx:
            yield from ((t, self.host(d.mx[0].name), self.mail) for t in ("mail-aaaa", "mail-greeting", "mail-starttls", "mail-ptr", "mail-dane"))
        if d.mx or d.spf != SHARED_SPF or d.name == "sound.test":
            yield "mail-spf", d.name, self.mail

    def compared(self):
        """(how many were asked, what differs, how many are left to chance)."""
        asked, wrong, chance = 0, [], 0
        for test, subject, look in self.subjects():
            verdicts = self.c.expected(self.d, test, subject)
            # What is green by being of no matter (a closed port over both) is for the judge to know.
            if "pass" in verdicts and verdicts & (DOWN - {"not-applicable"}):
                chance += 1
                continue
            if verdicts <= frozenset(("not-applicable", "not-testable")):
                continue
            short = {self.d.name: "apex", f"www.{self.d.name}": "www"}.get(subject, subject.removesuffix("." + self.d.name))
            found = look(test, short)
            if found is None:
                continue
            asked += 1
            if found != ("pass" in verdicts) and not (found is False and self.excused(test)):
                wrong.append(f"{self.d.name} ({self.d.odd}): {test} of {subject}: the table says {'|'.join(sorted(verdicts))}, others see {'that it works' if found else 'that it fails'}")
        return asked, wrong, chance

    def excused(self, test):
        """Ports that are closed on purpose, over both families; no site by intention."""
        d = self.d
        ports = {p for s in d.six for p in s.ports}
        if test == "web-tcp80":
            return 80 not in ports and not any(80 in s.ports for s in d.four)
        if test in ("web-tcp443", "web-tls"):
            return 443 not in ports and not any(443 in s.ports for s in d.four)
        if test == "web-aaaa":
            return not any("web" in s for s in d.expect)
        return test == "web-http2" and not d.apex


def main():
    lacking = why_not()
    if lacking:
        print(f"1..0 # SKIP {lacking}")
        return 0
    only = sys.argv[1:]
    with Laboratory() as lab:
        unbound(lab, "unbound-both", 5301, True)
        unbound(lab, "unbound-six", 5302, False)
        peers = Peers(lab.certificates.authorities, delv_anchor(lab), 5301, 5302)
        domains = [d for d in lab.catalogue.listed() if not only or d.name in only]
        with ThreadPoolExecutor(12, initializer=enter, initargs=(lab.network.name("client"),)) as pool:
            pool.submit(wait, peers).result()
            asked = failed = chance = 0
            print(f"1..{len(domains)}")
            results = pool.map(lambda d: Seen(lab, peers, d).compared(), domains)
            for number, (d, (count, wrong, left)) in enumerate(zip(domains, results), 1):
                print(f"{'not ok' if wrong else 'ok'} {number} - {d.name}: {d.odd}", flush=True)
                for line in wrong:
                    print(f"# {line}", flush=True)
                asked, failed, chance = asked + count, failed + bool(wrong), chance + left
    print(f"# {asked} facts of {len(domains)} domains, {chance} left to chance; the laboratory was up in {lab.took:.1f} s")
    return 1 if failed or not asked else 0


def wait(peers):
    import time
    until = time.monotonic() + 20
    while not (peers.look_up("sound.test", "AAAA") and peers.look_up("sound.test", "AAAA", six=True)):
        if time.monotonic() > until:
            raise RuntimeError("unbound does not answer")
        time.sleep(0.2)


def enter(namespace):
    """This thread, and what it starts, goes into a network namespace."""
    import ctypes
    with open(f"/var/run/netns/{namespace}", encoding="ascii") as at:
        if ctypes.CDLL(None, use_errno=True).setns(at.fileno(), 0x40000000):
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def delv_anchor(lab):
    """The trust anchor, as delv wants it."""
    words = lab.servers.zones.anchor.read_text().split()
    path = lab.folder / "delv.conf"
    path.write_text(f'trust-anchors {{ "." static-ds {words[3]} {words[4]} {words[5]} "{"".join(words[6:])}"; }};\n')
    return path


if __name__ == "__main__":
    sys.exit(main())
