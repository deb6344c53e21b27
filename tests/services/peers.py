# SPDX-License-Identifier: Apache-2.0
"""What other programs see in the laboratory: dig, delv, unbound, curl, openssl s_client, pyspf, and the SMTP client of Python.
Each function answers one test of a check, of one domain: True, False, or None where it cannot be said.
"""

import difflib
import re
import smtplib
import socket
import ssl
import subprocess

import dns.resolver
import spf

SECONDS = 3


def run(*words, seconds=15, text=None):
    try:
        done = subprocess.run([str(w) for w in words], capture_output=True, text=True, errors="replace", timeout=seconds, check=False, input=text)
    except subprocess.TimeoutExpired:
        return 124, ""
    return done.returncode, done.stdout


class Peers:
    """Runs inside the client's namespace, beside two unbound: one with both families, one with IPv6 alone."""

    def __init__(self, authorities, anchor, both, six):
        self.authorities, self.anchor, self.both, self.six = authorities, anchor, both, six
        dns.resolver.default_resolver = dns.resolver.Resolver(configure=False)
        dns.resolver.default_resolver.nameservers, dns.resolver.default_resolver.port = ["127.0.0.1"], both

    # ---- DNS

    def look_up(self, name, kind, six=False, checking=False):
        """Data, or None where nothing was found out."""
        port = self.six if six else self.both
        _, out = run("dig", "@127.0.0.1", "-p", port, "+time=6", "+tries=1", "+nocookie", *([] if checking else ["+cd"]), "+noall", "+comments", "+answer", name, kind)
        if "status: NOERROR" not in out:
            return [] if "status: NXDOMAIN" in out else None
        return [x.split(None, 4)[4] for x in out.splitlines() if x and not x.startswith(";") and x.split()[3] == kind]

    def ask(self, address, name, kinds, *options):
        """A server, with authority: its records of each kind, sorted; None: no answer, or none that says something."""
        words = ["dig", "+noall", "+comments", "+answer", "+norec", "+nocookie", f"+time={SECONDS}", "+tries=2", *options]
        for kind in kinds:
            words += [f"@{address}", name, kind]
        _, out = run(*words)
        if "ID mismatch" in out or "uestion section mismatch" in out:
            return None
        found = []
        for part in out.split(";; Got answer:")[1:]:
            flags = re.search(r"flags: ([a-z ]*);", part)
            if "status: NOERROR" not in part or not flags or "aa" not in flags.group(1).split():
                return None
            found.append(sorted(x.split(None, 4)[4] for x in part.splitlines() if x and not x.startswith(";")))
        return found if len(found) == len(kinds) else None

    def servers(self, names):
        """Addresses of its name servers, by family."""
        found = {4: [], 6: []}
        for name in names:
            found[6] += self.look_up(name, "AAAA") or []
            found[4] += self.look_up(name, "A") or []
        return found

    def validated(self, zone):
        """delv follows the signatures itself."""
        _, out = run("delv", "@127.0.0.1", "-p", self.both, "-a", self.anchor, "+root=.", "+cd", "+nosplit", zone, "AAAA")
        if "; fully validated" in out:
            return "secure"
        return "insecure" if "; unsigned answer" in out else "bogus"

    # ---- web

    @staticmethod
    def opens(address, port):
        try:
            with socket.create_connection((address, port), SECONDS):
                return True
        except OSError:
            return False

    def certificate(self, address, host, *more, port=443):
        at = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
        code, out = run("timeout", "8", "openssl", "s_client", "-connect", at, "-servername", host, "-verify_hostname", host, "-CAfile", self.authorities, "-no-CApath",
                        "-verify_return_error", "-brief", *more, text="")
        return code == 0, out

    def page(self, scheme, host, addresses, hosts):
        """(status, body, version of HTTP) after redirects; status None: none came. Certificates are looked at elsewhere."""
        words = ["curl", "-gsk", "-L", "--max-redirs", "8", "--proto-redir", "=https" if scheme == "https" else "=http,https", "--connect-timeout", SECONDS, "-m", "8", "--max-filesize", "20000000", "--compressed",
                 "--noproxy", "*", "-w", "\n%{http_code} %{http_version}"]
        for other, family in hosts.items():
            for port in (80, 443):
                words += ["--resolve", f"{other}:{port}:" + ",".join(family)]
        words += ["--resolve", f"{host}:{443 if scheme == 'https' else 80}:" + ",".join(addresses)]
        for _ in range(2):  # a single connection can be lost
            code, out = run(*words, f"{scheme}://{host}/", seconds=12)
            if code != 7:
                break
        if code:
            return None, "", code
        body, _, tail = out.rpartition("\n")
        status, version = tail.split()
        return int(status), body, version

    @staticmethod
    def alike(one, two):
        """Of two pages, the share of words that are the same in the same order."""
        words = [re.sub(r"<[^>]*>", " ", x).split() for x in (one[:60000], two[:60000])]
        return difflib.SequenceMatcher(None, *words, autojunk=False).ratio()

    # ---- mail

    def greets(self, address, name):
        """(greets and takes EHLO, whether STARTTLS works, whether its certificate holds)."""
        try:
            with smtplib.SMTP(timeout=4) as s:
                code, _ = s.connect(address, 25)
                if code != 220:
                    return False, False, False
                code, _ = s.ehlo("client.test")
                if code != 250:
                    code, _ = s.helo("client.test")
                if code != 250:
                    return False, False, False
                if not s.has_extn("starttls"):
                    return True, False, False
        except (OSError, smtplib.SMTPException, UnicodeError):
            return False, False, False
        held = [self._starttls(address, name, context) for context in (ssl._create_unverified_context(), ssl.create_default_context(cafile=str(self.authorities)))]
        return True, held[0], held[1]

    @staticmethod
    def _starttls(address, name, context):
        try:
            with smtplib.SMTP(timeout=4) as s:
                s.connect(address, 25)
                s._host = name
                s.ehlo("client.test")
                s.starttls(context=context)
                return True
        except (OSError, smtplib.SMTPException, ValueError):
            return False

    def leads_back(self, address):
        """The name of the address, and the address of the name."""
        _, out = run("dig", "@127.0.0.1", "-p", self.both, "+time=6", "+tries=1", "+short", "-x", address)
        return any(address in (self.look_up(name, "AAAA") or []) for name in out.split())

    @staticmethod
    def spf(domain, address):
        """The result for mail of the domain from that address."""
        return spf.check2(i=address, s=f"postmaster@{domain}", h=domain)[0]

    def dane(self, address, name):
        """None: no TLSA record that is secure."""
        _, out = run("dig", "@127.0.0.1", "-p", self.both, "+time=6", "+tries=1", "+dnssec", f"_25._tcp.{name}", "TLSA")
        flags = re.search(r"flags: ([a-z ]*);", out)
        found = re.findall(r"\sTLSA\s+(\d \d \d [0-9A-F ]+)", out)
        if not found or not flags or "ad" not in flags.group(1).split():
            return None
        words = found[0].split()
        code, _ = run("timeout", "6", "openssl", "s_client", "-connect", f"[{address}]:25", "-starttls", "smtp", "-dane_tlsa_domain", name,
                      "-dane_tlsa_rrdata", " ".join(words[:3] + ["".join(words[3:])]), "-verify_return_error", "-brief", text="QUIT\n")
        return code == 0
