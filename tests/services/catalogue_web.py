# SPDX-License-Identifier: Apache-2.0
"""The domains whose site is odd."""

from catalogue import ANY, NO, RED, none_web, without
from model import Domain, Serve

DARK = (("", 0, "drop"),)


def six(c, name, odd, serve, expect, stage="reachable", **more):
    c.add(Domain(f"{name}.test", odd, six=serve if isinstance(serve, tuple) else (serve,), expect=expect, stage=stage, **more))


def reach(c):
    six(c, "closed6", "AAAA, and nothing listens there", Serve(""), without("web-tcp80", "web-tcp443"))
    six(c, "dark6", "a firewall swallows everything over IPv6: Happy Eyeballs hides it", Serve(block=DARK),
        without("web-tcp80", "web-tcp443", "web-eyeballs", web_eyeballs=RED))
    six(c, "closed443", "port 443 is refused over IPv6", Serve(ports=(80,)), without("web-tcp443", web_http=RED, web_same=ANY, web_resources=ANY, web_links=ANY,
                                                                                   web_repeated=ANY, web_mtu=ANY))
    six(c, "dark443", "port 443 is swallowed over IPv6", Serve(block=(("tcp", 443, "drop"),)),
        without("web-tcp443", web_http=RED, web_same=ANY, web_resources=ANY, web_links=ANY, web_repeated=ANY, web_mtu=ANY, web_eyeballs=RED))
    six(c, "closed80", "port 80 is refused over IPv6", Serve(ports=(443,)), {"web-tcp80": "fail", "web-http": "pass|partial|fail", "web-eyeballs": ANY}, stage="reachable|working")
    six(c, "prohibited6", "a router says that it is prohibited", Serve(block=(("tcp", 0, "prohibited"),)), without("web-tcp80", "web-tcp443"))
    six(c, "unreachable6", "a router says that there is no way", Serve("", address="2001:db8:3ff::80"), without("web-tcp80", "web-tcp443"))
    one_of_several(c)
    six(c, "flapping", "every third connection over IPv6 is refused", Serve(block=(("tcp", 80, "third"), ("tcp", 443, "third"))),
        without(web_tcp80="pass|partial|fail", web_tcp443="pass|partial|fail", web_repeated="partial|fail", **{t: "pass|partial|fail" for t in (
            "web_tls", "web_http", "web_http2", "web_same", "web_links")}, web_mtu=ANY, web_resources=ANY), stage="reachable")
    six(c, "hole-1280", "a path of 1,280 octets that does not say so", Serve(place="hole1280"),
        without(web_tls=ANY, web_http="fail|partial", web_http2=ANY, web_mtu="fail|partial", web_eyeballs=ANY, **{"web-mtu@www": NO}))
    six(c, "hole-1400", "a path of 1,400 octets that does not say so", Serve(place="hole1400"),
        without(web_tls=ANY, web_http="fail|partial", web_http2=ANY, web_mtu="fail|partial", web_eyeballs=ANY, **{"web-mtu@www": NO}))
    c.add(Domain("four-only.test", "no IPv6 for the site", apex=("four",), www=("four",), six=(), expect=none_web(), stage="working"))
    c.add(Domain("aaaa-on-www.test", "AAAA on www alone", apex=("four",), expect=none_web("apex"), stage="working"))
    c.add(Domain("aaaa-on-apex.test", "AAAA on the domain alone, www has none", www=("four",), expect=none_web("www"), stage="working"))
    c.add(Domain("nothing6.test", "site, name servers and mail without IPv6", ns=_four_ns(), apex=("four",), www=("four",), six=(), mx=_four_mx(),
                 expect={**none_web(), "names-*": "none|not-applicable|fail|partial", "names-resolves": "pass", "names-dnssec": "pass|not-applicable|none", "names-same": ANY,
                         "mail-*": "none|not-applicable", "mail-mx": "pass", "mail-spf": ANY}, stage="none"))
    c.add(Domain("dead.test", "the site is silent over both families", six=(Serve(block=DARK),), four=(Serve(block=DARK),),
                 expect=without(web_tcp80="fail|not-testable", web_tcp443="fail|not-testable"), stage="reachable|working|unknown|complete"))


def one_of_several(c):
    """A browser takes any of the addresses (answers rotate): each one that fails is a visit that waits or ends wrongly. So the
    test that sees the fault is "partial", and all others are green. The race alone depends on which address comes first.
    """
    dead = {t: "partial" for t in ("web-tcp80", "web-tcp443", "web-http")} | {"web-eyeballs": "pass|partial"}
    for name, odd, addresses, expect in (
            ("one-of-three", "one of three IPv6 addresses refuses", (Serve(), Serve(""), Serve()), dead),
            ("one-of-three-dark", "one of three IPv6 addresses is silent", (Serve(), Serve(), Serve(block=DARK)), dead),
            ("second-dead", "the second of two IPv6 addresses is silent", (Serve(), Serve(block=DARK)), dead),
            ("first-dead", "the first of two IPv6 addresses is silent", (Serve(block=DARK), Serve()), dead),
            ("second-certificate", "the certificate at the second IPv6 address is for another name", (Serve(), Serve(tls="mismatch")), {"web-tls": "partial"}),
            ("second-other", "another site answers at the second IPv6 address", (Serve(), Serve(page="other")), {"web-same": "partial"}),
            ("first-other", "another site answers at the first IPv6 address", (Serve(page="other"), Serve()), {"web-same": "partial"}),
            ("second-parked", "the second IPv6 address leads to another site", (Serve(), Serve(does="redirect:https://cdn.test/")), {"web-same": "partial"}),
            ("second-503", "HTTP 503 at the second IPv6 address", (Serve(), Serve(does="status:503")), {"web-http": "partial"})):
        six(c, name, odd, addresses, expect)


def _four_ns():
    from model import Ns
    return (Ns("ns1", ""), Ns("ns2", ""))


def _four_mx():
    from model import Mx
    return (Mx(six=""),)


def tls(c):
    after = {"web-http": "pass|partial|fail", "web-same": ANY, "web-resources": ANY, "web-links": ANY, "web-repeated": ANY, "web-http2": ANY, "web-mtu": ANY, "web-eyeballs": ANY}
    for kind, odd in (("mismatch", "for another name"), ("expired", "that has expired"), ("selfsigned", "that nobody signed"), ("untrusted", "of an unknown authority"),
                      ("future", "that is not valid yet")):
        six(c, f"tls-{kind}6", f"over IPv6 alone: a certificate {odd}", Serve(tls=kind), {"web-tls": "fail", **after}, stage="reachable")
        if kind in ("expired", "selfsigned"):
            six(c, f"tls-{kind}", f"over both families: a certificate {odd}", Serve(tls=kind), {"web-tls": RED, **after}, four=(Serve(tls=kind),),
                stage="reachable|working")
    six(c, "tls-garbage6", "random octets at port 443 over IPv6", Serve("hostile", does="tls-garbage"), {"web-tls": "fail", **after, "web-http": RED, "web-http2": NO})
    six(c, "tls-mute6", "port 443 opens over IPv6, no handshake comes", Serve("hostile", does="tls-mute"), {"web-tls": "fail", **after, "web-http": RED, "web-http2": NO})
    six(c, "tls-plain6", "plain HTTP at port 443 over IPv6", Serve("hostile", does="tls-plain"), {"web-tls": "fail", **after, "web-http": RED, "web-http2": NO})
    six(c, "http2-four", "HTTP/2 over IPv4 alone", Serve(http2=False), {"web-http2": RED}, stage="working|reachable")


def content(c):
    broken = {"web-repeated": ANY, "web-eyeballs": ANY, "web-mtu": ANY, "web-http2": ANY, "web-resources": ANY, "web-links": ANY}
    for page, odd in (("default", "the web server's first page"), ("other", "another site"), ("text", "the same frame, another text"),
                      ("order", "the same paragraphs in another order"), ("empty", "an empty page"), ("maintenance", "a note that the site is being mended"),
                      ("half", "the second half is missing")):
        six(c, f"other-{page}6", f"over IPv6: {odd}", Serve(page=page), {"web-same": RED, **broken, "web-http": "pass|fail|partial"}, stage="reachable")
    for status in (403, 404, 500, 503):
        six(c, f"status-{status}6", f"over IPv6 alone: HTTP {status}", Serve(does=f"status:{status}"), {"web-http": "fail", "web-same": NO, **broken})
    six(c, "vhost6", "over IPv6 the first site of the server answers", Serve(page="other", tls="mismatch"), {"web-tls": "fail", "web-same": RED, "web-http": ANY, **broken})
    c.add(Domain("status-404.test", "HTTP 404 over both families", six=(Serve(does="status:404"),), four=(Serve(does="status:404"),),
                 expect={"web-http": ANY, "web-same": ANY, **broken}, stage="complete|working|reachable"))
    six(c, "redirect-four6", "goes to a name without AAAA", Serve(does="redirect:https://fourcdn.test/"), {"web-http": RED + "|none", "web-same": ANY, **broken},
        four=(Serve(does="redirect:https://fourcdn.test/"),), stage="reachable|working")
    six(c, "redirect-elsewhere6", "over IPv6 alone: goes to another site", Serve(does="redirect:https://cdn.test/"), {"web-http": "pass|fail|partial", "web-same": RED, **broken})
    six(c, "redirect-loop6", "over IPv6 alone: goes round in a circle", Serve(does="loop"), {"web-http": "fail", "web-same": NO, **broken})
    six(c, "redirect-loop", "over both: goes round in a circle", Serve(does="loop"), {"web-http": NO, "web-same": ANY, **broken}, four=(Serve(does="loop"),),
        stage="reachable|working|unknown|complete")
    six(c, "redirect-down6", "over IPv6 alone: from HTTPS back to HTTP", Serve(does="down"), {"web-http": "pass|partial|fail", "web-same": ANY, **broken}, stage="reachable|working|complete")
    six(c, "redirect-private", "goes to 10.0.0.1", Serve(does="redirect:http://10.0.0.1/"), {"web-http": RED + "|none|not-testable", "web-same": ANY, **broken},
        four=(Serve(does="redirect:http://10.0.0.1/"),), stage="reachable|working|unknown")
    six(c, "redirect-loopback6", "over IPv6: goes to [::1]", Serve(does="redirect:http://[::1]/"), {"web-http": RED, "web-same": NO, **broken})
    for behaviour, odd in (("tarpit", "takes the question and is silent"), ("slowloris", "an octet of the header every second"), ("drip", "an octet of the page every second"),
                           ("garbage", "random octets"), ("close", "closes without an answer"), ("reset", "resets after the question"), ("headers", "headers without end"),
                           ("short", "ends before the length that it named"), ("bomb", "a gzip bomb of 10 GB"), ("endless", "a page without end"), ("huge", "a page of 30 MB"),
                           ("bad-chunks", "chunks of wrong lengths"), ("nul", "octets of zero in the header"), ("cookie-flood", "a thousand cookies")):
        six(c, f"http-{behaviour}6", f"over IPv6: {odd}", Serve("hostile", does=behaviour),
            {"web-http": "fail|partial" + ("|pass|not-testable" if behaviour in ("huge", "endless", "bomb", "cookie-flood", "nul") else ""), "web-same": ANY if behaviour in (
                "cookie-flood", "nul") else NO, **broken}, stage="reachable|working|complete" if behaviour in ("cookie-flood", "nul") else "reachable|working")
    for behaviour, odd in (("bomb", "a gzip bomb of 10 GB"), ("huge", "a page of 30 MB"), ("tarpit", "takes the question and is silent")):
        six(c, f"http-{behaviour}", f"over both: {odd}", Serve("hostile", does=behaviour), {"web-http": ANY, "web-same": ANY, "web-tls": ANY, **broken},
            four=(Serve("hostile", does=behaviour),), stage="reachable|working|complete|unknown")
    six(c, "slow6", "a second and a half more for each page over IPv6", Serve("hostile", does="slower"), {"web-repeated": "partial|fail", "web-eyeballs": ANY}, four=(Serve("hostile", does="plain"),),
        stage="working|reachable")


def inside(c):
    for page, odd in (("image-four", "an image"), ("style-four", "the style sheet"), ("script-four", "a script of a third party"), ("frame-four", "a frame")):
        c.add(Domain(f"{page}.test", f"{odd} comes from a host without AAAA", six=(Serve(page=page),), four=(Serve(page=page),),
                     expect={"web-resources": RED + "|none"}, stage="working|reachable"))
    c.add(Domain("image-dead.test", "an image comes from a host whose IPv6 is dead", six=(Serve(page="image-dead"),), four=(Serve(page="image-dead"),),
                 expect={"web-resources": RED}, stage="working|reachable"))
    c.add(Domain("comment-four.test", "a host without AAAA in a comment and in text alone", six=(Serve(page="comment"),), four=(Serve(page="comment"),)))
    for depth in (2, 3):
        c.add(Domain(f"link-broken{depth}.test", f"an internal link is broken over IPv6 at depth {depth}", six=(Serve(page=f"broken{depth}"),), four=(Serve(),),
                     expect={f"web-links-{depth}": RED}, stage="reachable"))


def odd_addresses(c):
    for name, address in (("unspecified", "::"), ("loopback", "::1"), ("mapped", "::ffff:192.0.2.80"), ("compatible", "::192.0.2.80"), ("link-local", "fe80::80"),
                          ("site-local", "fec0::80"), ("documentation", "2001:db8:bad::80"), ("ula", "fd00:db8::80"), ("nat64", "64:ff9b::cb00:7150"), ("6to4", "2002:c000:204::80"),
                          ("teredo", "2001::80"), ("multicast", "ff02::1"), ("unassigned", "4000::80")):
        six(c, f"aaaa-{name}", f"the AAAA is {address}", Serve("none", address=address), without("web-aaaa", "web-addresses", web_tcp80=NO, web_tcp443=NO), stage="named|reachable|working")
    good = (Serve(), Serve("none", address="fd00:db8::81"))
    six(c, "aaaa-one-ula", "one of two AAAA is in fd00::/8", good, without(web_addresses=RED, web_tcp80="pass|partial|fail", web_tcp443="pass|partial|fail", **{
        t: "pass|partial|fail" for t in ("web_tls", "web_http", "web_http2", "web_same", "web_links", "web_repeated", "web_mtu")}, web_resources=ANY), stage="working|reachable")
    for name, address in (("private", "10.0.0.80"), ("loopback", "127.0.0.1"), ("metadata", "169.254.169.254"), ("unspecified", "0.0.0.0")):
        c.add(Domain(f"a-{name}.test", f"the A is {address}, the AAAA is well", four=(Serve("none", address=address),),
                     expect={"web-same": ANY, "web-http2": ANY, "web-tls": "pass|partial|not-testable", "web-repeated": ANY, "web-eyeballs": ANY}, stage="working|reachable|complete|unknown"))


def web(c):
    reach(c)
    tls(c)
    content(c)
    inside(c)
    odd_addresses(c)
