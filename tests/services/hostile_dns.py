# SPDX-License-Identifier: Apache-2.0
"""Name servers that do what real ones do not. Usage: hostile_dns.py FILE, a JSON list of [address, behaviour, zone,
zone file]. UDP and TCP, port 53.
"""

import asyncio
import json
import os
import socket
import sys

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone


class Answerer:
    def __init__(self, behaviour, zone, path):
        self.behaviour, self.origin = behaviour, dns.name.from_text(zone)
        self.zone = dns.zone.from_file(path, origin=self.origin, relativize=False, check_origin=False) if os.path.exists(path) else None

    def plain(self, query):
        """As an ordinary server, without what hosts of the laboratory's odd zones do not need (DNAME, wildcards)."""
        answer = dns.message.make_response(query, our_payload=1232)
        answer.flags |= dns.flags.AA
        question = query.question[0]
        name, kind = question.name, question.rdtype
        if not name.is_subdomain(self.origin):
            answer.set_rcode(dns.rcode.REFUSED)
            answer.flags &= ~dns.flags.AA
            return answer
        for _ in range(12):
            node = self.zone.get_node(name)
            if node is None:
                if not any(n.is_subdomain(name) for n in self.zone.nodes):
                    answer.set_rcode(dns.rcode.NXDOMAIN)
                break
            for found in node.rdatasets:
                if found.rdtype == kind or found.rdtype == dns.rdatatype.CNAME:
                    rrset = dns.rrset.RRset(name, found.rdclass, found.rdtype)
                    rrset.update(found)
                    answer.answer.append(rrset)
            if answer.answer and answer.answer[-1].rdtype == dns.rdatatype.CNAME and kind != dns.rdatatype.CNAME:
                name = answer.answer[-1][0].target
                continue
            break
        if not answer.answer:
            answer.authority.append(self.zone.get_rrset(self.origin, dns.rdatatype.SOA))
        return answer

    async def reply(self, wire, tcp):
        """Octets; None: silence."""
        does = self.behaviour
        if does == "garbage":
            return os.urandom(60)
        if does == "empty":
            return b""
        if does == "pointer-loop":
            return wire[:2] + b"\x84\x00\x00\x01\x00\x01\x00\x00\x00\x00" + b"\xc0\x0c\x00\x1c\x00\x01" + b"\xc0\x0c\x00\x1c\x00\x01\x00\x00\x01\x2c\x00\x10" + bytes(16)
        if does == "not-a-response":
            return wire
        query = dns.message.from_wire(wire)
        if does == "tarpit":
            await asyncio.sleep(10)
        if does == "edns-silent" and query.edns >= 0:
            return None
        answer = self.plain(query)
        if does == "formerr" and query.edns >= 0:
            answer = dns.message.Message(query.id)
            answer.flags = dns.flags.QR
            answer.set_rcode(dns.rcode.FORMERR)
        elif does == "no-edns":
            answer.use_edns(False)
        elif does == "servfail":
            answer = dns.message.make_response(query)
            answer.set_rcode(dns.rcode.SERVFAIL)
        elif does == "truncate" and not tcp:
            answer.answer, answer.authority, answer.additional = [], [], []
            answer.flags |= dns.flags.TC
        elif does == "nxdomain":
            answer.answer, answer.authority = [], [self.zone.get_rrset(self.origin, dns.rdatatype.SOA)]
            answer.set_rcode(dns.rcode.NXDOMAIN)
        elif does == "no-data" and query.question[0].rdtype in (dns.rdatatype.A, dns.rdatatype.AAAA) and not query.question[0].name.labels[0].startswith(b"ns"):
            answer.answer, answer.authority = [], [self.zone.get_rrset(self.origin, dns.rdatatype.SOA)]
        elif does == "wrong-question":
            answer.question = [dns.rrset.from_text("www.elsewhere.test.", 0, "IN", "TXT")]
        octets = answer.to_wire(max_size=65535 if tcp else max(512, min(query.payload or 512, 1232)))
        if does == "wrong-id":
            octets = bytes([octets[0] ^ 0x55]) + octets[1:]
        return octets


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, answerer):
        self.answerer, self.transport, self.tasks = answerer, None, set()

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        task = asyncio.ensure_future(self.answer(data, addr))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def answer(self, data, addr):
        try:
            octets = await self.answerer.reply(data, False)
        except Exception as problem:  # what is no question is not answered
            print(problem, file=sys.stderr, flush=True)
            return
        if octets is not None:
            self.transport.sendto(octets, addr)


async def stream(answerer, reader, writer):
    try:
        while True:
            size = int.from_bytes(await reader.readexactly(2), "big")
            octets = await answerer.reply(await reader.readexactly(size), True)
            if octets is not None:
                writer.write(len(octets).to_bytes(2, "big") + octets)
                await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    except Exception as problem:
        print(problem, file=sys.stderr, flush=True)
    finally:
        writer.close()


async def main():
    loop = asyncio.get_running_loop()
    kept = []
    for address, behaviour, zone, path in json.load(open(sys.argv[1], encoding="utf-8")):
        answerer = Answerer(behaviour, zone, path)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        kept.append(await loop.create_datagram_endpoint(lambda a=answerer: Datagrams(a), (address, 53), family=family))
        kept.append(await asyncio.start_server(lambda r, w, a=answerer: stream(a, r, w), address, 53, family=family))
    await asyncio.Event().wait()


asyncio.run(main())
