"""Which lines are a site's own, and that no sentence of an article is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.sources import read
from assistant.sources.boilerplate import MAX_CHARS, is_boilerplate

CORPUS = Path(__file__).parent.parent.parent / "corpus"


@pytest.mark.parametrize(
    "line",
    [
        "The post Bridge opens at last appeared first on The Evening Courier.",
        "This article was originally published on courier.example.",
        "Read more: Why the bridge took ten years",
        "READ MORE : Why did the bridge take ten years?",
        "► Also read: Ten years of building",
        "Leia também: A ponte abre",
        "Related stories: The old bridge",
        "Share this:",
        "Share this article on Facebook",
        "Share on Twitter",
        "Click to share on WhatsApp (Opens in new window)",
        "Follow us on Facebook, Twitter and Instagram",
        "Follow the Courier on X.",
        "Follow Ada Marsh on Twitter at @adamarsh",
        "Sign up for our free newsletter",
        "Click here to subscribe to The Courier Newsletter",
        "Subscribe to the Morning Review newsletter",
        "Get the day's top headlines delivered to your inbox every morning.",
        "Advertisement",
        "ADVERTISEMENT - Article continues below",
        "Story continues below advertisement",
        "Copyright 2019 The Evening Courier. All rights reserved.",
        "© 2019 North Wire. This material may not be published, broadcast or rewritten.",
        "All rights reserved. Nothing may be copied.",
        "12 Comments",
        "Comments (3)",
        "No comments yet",
        "Leave a comment",
        "We use cookies to make this site better.",
    ],
)
def test_such_lines_are_boilerplate_in_every_format(line):
    assert is_boilerplate(line)
    assert is_boilerplate(f"  **{line}**  ")


@pytest.mark.parametrize(
    "line",
    [
        "Comments",
        "Tags: bridge, river",
        "Most read in world news",
        "Related: The old bridge",
        "Watch: The moment the bridge opened",
        "See also",
        "DON’T MISS",
        "120 shares",
        "https://courier.example/bridge.html",
        "Next post: The tunnel",
    ],
)
def test_some_lines_are_boilerplate_on_web_pages_only(line):
    assert is_boilerplate(line, on_page=True)
    assert not is_boilerplate(line)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "***",
        "WeWork declined to comment.",
        "Copyright law was changed in 1976.",
        "Copyright holders have seventy years.",
        "Like many others, she relied on e-mail.",
        "Follow the money, the old saying goes.",
        "Share prices fell on Tuesday.",
        "Advertisement revenue fell by a third.",
        "Comments by the minister were not welcome.",
        "Related: none of the three was hurt.",
        "Read more books, the teacher told them.",
        "Read more: it is the one thing that helps.",
        "Sign up sheets hung in the hall.",
        "The post office in the village appeared closed.",
        "By using softer terms, the minister hoped to calm the house.",
        "He said that all rights reserved to the people were untouched by the law.",
        "This article was published in 2017, when she was a columnist. She has since retired.",
        "Recommended: two tablets a day",
        "Most popular girl name: Jennifer",
        "Tagalog is spoken by a third",
        "« Je ne sais pas », dit-il »",
        "Watch what you eat",
        "Top stories are told by people who were there.",
        "Search parties went out at dawn",
        "x" * (MAX_CHARS + 1),
    ],
)
def test_sentences_and_facts_stay(line):
    assert not is_boilerplate(line)
    assert not is_boilerplate(line, on_page=True)


def test_a_long_line_that_begins_like_boilerplate_stays():
    assert not is_boilerplate("Copyright 2019 The Courier. " + "It was a year of floods. " * 12)


def test_no_line_of_the_sample_corpus_is_boilerplate():
    lines = [line for article in read(CORPUS) for line in article.text.split("\n")]
    assert len(lines) > 100
    assert [line for line in lines if is_boilerplate(line, on_page=True)] == []


@given(st.text(max_size=80), st.booleans())
def test_any_line_is_judged(line, on_page):
    assert is_boilerplate(line, on_page=on_page) in {True, False}
