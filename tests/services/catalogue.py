# SPDX-License-Identifier: Apache-2.0
"""The domains of the laboratory: each is broken in one named way, or sound in one unusual way, and says what a check
must find. What is not named must be "pass" or "not-applicable".

What is right was decided by what a user meets and what the standards say: an address that is there and fails is "fail",
one of several "partial", a record that is not there "none", what is broken over IPv4 just the same is no fault of
IPv6. Several verdicts stand only where chance decides: which of two servers that disagree a resolver asks.
"""

from model import Catalogue, Domain, Mx, Ns, Serve

NO = "fail|partial|not-testable|none|not-applicable"  # anything but green
ANY = NO + "|pass"
HTTP = ("web-tls", "web-http", "web-http2", "web-same", "web-resources", "web-links", "web-repeated", "web-mtu")


def without(*tests, **more):
    """What cannot be green behind a site that does not answer over IPv6."""
    found = {t: NO for t in HTTP}
    found["web-eyeballs"] = "fail"
    found.update({t: "fail" for t in tests})
    found.update({k.replace("_", "-"): v for k, v in more.items()})
    return found


def none_web(subject=""):
    """A site without AAAA."""
    at = f"@{subject}" if subject else ""
    found = {t + at: "none|not-applicable|not-testable" for t in HTTP + ("web-addresses", "web-tcp80", "web-tcp443", "web-eyeballs")}
    found["web-aaaa" + at] = "none"
    return found


def none_names():
    return {"names-aaaa": "none", "names-glue": "none|not-applicable", "names-udp": "none", "names-tcp": "none", "names-edns": "none",
            "names-delegation": "none", "names-same": "none", "names-ipv6-only": "none"}


def dead_names(**more):
    """All IPv6 addresses of the name servers are there and useless: the delegation and its glue are well, and what IPv6 says
    cannot be held against IPv4.
    """
    found = {"names-udp": "fail", "names-tcp": "fail", "names-edns": NO, "names-ipv6-only": "fail", "names-same": "not-testable"}
    found.update({k.replace("_", "-"): v for k, v in more.items()})
    return found


def mute_names():
    """The delegation is there, with its glue, and nobody behind it says anything of the zone."""
    return {**{f"names-{t}": "fail" for t in ("resolves", "udp", "tcp", "ipv6-only")},
            **{f"names-{t}": "not-testable" for t in ("glue", "edns", "same", "dnssec")}, "web-*": "not-testable", "mail-*": "not-testable"}


def useless_names():
    """The only IPv6 address is one that nobody can be asked at."""
    return dead_names(names_aaaa="fail", names_delegation="none", names_same="none")


def own(six="nsd", four="knot", **more):
    """Two name servers inside the zone, the second one well."""
    return (Ns("ns1", six, four, **more),)


ROOT_SERVERS = ("a.root AAAA 2001:db8:0:53::1", "a.root A 192.0.2.53", "b.root AAAA 2001:db8:0:53::2", "b.root A 192.0.2.54")


def infrastructure(c):
    for tld in ("test", "example", "xn--kgbechtv"):
        c.add(Domain(tld, "", (Ns("a.nic", "nsd-tld", "nsd-tld"), Ns("b.nic", "knot-tld", "knot-tld")),
                     apex=(), www=(), six=(), four=(), mail=False, listed=False, spf="", signed="nsec3" if tld == "test" else "",
                     records=ROOT_SERVERS if tld == "test" else ()))
    c.add(Domain("hoster.test", "", (Ns("ns1", "nsd", "nsd"), Ns("ns2", "knot", "knot")), mx=(Mx("mx"),), listed=False,
                 records=("dead AAAA 2001:db8:0:dead::1", "dead A 203.0.113.254")))
    c.add(Domain("hoster.example", "", (Ns("ns1", "bind", "bind"), Ns("ns2", "nsd", "nsd")), listed=False))
    # Hosts that pages load from.
    c.add(Domain("cdn.test", "", listed=False, six=(Serve(page="other"),), four=(Serve(page="other"),)))
    c.add(Domain("fourcdn.test", "", listed=False, apex=("four",), www=("four",), six=()))
    c.add(Domain("halfcdn.test", "", listed=False, six=(Serve(page="other"), Serve("")), four=(Serve(page="other"),)))
    c.add(Domain("deadcdn.test", "", listed=False, six=(Serve(""),)))
    # Zones above others, and hosters of name servers, that have no IPv6.
    c.add(Domain("fourregistry.test", "", (Ns("ns1", "", "nsd"), Ns("ns2", "", "knot")), listed=False))
    c.add(Domain("fourhoster.test", "", (Ns("ns1", "", "nsd"), Ns("ns2", "", "knot")), listed=False))
    c.add(Domain("halfhoster.test", "", (Ns("ns1", "", "nsd"),), listed=False,
                 records=("six AAAA {nsd6}", "six A {nsd4}")))
    c.add(Domain("registry.test", "", listed=False))
    # All well, and nobody there is to be asked.
    c.add(Domain("optout.test", "", (Ns("ns1", "nsd", "nsd"), Ns("ns2", "knot", "knot")), mx=(Mx(),), listed=False, opt_out=(".{d}",)))


def sound(c):
    add = c.add
    add(Domain("sound.test", "all well: nginx, OpenSMTPD, NSD and Knot"))
    add(Domain("sound.example", "all well below another top-level domain, BIND and NSD", (Ns("ns1.hoster.example."), Ns("ns2.hoster.example."))))
    add(Domain("h2o.test", "all well: h2o", six=(Serve("h2o"),), four=(Serve("h2o"),)))
    add(Domain("lighttpd.test", "all well: lighttpd", six=(Serve("lighttpd"),), four=(Serve("lighttpd"),)))
    add(Domain("bind.test", "all well: BIND alone, two addresses", (Ns("ns1", "bind", "bind"), Ns("ns2", "bind", "bind"))))
    add(Domain("two-servers.test", "h2o over IPv6, nginx over IPv4, the same page", six=(Serve("h2o"),)))
    add(Domain("own-mx.test", "its own mail server, all well", mx=(Mx(),)))
    add(Domain("opensmtpd.test", "OpenSMTPD, without STARTTLS over both", mx=(Mx(six="opensmtpd", four="opensmtpd"),), expect={"mail-starttls": "none|not-applicable"}))
    add(Domain("two-mx.test", "two mail servers of its own", mx=(Mx("mx1"), Mx("mx2", 20))))
    add(Domain("glue.test", "name servers inside the zone, with glue", (Ns("ns1"), Ns("ns2", "knot", "nsd"))))
    add(Domain("elsewhere.test", "name servers in a zone of another top-level domain", (Ns("ns1.hoster.example."), Ns("ns2.hoster.example."))))
    add(Domain("six-only.test", "no IPv4 at all: site, name servers and mail", (Ns("ns1", "nsd", ""), Ns("ns2", "knot", "")),
               apex=("six",), www=("six",), four=(), mx=(Mx(four=""),), expect={"web-same": "pass|not-applicable"}))
    add(Domain("six-only-web.test", "the site alone has no IPv4", apex=("six",), www=("six",), four=(), expect={"web-same": "pass|not-applicable"}))
    add(Domain("no-web.test", "mail alone, no address of a site", apex=(), www=(), six=(), four=(), expect={"web-*": "not-applicable"}))
    add(Domain("null-mx.test", "a null MX: takes no mail, by intention", mail=False, records=("@ MX 0 .",), spf='@ TXT "v=spf1 -all"', expect={"mail-*": "not-applicable"}))
    add(Domain("parked.test", "no site, no mail", apex=(), www=(), six=(), four=(), mail=False, spf="",
               expect={"web-*": "not-applicable", "mail-*": "not-applicable"}, stage="complete|unknown"))
    add(Domain("apex-only.test", "no www at all", www=(), expect={"web@www": "not-applicable"}))
    add(Domain("www-only.test", "only www has addresses", apex=(), expect={"web@apex": "not-applicable"}))
    add(Domain("implicit-mx.test", "no MX: the address of the domain takes the mail", mail=False, spf='@ TXT "v=spf1 a -all"',
               six=(Serve(does="mail"),), four=(Serve(does="mail"),), expect={"mail-starttls": "none|not-applicable"}))
    add(Domain("wildcard.test", "www by a wildcard", www=(), records=("* AAAA {web6}", "* A {web4}")))
    add(Domain("cname-www.test", "www is a CNAME to the domain", www=(), records=("www CNAME @",)))
    add(Domain("cname-chain.test", "www by four CNAMEs, through another zone", www=(),
               records=("www CNAME one", "one CNAME two", "two CNAME chain.registry.test.", "end CNAME @")))
    c.find("registry.test").records += ("chain CNAME end.cname-chain.test.",)
    add(Domain("dname.test", "www below a DNAME", www=(), records=("old DNAME new", "www CNAME www.old", "www.new AAAA {web6}", "www.new A {web4}")))
    add(Domain("xn--bcher-kva.test", "an international name, given with its own letters", spelled="bücher.test"))
    add(Domain("xn--mgbh0fb.xn--kgbechtv", "letters from right to left, in both labels", spelled="مثال.إختبار"))
    add(Domain("upper.test", "given in capitals, as a URL", spelled="https://UPPER.Test/"))
    add(Domain("nonces.test", "the page carries nonces, tokens and times that change", six=(Serve(page="nonces", does="nonces"),), four=(Serve(page="nonces", does="nonces"),)))
    add(Domain("advert.test", "one paragraph of the page turns with each load, over both families", six=(Serve("hostile", does="advert"),),
               four=(Serve("hostile", does="advert"),)))
    add(Domain("path-1280.test", "a path of 1,280 octets, that says so", six=(Serve(place="narrow"),), expect={"web-mtu": "pass|partial"}))
    add(Domain("redirects.test", "to HTTPS, to www, to a page", six=(Serve(does="redirects"),), four=(Serve(does="redirects"),)))
    add(Domain("www-to-apex.test", "www goes to the domain", six=(Serve(does="to-apex"),), four=(Serve(does="to-apex"),)))
    add(Domain("hsts.test", "HTTPS by HSTS, HTTP goes there", six=(Serve(does="hsts"),), four=(Serve(does="hsts"),)))
    add(Domain("robots.test", "robots.txt forbids all but the first page", six=(Serve(page="robots"),), four=(Serve(page="robots"),),
               expect={"web-links": "not-applicable|not-testable|pass"}))
    add(Domain("large-page.test", "a page of 1.5 MB", six=(Serve(page="large"),), four=(Serve(page="large"),)))
    add(Domain("gzip.test", "compressed pages", six=(Serve(does="gzip"),), four=(Serve(does="gzip"),)))
    add(Domain("three-addresses.test", "three IPv6 addresses, all well", six=(Serve(), Serve(), Serve())))
    add(Domain("http-only.test", "port 80 alone, over both", six=(Serve(ports=(80,)),), four=(Serve(ports=(80,)),),
               expect={"web-tcp443": "not-applicable", "web-tls": "not-applicable"}))
    add(Domain("https-only.test", "port 443 alone, over both", six=(Serve(ports=(443,)),), four=(Serve(ports=(443,)),),
               expect={"web-tcp80": "not-applicable"}))
    add(Domain("http1.test", "HTTP/1.1 at most, over both", six=(Serve(http2=False),), four=(Serve(http2=False),)))
    add(Domain("http10.test", "an old server: HTTP/1.0, the end of the page is the end of the connection",
               six=(Serve("hostile", does="http10"),), four=(Serve("hostile", does="http10"),)))
    add(Domain("chunked.test", "a page in many small chunks", six=(Serve("hostile", does="chunked"),), four=(Serve("hostile", does="chunked"),)))
    add(Domain("two-certificates.test", "two different certificates, both valid", six=(Serve(tls="second"),), expect={"web-tls": "pass"}))
    add(Domain("wildcard-certificate.test", "www by a certificate for all names", six=(Serve(tls="wildcard"),), four=(Serve(tls="wildcard"),)))
    add(Domain("rsa.test", "an RSA certificate, TLS 1.2", six=(Serve(tls="rsa"),), four=(Serve(tls="rsa"),)))
    add(Domain("slow-both.test", "half a second for each page, over both", six=(Serve("hostile", does="slow"),), four=(Serve("hostile", does="slow"),)))
    add(Domain("resources.test", "loads from hosts that have IPv6", six=(Serve(page="resources"),), four=(Serve(page="resources"),)))
    add(Domain("base-href.test", "relative addresses, from a base element", six=(Serve(page="base"),), four=(Serve(page="base"),)))
    add(Domain("lossy-dns.test", "name servers lose every third question over IPv6 and UDP",
               (Ns("ns1", block=((6, "udp", 53, "lossy"),)), Ns("ns2", "knot", block=((6, "udp", 53, "lossy"),)))))
    add(Domain("large-records.test", "an answer of 3,000 octets, that needs TCP", records=tuple(
        f'@ TXT "{n}-{"filler-" * 20}"' for n in range(20))))
    add(Domain("eight-servers.test", "eight name servers", tuple(Ns(f"ns{n}", "nsd" if n % 2 else "knot", "knot") for n in range(1, 9))))
    add(Domain("ttl-zero.test", "no record may be kept", dnssec_ttl=0))
    add(Domain("deep.a.b.c.registry.test", "a zone three empty labels below its parent"))
    add(Domain("portal.registry.test", "a host inside its parent's zone, with mail of its own", is_zone=False))
    add(Domain("dnssec.test", "signed, all well", signed="sound", expect={"names-dnssec": "pass"}))
    add(Domain("dnssec-nsec3.test", "signed, with NSEC3", signed="nsec3", expect={"names-dnssec": "pass"}))
    add(Domain("spf-ip6.test", "SPF names an IPv6 prefix", mx=(Mx(),), spf='@ TXT "v=spf1 ip4:{mx4} ip6:{mx6}/64 -all"'))
    add(Domain("spf-include.test", "SPF by nine lookups", mx=(Mx(),), spf='@ TXT "v=spf1 include:_a.{d} -all"', records=tuple(
        f'_{chr(97 + n)} TXT "v=spf1 include:_{chr(98 + n)}.{{d}} -all"' for n in range(7)) + ('_h TXT "v=spf1 a:mx.{d} -all"',)))
    add(Domain("spf-redirect.test", "SPF by redirect", mx=(Mx(),), spf='@ TXT "v=spf1 redirect=_spf.{d}"', records=('_spf TXT "v=spf1 a:mx.{d} -all"',)))
    add(Domain("dane.test", "a TLSA record that fits, in a signed zone", mx=(Mx(),), signed="sound", records=("_25._tcp.mx TLSA 3 1 1 {mxkey}",),
               expect={"mail-dane": "pass", "names-dnssec": "pass"}))
    add(Domain("mx-slow.test", "mail greets after two seconds, over both", mx=(Mx(six="hostile:slow", four="hostile:slow"),)))
    add(Domain("mx-lines.test", "a greeting of many lines", mx=(Mx(six="hostile:lines", four="hostile:lines"),)))
    add(Domain("mx-elsewhere.test", "mail at a hoster of another zone", records=("@ MX 10 mx.own-mx.test.",), mail=False, spf='@ TXT "v=spf1 a:mx.own-mx.test -all"'))


def names(c):
    add = c.add
    add(Domain("ns-four.test", "name servers without AAAA", (Ns("ns1", ""), Ns("ns2", "")), expect=none_names(), stage="working"))
    add(Domain("ns-elsewhere-four.test", "name servers of another zone, without AAAA", (Ns("ns1.fourhoster.test."), Ns("ns2.fourhoster.test.")),
               expect=none_names(), stage="working"))
    add(Domain("ns-half.test", "one of two name servers has IPv6", (Ns("ns1"), Ns("ns2", "")),
               expect={"names-aaaa": "partial"}, stage="reachable"))
    add(Domain("ns-lame6.test", "lame over IPv6 alone: the server does not know the zone", own("lame"),
               expect=dead_names(), stage="reachable"))
    add(Domain("ns-one-lame.test", "one of two name servers is lame, over both families", (Ns("ns1"), Ns("ns2", "lame", "lame")),
               expect={"names-udp": "partial", "names-tcp": "partial"}, stage="reachable"))
    add(Domain("ns-dark6.test", "name servers silent over IPv6", own(block=((6, "", 0, "drop"),)), expect=dead_names(), stage="reachable"))
    add(Domain("ns-closed6.test", "nothing listens at the name servers' IPv6 addresses", own("closed"), expect=dead_names(), stage="reachable"))
    add(Domain("ns-one-dark6.test", "one of two name servers is silent over IPv6", (Ns("ns1"), Ns("ns2", block=((6, "", 0, "drop"),))),
               expect={"names-udp": "partial", "names-tcp": "partial"}, stage="reachable"))
    add(Domain("glue-missing.test", "the zone above has no AAAA of the name server", own(glue6=""),
               expect={"names-glue": "fail", "names-ipv6-only": "fail"}, stage="reachable"))
    add(Domain("glue-wrong.test", "the zone above has another AAAA, where nothing listens", own(glue6="2001:db8:0:dead::53"),
               expect={"names-glue": "fail", "names-ipv6-only": "fail", "names-udp": "partial", "names-tcp": "partial"}, stage="reachable"))
    add(Domain("ns-behind-four.test", "the name server has AAAA, in a zone that IPv6 does not reach", (Ns("six.halfhoster.test."),), on=("nsd",),
               expect={"names-ipv6-only": "fail"}, stage="reachable"))
    add(Domain("child.fourregistry.test", "the zone above has name servers without IPv6",
               expect={"names-ipv6-only": "fail", "names-delegation": "none"}, stage="reachable"))
    for one, two in (("a", "b"), ("b", "a")):
        add(Domain(f"cyclic-{one}.test", "two zones whose name servers lie in each other, without glue", (Ns(f"ns.cyclic-{two}.test."),), on=("nsd",),
                   records=("ns AAAA {nsd6}", "ns A {nsd4}"), expect={"names-*": NO, "names-resolves": "fail", "web-*": NO,
                                                                     "mail-*": NO}, stage="none|unknown"))
    add(Domain("udp-only.test", "name servers refuse TCP over IPv6", own(block=((6, "tcp", 53, "reset"),)),
               expect={"names-tcp": "fail"}, stage="reachable"))
    add(Domain("tcp-dark.test", "name servers swallow TCP over IPv6", own(block=((6, "tcp", 53, "drop"),)),
               expect={"names-tcp": "fail"}, stage="reachable"))
    add(Domain("udp-dark.test", "name servers swallow UDP over IPv6, TCP works", own(block=((6, "udp", 53, "drop"),)),
               expect={"names-udp": "fail", "names-edns": NO, "names-ipv6-only": "fail", "names-same": "not-testable"}, stage="reachable"))
    add(Domain("no-tcp-at-all.test", "name servers refuse TCP over both families", own(block=((6, "tcp", 53, "reset"), (4, "tcp", 53, "reset"))),
               expect={"names-tcp": "fail"}, stage="reachable"))
    add(Domain("truncates.test", "every answer is truncated over IPv6, and TCP is refused", own("hostile:truncate", block=((6, "tcp", 53, "reset"),)),
               expect=dead_names(names_udp="pass"), stage="reachable"))
    add(Domain("edns-ignored.test", "name servers leave EDNS out, over both", own("hostile:no-edns", "hostile:no-edns")))
    add(Domain("edns-formerr.test", "name servers answer FORMERR to EDNS, over both", own("hostile:formerr", "hostile:formerr")))  # RFC 6891, 7: so it must
    add(Domain("edns-silent6.test", "name servers are silent to EDNS over IPv6", own("hostile:edns-silent", "hostile:plain"),
               expect=dead_names(names_same="pass"), stage="reachable"))
    add(Domain("large-lost6.test", "answers over 512 octets are lost over IPv6 and UDP", own("nsd", "nsd", block=((6, "udp", 53, "large"),)),
               records=tuple(f'@ TXT "{n}-{"filler-" * 20}"' for n in range(4)), signed="sound",
               expect={"names-edns": "fail", "names-ipv6-only": "partial"}, stage="reachable"))
    for behaviour, odd in (("garbage", "answers of random octets"), ("wrong-id", "answers with another number"), ("wrong-question", "answers to another question"),
                           ("servfail", "SERVFAIL"), ("tarpit", "answers after ten seconds"), ("empty", "empty datagrams"),
                           ("not-a-response", "the question comes back as a question"), ("pointer-loop", "names whose compression runs in a circle")):
        add(Domain(f"dns-{behaviour}.test", f"name servers over IPv6: {odd}", own(f"hostile:{behaviour}", "hostile:plain"),
                   expect=dead_names(), stage="reachable"))
    add(Domain("dns-nodata6.test", "name servers over IPv6 know no address of the site", own("hostile:no-data", "hostile:plain"),
               expect={"names-same": "fail", "web-aaaa": "partial"}, stage="reachable", others_differ=("web",)))
    add(Domain("dns-nxdomain6.test", "name servers over IPv6 deny the name", own("hostile:nxdomain", "hostile:plain"),
               expect={"web-*": ANY, "mail-*": ANY, "names-resolves": "fail|pass", "names-same": "fail", "names-ipv6-only": "fail", "names-udp": "fail", "names-tcp": "fail",
                       "names-aaaa": ANY, "names-edns": ANY, "names-delegation": ANY, "names-glue": ANY},
               stage="unknown|reachable|working"))
    add(Domain("servfail.test", "SERVFAIL from all servers over both", own("hostile:servfail", "hostile:servfail"),
               expect=mute_names(), stage="unknown"))
    add(Domain("refused.test", "all name servers refuse", own("lame", "lame"),
               expect=mute_names(), stage="unknown"))
    add(Domain("nxdomain.test", "does not exist", (), is_zone=False, apex=(), www=(), six=(), four=(), mail=False, spf="",
               expect={"names-*": "not-applicable", "names-resolves": "fail", "web-*": NO, "mail-*": NO}, stage="unknown"))
    add(Domain("differs-by-server.test", "two name servers, two addresses of the site", (Ns("ns1", "nsd", "nsd"), Ns("ns2", "knot", "knot")),
               records=("note AAAA 2001:db8:1::1",), records_b=("@ AAAA {web6b}",), six=(Serve(), Serve()), apex=("four", "six0"), expect={"names-same": "partial"},
               stage="reachable"))
    add(Domain("differs-by-family.test", "another answer over IPv6 than over IPv4", (Ns("ns1", "nsd", "knot"), Ns("ns2", "nsd", "knot")),
               records=("note AAAA 2001:db8:1::1",), records_b=("@ AAAA {web6b}",), six=(Serve(), Serve()), apex=("four", "six0"), expect={"names-same": "fail"},
               stage="reachable"))
    add(Domain("old-serial.test", "the second server has an older zone", (Ns("ns1", "nsd", "nsd"), Ns("ns2", "knot", "knot")), serial_b=2020010100,
               expect={"names-same": "partial"}, stage="reachable"))
    add(Domain("dnssec-bogus.test", "a record was changed after the signing", signed="bogus",
               expect={"names-dnssec": "fail"}, stage="reachable"))
    add(Domain("dnssec-expired.test", "the signatures have expired", signed="expired",
               expect={"names-dnssec": "fail"}, stage="reachable"))
    add(Domain("dnssec-ds.test", "the DS of the zone above is of another key", signed="ds",
               expect={"names-dnssec": "fail"}, stage="reachable"))
    add(Domain("ns-loopback.test", "a name server at ::1", own(address6="::1"), expect=useless_names(), stage="reachable"))
    add(Domain("ns-link-local.test", "a name server at fe80::53", own(address6="fe80::53"),
               expect=useless_names(), stage="reachable"))
    add(Domain("ns-ula.test", "a name server in fd00::/8", own(address6="fd00:db8::53"), expect=useless_names(), stage="reachable"))
    # Beside what is allowed (2001:db8::/38): neither the check nor its validating resolver may ask there.
    add(Domain("ns-documentation.test", "a name server in 2001:db8::/32, where nothing is allowed", own(address6="2001:db8:bad::53"),
               expect=useless_names(), stage="reachable"))
    add(Domain("ns-nxdomain.test", "one of the name servers' names does not exist", (Ns("ns1.hoster.test."), Ns("nowhere.hoster.test.")), on=("nsd",),
               expect={"names-aaaa": "partial"}, stage="reachable"))
    for at, odd in (("above", "the zone above names a server that the zone does not name"), ("zone", "the zone names a server that the zone above does not name")):
        add(Domain(f"ns-{at}-alone.test", odd, (Ns("ns1"), Ns("ns2", "knot", at=at)), expect={"names-delegation": "partial"}, stage="reachable"))
    add(Domain("ns-cname.test", "a name server's name is a CNAME", (Ns("ns1.hoster.test."), Ns("alias.hoster.test.")), on=("nsd", "knot"),
               expect={"names-aaaa": "partial"}, stage="reachable"))
    c.find("hoster.test").records += ("alias CNAME ns2",)
    add(Domain("cname-loop.test", "www is a CNAME in a circle", www=(), records=("www CNAME a", "a CNAME b", "b CNAME www"),
               expect={"web-aaaa@www": "fail|none|not-testable|not-applicable", "web@www": NO}, stage="working"))
    add(Domain("cname-long.test", "www by twenty CNAMEs, between two zones", www=(), records=("www CNAME c1.registry.test.",) + tuple(
        f"c{n} CNAME c{n + 1}.registry.test." for n in range(2, 20, 2)) + ("c20 AAAA {web6}", "c20 A {web4}"),
        expect={"web-aaaa@www": "fail|none|not-testable|not-applicable", "web@www": NO}, stage="working", others_differ=("web",)))
    c.find("registry.test").records += tuple(f"c{n} CNAME c{n + 1}.cname-long.test." for n in range(1, 20, 2))
    add(Domain("cname-dangling.test", "www is a CNAME to a name that does not exist", www=(), records=("www CNAME nowhere.registry.test.",),
               expect={"web-aaaa@www": "fail|none|not-testable|not-applicable", "web@www": NO}, stage="complete"))


def opted_out(c):
    """What others lead to and is not to be asked is neither well nor broken."""
    unknown, nowhere = "not-testable", {t: "not-testable" for t in ("web-http", "web-same", "web-resources", "web-links")}
    c.add(Domain("loads-optout.test", "an image comes from a host that is not to be asked", six=(Serve(page="image-optout"),), four=(Serve(page="image-optout"),),
                 expect={"web-resources": unknown}, stage="working"))
    leads = Serve(does="redirect:https://optout.test/")
    c.add(Domain("redirect-optout.test", "goes to a site that is not to be asked", six=(leads,), four=(leads,), expect=nowhere, stage="working"))
    c.add(Domain("mx-optout.test", "the mail server is not to be asked", mail=False, records=("@ MX 10 mx.optout.test.",), expect={"mail-*": unknown, "mail-mx": "pass"},
                 stage="working"))
    c.add(Domain("mx-half-optout.test", "the second of two mail servers is not to be asked", mail=False, records=("@ MX 10 mx.hoster.test.", "@ MX 20 mx.optout.test."),
                 spf='@ TXT "v=spf1 a:mx.hoster.test -all"', expect={"mail-*": unknown, "mail-mx": "pass"}, stage="working"))
    c.add(Domain("ns-optout.test", "no name server is to be asked", (Ns("ns1.optout.test."), Ns("ns2.optout.test.")), expect={
        "names-*": unknown, "names-glue": "not-applicable", "web-*": unknown, "mail-*": unknown}, stage="unknown"))
    c.add(Domain("ns-half-optout.test", "one of two name servers is not to be asked", (Ns("ns1.hoster.test."), Ns("ns1.optout.test.")), expect={
        **{f"names-{t}": unknown for t in ("aaaa", "udp", "tcp", "edns", "same", "dnssec")}, "mail-dane": "not-applicable"}, stage="working"))
    c.add(Domain("cname-optout.test", "www is a CNAME to a name that is not to be asked", www=(), records=("www CNAME www.optout.test.",),
                 expect={"web@www": unknown}, stage="working"))
    c.add(Domain("www-optout.test", "www alone is not to be asked", expect={"web@www": unknown}, opt_out=("www.{d}",), stage="working"))


def everything():
    from catalogue_mail import mail
    from catalogue_web import web
    c = Catalogue()
    infrastructure(c)
    sound(c)
    names(c)
    web(c)
    mail(c)
    opted_out(c)
    return c
