# SPDX-License-Identifier: Apache-2.0
"""The laboratory of bench/services.sh: NSD with a zone for each domain, nginx and a mail server behind shared addresses,
each address in a network of its own. It needs root for its namespaces.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "services"))

import pages  # noqa: E402
import zones  # noqa: E402
from certificates import Certificates  # noqa: E402
from laboratory import why_not  # noqa: E402
from network import Network, sweep  # noqa: E402
from servers_mail import default_root, start_postfix  # noqa: E402

SHARED = 120  # addresses of each family that the sites share; as many mail servers
HOSTERS = 16  # pairs of name servers
ALLOW = "2001:db8::/38,3fff::/24,192.0.2.0/24,198.51.100.0/24,203.0.113.0/24"


def site(n):
    return f"2001:db8:{n % SHARED + 1:x}::80", f"198.51.100.{n % SHARED + 1}"


def mail(n):
    return f"2001:db8:{n % SHARED + 1:x}::25", f"203.0.113.{n % SHARED + 1}"


def server(n, which):
    return f"2001:db8:{n % HOSTERS * 2 + which + 0x200:x}::53", f"192.0.2.{64 + n % HOSTERS * 2 + which}"


class Load:
    def __init__(self, count):
        self.count, self.net = count, Network()
        self.folder = Path(tempfile.mkdtemp(prefix="services-bench-"))
        self.folder.chmod(0o755)
        for part in ("run", "etc", "logs", "zones", "site"):
            (self.folder / part).mkdir()
        self.certificates = Certificates(self.folder / "certificates")

    def start(self, space, name, *words, **more):
        return self.net.start(space, *words, log=self.folder / "logs" / name, **more)

    def write(self, name, text):
        path = self.folder / "etc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def name(self, n):
        return f"d{n:07d}.bench.test"

    def zone(self, n):
        (six, four), (mx6, mx4) = site(n), mail(n)
        return (f"$TTL 300\n@ SOA ns0.h{n % HOSTERS}.bench.test. hostmaster.bench.test. 1 7200 3600 1209600 300\n@ NS ns0.h{n % HOSTERS}.bench.test.\n"
                f"@ NS ns1.h{n % HOSTERS}.bench.test.\n@ AAAA {six}\n@ A {four}\nwww AAAA {six}\nwww A {four}\n@ MX 10 mx{n % SHARED}.bench.test.\n"
                f'@ TXT "v=spf1 ip6:{mx6} ip4:{mx4} -all"\n')

    def zones(self):
        root = zones.soa(1)
        for (name, _), six, four in zip(zones.ROOTS, zones.ROOT_SIX, zones.ROOT_FOUR):
            root += f". NS {name}.\n{name}. AAAA {six}\n{name}. A {four}\n"
        for zone in ("bench.test", "8.b.d.0.1.0.0.2.ip6.arpa"):
            root += f"{zone}. NS ns0.h0.bench.test.\n{zone}. NS ns1.h0.bench.test.\n"
        top = zones.soa(1) + "@ NS ns0.h0\n@ NS ns1.h0\n"
        for h in range(HOSTERS):
            for which in (0, 1):
                six, four = server(h, which)
                glue = f"ns{which}.h{h}.bench.test. AAAA {six}\nns{which}.h{h}.bench.test. A {four}\n"
                top += glue
                root += glue if h == 0 else ""
        reverse = zones.soa(1) + "@ NS ns0.h0.bench.test.\n@ NS ns1.h0.bench.test.\n"
        import ipaddress
        for n in range(SHARED):
            top += f"mx{n} AAAA {mail(n)[0]}\nmx{n} A {mail(n)[1]}\n"
            reverse += f"{ipaddress.ip_address(mail(n)[0]).reverse_pointer}. PTR mx{n}.bench.test.\n"
        for n in range(self.count):
            top += "".join(f"d{n:07d} NS ns{which}.h{n % HOSTERS}\n" for which in (0, 1))
        for name, text in (("root", root), ("bench.test", top), ("reverse", reverse)):
            (self.folder / "zones" / name).write_text(text)
        period = SHARED * HOSTERS  # zones of the same addresses and servers are one file
        for n in range(min(period, self.count)):
            (self.folder / "zones" / str(n)).write_text(self.zone(n))
        return period

    def nsd(self, name, at, served):
        run = self.folder / "run"
        text = f"""server:
  username: root
  database: ""
  zonesdir: "{self.folder}/zones"
  pidfile: ""
  xfrdfile: "{run}/{name}.xfrd"
  xfrdir: "{run}"
  zonelistfile: "{run}/{name}.zones"
  cookie-secret-file: "{run}/{name}.cookies"
  rrl-ratelimit: 0
  tcp-count: 1000
  ip-freebind: yes
""" + "".join(f"  ip-address: {a}\n" for pair in at for a in pair) + "remote-control:\n  control-enable: no\n"
        text += "".join(f"zone:\n  name: {zone}\n  zonefile: {file}\n" for zone, file in served)
        self.start("world", name, "nsd", "-d", "-c", self.write(name + ".conf", text))

    def web(self):
        pages.write(self.folder / "site" / "page", "example", "page")
        text = ""
        for n in range(min(SHARED, self.count)):
            # The certificate names those domains that are checked in full.
            names = [x for k in range(n, min(self.count, 30 * SHARED), SHARED) for x in (self.name(k), "www." + self.name(k))]
            pem = self.certificates.file("good", f"site{n}", names)
            six, four = site(n)
            text += (f"server {{ listen [{six}]:80; listen {four}:80; listen [{six}]:443 ssl http2; listen {four}:443 ssl http2; ssl_certificate {pem}; "
                     f"ssl_certificate_key {pem}; root {self.folder}/site/page; }}\n")
        conf = f"""daemon off; worker_processes 1; pid {self.folder}/run/nginx.pid; user root; error_log {self.folder}/logs/nginx error;
events {{ worker_connections 16384; }}
worker_rlimit_nofile 32768;
http {{ access_log off; types {{ text/html html; text/css css; image/png png; }} {text} }}
"""
        self.start("world", "nginx", "nginx", "-c", self.write("nginx.conf", conf))

    def mail(self):
        listeners = []
        for n in range(min(SHARED, self.count)):
            pem = self.certificates.file("good", f"mx{n}", [f"mx{n}.bench.test"])
            listeners += [(f"mx{n}.bench.test", a, pem) for a in mail(n)]
        root = default_root()
        if root:
            start_postfix(self, listeners, root)
        else:
            import json
            path = self.write("mail.json", json.dumps([[a, "starttls", name, str(pem)] for name, a, pem in listeners]))
            self.start("world", "mail", "/usr/bin/python3", Path(zones.__file__).parent / "hostile_mail.py", path)

    def up(self):
        self.net.up([])
        period = self.zones()
        self.nsd("nsd-root", zip(zones.ROOT_SIX, zones.ROOT_FOUR), [(".", "root")])
        self.nsd("nsd", [server(h, w) for h in range(HOSTERS) for w in (0, 1)], [("bench.test", "bench.test"), ("8.b.d.0.1.0.0.2.ip6.arpa", "reverse")] +
                 [(self.name(n), str(n % period)) for n in range(self.count)])
        self.web()
        self.mail()
        last = self.name(self.count - 1)
        for _ in range(120):
            out = self.net.within("client", "dig", f"@{server(self.count - 1, 1)[0]}", "+time=1", "+tries=1", "+short", last, "AAAA").stdout
            if out.strip() == site(self.count - 1)[0]:
                return
            time.sleep(0.5)
        raise RuntimeError("the servers did not come up: " + "".join(p.read_text(errors="replace")[-300:] for p in (self.folder / "logs").iterdir()))

    def hints(self):
        path = self.folder / "hints"
        path.write_text("".join(f"{name}. 3600 A {four}\n{name}. 3600 AAAA {six}\n" for (name, _), six, four in zip(zones.ROOTS, zones.ROOT_SIX, zones.ROOT_FOUR)))
        return path

    def down(self):
        self.net.down()
        shutil.rmtree(self.folder, ignore_errors=True)


def busy():
    """Seconds of work of all processors."""
    words = open("/proc/stat", encoding="ascii").readline().split()[1:]
    return (sum(map(int, words)) - int(words[3]) - int(words[4])) / os.sysconf("SC_CLK_TCK")


def run(load, program, names, *options, seconds=None):
    """Checks a list. Returns seconds, processor seconds of the check, of all, and its memory in MB."""
    path = load.folder / "list.csv"
    with open(path, "w", encoding="ascii") as out:
        out.write("domain\n")
        for n in names:
            out.write(load.name(n) + "\n")
    journal = load.folder / "journal"
    journal.unlink(missing_ok=True)
    log = open(load.folder / "logs" / "check", "wb")
    before, began = busy(), time.monotonic()
    process = subprocess.Popen(["ip", "netns", "exec", load.net.name("client"), program, "check", "--list", str(path), "--journal", str(journal), "--quiet", "--root-hints", str(load.hints()), "--allow", ALLOW,
                                "--authorities", str(load.certificates.authorities), "--at-least", "none", *options], stdout=log, stderr=log)
    while True:
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if seconds and time.monotonic() - began > seconds:
            process.send_signal(signal.SIGTERM)
            seconds += 30
        time.sleep(0.05)
    took = time.monotonic() - began
    if status and os.waitstatus_to_exitcode(status) not in (1, -signal.SIGTERM):
        raise RuntimeError((load.folder / "logs" / "check").read_text(errors="replace")[-800:])
    return took, used.ru_utime + used.ru_stime, busy() - before, used.ru_maxrss / 1024


def main():
    program = os.path.abspath(sys.argv[1])
    counts = [int(x) for x in sys.argv[2:]] + [20000, 1500, 1000000][len(sys.argv) - 2:]
    lacking = why_not()
    if lacking:
        print(f"not here: {lacking}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sweep()
    load = Load(max(counts[:2]))
    try:
        load.up()
        print(f"{'':28} {'domains':>8} {'a minute':>9} {'ms of check':>12} {'ms of all':>10} {'MB':>6}")
        for what, count, options in (("names and ports", counts[0], ("--tests", "quick", "--open", "1024")), ("everything, depth 2", counts[1], ("--open", "256"))):
            took, own, whole, memory = run(load, program, range(count), *options)
            print(f"{what:28} {count:8} {count / took * 60:9.0f} {own / count * 1000:12.2f} {whole / count * 1000:10.2f} {memory:6.0f}", flush=True)
        took, _, _, memory = run(load, program, range(counts[2]), "--tests", "quick", "--open", "1024", seconds=60)
        print(f"{'a list of so many names':28} {counts[2]:8} {'':9} {'':12} {'':10} {memory:6.0f}   (its first {took:.0f} s)")
    finally:
        load.down()
    return 0


if __name__ == "__main__":
    sys.exit(main())
