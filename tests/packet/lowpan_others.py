#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""6LoWPAN against two implementations that nobody here wrote: scapy builds frames that ours restores, and restores
what ours builds; tshark restores what ours builds with contexts, extension headers and fragments, whose UDP
checksums must then be right.

Usage: lowpan_others.py CODEC
"""

import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "e2e"))

from tap import plan, report  # noqa: E402

try:
    from scapy.config import conf
    from scapy.layers.dot15d4 import Dot15d4Data, Dot15d4FCS
    from scapy.layers.inet import UDP
    from scapy.layers.inet6 import ICMPv6EchoRequest, IPv6, IPv6ExtHdrDestOpt, IPv6ExtHdrHopByHop, PadN, RouterAlert
    from scapy.layers.sixlowpan import LoWPAN_IPHC, LoWPAN_NHC, sixlowpan_fragment
except ImportError:
    print("1..0 # SKIP scapy is not installed")
    sys.exit(0)

conf.dot15d4_protocol = "sixlowpan"
ONE, TWO = 0x0200000000000001, 0x0200000000000002
CONTEXTS = {0: ("2001:db8:15:4::", 64), 3: ("2001:db8:80::80", 128), 7: ("2001:db8:700::", 48)}
chance = random.Random(4944)


class Codec:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def frames(self, packet, source=f"{ONE:016x}", destination=f"{TWO:016x}"):
        said = self.ask("cut", source, destination, packet.hex())
        return [bytes.fromhex(f) for f in said.split()]

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)
        self.process.stdout.close()


def ports():
    return chance.choice((chance.randrange(1, 65536), 0xf000 + chance.randrange(256), 0xf0b0 + chance.randrange(16)))


def udp(size, source, destination, limit=64, **more):
    """Data of ASCII: scapy takes an octet of 0xe0 or more behind UDP for one more compressed header."""
    data = bytes(chance.randrange(128) for _ in range(size))
    return bytes(IPv6(src=source, dst=destination, hlim=limit, **more) / UDP(sport=ports(), dport=ports()) / data)


SHAPES = (dict(sac=0, sam=0, m=0, dam=0), dict(sac=0, sam=1, m=0, dam=1), dict(sac=0, sam=2, m=0, dam=2),
          dict(sac=0, sam=3, m=0, dam=3), dict(sac=0, sam=3, m=1, dam=0), dict(sac=0, sam=3, m=1, dam=1),
          dict(sac=0, sam=3, m=1, dam=2), dict(sac=0, sam=3, m=1, dam=3))
SOURCES = ("2001:db8::5", "fe80::1234:5678:9abc:def0", "fe80::ff:fe00:1234", "fe80::1")
GROUPS = ("ff05:1:2:3:4:5:6:7", "ff02::1:ff00:2", "ff05::1:3", "ff02::1a")


def theirs_to_ours(codec):
    """Every address mode without contexts, hop limits, UDP in its four forms, and whole packets of scapy's."""
    wrong = []
    for i in range(160):
        shape = SHAPES[i % len(SHAPES)]
        source = SOURCES[shape["sam"]]
        destination = GROUPS[shape["dam"]] if shape["m"] else ("2001:db8::6", "fe80::aaaa:0:0:1", "fe80::ff:fe00:4321",
                                                              "fe80::2")[shape["dam"]]
        hlim, limit = chance.choice(((0, 33), (1, 1), (2, 64), (3, 255)))
        compressed = i % 3 > 0
        packet = IPv6(udp(chance.randrange(20), source, destination, limit)) if compressed else \
            IPv6(bytes(IPv6(src=source, dst=destination, hlim=limit) / ICMPv6EchoRequest(data=b"x" * (i % 20))))
        head = LoWPAN_IPHC(tf=3, nh=int(compressed), hlim=hlim, **shape)
        frame = bytes(Dot15d4FCS(fcf_srcaddrmode=3, fcf_destaddrmode=3, fcf_panidcompress=1, fcf_frametype=1, seqnum=i % 256)
                      / Dot15d4Data(dest_panid=0xabcd, dest_addr=TWO, src_addr=ONE)
                      / (head / LoWPAN_NHC() / packet if compressed else head / packet))
        got = codec.ask("join", frame.hex())
        if got != bytes(packet).hex():
            wrong.append(f"{shape} {frame.hex()}\n{got}\n{bytes(packet).hex()}")
    report("frames of scapy's: 160 packets", "\n".join(wrong[:3]) or None)


def theirs_in_pieces(codec):
    wrong = []
    for i in range(30):
        packet = udp(100 + 40 * i, "2001:db8::5", "2001:db8:80::6")
        answers = []
        for piece in sixlowpan_fragment(IPv6(packet), datagram_tag=i):
            raw = bytes(piece)
            if raw[0] >> 3 == 0x18:
                raw = raw[:4] + b"\x41" + raw[4:]  # scapy leaves out the dispatch
            answers.append(codec.ask("join", bytes(
                Dot15d4FCS(fcf_srcaddrmode=3, fcf_destaddrmode=3, fcf_panidcompress=1, fcf_frametype=1)
                / Dot15d4Data(dest_panid=0xabcd, dest_addr=TWO, src_addr=ONE) / raw).hex()))
        if answers[-1] != packet.hex() or set(answers[:-1]) != {"waiting"}:
            wrong.append(answers)
    report("fragments of scapy's: 30 packets", wrong[:2] or None)


def ours_to_theirs(codec):
    wrong = []
    for i in range(160):
        source = SOURCES[i % 4]
        destination = chance.choice(GROUPS + ("2001:db8::6", "fe80::2", "fe80::ff:fe00:4321"))
        # Not 255: scapy takes the octet 0x7f for the escape of RFC 4944, which RFC 6282 moved.
        packet = udp(chance.randrange(30), source, destination, chance.choice((1, 64, 17)))
        frames = codec.frames(packet)
        got = Dot15d4FCS(frames[0])
        theirs = bytes(got[IPv6]) if IPv6 in got else b""
        if len(frames) != 1 or theirs != packet or got.fcs != struct.unpack("<H", Dot15d4FCS().compute_fcs(frames[0][:-2]))[0]:
            wrong.append(f"{frames}\n{theirs.hex()}\n{packet.hex()}")
    report("frames of ours: scapy restores 160 packets", "\n".join(wrong[:3]) or None)


def address(i):
    return chance.choice(("2001:db8:15:4::1", "2001:db8:15:4::ff:fe00:12", "2001:db8:80::80", "2001:db8:700::1:2:3",
                          "2001:db8:700::1", "2001:db8:9::9", "fe80::1", "fe80::2", "fe80::5", f"2001:db8:15:4::{i:x}"))


def group():
    return chance.choice((*GROUPS, "ff3e:40:2001:db8:15:4:1234:5678", "ff3e:30:2001:db8:700:0:1:2"))


def some_packets():
    for i in range(400):
        source, destination = address(i), group() if i % 4 == 0 else address(i + 7)
        size = chance.choice((0, 1, 20, 60, 100, 300, 1000, 1200))
        data = UDP(sport=ports(), dport=ports()) / bytes(chance.randrange(256) for _ in range(size))
        head = IPv6(src=source, dst=destination, hlim=chance.choice((1, 64, 255, 9)), tc=chance.choice((0, 1, 0xb8, 0xba)),
                    fl=chance.choice((0, 0, 0x12345)))
        middle = chance.choice((None, None, IPv6ExtHdrHopByHop(options=[RouterAlert()]),
                                IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 4)]),
                                IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt(options=[PadN(optdata=b"\0" * 9)])))
        yield bytes(head / middle / data if middle is not None else head / data)


def packet_fields(packet):
    """What tshark's fields should say of it."""
    p = IPv6(packet)
    u = p[UDP]
    return [socket.inet_ntop(socket.AF_INET6, packet[8:24]), socket.inet_ntop(socket.AF_INET6, packet[24:40]),
            str(p.hlim), str(p.tc), str(p.fl), str(p.plen), str(u.sport), str(u.dport), str(u.len), "1"]


FIELDS = ("ipv6.src", "ipv6.dst", "ipv6.hlim", "ipv6.tclass", "ipv6.flow", "ipv6.plen", "udp.srcport", "udp.dstport",
          "udp.length", "udp.checksum.status")


def tshark(frames):
    with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 256, 195))
        for i, frame in enumerate(frames):
            file.write(struct.pack("<IIII", 1000 + i, 0, len(frame), len(frame)) + frame)
        file.flush()
        options = ["-o", "udp.check_checksum:TRUE", "-o", "wpan.fcs_format:ITU-T CRC-16"]
        for which, (prefix, length) in CONTEXTS.items():
            options += ["-o", f"6lowpan.context{which}:{prefix}/{length}"]
        done = subprocess.run(["tshark", "-r", file.name, "-Y", "udp", "-T", "fields", *options,
                               *(w for f in FIELDS for w in ("-e", f))], capture_output=True, text=True, timeout=60, check=False)
    rows = []
    for line in done.stdout.splitlines():
        row = line.split("\t")
        rows.append([str(int(v, 0)) if v.startswith("0x") else v for v in row])
    return rows, done.stderr


def ours_to_tshark(codec):
    name = "frames of ours with contexts: tshark restores 400 packets, and their checksums are right"
    if not shutil.which("tshark"):
        report(name, skip="tshark is not installed")
        return
    codec.ask("restart")
    for which, (prefix, length) in CONTEXTS.items():
        codec.ask("context", str(which), socket.inet_pton(socket.AF_INET6, prefix).hex(), str(length))
    frames, wanted, sizes, back = [], [], [], []
    for packet in some_packets():
        own = codec.frames(packet)
        frames += own
        sizes.append(len(own))
        wanted.append(packet_fields(packet))
        if [codec.ask("join", f.hex()) for f in own][-1] != packet.hex():
            back.append(packet.hex())
    rows, said = tshark(frames)
    wrong = [f"{r}\n{w}" for r, w in zip(rows, wanted) if r != w]
    if len(rows) != len(wanted):
        wrong.append(f"{len(rows)} of {len(wanted)} packets; {said}")
    report(name, "\n".join(wrong[:4]) or None)
    report("which ours restores too", back[:2] or None)
    report("some in one frame, some in many", None if min(sizes) == 1 and max(sizes) > 10 else sizes)
    report("no frame is longer than 127 octets", None if max(map(len, frames)) <= 127 else max(map(len, frames)))


def main():
    codec = Codec(sys.argv[1])
    try:
        theirs_to_ours(codec)
        theirs_in_pieces(codec)
        ours_to_theirs(codec)
        ours_to_tshark(codec)
    finally:
        codec.close()
    return plan()


if __name__ == "__main__":
    sys.exit(main())
