"""The web as a source: pages, feeds and sitemaps, fetched safely and politely.

Only here is a connection opened. `addresses` says what may be asked for, `network` looks names up and
connects, `connection` makes one request, `fetch` follows redirects and asks again, `robots` and `pace`
are the manners, `listing`, `sitemap` and `pages` say what was fetched.
"""
