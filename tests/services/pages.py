# SPDX-License-Identifier: Apache-2.0
"""The pages of the laboratory's sites: folders that real servers serve."""

WORDS = ("The office is open from Monday to Friday. ", "Forms can be had at the counter and on this page. ", "The council meets on the first Tuesday of the month. ",
         "Water and waste: what to do when the street is closed. ", "The library lends books in eleven languages. ", "Elections: where and when to vote, and what to bring. ")

HOSTS = {"image-four": '<img src="https://fourcdn.test/logo.png" alt="">', "style-four": '<link rel="stylesheet" href="https://fourcdn.test/style.css">',
         "script-four": '<script src="//www.fourcdn.test/s.js" async></script>', "frame-four": '<iframe src="https://fourcdn.test/map"></iframe>',
         "image-dead": '<img srcset="https://deadcdn.test/a.png 1x, https://deadcdn.test/b.png 2x" src="https://deadcdn.test/a.png" alt="">',
         "image-half": '<img src="https://halfcdn.test/logo.png" alt="">',
         "image-optout": '<img src="https://www.optout.test/logo.png" alt="">',
         "resources": '<img src="https://cdn.test/logo.png" alt=""><script src="//www.cdn.test/s.js"></script>',
         "comment": '<!-- <img src="https://fourcdn.test/old.png"> --><p>Write to https://fourcdn.test/ no more.</p>'}


def paragraphs(name, count=24, begin=0):
    return "\n".join(f"<p>{n + 1}. {name}: {WORDS[(n + begin) % len(WORDS)] * 3}</p>" for n in range(count))


def page(name, body, head="", title=None, links='<a href="/about.html">About</a> <a href="/contact.html">Contact</a>'):
    return (f"<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8><title>{title or 'Town of ' + name}</title>\n"
            f'<link rel=stylesheet href="/style.css">{head}</head>\n<body><h1>Town of {name}</h1>\n<nav>{links}</nav>\n'
            f'<img src="/logo.png" alt="">\n{body}\n<footer>Town of {name}</footer></body></html>\n')


def index(name, variant):
    if variant == "default":
        return ("<!DOCTYPE html>\n<html><head><title>Welcome to nginx!</title></head><body><h1>Welcome to nginx!</h1><p>If you see this page, the nginx web server is "
                "successfully installed and working. Further configuration is required.</p></body></html>\n")
    if variant == "other":
        return page("Elsewhere", paragraphs("shop", 9, 3).replace("office", "shop").replace("council", "sale"), title="Shoes, cheap")
    if variant == "text":
        return page(name, "\n".join(f"<p>{n + 1}. {name}: The pool is closed, see the other notice, number {n * 7}. Nothing here is as it was before.</p>" for n in range(24)))
    if variant == "order":
        return page(name, "\n".join(reversed(paragraphs(name).split("\n"))))
    if variant == "empty":
        return ""
    if variant == "maintenance":
        return "<!DOCTYPE html><html><head><title>Back soon</title></head><body><p>We are mending this site. Come back later.</p></body></html>\n"
    if variant == "half":
        return page(name, paragraphs(name, 11))
    if variant == "large":
        return page(name, "\n".join(paragraphs(name) for _ in range(300)))
    if variant == "nonces":  # put in by the server
        change, now = '<!--# echo var="request_id" encoding="none" -->', '<!--# echo var="date_local" encoding="none" -->'
        return page(name, paragraphs(name) + f'<form action="/search"><input type="hidden" name="token" value="{change}"></form><p>Made {now}</p>',
                    head=f'<meta name="csrf-token" content="{change}"><script nonce="{change}">var t = "{change}";</script>')
    if variant == "base":
        return page(name, paragraphs(name), head='<base href="/pages/">', links='<a href="about.html">About</a>')
    return page(name, paragraphs(name) + HOSTS.get(variant, ""))


def write(folder, name, variant):
    """A site's files; what is broken at depth 2 or 3 is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {"index.html": index(name, variant), "style.css": "body { margin: 2em }\n", "logo.png": "\x89PNG not really, but of the right name\n",
             "about.html": page(name, paragraphs(name, 4, 2) + '<a href="/history.html">History</a>', title="About " + name),
             "contact.html": page(name, paragraphs(name, 3, 4), title="Contact " + name),
             "history.html": page(name, paragraphs(name, 5, 1), title="History of " + name),
             "home.html": index(name, variant),
             "pages/about.html": page(name, paragraphs(name, 4, 2), title="About " + name)}
    if variant == "robots":
        files["robots.txt"] = "User-agent: *\nDisallow: /\nAllow: /$\n"
        del files["about.html"], files["contact.html"]
    if variant == "broken2":
        del files["contact.html"]
    if variant == "broken3":
        del files["history.html"]
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
