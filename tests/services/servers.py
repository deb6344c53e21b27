# SPDX-License-Identifier: Apache-2.0
"""Configures and starts the servers of the laboratory from its catalogue."""

import json
import os
import sys
import time
from pathlib import Path

import pages
import zones
from model import PLACES
from servers_mail import default_root, start_postfix, start_smtpd

HERE = Path(__file__).resolve().parent
PYTHON = "/usr/bin/python3" if Path("/usr/bin/python3").exists() else sys.executable


class Servers:
    def __init__(self, catalogue, network, certificates, folder):
        self.c, self.net, self.certificates, self.folder = catalogue, network, certificates, folder
        self.zones = zones.Zones(catalogue, folder / "zones", certificates.key_digest())
        self.logs = folder / "logs"
        for part in ("logs", "etc", "sites", "run"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)

    def write(self, name, text):
        path = self.folder / "etc" / name
        path.write_text(text, encoding="utf-8")
        return path

    def start(self, space, name, *words, **more):
        return self.net.start(space, *words, log=self.logs / name, **more)

    def up(self):
        for what in (self.zones.write, self.names, self.web, self.mail):
            began = time.monotonic()
            what()
            if os.environ.get("SERVICES_STEPS"):
                print(f"# {what.__name__}: {time.monotonic() - began:.1f} s", file=sys.stderr)

    # ---- name servers

    def kinds(self, d):
        """The servers that have a zone."""
        found = set(d.on)
        for ns in d.ns:
            if not ns.name.endswith("."):
                found |= {ns.six, ns.four}
                continue
            for other in self.c.domains:
                for theirs in other.ns:
                    if f"{theirs.name}.{other.name}." == ns.name:
                        found |= {theirs.six, theirs.four}
        return found - set(d.not_on)

    def dns_addresses(self, kind):
        found = []
        for number, (_, of) in enumerate(zones.ROOTS):
            if of == kind:
                found += [zones.ROOT_SIX[number], zones.ROOT_FOUR[number]]
        for d in self.c.domains:
            found += [a for ns, _, a, k in self.c.ns_addresses(d) if k == kind and a != ns.address6]
        return found

    def zones_of(self, kind):
        """Yields (name of the zone, file)."""
        if kind.endswith("-root"):
            yield ".", "root"
        if kind in ("nsd", "knot"):
            yield from ((z, z) for z in zones.REVERSE)
        for d in self.c.domains:
            if d.is_zone and kind in self.kinds(d):
                yield d.name, d.name

    def names(self):
        z, run = self.folder / "zones", self.folder / "run"
        for kind in ("nsd-root", "nsd-tld", "nsd"):
            self._nsd(kind, z / "a", run)
        for kind in ("knot-root", "knot-tld", "knot"):
            self._knot(kind, z / "b", run / kind)
        self._bind(z, run)
        hostile = []
        for d in self.c.domains:
            for _, _, address, kind in self.c.ns_addresses(d):
                if kind.startswith("hostile:"):
                    hostile.append([address, kind[8:], d.name, str(z / "a" / d.name)])
        self.start("world", "hostile_dns", PYTHON, HERE / "hostile_dns.py", self.write("hostile_dns.json", json.dumps(hostile)))

    def _nsd(self, kind, folder, run):
        text = f"""server:
  hide-version: yes
  username: root
  database: ""
  zonesdir: "{folder}"
  pidfile: ""
  xfrdfile: "{run}/{kind}.xfrd"
  xfrdir: "{run}"
  zonelistfile: "{run}/{kind}.zones"
  cookie-secret-file: "{run}/{kind}.cookies"
  rrl-ratelimit: 0
  tcp-count: 500
  ip-freebind: yes
""" + "".join(f"  ip-address: {a}\n" for a in self.dns_addresses(kind)) + "remote-control:\n  control-enable: no\n"
        text += "".join(f"zone:\n  name: {n}\n  zonefile: {f}\n" for n, f in self.zones_of(kind))
        self.start("world", kind, "nsd", "-d", "-c", self.write(f"{kind}.conf", text))

    def _knot(self, kind, folder, run):
        run.mkdir(exist_ok=True)
        text = f"""server:
  rundir: "{run}"
  listen: [ {", ".join(f"{a}@53" for a in self.dns_addresses(kind))} ]
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  tcp-max-clients: 500
database:
  storage: "{run}"
log:
  - target: stderr
    any: warning
template:
  - id: default
    storage: "{folder}"
    file: "%s"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
""" + "".join(f'  - domain: "{n}"\n    file: "{f}"\n' for n, f in self.zones_of(kind))
        self.start("world", kind, "knotd", "-c", self.write(f"{kind}.conf", text))

    def _bind(self, z, run):
        at = self.dns_addresses("bind") + self.dns_addresses("lame")
        for address in at:  # it listens at addresses that an interface has
            self.net.within("world", "ip", "addr", "add", address + ("/128" if ":" in address else "/32"), "dev", "lo")
        six, four = ("; ".join(a for a in at if (":" in a) == want) for want in (True, False))
        text = f"""options {{
  directory "{run}";
  listen-on {{ {four}; }};
  listen-on-v6 {{ {six}; }};
  recursion no;
  empty-zones-enable no;
  pid-file "{run}/named.pid";
  session-keyfile "{run}/named.key";
  managed-keys-directory "{run}";
  dnssec-validation no;
  notify no;
}};
controls {{ }};
""" + "".join(f'zone "{n}" {{ type primary; file "{z}/a/{f}"; }};\n' for n, f in self.zones_of("bind"))
        self.start("world", "named", "named", "-g", "-n", "1", "-c", self.write("named.conf", text))

    # ---- sites

    def site(self, d, variant):
        path = self.folder / "sites" / d.name / variant
        if not path.exists():
            pages.write(path, d.name, variant)
        return path

    def pem(self, d, kind, *more):
        return self.certificates.file(kind, d.name, [d.name, "www." + d.name, *d.certificate_names, *more])

    def web(self):
        used = {}
        for d in self.c.domains:
            for _, address, serve in self.c.web_addresses(d):
                place = "hole" if serve.place.startswith("hole") else serve.place
                used.setdefault((serve.server, place), []).append((d, address, serve))
        for place in ("world", "narrow", "hole"):
            self._nginx(place, used.get(("nginx", place), []))
        self._h2o(used["h2o", "world"])
        self._lighttpd(used["lighttpd", "world"])
        hostile = []
        for d, address, serve in used["hostile", "world"]:
            for port in serve.ports:
                hostile.append([address, port, serve.does, d.name, str(self.pem(d, serve.tls)), str(self.site(d, serve.page))])
        self.start("world", "hostile_web", PYTHON, HERE / "hostile_web.py", self.write("hostile_web.json", json.dumps(hostile)))

    def _nginx_location(self, d, serve, port):
        does, _, what = serve.does.partition(":")
        if does == "status":
            return f"location / {{ return {what}; }}"
        if does == "redirect":
            return f"location / {{ return 302 {what}; }}"
        if does == "nonces":
            return "ssi on;"
        if does in ("redirects", "hsts") and port == 80:
            return "location / { return 301 https://$host$request_uri; }"
        if does == "redirects":
            return f"if ($host = {d.name}) {{ return 301 https://www.{d.name}$request_uri; }} location = / {{ return 302 /home.html; }}"
        if does == "hsts":
            return 'add_header Strict-Transport-Security "max-age=63072000";'
        if does == "to-apex":
            return f"if ($host = www.{d.name}) {{ return 301 https://{d.name}$request_uri; }}"
        if does == "loop":
            return "location = / { return 302 /round; } location / { return 302 /; }"
        if does == "down":
            return "location / { return 302 http://$host$request_uri; }" if port == 443 else ""
        return "gzip on; gzip_min_length 1;" if does == "gzip" else ""

    def _nginx(self, place, used):
        text = ""
        for d, address, serve in used:
            at = f"[{address}]" if ":" in address else address
            for port in serve.ports:
                secure = ""
                if port == 443:
                    pem = self.pem(d, serve.tls)
                    secure = f"ssl_certificate {pem}; ssl_certificate_key {pem};" + (" ssl_protocols TLSv1.2;" if serve.tls == "rsa" else "")
                listen = f"{at}:{port}" + (" ssl" + (" http2" if serve.http2 else "") if port == 443 else "")
                text += f"server {{ listen {listen}; {secure} root {self.site(d, serve.page)}; {self._nginx_location(d, serve, port)} }}\n"
        text = f"""daemon off; worker_processes 1; pid {self.folder}/run/nginx-{place}.pid; error_log {self.logs}/nginx-{place} warn; user root;
events {{ worker_connections 4096; }}
http {{ access_log off; types {{ text/html html; text/css css; text/plain txt; image/png png; }} server_tokens off; keepalive_timeout 10;
client_body_temp_path {self.folder}/run; proxy_temp_path {self.folder}/run; fastcgi_temp_path {self.folder}/run; uwsgi_temp_path {self.folder}/run; scgi_temp_path {self.folder}/run;
server_names_hash_bucket_size 128;
{text}}}
"""
        self.start(place, f"nginx-{place}", "nginx", "-c", self.write(f"nginx-{place}.conf", text), "-e", self.logs / f"nginx-{place}")

    def _h2o(self, used):
        text = f"pid-file: {self.folder}/run/h2o.pid\nerror-log: {self.logs}/h2o-errors\nnum-threads: 1\nuser: root\nhosts:\n"
        for number, (d, address, serve) in enumerate(used):
            for port in serve.ports:
                pem = self.pem(d, serve.tls)
                secure = f"\n      ssl: {{ certificate-file: {pem}, key-file: {pem} }}" if port == 443 else ""
                text += (f'  "s{number}.{d.name}:{port}":\n    listen:\n      host: "{address}"\n      port: {port}{secure}\n    paths:\n      "/":\n'
                         f"        file.dir: {self.site(d, serve.page)}\n")
        self.start("world", "h2o", "h2o", "-c", self.write("h2o.conf", text))

    def _lighttpd(self, used):
        text = f'server.modules = ( "mod_openssl" )\nserver.document-root = "{self.folder}"\nserver.port = 8099\nserver.bind = "127.0.0.1"\nindex-file.names = ( "index.html" )\n'
        text += 'mimetype.assign = ( ".html" => "text/html", ".css" => "text/css", ".png" => "image/png", ".txt" => "text/plain" )\n'
        for d, address, serve in used:
            at = f"[{address}]" if ":" in address else address
            for port in serve.ports:
                secure = f'ssl.engine = "enable"\n  ssl.pemfile = "{self.pem(d, serve.tls)}"\n' if port == 443 else ""
                text += f'$SERVER["socket"] == "{at}:{port}" {{\n  {secure}  server.document-root = "{self.site(d, serve.page)}"\n}}\n'
        self.start("world", "lighttpd", "lighttpd", "-D", "-f", self.write("lighttpd.conf", text))

    # ---- mail

    def mail(self):
        of = {"postfix": [], "opensmtpd": []}
        hostile, root = [], default_root()
        for d in self.c.domains:
            for mx, _, address, kind, tls in self.c.mx_addresses(d):
                name = f"{mx.name}.{d.name}"
                pem = self.certificates.file(tls, name, [name])
                if kind in of and (root or kind != "postfix"):
                    of[kind].append((name, address, pem))
                elif kind == "postfix" or kind.startswith("hostile:"):
                    hostile.append([address, kind.partition(":")[2] or "starttls", name, str(pem)])
            of["opensmtpd"] += [(d.name, address, "") for _, address, serve in self.c.web_addresses(d) if serve.does == "mail"]
        start_smtpd(self, of["opensmtpd"])
        if root:
            start_postfix(self, of["postfix"], root)
        self.start("world", "hostile_mail", PYTHON, HERE / "hostile_mail.py", self.write("hostile_mail.json", json.dumps(hostile)))

    # ---- whether all is there

    def wanted(self):
        """Yields (space, address, port) of what listens over TCP."""
        for kind in ("nsd-root", "knot-root", "nsd-tld", "knot-tld", "nsd", "knot", "bind"):
            for address in self.dns_addresses(kind):
                yield "world", address, 53
        for d in self.c.domains:
            for _, address, serve in self.c.web_addresses(d):
                if serve.server in ("nginx", "h2o", "lighttpd", "hostile"):
                    place = "hole" if serve.place.startswith("hole") else serve.place
                    assert serve.place in PLACES
                    for port in serve.ports + ((25,) if serve.does == "mail" else ()):
                        yield place, address, port
            for _, _, address, kind, _ in self.c.mx_addresses(d):
                if kind in ("postfix", "opensmtpd") or kind.startswith("hostile"):
                    yield "world", address, 25

    def missing(self):
        """What does not listen yet."""
        import re
        there = {}
        for space in ("world", "narrow", "hole"):
            text = self.net.within(space, "ss", "-Hlnt").stdout
            there[space] = {m.group(1).strip("[]") + " " + m.group(2) for m in re.finditer(r"LISTEN\s+\d+\s+\d+\s+(\S+):(\d+)\s", text)}
        return [(s, a, p) for s, a, p in self.wanted() if f"{a} {p}" not in there[s]]
