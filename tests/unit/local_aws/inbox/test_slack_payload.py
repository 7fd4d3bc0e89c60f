import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from local_aws.inbox.messages import SLACK, MessageStore
from local_aws.inbox.pages import Pages
from local_aws.inbox.slack.payload import RefusedPayload, read_payload
from tests.unit.local_aws.inbox.published import EVERY_BLOCK, mrkdwn, plain

JSON = "application/json"


def read(payload):
    return read_payload(json.dumps(payload).encode(), JSON)


def error_of(payload):
    with pytest.raises(RefusedPayload) as refused:
        read(payload)
    return refused.value.error


def section(text):
    return {"type": "section", "text": mrkdwn(text)}


def button(text):
    return {"type": "actions", "elements": [{"type": "button", "text": plain(text)}]}


def test_a_message_with_every_kind_of_block_is_taken_as_it_is():
    assert read(EVERY_BLOCK) == EVERY_BLOCK


def test_a_form_with_a_payload_is_taken():
    assert read_payload(b"payload=%7B%22text%22%3A%22a%22%7D", "application/x-www-form-urlencoded") == {"text": "a"}
    assert read_payload(b'{"text": "a"}', "application/x-www-form-urlencoded") == {"text": "a"}


@pytest.mark.parametrize(
    "body",
    [b"", b"text", b"[]", b'"a"', b"\xff", b'{"text": 1}', b'{"text": "a", "blocks": {}}', b'{"text": "a", "n": NaN}'],
)
def test_what_is_no_message_is_an_invalid_payload(body):
    with pytest.raises(RefusedPayload) as refused:
        read_payload(body, JSON)
    assert refused.value.error == "invalid_payload"


@pytest.mark.parametrize("payload", [{}, {"text": ""}, {"text": None, "blocks": []}, {"channel": "#a"}])
def test_a_message_without_content_has_no_text(payload):
    assert error_of(payload) == "no_text"


@pytest.mark.parametrize(
    ("of_length", "longest"),
    [
        (lambda n: [section("x" * n)], 3000),
        (lambda n: [{"type": "section", "fields": [mrkdwn("x" * n)]}], 2000),
        (lambda n: [{"type": "section", "fields": [mrkdwn("x")] * n}], 10),
        (lambda n: [{"type": "header", "text": plain("x" * n)}], 150),
        (lambda n: [{"type": "context", "elements": [mrkdwn("x")] * n}], 10),
        (lambda n: [{"type": "actions", "elements": button("x")["elements"] * n}], 25),
        (lambda n: [button("x" * n)], 75),
        (lambda n: [{"type": "divider"}] * n, 50),
        (lambda n: [{"type": "divider", "block_id": "x" * n}], 255),
    ],
)
def test_limits_are_slacks(of_length, longest):
    read({"text": "a", "blocks": of_length(longest)})
    assert error_of({"text": "a", "blocks": of_length(longest + 1)}) == "invalid_blocks"
    assert error_of({"attachments": [{"blocks": of_length(longest + 1)}]}) == "invalid_attachments"


@pytest.mark.parametrize(
    "block",
    [
        "text",
        {"type": "no_such"},
        {"type": []},
        {"text": mrkdwn("a")},
        {"type": "section"},
        section(""),
        {"type": "section", "text": "a"},
        {"type": "header", "text": mrkdwn("a")},
        {"type": "context", "elements": ["a"]},
        {"type": "image", "image_url": "https://example.com"},
        {"type": "actions", "elements": [{"type": "button", "text": plain("a"), "style": "red"}]},
        {"type": "actions", "elements": [{"type": "button", "text": plain("a"), "url": "javascript:x"}]},
    ],
)
def test_a_block_that_slack_does_not_know_is_invalid(block):
    assert error_of({"text": "a", "blocks": [block]}) == "invalid_blocks"


def test_a_refusal_says_where_and_why():
    with pytest.raises(RefusedPayload, match=r"blocks\[1\]\.text\.text: 3001 characters, at most 3000"):
        read({"blocks": [{"type": "divider"}, section("x" * 3001)]})


def test_too_many_attachments():
    assert error_of({"attachments": [{"text": "a"}] * 101}) == "too_many_attachments"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "text", "url"]), inner),
    max_leaves=5,
)


@st.composite
def spoilt_messages(draw):
    """The message with every block, with some of its members replaced by anything."""
    message = copy.deepcopy(EVERY_BLOCK)
    for _ in range(draw(st.integers(1, 3))):
        place = message
        while True:
            keys = list(place) if isinstance(place, dict) else range(len(place))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if not isinstance(place[key], dict | list) or draw(st.integers(0, 3)) == 0:
                place[key] = draw(VALUES)
                break
            place = place[key]
    return message


@settings(max_examples=80)
@given(message=spoilt_messages())
def test_whatever_is_taken_can_be_shown(tmp_path_factory, message):
    try:
        payload = read(message)
    except RefusedPayload:
        return
    store = MessageStore(tmp_path_factory.mktemp("inbox"))
    kept = store.add(SLACK, json.dumps(payload).encode(), sender="", to=("team",))
    pages = Pages(store, "smtp")
    assert "As received" in pages.message(kept)
    assert '"kind": "slack"' in pages.as_json([kept])
