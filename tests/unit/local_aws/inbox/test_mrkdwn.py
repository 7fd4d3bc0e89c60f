from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local_aws.inbox.slack.mrkdwn import linked, mrkdwn, plain_text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("a *bold* b", "<p>a <b>bold</b> b</p>"),
        ("_it_ ~gone~", "<p><i>it</i> <s>gone</s></p>"),
        ("*_both_*", "<p><b><i>both</i></b></p>"),
        ("2*3*4 snake_case_name", "<p>2*3*4 snake_case_name</p>"),
        ("`a *b* &lt;`", "<p><code>a *b* &lt;</code></p>"),
        ("```\nx  *y*\n  z\n```", "<p><pre>x  *y*\n  z</pre></p>"),
        ("one\ntwo", "<p>one<br>two</p>"),
        ("&gt; said\nso", "<blockquote>said</blockquote><p>so</p>"),
        ("> *said*", "<blockquote><b>said</b></blockquote>"),
        ("a &amp; b &lt; c", "<p>a &amp; b &lt; c</p>"),
        (
            "<https://example.com/?a=1&amp;b=2|see>",
            '<p><a href="https://example.com/?a=1&amp;b=2" rel="noreferrer noopener">see</a></p>',
        ),
        (
            "<https://example.com>",
            '<p><a href="https://example.com" rel="noreferrer noopener">https://example.com</a></p>',
        ),
        ("<javascript:alert(1)|x>", "<p>&lt;javascript:alert(1)|x&gt;</p>"),
        ("<!channel> <@U1|anne> <#C1|ops>", None),
        ("<!date^1795489646^{date}|24 November>", "<p>24 November</p>"),
        (":rotating_light: :no_such_emoji:", "<p>\U0001f6a8 :no_such_emoji:</p>"),
    ],
)
def test_it_is_shown_as_slack_shows_it(text, html):
    if html is None:
        html = (
            "<p>" + " ".join(f'<span class="mention">{name}</span>' for name in ("@channel", "@anne", "#ops")) + "</p>"
        )
    assert str(mrkdwn(text)) == html


def test_plain_text_has_emoji_and_no_markup():
    assert str(plain_text(":fire: *a*\n<b>")) == "\U0001f525 *a*<br>&lt;b&gt;"


def test_addresses_in_a_text_become_links():
    assert str(linked("see https://example.com/a. <b>")) == (
        'see <a href="https://example.com/a" rel="noreferrer noopener">https://example.com/a</a>. &lt;b&gt;'
    )


class Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= set(attrs)


SOUP = st.text(st.sampled_from("<>&;|*_~`:!@#\"'= \n/abhtps.1"), max_size=40) | st.text(max_size=30)


@given(SOUP)
@example('<https://example.com/"onload=x|a>')
@example("<script>alert(1)</script>")
@example("*<img src=x>*")
@example("```<i>")
@example("&amp;lt;b&amp;gt;")
def test_no_text_becomes_other_elements_than_these(text):
    for shown in (mrkdwn(text), plain_text(text), linked(text)):
        found = Elements()
        found.feed(str(shown))
        assert found.tags <= {"p", "b", "i", "s", "br", "pre", "code", "blockquote", "a", "span"}
        for name, value in found.attributes:
            assert name in ("href", "rel", "class")
            assert name != "href" or value.startswith(("http://", "https://", "mailto:"))
