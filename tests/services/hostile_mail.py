# SPDX-License-Identifier: Apache-2.0
"""Mail servers that do what real ones do not. Usage: hostile_mail.py FILE, a JSON list of [address, behaviour, name,
file with key and certificate]. Port 25. None takes a message.
"""

import asyncio
import json
import os
import socket
import ssl
import sys


class Mail:
    def __init__(self, does, name, pem):
        self.does, self.name, self.context = does, name, ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(pem)

    async def serve(self, reader, writer):
        try:
            await asyncio.wait_for(self.converse(reader, writer), 60)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ssl.SSLError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()

    def say(self, writer, text):
        writer.write(text.encode() + b"\r\n")

    async def greet(self, writer):
        """False: that was all."""
        does = self.does
        if does == "mute":
            await asyncio.sleep(60)
        elif does in ("554", "421"):
            self.say(writer, f"{does} {self.name} not for you")
        elif does == "garbage":
            writer.write(os.urandom(300))
        elif does == "drip":
            for octet in f"220 {self.name} ESMTP at last, after a long time that nobody waits\r\n".encode():
                writer.write(bytes([octet]))
                await asyncio.sleep(1)
        elif does == "flood":
            for n in range(100000):
                self.say(writer, f"220-{n} {'x' * 70}")
                await writer.drain()
        elif does == "lines":
            for n in range(12):
                self.say(writer, f"220-{self.name} rule {n}: no advertising")
                await writer.drain()
                await asyncio.sleep(0.02)
            self.say(writer, f"220 {self.name} ESMTP")
        elif does != "close":
            if does == "slow":
                await asyncio.sleep(2)
            self.say(writer, f"220 {self.name} ESMTP")
        await writer.drain()
        return does not in ("mute", "garbage", "drip", "flood", "close", "421")

    async def converse(self, reader, writer):
        if not await self.greet(writer):
            return
        secure = False
        while True:
            line = (await reader.readuntil(b"\n")).decode("latin-1").strip().upper()
            word = line.split(" ")[0]
            if self.does == "554" and word != "QUIT":
                self.say(writer, "503 not for you")
            elif self.does == "no-ehlo" and word in ("EHLO", "HELO"):
                await asyncio.sleep(60)
            elif word == "EHLO" and self.does != "helo":
                starttls = not secure and self.does not in ("plain",)
                self.say(writer, f"250-{self.name} good day")
                if starttls:
                    self.say(writer, "250-STARTTLS")
                self.say(writer, "250 SIZE 1000000")
            elif word == "HELO":
                self.say(writer, f"250 {self.name} good day")
            elif word == "STARTTLS" and self.does != "plain":
                self.say(writer, "220 go on")
                await writer.drain()
                if self.does == "starttls-broken":
                    writer.write(os.urandom(200))
                    await writer.drain()
                    return
                await self.encrypt(reader, writer)
                secure = True
            elif word == "QUIT":
                self.say(writer, "221 bye")
                await writer.drain()
                return
            elif word in ("RSET", "NOOP"):
                self.say(writer, "250 well")
            else:
                self.say(writer, "502 not here")
            await writer.drain()

    async def encrypt(self, reader, writer):
        loop = asyncio.get_running_loop()
        transport = writer.transport
        protocol = transport.get_protocol()
        new = await loop.start_tls(transport, protocol, self.context, server_side=True, ssl_handshake_timeout=10)
        writer._transport = new
        reader._transport = new
        protocol._transport = new


async def main():
    kept = []
    for address, does, name, pem in json.load(open(sys.argv[1], encoding="utf-8")):
        mail = Mail(does, name, pem)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        kept.append(await asyncio.start_server(mail.serve, address, 25, family=family))
    await asyncio.Event().wait()


asyncio.run(main())
