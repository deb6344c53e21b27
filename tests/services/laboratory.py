# SPDX-License-Identifier: Apache-2.0
"""The laboratory of public services, brought up and taken down. By hand: laboratory.py [COMMAND...] runs the command
in the client's namespace, or waits for the end of its input.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import catalogue  # noqa: E402
import model  # noqa: E402
import zones  # noqa: E402
from certificates import Certificates  # noqa: E402
from network import Network, allowed, sweep  # noqa: E402
from servers import Servers  # noqa: E402

UP_SECONDS = 60
PROGRAMS = ("ip", "nft", "ss", "nsd", "knotd", "named", "unbound", "nginx", "h2o", "lighttpd", "smtpd", "dnssec-keygen", "dnssec-signzone", "dig", "openssl", "curl")


def why_not():
    """What is missing here; "": nothing."""
    missing = [p for p in PROGRAMS if not shutil.which(p, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")]
    if missing:
        return "there is no " + ", ".join(missing)
    return "" if allowed() else "no network namespaces for this user"


class Laboratory:
    def __init__(self):
        os.environ["PATH"] += ":/usr/sbin:/sbin"
        self.folder = Path(tempfile.mkdtemp(prefix="services-", dir=os.environ.get("TMPDIR")))
        self.catalogue, self.network = catalogue.everything(), Network()
        self.certificates = Certificates(self.folder / "certificates")
        self.servers = Servers(self.catalogue, self.network, self.certificates, self.folder)
        self.took = 0.0

    def __enter__(self):
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        sweep()
        began = time.monotonic()
        try:
            self.network.kept_from = self.catalogue.kept_from()
            self.network.up(list(self.catalogue.blocks()))
            self.step(began, "network")
            self.servers.up()
            self.step(began, "servers started")
            while True:
                missing = self.servers.missing()
                if not missing:
                    break
                if time.monotonic() - began > UP_SECONDS or any(p.poll() is not None for p in self.network.processes):
                    raise RuntimeError(f"{len(missing)} addresses are not served, as {missing[:3]}\n{self.last_words()}")
                time.sleep(0.1)
        except BaseException:
            self.__exit__()
            raise
        self.took = time.monotonic() - began
        return self

    def step(self, began, what):
        if os.environ.get("SERVICES_STEPS"):
            print(f"# {what}: {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)

    def last_words(self):
        found = ""
        for path in sorted((self.folder / "logs").iterdir()):
            text = path.read_text(errors="replace")[-600:]
            found += f"-- {path.name}\n{text}\n" if text else ""
        return found

    def __exit__(self, *_):
        self.left = self.network.down()
        if not os.environ.get("SERVICES_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)

    # ---- what a check is told

    def root_hints(self):
        """In the form of a zone file, as resolvers have it."""
        path = self.folder / "root.hints"
        lines = [f". 3600 NS {name}." for name, _ in zones.ROOTS]
        for (name, _), six, four in zip(zones.ROOTS, zones.ROOT_SIX, zones.ROOT_FOUR):
            lines += [f"{name}. 3600 A {four}", f"{name}. 3600 AAAA {six}"]
        path.write_text("\n".join(lines) + "\n")
        return path

    def options(self):
        found = ["--root-hints", self.root_hints(), "--trust-anchor", self.servers.zones.anchor, "--authorities", self.certificates.authorities]
        opt_out = self.folder / "opt-out"
        opt_out.write_text("\n".join(self.catalogue.opted_out()) + "\n")
        found += ["--allow", ",".join(model.ALLOWED), "--opt-out", opt_out]
        return [str(x) for x in found]


def main():
    with Laboratory() as lab:
        print(f"up in {lab.took:.1f} s: {len(lab.catalogue.listed())} domains; {lab.folder}; namespace {lab.network.name('client')}", file=sys.stderr, flush=True)
        lab.root_hints()
        if sys.argv[1:]:
            environment = dict(os.environ, LAB=str(lab.folder), LAB_OPTIONS=" ".join(lab.options()))
            return subprocess.run(["ip", "netns", "exec", lab.network.name("client"), *sys.argv[1:]], check=False, env=environment).returncode
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
