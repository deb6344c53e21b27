# SPDX-License-Identifier: Apache-2.0
"""The domains whose mail is odd."""

from catalogue import NO
from model import Domain, Mx


def down(**more):
    """A mail server whose IPv6 does not greet."""
    found = {"mail-greeting": "fail", "mail-starttls": NO, "mail-dane": NO}
    found.update({k.replace("_", "-"): v for k, v in more.items()})
    return found


def mail(c):
    add = c.add
    add(Domain("mx-four.test", "the mail server has no AAAA", mx=(Mx(six=""),), expect={
        "mail-aaaa": "none", "mail-addresses": "none|not-applicable", "mail-greeting": "none|not-applicable", "mail-starttls": "none|not-applicable",
        "mail-ptr": "none|not-applicable", "mail-spf": "none|not-applicable|pass"}, stage="working"))
    add(Domain("mx-half.test", "the second of two mail servers has no AAAA", mx=(Mx("mx1"), Mx("mx2", 20, six="")), expect={
        "mail-aaaa": "partial"}, stage="reachable"))
    add(Domain("mx-cname.test", "the MX is a CNAME", mx=(Mx(),), mail=False, records=("@ MX 10 alias", "alias CNAME mx"), expect={"mail-mx": "partial"},
               stage="reachable"))
    add(Domain("mx-nowhere.test", "the MX does not exist", mail=False, records=("@ MX 10 nowhere",), expect={"mail-*": "not-applicable", "mail-mx": "fail", "mail-spf": "none"},
               stage="reachable"))
    add(Domain("mx-dark6.test", "the mail server is silent over IPv6", mx=(Mx(block=((6, "", 0, "drop"),)),), expect=down(), stage="reachable"))
    add(Domain("mx-closed6.test", "the mail server refuses over IPv6", mx=(Mx(six="closed"),), expect=down(), stage="reachable"))
    add(Domain("mx-dark-both.test", "the mail server is silent over both families", mx=(Mx(block=((6, "", 0, "drop"), (4, "", 0, "drop"))),),
               expect=down(mail_greeting="not-testable"), stage="working"))
    for behaviour, odd in (("mute", "takes the connection and says nothing"), ("554", "greets with 554"), ("421", "greets with 421"), ("garbage", "random octets"),
                           ("close", "closes at once"), ("drip", "an octet every second"), ("flood", "a greeting without end"), ("no-ehlo", "says nothing after EHLO")):
        add(Domain(f"mx-{behaviour}6.test", f"mail over IPv6: {odd}", mx=(Mx(six=f"hostile:{behaviour}"),),
                   expect=down(), stage="reachable"))
    add(Domain("starttls-four.test", "STARTTLS over IPv4 alone", mx=(Mx(six="hostile:plain", four="hostile:starttls"),), expect={"mail-starttls": "fail"}, stage="reachable"))
    add(Domain("starttls-broken6.test", "STARTTLS is offered over IPv6, the handshake fails", mx=(Mx(six="hostile:starttls-broken", four="hostile:starttls"),),
               expect={"mail-starttls": "fail"}, stage="reachable"))
    add(Domain("mx-certificate6.test", "another, self-made certificate over IPv6", mx=(Mx(tls6="selfsigned"),), expect={"mail-starttls": "fail"}, stage="reachable"))
    add(Domain("mx-ehlo.test", "EHLO is unknown, HELO works, over both", mx=(Mx(six="hostile:helo", four="hostile:helo"),),
               expect={"mail-starttls": "not-applicable"}))
    add(Domain("ptr-missing.test", "the mail server's IPv6 address has no name", mx=(Mx(ptr6=""),), expect={"mail-ptr": "fail"}, stage="reachable"))
    add(Domain("ptr-elsewhere.test", "the name of the IPv6 address does not lead back", mx=(Mx(ptr6="mx.own-mx.test"),), expect={"mail-ptr": "fail"}, stage="reachable"))
    add(Domain("ptr-nowhere.test", "the name of the IPv6 address does not exist", mx=(Mx(ptr6="nowhere.hoster.test"),), expect={"mail-ptr": "fail"}, stage="reachable"))
    add(Domain("spf-four.test", "SPF allows the IPv4 address alone", mx=(Mx(),), spf='@ TXT "v=spf1 ip4:{mx4} -all"', expect={"mail-spf": "fail"}, stage="reachable"))
    add(Domain("spf-none.test", "no SPF record", mx=(Mx(),), spf="", expect={"mail-spf": "not-applicable"}))
    add(Domain("spf-lookups.test", "SPF by eleven lookups", mx=(Mx(),), spf='@ TXT "v=spf1 include:_a.{d} -all"', records=tuple(
        f'_{chr(97 + n)} TXT "v=spf1 include:_{chr(98 + n)}.{{d}} -all"' for n in range(10)) + ('_k TXT "v=spf1 a:mx.{d} -all"',),
        expect={"mail-spf": "fail"}, stage="reachable"))
    add(Domain("spf-two.test", "two SPF records", mx=(Mx(),), records=('@ TXT "v=spf1 a -all"',), expect={"mail-spf": "fail"}, stage="reachable"))
    add(Domain("spf-loop.test", "SPF that includes itself", mx=(Mx(),), spf='@ TXT "v=spf1 include:{d} -all"', expect={"mail-spf": "fail"}, stage="reachable"))
    add(Domain("spf-syntax.test", "SPF with a wrong prefix", mx=(Mx(),), spf='@ TXT "v=spf1 ip6:2001:db8::/129 -all"', expect={"mail-spf": "fail"}, stage="reachable"))
    add(Domain("dane-wrong.test", "the TLSA record is of another key", mx=(Mx(),), signed="sound", records=(f"_25._tcp.mx TLSA 3 1 1 {'ab' * 32}",),
               expect={"mail-dane": "fail"}, stage="reachable"))
    add(Domain("dane-wrong6.test", "the certificate over IPv6 is not the one of the TLSA record", mx=(Mx(tls6="second"),), signed="sound",
               records=("_25._tcp.mx TLSA 3 1 1 {mxkey}",), expect={"mail-dane": "fail"}, stage="reachable"))
    add(Domain("dane-unsigned.test", "a TLSA record in a zone that is not signed", mx=(Mx(),), records=(f"_25._tcp.mx TLSA 3 1 1 {'ab' * 32}",),
               expect={"mail-dane": "not-applicable|none"}))
    add(Domain("mx-ula.test", "the mail server's AAAA is in fd00::/8", mx=(Mx(address6="fd00:db8::25", six="none", ptr6=""),),
               expect=down(mail_addresses="fail", mail_greeting=NO, mail_ptr=NO, mail_spf="not-testable"), stage="reachable"))
    add(Domain("mx-mapped.test", "the mail server's AAAA is mapped IPv4", mx=(Mx(address6="::ffff:10.0.0.25", six="none", ptr6=""),),
               expect=down(mail_addresses="fail", mail_greeting=NO, mail_ptr=NO, mail_spf="not-testable"), stage="reachable"))
    add(Domain("mx-backup-dead6.test", "the second mail server refuses over IPv6", mx=(Mx("mx1"), Mx("mx2", 20, six="closed")), expect={
        "mail-greeting": "partial"}, stage="reachable"))
    # A sender takes either address (RFC 5321 5.1: in any order): the silent one costs it a wait.
    silent = Mx(four="", block=((6, "", 0, "drop"),))
    for name, odd, mx in (("mx-second-silent", "the second IPv6 address of the mail server is silent", (Mx(), silent)),
                          ("mx-first-silent", "the first IPv6 address of the mail server is silent", (silent, Mx()))):
        add(Domain(f"{name}.test", odd, mx=mx, expect={"mail-greeting": "partial"}, stage="reachable"))
