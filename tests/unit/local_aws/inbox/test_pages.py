import json

import pytest

from local_aws.inbox.messages import EMAIL, SLACK, MessageStore
from local_aws.inbox.pages import PER_PAGE, Pages
from tests.unit.local_aws.inbox.published import EVERY_BLOCK, mrkdwn, plain

HOSTILE = "</p><script>alert(1)</script><img src=x onerror=alert(2)>\"'"


@pytest.fixture
def store(tmp_path):
    return MessageStore(tmp_path)


@pytest.fixture
def pages(store):
    return Pages(store, "127.0.0.1:1025")


def mail(store, text, **headers):
    source = "".join(f"{name}: {value}\r\n" for name, value in headers.items()) + f"\r\n{text}"
    return store.add(EMAIL, source.encode(), sender="a@example.com", to=("b@example.com",))


def slack(store, payload, to="team"):
    return store.add(SLACK, json.dumps(payload).encode(), sender="", to=(to,))


def test_an_empty_inbox_says_so_and_where_to_send(pages):
    assert "Nothing was sent yet." in pages.listing(None, None)
    assert "127.0.0.1:1025" in pages.listing(None, None)


def test_the_newest_stands_first(store, pages):
    mail(store, "first", Subject="One")
    slack(store, {"text": "second"})
    page = pages.listing(None, None)
    assert page.index("second") < page.index("One")
    assert "One" not in pages.listing("slack", None)
    assert "second" not in pages.listing("email", None)


def test_older_messages_are_a_link_away(store, pages):
    for i in range(PER_PAGE + 1):
        slack(store, {"text": f"message-{i}-"})
    page = pages.listing(None, None)
    assert "message-0-" not in page
    older = pages.listing(None, "000002")
    assert "before=000002" in page
    assert "message-0-" in older
    assert "message-1-" not in older


def test_every_kind_of_block_is_shown(store, pages):
    page = pages.message(slack(store, EVERY_BLOCK))
    shown = page[: page.index("As received")]
    for words in (
        '<h2 class="header">A header</h2>',
        "A <b>section</b>",
        "<b>State</b><br>ALARM",
        "a field",
        "a context",
        "[map]",
        "<hr>",
        '<a class="button primary" href="https://example.com/?a=1&amp;b=2"',
        '<span class="button">Only shown</span>',
        "(a chart)",
        "# markdown",
        "rich words",
        'fill="#a30200"',
        "inside",
        'fill="#36a64f"',
        "old style",
        "legacy",
    ):
        assert words in shown


def test_one_message_has_its_source(store, pages):
    assert "X-Odd: yes" in pages.message(mail(store, "text", Subject="One", **{"X-Odd": "yes"}))
    assert "&#34;text&#34;: &#34;hello&#34;" in pages.message(slack(store, {"text": "hello"}))


def test_html_of_an_email_is_never_part_of_the_page(store, pages):
    message = mail(store, "<b id=own>hello</b>", Subject="One", **{"Content-Type": "text/html"})
    page = pages.message(message)
    assert "<b id=own>" not in page
    assert f'src="/_inbox/{message.id}/html"' in page
    assert pages.html_part(message) == "<b id=own>hello</b>"
    assert "no plain text" in pages.listing(None, None)


def test_html_of_an_email_has_no_frames(store, pages):
    message = mail(store, "<IFrame src=x></iframe><frame>", **{"Content-Type": "text/html"})
    assert pages.html_part(message) == "<inert-IFrame src=x></iframe><inert-frame>"


def test_nothing_that_is_sent_becomes_markup(store, pages):
    payload = {
        "text": HOSTILE,
        "username": HOSTILE,
        "blocks": [
            {"type": "header", "text": plain(HOSTILE)},
            {"type": "section", "text": mrkdwn(HOSTILE), "fields": [plain(HOSTILE)]},
            {"type": "image", "image_url": HOSTILE, "alt_text": HOSTILE},
            {"type": "markdown", "text": HOSTILE},
        ],
        "attachments": [
            {"color": HOSTILE, "title": HOSTILE, "title_link": HOSTILE, "text": HOSTILE, "footer": HOSTILE}
        ],
    }
    written = [slack(store, payload, to=HOSTILE), mail(store, HOSTILE, Subject=HOSTILE, From=HOSTILE)]
    for page in [pages.listing(None, None), pages.notice(HOSTILE, HOSTILE), *map(pages.message, written)]:
        assert "<script" not in page
        assert "<img" not in page


def test_the_json_has_what_the_page_has(store, pages):
    messages = [
        mail(store, "text", Subject="One"),
        slack(store, {"blocks": [{"type": "section", "text": mrkdwn("b")}]}),
    ]
    first, second = json.loads(pages.as_json(messages))
    assert (first["kind"], first["subject"], first["text"], first["to"]) == ("email", "One", "text", ["b@example.com"])
    assert first["raw"].startswith("Subject: One")
    assert (second["kind"], second["text"], second["to"]) == ("slack", "b", ["team"])
    assert second["raw"]["blocks"][0]["type"] == "section"
    assert first["received"].endswith("Z")
