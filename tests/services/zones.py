# SPDX-License-Identifier: Apache-2.0
"""Zone files of the laboratory, and their signatures."""

import ipaddress
import subprocess
from concurrent.futures import ThreadPoolExecutor

SERIAL = 2026010100
ROOTS = (("a.root.test", "nsd-root"), ("b.root.test", "knot-root"))
ROOT_SIX = ("2001:db8:0:53::1", "2001:db8:0:53::2")
ROOT_FOUR = ("192.0.2.53", "192.0.2.54")
REVERSE = ("8.b.d.0.1.0.0.2.ip6.arpa", "f.f.f.3.ip6.arpa", "100.51.198.in-addr.arpa", "113.0.203.in-addr.arpa", "2.0.192.in-addr.arpa")


def addresses_of(c, name):
    """Of a name server, by its whole name."""
    for d in c.domains:
        for ns, family, address, _ in c.ns_addresses(d):
            if f"{ns.name}.{d.name}" == name:
                yield family, address


def soa(serial):
    return f"$TTL 300\n@ SOA ns1.hoster.test. hostmaster.hoster.test. {serial} 7200 3600 1209600 300\n"


def fill(c, d, line, digest):
    """Puts addresses into a line of the catalogue."""
    web = list(c.web_addresses(d))
    words = {"d": d.name, "mxkey": digest}
    for family in (4, 6):
        at = [a for f, a, _ in web if f == family]
        words[f"web{family}"] = at[0] if at else ""
        words[f"web{family}b"] = at[-1] if at else ""
        words[f"mx{family}"] = next((a for _, f, a, _, _ in c.mx_addresses(d) if f == family), "")
        words[f"nsd{family}"] = next((a for f, a in addresses_of(c, "ns1.hoster.test") if f == family), "") if "{nsd" in line else ""
    for key, value in words.items():
        line = line.replace("{" + key + "}", value)
    return line


def host_lines(c, d):
    web = list(c.web_addresses(d))
    for owner, families in (("@", d.apex), ("www", d.www)):
        for family in families:
            of = 6 if family.startswith("six") else 4
            found = [a for f, a, _ in web if f == of]
            for address in found[:1] if family == "six0" else found:
                yield f"{owner} {'AAAA' if of == 6 else 'A'} {address}"


def service_lines(c, d, digest):
    yield from host_lines(c, d)
    for mx in d.mx:
        if d.mail:
            yield f"@ MX {mx.preference} {mx.name}"
    for mx, family, address, _, _ in c.mx_addresses(d):
        yield f"{mx.name} {'AAAA' if family == 6 else 'A'} {address}"
    if d.mail and not d.mx:
        yield "@ MX 10 mx.hoster.test."
    if d.spf:
        yield fill(c, d, d.spf, digest)


def zone_lines(c, d, digest, second):
    for ns in d.ns:
        if ns.at != "above":
            yield f"@ NS {ns.name}"
    for ns, family, address, _ in c.ns_addresses(d):
        yield f"{ns.name} {'AAAA' if family == 6 else 'A'} {address}"
    yield from service_lines(c, d, digest)
    for line in d.records_b if second and d.records_b else d.records:
        yield fill(c, d, line, digest)


def delegation_lines(c, d):
    """In the zone above: servers, glue."""
    for ns in d.ns:
        name = ns.name if ns.name.endswith(".") else f"{ns.name}.{d.name}."
        if ns.at != "zone":
            yield f"{d.name}. NS {name}"
    for ns, family, address, _ in c.ns_addresses(d):
        glue = ns.glue6 if family == 6 else ns.glue4
        if glue and ns.at != "zone":
            yield f"{ns.name}.{d.name}. {'AAAA' if family == 6 else 'A'} {address if glue == 'same' else glue}"


def inside(c, children):
    """Lines of hosts that have no zone of their own, and of zones below."""
    for child in children:
        if child.is_zone:
            yield from delegation_lines(c, child)
        else:
            for line in service_lines(c, child, ""):
                owner, rest = line.split(" ", 1)
                owner = child.name + "." if owner == "@" else f"{owner}.{child.name}."
                words = rest.split()
                if words[0] == "MX" and not words[-1].endswith("."):
                    rest += f".{child.name}."
                yield f"{owner} {rest}"


def root_lines(c):
    for (name, _), six, four in zip(ROOTS, ROOT_SIX, ROOT_FOUR):
        yield from (f". NS {name}.", f"{name}. AAAA {six}", f"{name}. A {four}")
    for d in c.domains:
        if c.above(d) is None:
            yield from delegation_lines(c, d)
    for zone in REVERSE:
        yield from (f"{zone}. NS ns1.hoster.test.", f"{zone}. NS ns2.hoster.test.")


def reverse_lines(c):
    for d in c.domains:
        for mx, family, address, _, _ in c.mx_addresses(d):
            name = mx.ptr6 if family == 6 else mx.ptr4
            if name:
                yield f"{ipaddress.ip_address(address).reverse_pointer}. PTR {f'{mx.name}.{d.name}' if name == 'self' else name}."
        for family, address, serve in c.web_addresses(d):
            if serve.does == "mail":
                yield f"{ipaddress.ip_address(address).reverse_pointer}. PTR {d.name}."


class Zones:
    """Writes FOLDER/a/NAME and FOLDER/b/NAME, what the first and the second server have."""

    def __init__(self, catalogue, folder, digest):
        self.catalogue, self.folder, self.keys = catalogue, folder, folder / "keys"
        for part in ("a", "b", "keys", "work"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self.digest, self.names, self.below = digest, [], catalogue.below()
        self.anchor = folder / "anchor"

    def write(self):
        c = self.catalogue
        texts = {d.name: [self._text(d, second) for second in (False, True)] for d in c.domains if d.is_zone}
        signed = [d for d in c.domains if d.signed]
        with ThreadPoolExecutor(4) as pool:
            ds = dict(zip((d.name for d in signed), pool.map(lambda d: self._key(d.name, d.signed), signed)))
            for d in signed:
                above = c.above(d)
                if above:
                    texts[above.name] = [t + ds[d.name] for t in texts[above.name]]
            root = soa(SERIAL) + "\n".join(root_lines(c)) + "\n" + "".join(ds[d.name] for d in signed if c.above(d) is None)
            self.anchor.write_text(self._key("root", "sound", "."))
            texts["root"] = [root, root]
            reverse = list(reverse_lines(c))
            for zone in REVERSE:
                lines = [x for x in reverse if x.split(" ")[0].endswith(f"{zone}.")]
                texts[zone] = [soa(SERIAL) + "@ NS ns1.hoster.test.\n@ NS ns2.hoster.test.\n" + "\n".join(lines) + "\n"] * 2
            for name, pair in texts.items():
                for part, text in zip("ab", pair):
                    (self.folder / part / name).write_text(text, encoding="ascii")
            list(pool.map(lambda x: self._sign(*x), [("root", ".", "sound")] + [(d.name, d.name, d.signed) for d in signed]))
        self.names = list(texts)

    def _text(self, d, second):
        c = self.catalogue
        lines = list(zone_lines(c, d, self.digest, second)) + list(inside(c, self.below.get(d.name, [])))
        text = soa(d.serial_b if second and d.serial_b else SERIAL) + "\n".join(lines) + "\n"
        return text if d.dnssec_ttl else text.replace("$TTL 300", "$TTL 0")

    def _run(self, *words):
        done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: {done.stderr[-500:]}")
        return done.stdout

    def _key(self, file, kind, name=""):
        name = name or file
        base = self._run("dnssec-keygen", "-q", "-K", str(self.keys), "-a", "ECDSAP256SHA256", "-f", "KSK", name).strip()
        (self.keys / file).write_text(base)
        ds = self._run("dnssec-dsfromkey", "-2", str(self.keys / base) + ".key")
        if kind == "ds":
            words = ds.split()
            ds = " ".join(words[:-1] + ["ab" * 32]) + "\n"
        return ds

    def _sign(self, file, name, kind):
        base = (self.keys / file).read_text()
        key = self.keys / base
        first = None
        for part in "ab":
            path = self.folder / part / file
            if path.read_text() == first:
                path.write_text((self.folder / "a" / file).read_text())
                continue
            first = path.read_text()
            text = first + (self.keys / (base + ".key")).read_text()
            source = self.folder / "work" / f"{file}-{part}"
            source.write_text(text)
            words = ["dnssec-signzone", "-d", str(self.folder / "work"), "-q", "-z", "-o", name, "-f", str(path), "-O", "full"]
            if kind == "nsec3":
                words += ["-3", "-", "-H", "0"] + (["-A"] if name == "test" else [])
            if kind == "expired":
                words += ["-P", "-s", "20250101000000", "-e", "20250201000000"]
            self._run(*words, str(source), str(key))
            if kind == "bogus":
                path.write_text("".join(self._spoiled(x) for x in path.read_text().splitlines(keepends=True)))

    @staticmethod
    def _spoiled(line):
        """A signature whose last octets are others."""
        words = line.split()
        if len(words) > 8 and words[3] == "RRSIG" and words[4] in ("A", "AAAA", "MX", "TXT", "SOA"):
            return line.replace(words[-1], "AAAA" + words[-1][4:])
        return line
