# SPDX-License-Identifier: Apache-2.0
"""What the laboratory of public services is described in: zones with their name servers, sites, mail servers, and
the verdicts that a check must come to. catalogue.py fills it; network.py, zones.py and servers.py build it.

Every domain has a /48 of its own, 2001:db8:INDEX::/48, and IPv4 addresses as they are needed.
"""

from dataclasses import dataclass, field

# What a check may send to. 2001:db8:bad::/48 and the like are outside.
ALLOWED = ["2001:db8::/38", "3fff::/24", "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24"]
# Where a site can stand: behind a full path; behind one of 1,280 octets; behind holes, where "packet too big" is lost.
PLACES = {"world": "2001:db8:%x:", "narrow": "3fff:1:%x:", "hole1280": "3fff:2:%x:", "hole1400": "3fff:3:%x:"}

GOOD = frozenset(("pass", "not-applicable"))
# What every domain has that does not say otherwise.
MUST = frozenset(("names-resolves", "names-delegation", "names-aaaa", "names-udp", "names-tcp", "names-edns", "names-same", "names-ipv6-only", "web-aaaa", "web-addresses",
                  "web-tcp80", "web-tcp443", "web-tls", "web-http", "web-same", "mail-mx", "mail-aaaa", "mail-addresses", "mail-greeting", "mail-starttls", "mail-ptr",
                  "mail-spf"))
STAGES = ("unknown", "none", "named", "reachable", "working", "complete")


@dataclass(frozen=True)
class Block:
    """A rule of the firewall before one address."""
    address: str
    protocol: str = ""   # "tcp", "udp"; "": everything
    port: int = 0        # 0: all
    how: str = "drop"    # "reset", "prohibited", "third" (every third connection is reset), "lossy", "large"


@dataclass
class Serve:
    """What answers at the addresses of one family."""
    server: str = "nginx"     # "h2o", "lighttpd", "hostile"; "": nothing listens
    page: str = "page"        # see pages.py
    tls: str = "good"         # see certificates.py
    ports: tuple = (80, 443)
    http2: bool = True
    does: str = ""            # "status:404", "redirect:URL", "hsts"; a behaviour of hostile_web.py
    place: str = "world"
    block: tuple = ()         # (protocol, port, how)...
    address: str = ""         # in place of the one that it would get


@dataclass
class Ns:
    """A name server inside the zone (a label) or elsewhere (a name with a final dot: that zone has its addresses)."""
    name: str
    six: str = "nsd"          # "knot", "bind", "lame", "closed", "hostile:BEHAVIOUR"; "": no AAAA
    four: str = "knot"
    glue6: str = "same"       # "": the zone above has none; else another address
    glue4: str = "same"
    block: tuple = ()         # (family, protocol, port, how)...
    address6: str = ""        # in place of the one that it would get
    at: str = "both"          # "above", "zone": named there alone


@dataclass
class Mx:
    name: str = "mx"
    preference: int = 10
    six: str = "postfix"      # "opensmtpd", "hostile:BEHAVIOUR", "closed"; "": no AAAA
    four: str = "postfix"
    tls6: str = "good"
    tls4: str = "good"
    ptr6: str = "self"        # "": none; a name
    ptr4: str = "self"
    block: tuple = ()
    address6: str = ""


HOSTED = (Ns("ns1.hoster.test."), Ns("ns2.hoster.test."))
SHARED_MX = "@ MX 10 mx.hoster.test."
SHARED_SPF = '@ TXT "v=spf1 mx -all"'


@dataclass
class Domain:
    name: str
    odd: str
    ns: tuple = HOSTED
    on: tuple = ()                 # servers that have the zone although no Ns here says so
    not_on: tuple = ()
    apex: tuple = ("six", "four")  # families in the DNS
    www: tuple = ("six", "four")
    six: tuple = (Serve(),)        # one for each address
    four: tuple = (Serve(),)
    mx: tuple = ()                 # own mail servers; with none, the hoster's
    mail: bool = True              # False: no MX record is written
    spf: str = SHARED_SPF
    records: tuple = ()            # more lines of the zone; {d} is the domain's name
    records_b: tuple = ()          # what the second server has in place of `records`
    parent_records: tuple = ()     # more lines in the zone above
    serial_b: int = 0
    signed: str = ""               # "sound", "bogus", "expired", "ds", "nsec3"
    dnssec_ttl: int = 300
    certificate_names: tuple = ()
    is_zone: bool = True           # False: a host inside the zone above
    listed: bool = True            # False: no subject of a check, others need it
    spelled: str = ""              # as the list has it
    expect: dict = field(default_factory=dict)  # test or test@subject: verdicts, joined by "|"
    stage: str = "complete"
    others_differ: tuple = ()      # areas in which other programs are more patient than users' resolvers, or ask one server of several
    opt_out: tuple = ()            # lines of the list of who is not to be asked; {d} is the domain's name
    index: int = 0
    site: dict = field(default_factory=dict)

    def six_of(self, host, place="world"):
        return (PLACES[place] % self.index) + f":{host}"

    def fqdn(self, name):
        """A name of the zone: "@", a label, or a whole name with its final dot."""
        if name == "@":
            return self.name
        return name[:-1] if name.endswith(".") else f"{name}.{self.name}"


class Catalogue:
    """All zones of the laboratory, with their addresses."""

    def __init__(self):
        self.domains = []
        self._four = iter([f"198.51.100.{n}" for n in range(1, 255)] + [f"203.0.113.{n}" for n in range(1, 255)] +
                          [f"192.0.2.{n}" for n in range(64, 255)])
        self._fours = {}

    def add(self, domain):
        assert all(d.name != domain.name for d in self.domains), domain.name
        domain.index = len(self.domains) + 1
        self.domains.append(domain)
        return domain

    def four(self, domain, what):
        key = (domain.name, what)
        if key not in self._fours:
            self._fours[key] = next(self._four)
        return self._fours[key]

    def listed(self):
        return [d for d in self.domains if d.listed]

    def find(self, name):
        return next(d for d in self.domains if d.name == name)

    def above(self, domain):
        """The zone that delegates to this one; None: the root."""
        zones = {d.name: d for d in self.domains if d.is_zone}
        labels = domain.name.split(".")
        return next((zones[name] for n in range(1, len(labels)) if (name := ".".join(labels[n:])) in zones), None)

    def below(self):
        """The zones and hosts right below each zone, by its name."""
        found = {}
        for d in self.domains:
            above = self.above(d)
            found.setdefault(above.name if above else "", []).append(d)
        return found

    # ---- addresses

    def web_addresses(self, domain):
        """Yields (family, address, Serve)."""
        for number, serve in enumerate(domain.six):
            yield 6, serve.address or domain.six_of(80 + number, serve.place), serve
        for number, serve in enumerate(domain.four):
            yield 4, serve.address or self.four(domain, f"web{number}"), serve

    def ns_addresses(self, domain):
        """Of the name servers inside the zone: yields (Ns, family, address, kind)."""
        for number, ns in enumerate(domain.ns):
            if ns.name.endswith("."):
                continue
            if ns.six:
                yield ns, 6, ns.address6 or domain.six_of(f"53:{number + 1}"), ns.six
            if ns.four:
                yield ns, 4, self.four(domain, f"ns{number}"), ns.four

    def mx_addresses(self, domain):
        for number, mx in enumerate(domain.mx):
            if mx.name.endswith("."):
                continue
            if mx.six:
                yield mx, 6, mx.address6 or domain.six_of(f"25:{number + 1}"), mx.six, mx.tls6
            if mx.four:
                yield mx, 4, self.four(domain, f"mx{number}"), mx.four, mx.tls4

    def opted_out(self):
        """The lines of the list of who is not to be asked."""
        return [line.replace("{d}", d.name) for d in self.domains for line in d.opt_out]

    def kept_from(self):
        """Addresses and prefixes of domains that are left out with all that is theirs."""
        found = []
        for d in self.domains:
            if ".{d}" in d.opt_out:
                found.append(d.six_of("") + "/48")
                found += [a for family, a, _ in self.web_addresses(d) if family == 4]
                found += [a for _, family, a, *_ in (*self.ns_addresses(d), *self.mx_addresses(d)) if family == 4]
        return found

    def blocks(self):
        for d in self.domains:
            for _, address, serve in self.web_addresses(d):
                for protocol, port, how in serve.block:
                    yield Block(address, protocol, port, how)
            for ns, family, address, _ in self.ns_addresses(d):
                for of, protocol, port, how in ns.block:
                    if of == family:
                        yield Block(address, protocol, port, how)
            for mx, family, address, _, _ in self.mx_addresses(d):
                for of, protocol, port, how in mx.block:
                    if of == family:
                        yield Block(address, protocol, port, how)

    def expected(self, domain, test, subject, depth=""):
        """The verdicts that are right. `depth`: of links."""
        short = {domain.name: "apex", f"www.{domain.name}": "www"}.get(subject, subject)
        if domain.listed and subject.endswith("." + domain.name) and short == subject:
            short = subject[:-len(domain.name) - 1]
        for key in (f"{test}-{depth}", f"{test}@{short}", test, f"{test.split('-')[0]}@{short}", f"{test.split('-')[0]}-*"):
            if key in domain.expect:
                return frozenset(domain.expect[key].split("|"))
        return frozenset(("pass",)) if test in MUST else GOOD
