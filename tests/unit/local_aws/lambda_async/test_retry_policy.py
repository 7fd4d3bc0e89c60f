import pytest

from local_aws.lambda_async.retry_policy import RETRY_SECONDS, configured_pauses, retry_policy

PAUSES = (60.0, 120.0)


def pauses(config, **state):
    policy = retry_policy(config, PAUSES)
    return [policy.next_pause(attempts=n, throttles=0, age=state.get("age", 0.0)) for n in (1, 2, 3)]


def test_lambda_tries_twice_more_after_one_and_two_minutes():
    assert pauses(None) == [60, 120, "RetriesExhausted"]


def test_fewer_retries_and_younger_events_can_be_asked_for():
    assert pauses({"MaximumRetryAttempts": 0})[0] == "RetriesExhausted"
    assert pauses({"MaximumRetryAttempts": 1})[:2] == [60, "RetriesExhausted"]
    assert pauses({"MaximumEventAgeInSeconds": 60}, age=1.0)[0] == "EventAgeExceeded"
    assert pauses({"MaximumEventAgeInSeconds": 100}, age=1.0)[:2] == [60, "EventAgeExceeded"]


def test_a_throttled_event_is_no_attempt_and_waits_longer_each_time():
    policy = retry_policy({"MaximumRetryAttempts": 0}, PAUSES)
    waits = [policy.next_pause(attempts=0, throttles=n, age=0) for n in range(1, 12)]
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert policy.next_pause(attempts=0, throttles=12, age=21_500) == "EventAgeExceeded"


def test_the_environment_may_ask_for_other_pauses(monkeypatch):
    monkeypatch.delenv(RETRY_SECONDS, raising=False)
    assert configured_pauses() == PAUSES
    monkeypatch.setenv(RETRY_SECONDS, "0.5,1")
    assert configured_pauses() == (0.5, 1)


@pytest.mark.parametrize("text", ["", "soon", "1,-1"])
def test_impossible_pauses_are_named(monkeypatch, text):
    monkeypatch.setenv(RETRY_SECONDS, text)
    with pytest.raises(ValueError, match=RETRY_SECONDS):
        configured_pauses()
