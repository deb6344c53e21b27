# SPDX-License-Identifier: Apache-2.0
"""Web servers that do what real ones do not. Usage: hostile_web.py FILE, a JSON list of [address, port, behaviour,
domain, file with key and certificate, folder of the site].
"""

import asyncio
import itertools
import json
import os
import socket
import ssl
import struct
import sys
import zlib
from pathlib import Path

import pages

TURN = itertools.count()


def bomb():
    """Head and a piece of a gzip stream: each repetition of the piece is another megabyte of zeros."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    return head, packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)


BOMB = bomb()


class Site:
    def __init__(self, port, does, name, folder):
        self.port, self.does, self.name, self.folder = port, does, name, Path(folder)

    def body(self, path):
        """Octets and type; None: there is no such page."""
        file = self.folder / (path.lstrip("/") or "index.html")
        if ".." in path or not file.is_file():
            return None, "text/html"
        return file.read_bytes(), {".css": "text/css", ".png": "image/png"}.get(file.suffix, "text/html; charset=utf-8")

    async def question(self, reader):
        head = await reader.readuntil(b"\r\n\r\n")
        words = head.split(b"\r\n")[0].split()
        return words[0].decode(), words[1].decode().split("?")[0], head.lower()

    async def serve(self, reader, writer):
        try:
            await self.converse(reader, writer)
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError, ssl.SSLError, IndexError, asyncio.TimeoutError):
            pass
        finally:
            writer.close()

    async def converse(self, reader, writer):
        if self.does == "tls-mute":
            await asyncio.sleep(60)
            return
        if self.does == "tls-garbage":
            await reader.read(100)
            writer.write(os.urandom(400))
            await writer.drain()
            return
        while True:
            method, path, head = await asyncio.wait_for(self.question(reader), 30)
            odd = getattr(self, "do_" + self.does.replace("-", "_"), None)
            if odd and (path == "/" or self.does in ("slow", "slower", "http10", "chunked", "advert")):
                if not await odd(writer, method, path):
                    return
            else:
                await self.plain(writer, method, path)
            if b"connection: close" in head:
                return

    async def plain(self, writer, method, path, body=None):
        octets, kind = self.body(path)
        octets = body if body is not None else octets
        status = "200 OK" if octets is not None else "404 Not Found"
        octets = octets if octets is not None else b"<!DOCTYPE html><title>404</title>"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(octets)}\r\n\r\n".encode() + (b"" if method == "HEAD" else octets))
        await writer.drain()
        return True

    async def do_slow(self, writer, method, path):
        await asyncio.sleep(0.5)
        return await self.plain(writer, method, path)

    async def do_slower(self, writer, method, path):
        await asyncio.sleep(1.5)
        return await self.plain(writer, method, path)

    async def do_advert(self, writer, method, path):
        text = pages.page(self.name, pages.paragraphs(self.name, 24) + f"<p>Today's word: {pages.WORDS[next(TURN) % len(pages.WORDS)]}</p>")
        return await self.plain(writer, method, path, text.encode() if path == "/" else None)

    async def do_http10(self, writer, method, path):
        octets, kind = self.body(path)
        status = "200 OK" if octets is not None else "404 Not Found"
        writer.write(f"HTTP/1.0 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + (b"" if method == "HEAD" else octets or b""))
        await writer.drain()
        return False

    async def do_chunked(self, writer, method, path):
        octets, kind = self.body(path)
        if octets is None or method == "HEAD":
            return await self.plain(writer, method, path)
        writer.write(f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for at in range(0, len(octets), 100):
            piece = octets[at:at + 100]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            if at % 1000 == 0:
                await writer.drain()
        writer.write(b"0\r\n\r\n")
        await writer.drain()
        return True

    async def do_tarpit(self, *_):
        await asyncio.sleep(60)

    async def dripped(self, writer, octets):
        for n in range(60):
            writer.write(octets[n:n + 1])
            await writer.drain()
            await asyncio.sleep(1)

    async def do_slowloris(self, writer, *_):
        await self.dripped(writer, b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\nServer: slow\r\n\r\n")

    async def do_drip(self, writer, *_):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 5000\r\n\r\n")
        await self.dripped(writer, self.body("/")[0])

    async def do_garbage(self, writer, *_):
        writer.write(os.urandom(3000))
        await writer.drain()

    async def do_close(self, *_):
        return False

    async def do_reset(self, writer, *_):
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def do_headers(self, writer, *_):
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for n in range(200000):
            writer.write(b"X-%d: %s\r\n" % (n, b"y" * 200))
            await writer.drain()
            await asyncio.sleep(0)

    async def do_short(self, writer, *_):
        octets = self.body("/")[0]
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % (2 * len(octets)) + octets[:len(octets) // 2])
        await writer.drain()

    async def do_bad_chunks(self, writer, *_):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<html\r\nzz\r\n>\r\n-1\r\n")
        await writer.drain()

    async def do_nul(self, writer, method, path):
        octets = self.body("/")[0]
        writer.write(b"HTTP/1.1 200 OK\r\nX-Nul: a\0b\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(octets) + octets)
        await writer.drain()

    async def do_cookie_flood(self, writer, *_):
        octets = self.body("/")[0]
        cookies = b"".join(b"Set-Cookie: c%d=%s\r\n" % (n, b"v" * 40) for n in range(1000))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%sContent-Length: %d\r\n\r\n" % (cookies, len(octets)) + octets)
        await writer.drain()
        return True

    async def do_bomb(self, writer, *_):
        head, piece = BOMB
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: gzip\r\n\r\n" + head)
        for _ in range(10240):
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)

    async def do_endless(self, writer, *_):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html><title>Endless</title>")
        for _ in range(100000):
            writer.write(b"<p>And so it goes on.</p>\n" * 600)
            await writer.drain()
            await asyncio.sleep(0.02)

    async def do_huge(self, writer, *_):
        block = (pages.paragraphs(self.name) + "\n").encode()
        count = (30 << 20) // len(block)
        head = f"<!DOCTYPE html><title>Town of {self.name}</title>".encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % (len(head) + count * len(block)) + head)
        for _ in range(count):
            writer.write(block)
            await writer.drain()
            await asyncio.sleep(0)


async def main():
    kept = []
    for address, port, does, name, pem, folder in json.load(open(sys.argv[1], encoding="utf-8")):
        context = None
        if port == 443 and not does.startswith("tls-"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            context.set_alpn_protocols(["http/1.1"])
        if port == 80 and does.startswith("tls-"):
            does = "plain"
        site = Site(port, does, name, folder)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        kept.append(await asyncio.start_server(site.serve, address, port, family=family, ssl=context, limit=1 << 16, backlog=256))
    await asyncio.Event().wait()


asyncio.run(main())
