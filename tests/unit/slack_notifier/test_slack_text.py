from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_text import code, code_block, cut, escaped, link, mrkdwn, plain

from tests.unit.slack_notifier.block_kit import check

HOSTILE = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from([
            "<!channel>", "<@U012AB3CD>", "<#C0|x>", "<http://evil|ok>", "&lt;!here&gt;", "```", "`", "*", "_", "~", "> ",
            ":tada:", "\n", "\u202e", "\x00", "\ud800", "@here", "#general", "a", " ", "&", "<", ">", "|", "x" * 400,
        ])
    ).map("".join),
)  # fmt: skip


@given(HOSTILE, st.integers(60, 2900))
def test_no_text_does_anything_but_be_read(text, longest):
    objects = [
        plain(text, longest),
        *map(mrkdwn, (code(text, longest), code_block(text, longest), escaped(text, longest))),
    ]
    blocks = [{"type": "section", "text": found} for found in objects if found["text"]]
    check({"text": escaped(text, longest) or "–", "blocks": blocks, "attachments": []})
    assert all(len(found["text"]) <= longest + 2 for found in objects)


@given(st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=100))
def test_what_has_no_marks_is_shown_as_it_is(text):
    assert plain(text)["text"] == text
    assert code(text) == f"`{text}`"
    assert escaped(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<!channel>", "&lt;!channel&gt;"),
        ("a & b", "a &amp; b"),
        ("*bold* ~no~ `x`", "∗bold∗ ∼no∼ ˋxˋ"),
        ("_i_ http_attempts", "ˍiˍ http_attempts"),
        ("@here", "@\u200bhere"),
        ("2001:db8:bee::1", "2001:\u200bdb8:\u200bbee::1"),
        ("at 10:05:12, :100:", "at 10:05:12, :\u200b100:"),
        ("one\ntwo", "one two"),
        ("a\u202eb", "a⟨U+202E⟩b"),
    ],
)
def test_sentences_are_escaped(text, shown):
    assert escaped(text) == shown


def test_code_keeps_what_is_copied_and_cannot_be_left():
    assert code("arn:aws:sns:eu-west-1:1:a_b*c") == "`arn:aws:sns:eu-west-1:1:a_b*c`"
    assert code("a`<!here>`b") == "`aˋ&lt;!here&gt;ˋb`"
    assert code_block("a\n```\n<@U1>") == "```\na\nˋˋˋ\n&lt;@U1&gt;\n```"
    assert code("") == "`–`"


def test_what_is_cut_says_how_long_it_was():
    assert cut("x" * 5000, 100).endswith("… (5,000 characters, cut)")
    assert plain("x" * 5000)["text"].endswith("… (5,000 characters, cut)")
    assert len(code("&" * 5000)) <= 302
    assert cut("x" * 50, 50) == "x" * 50


@pytest.mark.parametrize(
    ("url", "written"),
    [
        ("https://a.example/x?y=1&z=2#f", "<https://a.example/x?y=1&amp;z=2#f|Log>"),
        ("https://a.example/x|<!here>", "<https://a.example/x%7C%3C!here%3E|Log>"),
        ("http://[::1]:8080/", "<http://[::1]:8080/|Log>"),
        ("javascript:alert(1)", None),
        ("//a.example", None),
        ("", None),
        ("https://", None),
        ("http://[", None),
        (f"https://a.example/{'x' * 3000}", None),
    ],
)
def test_links_go_where_browsers_go(url, written):
    assert link(url, "Log") == written
