# SPDX-License-Identifier: Apache-2.0
"""Mail servers of the laboratory. Debian's Postfix and OpenSMTPD exclude each other as packages, and OpenSMTPD 6.8 cannot
do STARTTLS with OpenSSL 3: so it serves where none is wanted, and Postfix, unpacked without being installed, serves
the rest (POSTFIX_ROOT, or a download into the cache). Where there is no Postfix, hostile_mail.py behaves well in its place.
"""

import os
import subprocess
from pathlib import Path

MAIN = """compatibility_level = 3.6
queue_directory = {run}/queue
data_directory = {run}/data
daemon_directory = {root}/usr/lib/postfix/sbin
command_directory = {root}/usr/sbin
config_directory = {etc}
mail_owner = daemon
setgid_group = uucp
default_privs = nobody
import_environment = LD_LIBRARY_PATH MAIL_CONFIG
maillog_file =
multi_instance_enable = no
mynetworks = 127.0.0.0/8
mydestination =
inet_protocols = all
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_recipient_restrictions = reject
smtpd_tls_security_level = may
smtpd_tls_loglevel = 0
smtpd_tls_session_cache_database =
tls_random_source = dev:/dev/urandom
default_process_limit = 8
max_idle = 4s
local_recipient_maps =
alias_maps =
"""
MASTER = """anvil unix - - n - 1 anvil
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
"""


def postfix_root(cache):
    """The folder with Postfix's files; None: it cannot be had."""
    given = Path(os.environ.get("POSTFIX_ROOT", cache / "postfix"))
    return given if (given / "usr/lib/postfix/sbin/master").exists() else None


def installed_root():
    return Path("/") if Path("/usr/lib/postfix/sbin/master").exists() else None


def default_root():
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "sextant-tests"
    return installed_root() or postfix_root(cache)


def start_postfix(servers, listeners, root):
    """Listeners: (name, address, file with key and certificate)."""
    etc, run = servers.folder / "etc/postfix", servers.folder / "run/postfix"
    for path in (etc, run / "data"):
        path.mkdir(parents=True, exist_ok=True)
    for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop", "pid", "private", "public", "saved", "trace"):
        (run / "queue" / name).mkdir(parents=True, exist_ok=True)
    subprocess.run(["chown", "-R", "daemon", str(run / "data"), str(run / "queue")], check=True)
    subprocess.run(["chown", "root", str(run / "queue"), str(run / "queue/pid")], check=True)
    (etc / "main.cf").write_text(MAIN.format(run=run, root=str(root).rstrip("/"), etc=etc))
    lines = MASTER
    for name, address, pem in listeners:
        at = f"[{address}]" if ":" in address else address
        lines += f"{at}:25 inet n - n - - smtpd\n  -o myhostname={name}\n  -o smtpd_tls_chain_files={pem}\n"
    (etc / "master.cf").write_text(lines)
    master = root / "usr/lib/postfix/sbin/master"
    servers.start("world", "postfix", "env", f"LD_LIBRARY_PATH={root}/usr/lib/postfix", f"MAIL_CONFIG={etc}", master, "-d", "-c", etc)


def start_smtpd(servers, listeners):
    """OpenSMTPD has one folder and one socket a machine: its own here. It asks for the client's name before it greets: a
    resolver that refuses at once.
    """
    text = "".join(f'listen on {address} port 25 hostname "{name}"\n' for name, address, _ in listeners)
    text += 'action "none" relay\nmatch from any for any reject\n'
    resolver = servers.write("resolv.conf", "nameserver 2001:db8::1\noptions attempts:1 timeout:1\n")
    script = ('mount --bind "$2" /etc/resolv.conf && mount -t tmpfs none /var/spool && mount -t tmpfs none /run && chmod 711 /var/spool && '
              'exec smtpd -d -f "$1"')
    servers.start("world", "smtpd", "unshare", "-m", "sh", "-c", script, "sh", servers.write("smtpd.conf", text), resolver)
