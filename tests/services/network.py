# SPDX-License-Identifier: Apache-2.0
"""The network of the laboratory: a client, a router, and the namespaces in which servers have all addresses of their
prefixes. Nothing of it reaches outside.

    client ── router ─┬─ world        2001:db8::/38, IPv4
                      ├─ narrow       3fff:1::/32, 1,280 octets, says so
                      └─ hole         3fff:2::/32 (1,280) and 3fff:3::/32 (1,400), "packet too big" is lost
"""

import os
import re
import signal
import subprocess
import time

FOUR_LOCAL = ("198.51.100.0/24", "203.0.113.0/24", "192.0.2.32/27", "192.0.2.64/26", "192.0.2.128/25")
SIX_LOCAL = {"world": ("2001:db8::/38",), "narrow": ("3fff:1::/32",), "hole": ("3fff:2::/31",)}
FORBIDDEN = """table inet watch {
  set six { type ipv6_addr; flags dynamic; size 4096; }
  set four { type ipv4_addr; flags dynamic; size 4096; }
  chain out { type filter hook output priority 0
    meta l4proto { tcp, udp } ip6 daddr != { 2001:db8::/38, 3fff::/24 } add @six { ip6 daddr }
    meta l4proto { tcp, udp } ip daddr != { 192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24 } add @four { ip daddr }
  }
}
"""
LOST = """table ip6 lost {
  chain out { type filter hook output priority 0
    icmpv6 type packet-too-big ip6 daddr 3fff:2::/31 drop
    icmpv6 type packet-too-big @th,256,32 & 0xfffffffe == 0x3fff0002 drop
  }
}
"""


def run(*words, text=None):
    done = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False, input=text)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def allowed():
    """May this user make network namespaces here?"""
    name = f"sextant-{os.getpid()}-try"
    if os.geteuid() or subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode:
        return False
    run("ip", "netns", "del", name)
    return True


def sweep():
    """Takes down what a killed run left behind."""
    for name in {"-".join(x.split("-")[:2]) for x in run("ip", "netns", "list").split() if re.fullmatch(r"services-\d+-[a-z]+", x)}:
        if not os.path.exists(f"/proc/{name.split('-')[1]}"):
            dead = Network(name)
            dead.spaces = dict.fromkeys(("client", "router", *SIX_LOCAL))
            dead.down()


class Network:
    def __init__(self, base=""):
        self.base = base or f"services-{os.getpid()}"
        self.spaces, self.processes, self.kept_from = {}, [], []

    def name(self, space):
        return f"{self.base}-{space}"

    def up(self, blocks):
        for space in ("client", "router", *SIX_LOCAL):
            run("ip", "netns", "add", self.name(space))
            self.spaces[space] = True
            run("ip", "-n", self.name(space), "link", "set", "lo", "up")
        self._sysctl("router", "net.ipv6.conf.all.forwarding=1", "net.ipv4.ip_forward=1", "net.ipv6.icmp.ratelimit=0", "net.ipv4.icmp_ratelimit=0")
        self._link("client", "3fff:0:c::", "192.0.2.1", "192.0.2.2")
        for number, space in enumerate(SIX_LOCAL):
            self._sysctl(space, "net.ipv6.ip_nonlocal_bind=1", "net.ipv4.ip_nonlocal_bind=1", "net.ipv6.icmp.ratelimit=0", "net.ipv4.icmp_ratelimit=0",
                         "net.core.somaxconn=4096", "net.ipv4.tcp_max_syn_backlog=4096")
            self._link(space, f"3fff:0:{number + 1}::", *(("192.0.2.5", "192.0.2.6") if space == "world" else ()))
            for prefix in SIX_LOCAL[space]:
                run("ip", "-n", self.name(space), "-6", "route", "add", "local", prefix, "dev", "lo")
        for prefix in FOUR_LOCAL:
            run("ip", "-n", self.name("world"), "route", "add", "local", prefix, "dev", "lo")
            run("ip", "-n", self.name("router"), "route", "add", prefix, "via", "192.0.2.6")
        for prefix, via, mtu in (("2001:db8::/38", 1, 0), ("3fff:1::/32", 2, 1280), ("3fff:2::/32", 3, 1280), ("3fff:3::/32", 3, 1400)):
            narrow = ("mtu", "lock", str(mtu)) if mtu else ()
            run("ip", "-n", self.name("router"), "-6", "route", "add", prefix, "via", f"3fff:0:{via}::2", *narrow)
            if mtu:  # the way back
                table = prefix.split(":")[1]
                run("ip", "-n", self.name("router"), "-6", "rule", "add", "from", prefix, "table", "10" + table)
                run("ip", "-n", self.name("router"), "-6", "route", "add", "3fff:0:c::/64", "dev", "client", "table", "10" + table, *narrow)
        run("ip", "-n", self.name("router"), "-6", "route", "add", "unreachable", "2001:db8:3ff::/48")
        self.nft("router", LOST)
        self.nft("world", self._firewall(blocks))
        self.watch()

    def _sysctl(self, space, *settings):
        run("ip", "netns", "exec", self.name(space), "sysctl", "-qw", *settings)

    def _link(self, space, net, *four):
        router, here = self.name("router"), self.name(space)
        run("ip", "link", "add", space, "netns", router, "type", "veth", "peer", "name", "wire", "netns", here)
        for end, device, six, number in ((router, space, f"{net}1", 0), (here, "wire", f"{net}2", 1)):
            run("ip", "-n", end, "link", "set", "dev", device, "up")
            run("ip", "-n", end, "addr", "add", f"{six}/64", "dev", device, "nodad")
            if four:
                run("ip", "-n", end, "addr", "add", f"{four[number]}/30", "dev", device)
        run("ip", "-n", here, "-6", "route", "add", "default", "via", f"{net}1")
        if four:
            run("ip", "-n", here, "route", "add", "default", "via", four[0])

    @staticmethod
    def _firewall(blocks):
        come, go = [], []
        for b in blocks:
            family = "ip6" if ":" in b.address else "ip"
            port = f"{b.protocol} dport {b.port}" if b.port else f"meta l4proto {b.protocol}" if b.protocol else ""
            if b.how == "large":
                go.append(f"{family} saddr {b.address} udp sport {b.port} udp length > 512 drop")
                continue
            action = {"drop": "drop", "reset": "reject with tcp reset", "prohibited": "reject with icmpv6 admin-prohibited", "lossy": "numgen inc mod 3 0 drop",
                      "third": "tcp flags & (syn | ack) == syn numgen inc mod 3 0 reject with tcp reset"}[b.how]
            come.append(f"{family} daddr {b.address} {port} {action}")
        return ("table inet fire {\n chain come { type filter hook input priority 0\n " + "\n ".join(come) + "\n }\n chain go { type filter hook output priority 0\n " +
                "\n ".join(go) + "\n }\n}\n")

    def nft(self, space, text):
        run("ip", "netns", "exec", self.name(space), "nft", "-f", "-", text=text)

    def watch(self):
        """Begins to note whom the client sends to outside what is allowed."""
        subprocess.run(["ip", "netns", "exec", self.name("client"), "nft", "delete", "table", "inet", "watch"], capture_output=True, check=False)
        more = "".join(f"add rule inet watch out meta l4proto {{ tcp, udp }} {'ip6' if ':' in a else 'ip'} daddr {a} add @{'six' if ':' in a else 'four'} "
                       f"{{ {'ip6' if ':' in a else 'ip'} daddr }}\n" for a in self.kept_from)
        self.nft("client", FORBIDDEN + more)

    def forbidden(self):
        found = []
        for family in ("six", "four"):
            text = run("ip", "netns", "exec", self.name("client"), "nft", "list", "set", "inet", "watch", family)
            if "elements" in text:
                found += [x.strip() for x in text.split("elements = {")[1].split("}")[0].split(",")]
        return found

    # ---- processes

    def start(self, space, *words, log=None, **more):
        out = open(log, "ab") if log else subprocess.DEVNULL  # pylint: disable=consider-using-with
        process = subprocess.Popen(["ip", "netns", "exec", self.name(space), *map(str, words)], stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, **more)
        if log:
            out.close()
        self.processes.append(process)
        return process

    def within(self, space, *words, timeout=60, **more):
        return subprocess.run(["ip", "netns", "exec", self.name(space), *map(str, words)], capture_output=True, text=True, timeout=timeout, check=False, **more)

    def _left(self):
        found = []
        for space in self.spaces:
            listed = subprocess.run(["ip", "netns", "pids", self.name(space)], capture_output=True, text=True, check=False)
            found += [int(x) for x in listed.stdout.split()]
        return found

    def down(self):
        """Ends what runs in these namespaces; says what would not end, or stayed."""
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
        for how, until in ((signal.SIGTERM, time.monotonic() + 3), (signal.SIGKILL, time.monotonic() + 6)):
            while self._left() and time.monotonic() < until:
                for pid in self._left():
                    try:
                        os.kill(pid, how)
                    except ProcessLookupError:
                        pass
                time.sleep(0.1)
        left = self._left()
        for process in self.processes:
            process.wait(5)
        for space in self.spaces:
            subprocess.run(["ip", "netns", "del", self.name(space)], capture_output=True, check=False)
        still = [x for x in run("ip", "netns", "list").split() if x.startswith(self.base + "-")]
        return [f"process {pid}" for pid in left] + still
