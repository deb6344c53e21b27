# SPDX-License-Identifier: Apache-2.0
"""The domains whose site is odd."""

from catalogue import NO, none_web, without
from model import Domain, Serve

DARK = (("", 0, "drop"),)


def six(c, name, odd, serve, expect, stage="reachable", **more):
    c.add(Domain(f"{name}.test", odd, six=serve if isinstance(serve, tuple) else (serve,), expect=expect, stage=stage, **more))


def reach(c):
    six(c, "closed6", "AAAA, and nothing listens there", Serve(""), without("web-tcp80", "web-tcp443"))
    six(c, "dark6", "a firewall swallows everything over IPv6: Happy Eyeballs hides it", Serve(block=DARK),
        without("web-tcp80", "web-tcp443"))
    # Port 80 serves the page of the first segments that web-mtu looks at.
    shut = without("web-tcp443", "web-http", "web-same", "web-links", "web-repeated", "web-eyeballs", web_resources="not-applicable", web_mtu="pass")
    six(c, "closed443", "port 443 is refused over IPv6", Serve(ports=(80,)), shut)
    six(c, "dark443", "port 443 is swallowed over IPv6", Serve(block=(("tcp", 443, "drop"),)), shut)
    six(c, "closed80", "port 80 is refused over IPv6", Serve(ports=(443,)), {"web-tcp80": "fail", "web-http": "partial"})
    six(c, "prohibited6", "a router says that it is prohibited", Serve(block=(("tcp", 0, "prohibited"),)), without("web-tcp80", "web-tcp443"))
    six(c, "unreachable6", "a router says that there is no way", Serve("", address="2001:db8:3ff::80"), without("web-tcp80", "web-tcp443"))
    one_of_several(c)
    # Whether a single knock is one of the third is chance; the repeated loads show it, and then each port is knocked at again.
    six(c, "flapping", "every third connection over IPv6 is refused", Serve(block=(("tcp", 80, "third"), ("tcp", 443, "third"))),
        {"web-tcp80": "partial", "web-tcp443": "partial", "web-repeated": "partial"})
    for octets in (1280, 1400):  # the handshake's segments are small: the certificate is seen
        six(c, f"hole-{octets}", f"a path of {octets:,} octets that does not say so", Serve(place=f"hole{octets}"),
            without("web-http", "web-http2", "web-same", "web-links", "web-repeated", "web-mtu", "web-eyeballs", web_tls="pass", web_resources="not-applicable"))
    c.add(Domain("four-only.test", "no IPv6 for the site", apex=("four",), www=("four",), six=(), expect=none_web(), stage="working"))
    c.add(Domain("aaaa-on-www.test", "AAAA on www alone", apex=("four",), expect=none_web("apex"), stage="working"))
    c.add(Domain("aaaa-on-apex.test", "AAAA on the domain alone, www has none", www=("four",), expect=none_web("www"), stage="working"))
    c.add(Domain("nothing6.test", "site, name servers and mail without IPv6", ns=_four_ns(), apex=("four",), www=("four",), six=(), mx=_four_mx(),
                 expect={**none_web(), "names-*": "none|not-applicable", "names-resolves": "pass",
                         "mail-*": "none|not-applicable", "mail-mx": "pass"}, stage="none"))
    c.add(Domain("dead.test", "the site is silent over both families", six=(Serve(block=DARK),), four=(Serve(block=DARK),),
                 expect=without(web_tcp80="not-testable", web_tcp443="not-testable", web_eyeballs="not-testable"), stage="working"))


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
    # The page is asked for all the same: the certificate is judged once. Port 80 works.
    after = {"web-http": "fail", "web-http2": "fail", "web-same": "fail", "web-links": "fail", "web-repeated": "fail", "web-eyeballs": "fail"}
    for kind, odd in (("mismatch", "for another name"), ("expired", "that has expired"), ("selfsigned", "that nobody signed"), ("untrusted", "of an unknown authority"),
                      ("future", "that is not valid yet")):
        six(c, f"tls-{kind}6", f"over IPv6 alone: a certificate {odd}", Serve(tls=kind), {"web-tls": "fail"})
        if kind in ("expired", "selfsigned"):
            six(c, f"tls-{kind}", f"over both families: a certificate {odd}", Serve(tls=kind), {"web-tls": "fail"}, four=(Serve(tls=kind),))
    six(c, "tls-garbage6", "random octets at port 443 over IPv6", Serve("hostile", does="tls-garbage"), {"web-tls": "fail", **after})
    six(c, "tls-mute6", "port 443 opens over IPv6, no handshake comes", Serve("hostile", does="tls-mute"), {"web-tls": "fail", **after})
    six(c, "tls-plain6", "plain HTTP at port 443 over IPv6", Serve("hostile", does="tls-plain"), {"web-tls": "fail", **after})
    six(c, "http2-four", "HTTP/2 over IPv4 alone", Serve(http2=False), {"web-http2": "fail"})


def content(c):
    for page, odd in (("default", "the server's default page"), ("other", "the page of another site"), ("text", "another text in the same template"),
                      ("order", "the same paragraphs in another order"), ("empty", "an empty page"), ("maintenance", "a note that the site is being mended"),
                      ("half", "the second half is missing")):
        six(c, f"other-{page}6", f"over IPv6: {odd}", Serve(page=page), {"web-same": "fail"})
    six(c, "vhost6", "over IPv6 the first site of the server answers", Serve(page="other", tls="mismatch"), {"web-tls": "fail", "web-same": "fail"})
    for status in (403, 404, 500, 503):
        six(c, f"status-{status}6", f"over IPv6 alone: HTTP {status}", Serve(does=f"status:{status}"),
            {"web-http": "fail", "web-same": "fail", **({"web-repeated": "fail"} if status >= 500 else {})})
    c.add(Domain("status-404.test", "HTTP 404 over both families: IPv6 gives what IPv4 gives", six=(Serve(does="status:404"),), four=(Serve(does="status:404"),)))
    redirects(c)
    strange(c)
    six(c, "slow6", "a second and a half more for each page over IPv6", Serve("hostile", does="slower"), {"web-repeated": "partial"}, four=(Serve("hostile", does="plain"),))


def redirects(c):
    """The first answer comes each time: what is repeated, and the connection, are well."""
    lost = {"web-http": "fail", "web-same": "fail", "web-links": "fail"}
    nowhere = {"web-http": "fail", "web-same": "not-testable", "web-resources": "not-testable", "web-links": "not-testable"}
    six(c, "redirect-four6", "goes to a name without AAAA", Serve(does="redirect:https://fourcdn.test/"), {**lost, "web-resources": "fail"},
        four=(Serve(does="redirect:https://fourcdn.test/"),))
    six(c, "redirect-elsewhere6", "over IPv6 alone: goes to another site", Serve(does="redirect:https://cdn.test/"), {"web-same": "fail"})
    six(c, "redirect-loop6", "over IPv6 alone: goes round in a circle", Serve(does="loop"), lost)
    six(c, "redirect-loop", "over both: goes round in a circle", Serve(does="loop"), nowhere, four=(Serve(does="loop"),))
    six(c, "redirect-down6", "over IPv6 alone: from HTTPS back to HTTP", Serve(does="down"), {"web-http": "fail", "web-same": "fail"})
    six(c, "redirect-private", "goes to 10.0.0.1", Serve(does="redirect:http://10.0.0.1/"), nowhere, four=(Serve(does="redirect:http://10.0.0.1/"),))
    six(c, "redirect-loopback6", "over IPv6: goes to [::1]", Serve(does="redirect:http://[::1]/"), lost)


def strange(c):
    """What a browser would not show is "fail"; what it shows in part, or after unpacking, is another page. The strange servers
    speak no HTTP/2, nginx does. An octet of zero in a header: RFC 9110, 5.5.
    """
    dead = {**{t: "fail" for t in ("web-http", "web-http2", "web-same", "web-links", "web-repeated", "web-eyeballs")}, "web-mtu": "not-testable"}
    shown = {"web-http2": "fail", "web-same": "fail", "web-repeated": "not-testable"}  # it is cut: how long it takes is not known
    for behaviour, odd, expect in (
            ("tarpit", "takes the question and is silent", dead), ("slowloris", "an octet of the header every second", dead), ("drip", "an octet of the page every second", dead),
            ("garbage", "random octets", dead), ("close", "closes without an answer", dead), ("reset", "resets after the question", dead),
            ("headers", "headers without end", dead), ("short", "ends before the length that it named", dead), ("bomb", "a gzip bomb of 10 GB", shown),
            ("endless", "a page without end", dead), ("huge", "a page of 30 MB", shown), ("bad-chunks", "chunks of wrong lengths", dead),
            ("nul", "octets of zero in the header", dead), ("cookie-flood", "a thousand cookies", {"web-http2": "fail"})):
        six(c, f"http-{behaviour}6", f"over IPv6: {odd}", Serve("hostile", does=behaviour), expect, others_differ=("web",) if behaviour in ("bomb", "huge") else ())
    for behaviour, odd in (("bomb", "a gzip bomb of 10 GB"), ("huge", "a page of 30 MB")):
        c.add(Domain(f"http-{behaviour}.test", f"over both: {odd}", six=(Serve("hostile", does=behaviour),), four=(Serve("hostile", does=behaviour),), others_differ=("web",)))
    six(c, "http-tarpit", "over both: takes the question and is silent", Serve("hostile", does="tarpit"), four=(Serve("hostile", does="tarpit"),), expect={
        **{t: "fail" for t in ("web-http", "web-repeated", "web-eyeballs")}, **{t: "not-testable" for t in ("web-same", "web-resources", "web-links", "web-mtu")}})


def inside(c):
    for page, odd in (("image-four", "an image"), ("style-four", "the style sheet"), ("script-four", "a script of a third party"), ("frame-four", "a frame")):
        c.add(Domain(f"{page}.test", f"{odd} comes from a host without AAAA", six=(Serve(page=page),), four=(Serve(page=page),),
                     expect={"web-resources": "fail"}, stage="reachable"))
    c.add(Domain("image-dead.test", "an image comes from a host whose IPv6 is dead", six=(Serve(page="image-dead"),), four=(Serve(page="image-dead"),),
                 expect={"web-resources": "fail"}, stage="reachable"))
    c.add(Domain("image-half.test", "an image comes from a host of whose two IPv6 addresses one is dead", six=(Serve(page="image-half"),), four=(Serve(page="image-half"),),
                 expect={"web-resources": "partial"}, stage="reachable"))
    c.add(Domain("comment-four.test", "a host without AAAA in a comment and in text alone", six=(Serve(page="comment"),), four=(Serve(page="comment"),)))
    for depth in (2, 3):
        c.add(Domain(f"link-broken{depth}.test", f"an internal link is broken over IPv6 at depth {depth}", six=(Serve(page=f"broken{depth}"),), four=(Serve(),),
                     expect={f"web-links-{depth}": "partial" if depth == 2 else "fail"}, stage="reachable"))


def odd_addresses(c):
    for name, address in (("unspecified", "::"), ("loopback", "::1"), ("mapped", "::ffff:192.0.2.80"), ("compatible", "::192.0.2.80"), ("link-local", "fe80::80"),
                          ("site-local", "fec0::80"), ("documentation", "2001:db8:bad::80"), ("ula", "fd00:db8::80"), ("nat64", "64:ff9b::cb00:7150"), ("6to4", "2002:c000:204::80"),
                          ("teredo", "2001::80"), ("multicast", "ff02::1"), ("unassigned", "4000::80")):
        six(c, f"aaaa-{name}", f"the AAAA is {address}", Serve("none", address=address), without("web-aaaa", "web-addresses", web_tcp80=NO, web_tcp443=NO), stage="reachable")
    good = (Serve(), Serve("none", address="fd00:db8::81"))
    # RFC 6724, table 2: what has only a global address of its own tries fd00::/8 last.
    six(c, "aaaa-one-ula", "one of two AAAA is in fd00::/8", good, {"web-addresses": "partial"})
    for name, address in (("private", "10.0.0.80"), ("loopback", "127.0.0.1"), ("metadata", "169.254.169.254"), ("unspecified", "0.0.0.0")):
        c.add(Domain(f"a-{name}.test", f"the A is {address}, the AAAA is well", four=(Serve("none", address=address),),
                     expect={"web-same": "not-testable"}, stage="working"))


def web(c):
    reach(c)
    tls(c)
    content(c)
    inside(c)
    odd_addresses(c)
