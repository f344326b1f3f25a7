"""Values of `assistant.types` as HTML: the only package that builds any, from escaped text.

`markup` makes the markup, and nothing else does; each other module is one part of the page. They know no
components, no events beyond the names that they put into `data-action`, and no corpus.
"""

from __future__ import annotations

from assistant.ui.render.adding import NAMES_SHOWN, ROWS_SHOWN, upload_report, upload_table
from assistant.ui.render.articles import day_in_words
from assistant.ui.render.chart import overview, timeline
from assistant.ui.render.conversation import transcript, transcript_frame, turn, welcome
from assistant.ui.render.documents import login, lost, printable
from assistant.ui.render.history import conversations, not_kept, place, signed_in
from assistant.ui.render.markup import Html, Span, element, escape, join, marked, script, style
from assistant.ui.render.passages import before_search, download, passages, search_bar
from assistant.ui.render.plain import plain_text
from assistant.ui.render.reader import missing_article, reader
from assistant.ui.render.shelf import shelf, shelf_bar
from assistant.ui.render.shell import masthead, warming
from assistant.ui.render.sources import sources
from assistant.ui.render.strip import next_questions, strip
from assistant.ui.render.upkeep import checking, failures, feeds, health, problem, trash

__all__ = [
    "NAMES_SHOWN",
    "ROWS_SHOWN",
    "Html",
    "Span",
    "before_search",
    "checking",
    "conversations",
    "day_in_words",
    "download",
    "element",
    "escape",
    "failures",
    "feeds",
    "health",
    "join",
    "login",
    "lost",
    "marked",
    "masthead",
    "missing_article",
    "next_questions",
    "not_kept",
    "overview",
    "passages",
    "place",
    "plain_text",
    "printable",
    "problem",
    "reader",
    "script",
    "search_bar",
    "shelf",
    "shelf_bar",
    "signed_in",
    "sources",
    "strip",
    "style",
    "timeline",
    "transcript",
    "transcript_frame",
    "trash",
    "turn",
    "upload_report",
    "upload_table",
    "warming",
    "welcome",
]
