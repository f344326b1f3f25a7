"""Lines that a site puts around its articles: share bars, sign-ups, copyright, links to other stories.

It knows how such lines are worded, in English and, for the most frequent, in six other languages; it does not
know where a line stands. It is conservative: a line goes only if it is such a phrase from its first character
to its last, and short, so that no sentence of an article does. What only a web page can hold, such as
"Comments" as a heading, is looked for on web pages only.
"""

from __future__ import annotations

import re

MAX_CHARS = 300  # of a line; what is longer says something
MAX_LINK_CHARS = 160  # of a line such as "Read more: …": a label and a headline

_SITES = (
    r"(?:facebook|twitter|x|instagram|youtube|linkedin|pinterest|whats ?app|telegram|reddit|tik ?tok|threads"
    r"|flipboard|tumblr|snapchat|bluesky|mastodon|messenger|viber|e-?mail|apple news|google news|rss)"
)
_SITE_LIST = rf"@?{_SITES}(?:(?: ?[,/&|·•] ?| and | or |, and )@?{_SITES})*"
_NAME = r"[^.!?]{1,60}"  # of a paper, or of what it calls itself
_LETTER = r"(?:newsletters?|e-?mail (?:alerts?|updates?)|mailing list|briefing|daily digest)"
_THIS = r"(?:this|the) (?:article|story|post|page|piece|report)"

# Each stands for a whole line, in small letters, with single blanks.
_ANYWHERE = (
    r"the post .{1,200} (?:appeared first|first appeared) on .{1,80}",
    rf"{_THIS} (?:was )?(?:originally |first )?(?:appeared|published) (?:first )?(?:on|at|by) [^,!?]{{1,60}}",
    rf"share (?:this|{_THIS})(?: (?:on|via|to|with)(?: {_SITE_LIST})?)? ?:?",
    rf"(?:share|tweet|post)(?: this| {_THIS})? (?:on|to|via) {_SITE_LIST}\.?",
    r"click to (?:share|print|e-?mail)\b.{0,60}",
    rf"(?:please )?(?:(?:like|join|find|connect with|follow) us|follow {_NAME}) on {_SITE_LIST}"
    r"(?: (?:at|:) ?@?[\w./:@-]+)?[.!]?",
    r"(?:please )?follow us(?: on social media| here)?[.:!]?",
    rf"(?:click here to |please )?(?:sign up|subscribe|register)(?: here| now| today)?(?: for| to)"
    rf" (?:(?:our|the|your|this) )?(?:{_NAME})?{_LETTER}"
    r"(?: (?:here|today|now|below|for free|to) ?.{0,80})?[.!]?",
    r"(?:get|receive|want) .{1,120} (?:(?:delivered |sent )?(?:straight |right |directly )?to|in)"
    r" your inbox\b.{0,80}",
    r"advertisements?(?:[ .:–—-]+(?:(?:story|article|content) continues below|scroll (?:down )?to\b)"
    r".{0,40})?",
    r"(?:story|article|content|report) continues (?:below|after)"
    r"(?: (?:this|the))?(?: (?:ad|advertisement|advert|video|gallery|photo))?s?",
    r"copyright ?(?:(?:\(c\)|©|ⓒ).{1,160}|(?:by )?\d{4}\b.{1,160})|(?:©|ⓒ|\(c\)) ?.{1,160}",
    r"all rights reserved\b.{0,160}|.{0,120}\ball rights reserved[.!]?",
    r"this (?:material|content) may not be (?:published|reproduced).{1,160}",
    r"\(?\d[\d,.]* comments?\)?|no comments?(?: yet)?|comments? ?(?:\(\d+\)|: ?\d+)",
    r"(?:leave|post|add|write) (?:a|your) (?:comment|reply)(?: below)?[.:!]?",
    r"(?:view|show|see|read|load)(?: all| more| \d+)* comments(?: \(\d+\))?",
    r"(?:click|tap) here"
    r" (?:to (?:read|view|subscribe|sign up|join|follow|donate|download)|for more)\b.{0,100}",
    r"our standards: ?the thomson reuters trust principles\.?.{0,20}",
    r"(?:we use cookies|this (?:web)?site uses cookies).{0,200}",
    r"by (?:continuing|using|clicking) .{0,60}you (?:agree|accept|consent).{0,160}",
)
# Of a web page only: headings and remains of menus around an article. In other texts they may be its own.
_ON_PAGES = (
    r"comments?|commentaires|comentários|comentarios|kommentare|commenti",
    r"join the (?:conversation|discussion)",
    r"\d[\d,.]* (?:shares?|likes?|views?|reactions?|retweets?)",
    rf"(?:share|tweet|like|pin|print|e-?mail|save)(?: (?:this|it))?|{_SITE_LIST}",
    r"(?:compartilhar?|compartir|partager|teilen|condividi|delen)"
    rf"(?: (?:no|na|en|sur|auf|su|op) {_SITE_LIST})?",
    r"ad|advert|publicidade|publicidad|publicité|werbung|anzeige|pubblicità|advertentie",
    r"sponsored(?: content)?",
    r"tags?|(?:tags?|filed under|posted in|categor(?:y|ies)|topics?|etiquetas|keywords) ?:.{0,200}",
    r"most (?:read|viewed|shared|popular)(?: (?:in|on|today|now|this week|stories|articles)\b.{0,40})?",
    r"top stories|latest (?:news|stories)|editor['’]s picks?|popular now|recent posts",
    r"(?:next|previous) (?:post|article|story|page)\b.{0,100}|← .{1,120}|.{1,120} →",
    r"explore further|skip to (?:main )?content|back to top|loading(?:…|\.\.\.)?",
    r"(?:log|sign) in(?: to .{1,40})?|subscribe(?: now)?|sign up(?: now)?|newsletters?|donate(?: now)?",
    r"continue reading(?: below| the main story)?",
    r"scroll (?:down )?(?:to|for) (?:continue|more|keep reading)",
    r"(?:download|get) (?:our|the) .{0,40}app\b.{0,60}",
    r"(?:https?://|www\.)\S+",
)
# A label, and after it the headline of another article.
_LABELS = (
    r"read (?:more|also|next)|also read|related (?:stor(?:y|ies)|articles?|posts?|coverage|reading)"
    r"|more (?:on this|stories)|leia (?:também|mais)|veja também|lea también|lee también|lire aussi"
    r"|à lire aussi|lesen sie auch|mehr zum thema|leggi anche|lees ook"
)
_LABELS_ON_PAGES = (
    rf"{_LABELS}|related(?: (?:news|content|links?|topics?|video))?|read (?:this|on)|see (?:also|more)"
    r"|more news|watch(?: also| more| now| next)?|listen now|what to read next|don['’]t miss|must read"
    r"|you (?:may|might) also (?:like|enjoy)|te puede interesar"
)
_LINK_MARK = r" ?[:»›>|]+ ?"
_LINK = re.compile(rf"(?:{_LABELS}){_LINK_MARK}(.{{0,{MAX_LINK_CHARS}}})")
_LINK_ON_PAGES = re.compile(rf"(?:{_LABELS_ON_PAGES}){_LINK_MARK}(.{{0,{MAX_LINK_CHARS}}})")
_LABEL_ALONE = re.compile(
    rf"(?:{_LABELS_ON_PAGES}|recommended|up next|trending(?: now)?)(?: ?(?:…|\.\.\.|[:»›→]+))?"
)
_ANY = re.compile("|".join(f"(?:{part})" for part in _ANYWHERE))
_PAGE = re.compile("|".join(f"(?:{part})" for part in _ON_PAGES))
_DECORATION = re.compile(r"^[^\w©ⓒ(«]+(?=[\w©ⓒ(])|[\s*_|]+$")
_FULL_STOP = re.compile(r"[^.]\.[\"'”’)]*$")


def is_boilerplate(line: str, *, on_page: bool = False) -> bool:
    """Whether a line is a site's own and no part of an article.

    Args:
        line: One line of text.
        on_page: The line is from a web page: phrases count that a text file could mean otherwise.

    Returns:
        False for an empty line, and for any of more than 300 characters.
    """
    if len(line) > MAX_CHARS:
        return False
    bare = _DECORATION.sub("", " ".join(line.casefold().split()))
    if _ANY.fullmatch(bare) or _is_link(_LINK, bare):
        return True
    return on_page and bool(
        _PAGE.fullmatch(bare) or _LABEL_ALONE.fullmatch(bare) or _is_link(_LINK_ON_PAGES, bare)
    )


def _is_link(shape: re.Pattern[str], bare: str) -> bool:
    # "Related: none of them was his." is a sentence; a headline has no full stop.
    match = shape.fullmatch(bare)
    return match is not None and not _FULL_STOP.search(match[1])
