from __future__ import annotations

import uuid

import pytest
from webhook_address import KEPT_SECONDS, WebhookAddress, WebhookAddressError

URL = "https://hooks.slack.com/services/T000/B000/xyz"


@pytest.fixture
def parameter(local_aws):
    name = f"/slack/{uuid.uuid4().hex[:10]}"
    local_aws.client("ssm").put_parameter(Name=name, Value=URL, Type="SecureString")
    return name


@pytest.mark.parametrize("kept", [URL, f"  {URL}\n", f'{{"url": "{URL}"}}'])
def test_a_secret_is_the_url_or_holds_it(local_aws, secret, kept):
    assert WebhookAddress(f"secretsmanager:{secret(kept)}", local_aws.client).url() == URL


def test_a_parameter_is_the_url(local_aws, parameter):
    assert WebhookAddress(f"ssm:{parameter}", local_aws.client).url() == URL


def test_the_url_is_kept_for_minutes_or_until_it_is_forgotten(local_aws, parameter):
    now = 0.0
    address = WebhookAddress(f"ssm:{parameter}", local_aws.client, clock=lambda: now)
    seen = [address.url()]

    def replace(value):
        local_aws.client("ssm").put_parameter(Name=parameter, Value=value, Type="SecureString", Overwrite=True)

    replace(f"{URL}-2")
    seen.append(address.url())
    now = KEPT_SECONDS
    seen.append(address.url())
    replace(f"{URL}-3")
    address.forget()
    seen.append(address.url())
    assert seen == [URL, URL, f"{URL}-2", f"{URL}-3"]


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:4566/x", "http://[::1]/x", "http://10.1.2.3/x", "http://localhost/x", "http://local-aws:4566/x", "http://sink.internal/x"],
)  # fmt: skip
def test_plain_http_goes_to_test_endpoints(local_aws, secret, url):
    assert WebhookAddress(f"secretsmanager:{secret(url)}", local_aws.client).url() == url


@pytest.mark.parametrize(
    ("kept", "problem"),
    [
        ("http://hooks.slack.com/services/top-secret", "not https"),
        ("http://8.8.8.8/top-secret", "not https"),
        ("ftp://10.0.0.1/top-secret", "not https"),
        ("top-secret", "holds no URL"),
        ("https://user:top-secret@hooks.slack.com/", "holds no URL"),
        ("https://hooks.slack.com/top-secret\r\nX: y", "holds no URL"),
        ("https://[top-secret", "holds no URL"),
        ('{"other": "top-secret"}', "holds no URL"),
        ("{top-secret", "holds no URL"),
    ],
)
def test_what_is_no_safe_url_is_refused_and_not_repeated(local_aws, secret, kept, problem):
    name = secret(kept)
    with pytest.raises(WebhookAddressError, match=f"the secret {name} .*{problem}") as error:
        WebhookAddress(f"secretsmanager:{name}", local_aws.client).url()
    assert "top-secret" not in str(error.value)


@pytest.mark.parametrize("place", ["https://hooks.slack.com/top-secret", "ssm:", "secretsmanager:", "top-secret", ""])
def test_a_place_that_is_none_is_not_repeated(local_aws, place):
    with pytest.raises(WebhookAddressError, match="write secretsmanager:<name> or ssm:/<path>") as error:
        WebhookAddress(place, local_aws.client).url()
    assert "top-secret" not in str(error.value)


@pytest.mark.parametrize(("place", "code"), [("ssm:/no/such", "ParameterNotFound"), ("secretsmanager:no-such", "ResourceNotFoundException")])  # fmt: skip
def test_what_cannot_be_read_is_named(local_aws, place, code):
    with pytest.raises(WebhookAddressError, match=f"no.such cannot be read: {code}.*may the Lambda's role read it"):
        WebhookAddress(place, local_aws.client).url()
