#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Real mail servers, on the loopback interface of a network namespace: OpenSMTPD, and Postfix, which
Debian lets nobody install beside it: its package is fetched and laid over /usr, inside the namespace
alone; where it cannot be had, its half is left out. What a visit learns is compared with what
openssl s_client sees.

Usage: mail_servers_test.py SMTP_ASK
"""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ASK = sys.argv[1]
HOST = "mx.example.org"
number = failed = 0


def tell(fine, what, detail=""):
    global number, failed
    number += 1
    failed += not fine
    print("ok" if fine else "not ok", number, "-", what, "" if fine else detail, flush=True)


def run(*command, **options):
    return subprocess.run(command, capture_output=True, timeout=60, **options)


def certificate(folder, name, host):
    key, pem = folder / f"{name}.key", folder / f"{name}.pem"
    run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", pem, "-days", "2", "-subj",
        f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}", check=True)
    key.chmod(0o600)
    return key, pem


def tlsa(pem):
    public = run("openssl", "x509", "-in", pem, "-noout", "-pubkey", check=True).stdout
    der = run("openssl", "pkey", "-pubin", "-outform", "DER", input=public, check=True).stdout
    return "3 1 1 " + hashlib.sha256(der).hexdigest()


def ask(address, pem, record=None, port="25"):
    done = run(ASK, address, port, HOST, pem, *([record] if record else []))
    return done.stdout.decode().rstrip("\n").split("\t") if done.returncode == 0 else [f"status {done.returncode}"]


def theirs(address, pem):
    """What openssl sees: EHLO is answered inside; the certificate is valid for the name."""
    target = f"[{address}]:25" if ":" in address else f"{address}:25"
    with subprocess.Popen(["openssl", "s_client", "-starttls", "smtp", "-connect", target, "-servername", HOST,
                           "-verify_hostname", HOST, "-CAfile", pem, "-crlf", "-ign_eof"],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as client:
        said = client.communicate(b"EHLO x.example.org\nQUIT\n", timeout=30)[0]
    return b"\n221 " in said, b"Verify return code: 0 (ok)" in said


def wait_for(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(100):
        with socket.socket(family) as s:
            if s.connect_ex((address, 25)) == 0:
                return True
        time.sleep(0.1)
    return False


def visit(name, good, other, must_work):
    """::1 and 127.0.0.1 show `good`; 127.0.0.2 shows `other`; 127.0.0.3 does not encrypt."""
    for address in ("::1", "127.0.0.1"):
        answer, (works, valid) = ask(address, good, tlsa(good)), theirs(address, good)
        wanted = ["works", "valid", "matches"] if works and valid else ["failed", "none", "untried"]
        tell(answer[:4] == ["greeted", *wanted], f"{name} at {address}, as openssl sees it: {wanted[0]}", answer)
        if must_work:
            tell(works, f"{name} at {address} encrypts")
    if must_work:
        answer = ask("127.0.0.2", good, tlsa(good))
        tell(answer[:2] == ["greeted", "works"] and answer[2] not in ("valid", "none") and answer[3] == "differs",
             f"{name}, another certificate", answer)
        tell(theirs("127.0.0.2", good) == (True, False), f"{name}, another certificate: openssl agrees")
        tell(ask("127.0.0.2", other, tlsa(other))[2:4] == ["it is for another name", "matches"],
             f"{name}, a certificate for another name, which DANE vouches for")
    answer = ask("127.0.0.3", good)
    tell(answer[:3] == ["greeted", "not-offered", "none"], f"{name} without STARTTLS", answer)
    tell(ask("127.0.0.4", good)[0] == "refused", f"{name} does not listen there")


def opensmtpd(folder):
    good_key, good = certificate(folder, "good", HOST)
    other_key, other = certificate(folder, "other", "other.example.org")
    (folder / "smtpd.conf").write_text(f"""
pki good cert "{good}"
pki good key "{good_key}"
pki other cert "{other}"
pki other key "{other_key}"
listen on ::1 port 25 tls pki good hostname {HOST}
listen on 127.0.0.1 port 25 tls pki good hostname {HOST}
listen on 127.0.0.2 port 25 tls pki other hostname {HOST}
listen on 127.0.0.3 port 25 hostname {HOST}
action "drop" maildir "{folder}/mail"
match for local action "drop"
""")
    log = open(folder / "smtpd.log", "wb")
    server = subprocess.Popen(["smtpd", "-d", "-f", folder / "smtpd.conf"], stdout=log, stderr=log, start_new_session=True)
    try:
        if not wait_for("127.0.0.3"):
            tell(False, "OpenSMTPD starts", (folder / "smtpd.log").read_text()[-500:])
            return
        # Debian 12's cannot use its key with OpenSSL 3: its handshakes fail, for every client.
        visit("OpenSMTPD", good, other, False)
    finally:
        server.terminate()
        server.wait(20)
    said = (folder / "smtpd.log").read_text()
    tell("envelope" not in said and "from=" not in said, "no message was begun", said[-300:])


def postfix_accounts(folder):
    """Postfix wants a user and a group of its own."""
    for name, line in (("passwd", "postfix:x:64990:64990::/:/bin/false\n"),
                       ("group", "postfix:x:64990:\npostdrop:x:64991:\n")):
        kept = Path("/etc") / name
        (folder / name).write_text(kept.read_text() + line)
        run("mount", "--bind", folder / name, kept, check=True)


def postfix(folder):
    good_key, good = certificate(folder, "pgood", HOST)
    other_key, other = certificate(folder, "pother", "other.example.org")
    conf, queue, data = folder / "postfix", folder / "queue", folder / "data"
    for made in (conf, queue, data, *(queue / n for n in ("pid", "private", "public", "maildrop", "incoming", "active",
                                                          "deferred", "defer", "bounce", "hold", "corrupt", "flush",
                                                          "saved", "trace"))):
        made.mkdir()
        if made.name not in ("postfix", "queue", "pid"):
            os.chown(made, 64990, 0)
    (conf / "main.cf").write_text(f"""
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
daemon_directory = /usr/lib/postfix/sbin
shlib_directory = /usr/lib/postfix
meta_directory = {conf}
myhostname = {HOST}
inet_protocols = all
mydestination =
alias_maps =
local_recipient_maps =
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
smtpd_tls_security_level = may
smtpd_tls_chain_files = {good_key}, {good}
""")

    def service(address, options=""):
        return f"{address}:25 inet n - n - - smtpd {options}"
    (conf / "master.cf").write_text("\n".join([
        service("[::1]"), service("127.0.0.1"), service("127.0.0.2", f"-o smtpd_tls_chain_files={other_key},{other}"),
        service("127.0.0.3", "-o smtpd_tls_security_level=none"), "postlog unix-dgram n - n - 1 postlogd", "tlsmgr unix - - n 1000? 1 tlsmgr",
        "anvil unix - - n - 1 anvil", "rewrite unix - - n - - trivial-rewrite", "cleanup unix n - n - 0 cleanup", ""]))
    server = subprocess.Popen(["/usr/lib/postfix/sbin/master", "-c", conf, "-d"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        if wait_for("127.0.0.3"):
            visit("Postfix", good, other, True)
        else:
            tell(False, "Postfix starts")
    finally:
        server.terminate()
        server.wait(20)


def fetch_postfix(folder):
    """The package, unpacked; None where it cannot be had."""
    done = subprocess.run(["apt-get", "-qq", "download", "postfix"], cwd=folder, capture_output=True, timeout=60)
    for package in folder.glob("postfix_*.deb"):
        run("dpkg-deb", "-x", package, folder / "unpacked", check=True)
        return folder / "unpacked"
    print("# no Postfix:", done.stderr.decode().strip()[-200:])
    return None


def inside(folder):
    run("ip", "link", "set", "lo", "up", check=True)
    opensmtpd(folder)
    unpacked = folder / "unpacked"
    if unpacked.exists() and run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={unpacked}/usr:/usr",
                                 "/usr").returncode == 0:
        postfix_accounts(folder)
        postfix(folder)
    print(f"1..{number}")
    return 1 if failed else 0


def main():
    if len(sys.argv) > 2:
        return inside(Path(sys.argv[2]))
    if os.geteuid() != 0 or not shutil.which("smtpd") or not shutil.which("unshare"):
        print("1..0 # SKIP needs root and OpenSMTPD")
        return 0
    with tempfile.TemporaryDirectory(prefix="mail-servers-") as made:
        Path(made).chmod(0o755)
        fetch_postfix(Path(made))
        sys.stdout.flush()
        return subprocess.run(["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                               sys.executable, *sys.argv, made], timeout=150).returncode


sys.exit(main())
