import json

import pytest

from local_aws.inbox.messages import MessageStore
from local_aws.inbox.slack.webhook import SlackWebhook

MESSAGE = b'{"text": "hello"}'


@pytest.fixture
def store(tmp_path):
    return MessageStore(tmp_path)


@pytest.fixture
def webhook(store):
    return SlackWebhook(store)


def post(webhook, body=MESSAGE):
    return webhook.post("T0/B0/secret", body, "application/json")


def fail(webhook, **how):
    webhook.fail_next(json.dumps(how).encode())


def test_a_message_is_kept_and_answered_ok(webhook, store):
    answer = post(webhook)
    assert (answer.status, answer.body) == (200, "ok")
    (message,) = store.newest_first()
    assert message.to == ("T0/B0/secret",)
    assert json.loads(store.content(message)) == {"text": "hello"}


def test_a_refused_message_is_not_kept_and_says_why_in_a_header(webhook, store):
    answer = post(webhook, b'{"text": "a", "blocks": [{"type": "\xc3\xa9\\n"}]}')
    assert (answer.status, answer.body) == (400, "invalid_blocks")
    assert answer.headers["x-local-aws-reason"].startswith("blocks[0]: ")
    assert answer.headers["x-local-aws-reason"].isascii()
    assert store.newest_first() == []


@pytest.mark.parametrize(("status", "body"), [(500, "rollup_error"), (429, "rate_limited"), (404, "no_service")])
def test_the_next_posts_fail_as_asked(webhook, store, status, body):
    fail(webhook, status=status, count=2, retry_after=7)
    answers = [post(webhook) for _ in range(3)]
    assert [(answer.status, answer.body) for answer in answers] == [(status, body), (status, body), (200, "ok")]
    assert [answer.headers.get("retry-after") for answer in answers] == ["7", "7", None]
    assert len(store.newest_first()) == 1


def test_a_count_of_zero_ends_it(webhook):
    fail(webhook, status=500, count=5)
    fail(webhook, status=500, count=0)
    assert post(webhook).status == 200


@pytest.mark.parametrize(
    ("how", "problem"),
    [
        ({"status": 200, "count": 1}, "status 200: a number from 400 to 599"),
        ({"count": 1}, "status None"),
        ({"status": 500, "count": -1}, "count -1: how many"),
        ({"status": 500}, "count None"),
        ({"status": 429, "count": 1, "retry_after": "soon"}, "retry_after 'soon': whole seconds"),
    ],
)
def test_a_wrong_request_says_what_is_wrong(webhook, how, problem):
    with pytest.raises(ValueError, match=problem):
        fail(webhook, **how)


def test_a_request_that_is_no_json_object_is_refused(webhook):
    for request in (b"", b"[]"):
        with pytest.raises(ValueError, match="a JSON object is wanted"):
            webhook.fail_next(request)
