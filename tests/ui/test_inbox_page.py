"""The inbox of the local AWS in a real browser: what Slack and e-mail look like, and what hostile messages do not do."""

from __future__ import annotations

import os
import smtplib
import socket
import uuid
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.integration.inbox import Inbox
from tests.unit.local_aws.inbox.published import EVERY_BLOCK

pytestmark = [pytest.mark.ui]

SCREENSHOTS = Path(os.environ["SCREENSHOTS"]) if "SCREENSHOTS" in os.environ else None
"""Where to keep pictures of the pages; nowhere unless asked for."""

LOOKS = [(1100, "light"), (390, "dark")]
if SCREENSHOTS is not None:
    LOOKS += [(1100, "dark"), (390, "light")]


def text(words: str, kind: str = "mrkdwn") -> dict[str, str]:
    return {"type": kind, "text": words}


ALARM = {
    "text": "ALARM: Repeated HTTP attempts",
    "attachments": [
        {
            "color": "#d92d20",
            "blocks": [
                {"type": "header", "text": text(":rotating_light: ALARM: Repeated HTTP attempts", "plain_text")},
                {"type": "section", "text": text("*3 or more attempts* on ports `80` and `443`; see <https://example.com/a|why>.")},
                {
                    "type": "section",
                    "fields": [
                        text("*How many*\n3 in 300 s"),
                        text("*Alarm at*\n3 or more"),
                        text("*Since*\n<!date^1795489646^{date}|24 November 2026, 03:07 UTC>"),
                        text("*Severity*\nhigh"),
                    ],
                },
                {"type": "divider"},
                {"type": "section", "text": text("*3 log lines*\n```" + "\n".join(
                    f"03:0{n}:09  203.0.113.9:4000{n}  → 10.0.0.5:443  eni-0a1b2c3d4e5f60718  REJECT" for n in range(3)
                ) + "```")},
                {
                    "type": "actions",
                    "elements": [
                        {"type": "button", "text": text("Open the alarm", "plain_text"), "url": "https://example.com/",
                         "style": "primary"},
                        {"type": "button", "text": text("Log lines", "plain_text"), "url": "https://example.com/logs"},
                    ],
                },
                {"type": "context", "elements": [text("dev · us-east-1 · 111122223333"), text("&gt; drill abc-1")]},
            ],
        }
    ],
}  # fmt: skip


class Trap:
    """A port of this machine that nobody should connect to."""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def was_sprung(self) -> bool:
        """Whether anybody connected so far."""
        self._listening.setblocking(False)
        try:
            self._listening.accept()
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._listening.close()

    def words(self) -> list[str]:
        """Texts that try to become more than texts."""
        return [
            "<script>alert(1)</script>", f"<img src={self.url}/a onerror=alert(1)>", '"><svg onload=alert(1)>',
            "</style></title></textarea><script>alert(1)</script>", "{{ 7*7 }}", "<javascript:alert(1)|click>",
            "\u202egnp.exe\u2066", "x" * 2000, "```</pre><script>alert(1)</script>```", "&lt;script&gt;alert(1)&lt;/script&gt;",
        ]  # fmt: skip

    def html(self) -> str:
        """An e-mail's HTML that tries to run and to load."""
        return (
            f"<p>words of the HTML</p><script>parent.alert(1)</script><img src='{self.url}/i' onerror='alert(2)'>"
            f"<link rel=stylesheet href='{self.url}/s'><iframe src='{self.url}/f'></iframe><object data='{self.url}/o'></object>"
            f"<style>@import '{self.url}/m'; body {{ background: url({self.url}/b) }}</style><video src='{self.url}/v' autoplay></video>"
            f"<meta http-equiv=refresh content='0;url={self.url}/r'><body onload='alert(3)'>"
        )


class Browser:
    """Opens the inbox's pages, and remembers what they complained of."""

    def __init__(self, chromium, site: str) -> None:
        self._chromium = chromium
        self._site = site
        self.complaints: list[str] = []
        self.dialogs: list[str] = []

    def open(self, path: str, width: int = 1100, scheme: str = "light"):
        context = self._chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("dialog", lambda dialog: (self.dialogs.append(dialog.message), dialog.dismiss()))
        page.goto(self._site + path)
        return page


@pytest.fixture(scope="module")
def chromium():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@pytest.fixture
def browser(chromium, local_aws) -> Iterator[Browser]:
    browser = Browser(chromium, local_aws.endpoint_url)
    yield browser
    assert browser.dialogs == []
    for context in chromium.contexts:
        context.close()


@pytest.fixture
def trap() -> Iterator[Trap]:
    trap = Trap()
    yield trap
    trap.close()


@pytest.fixture(scope="module")
def inbox(local_aws) -> Inbox:
    return Inbox(local_aws.endpoint_url)


def posted(inbox: Inbox, payload: dict[str, Any]) -> str:
    """The page of a message that was posted to Slack."""
    webhook = uuid.uuid4().hex
    assert inbox.post(webhook, payload) == (200, "ok")
    return f"/_inbox/{inbox.messages('slack', webhook)[0]['id']}"


def mailed(inbox: Inbox, subject: str, text: str, html: str | None = None) -> str:
    """The page of an e-mail that was sent."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "somebody@example.com", f"{uuid.uuid4().hex}@example.com"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", inbox.smtp_port) as client:
        client.send_message(mail)
    return f"/_inbox/{inbox.messages('email', mail['To'])[0]['id']}"


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def faint(page) -> list[str]:
    """Texts whose contrast with what is behind them is under 4.5 to 1 (WCAG 2.2, AA)."""
    return page.evaluate(
        """() => {
          const rgb = text => text.match(/[0-9.]+/g).map(Number);
          const light = c => c.slice(0, 3).map(v => v / 255).map(v => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
            .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
          const behind = e => { for (; e; e = e.parentElement) {
            const c = rgb(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
          const found = new Set();
          for (const e of document.querySelectorAll('main *')) {
            if (e.closest('svg') || ![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
            const [a, b] = [light(rgb(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
            if ((a + .05) / (b + .05) < 4.5) found.add(`${e.tagName}.${e.className} ${((a + .05) / (b + .05)).toFixed(2)}`);
          }
          return [...found];
        }"""
    )


@pytest.fixture(scope="module")
def filled_inbox(inbox) -> None:
    """An e-mail, and messages with everything that Slack shows."""
    mailed(inbox, "A line that is longer than a phone is wide, by far", "https://example.com/" + "a" * 300 + "\n" * 40)
    posted(inbox, EVERY_BLOCK)
    posted(inbox, ALARM)


@pytest.mark.usefixtures("filled_inbox")
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_every_message_fits_the_window_and_is_read(browser, width, scheme):
    page = browser.open("/_inbox", width, scheme)
    if SCREENSHOTS is not None:
        page.screenshot(path=SCREENSHOTS / f"inbox_{width}_{scheme}.png", full_page=True)
    assert overflow(page) == 0
    assert faint(page) == []
    assert browser.complaints == []
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(245, 246, 248)") == (scheme == "light")


def test_a_slack_message_looks_as_in_slack(browser, inbox):
    page = browser.open(posted(inbox, ALARM))
    said = page.locator(".said")
    bar, header = said.locator(".bar rect"), said.locator("h2.header")
    assert bar.evaluate("e => getComputedStyle(e).fill") == "rgb(217, 45, 32)"
    assert header.inner_text() == "\N{POLICE CARS REVOLVING LIGHT} ALARM: Repeated HTTP attempts"
    assert said.locator(".bar").bounding_box()["height"] > 200
    assert said.locator(".section b").first.inner_text() == "3 or more attempts"
    tops = [box["y"] for box in (field.bounding_box() for field in said.locator(".fields > div").all())]
    assert tops[0] == tops[1] < tops[2] == tops[3]
    assert "203.0.113.9:40000" in said.locator("pre").inner_text()
    assert said.locator("hr").count() == 1
    assert said.get_by_text("why", exact=True).get_attribute("href") == "https://example.com/a"
    assert said.locator("a.button.primary").inner_text() == "Open the alarm"


def test_a_click_in_the_email_confirms_the_subscription(browser, inbox, local_aws):
    sns, address = local_aws.client("sns"), f"{uuid.uuid4().hex}@example.com"
    topic = sns.create_topic(Name=uuid.uuid4().hex)["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=address)
    (mail,) = inbox.wait_for("email", address)
    page = browser.open(f"/_inbox/{mail['id']}")
    page.frame_locator("iframe").get_by_text("Confirm subscription").click()
    page.get_by_role("heading", name="Subscription confirmed!").wait_for()
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert subscription["SubscriptionArn"].startswith(topic)
    page.get_by_role("link", name="Inbox").click()
    page.get_by_role("link", name="E-mail", exact=True).click()
    page.locator("article", has_text=address).get_by_role("link", name="open").click()
    assert "Subscription Confirmation" in page.title()


def test_hostile_messages_run_nothing_and_load_nothing(browser, inbox, trap):
    words = trap.words()
    payload = {
        "text": words[0],
        "username": words[1],
        "icon_url": f"{trap.url}/icon",
        "blocks": [{"type": "section", "text": text(one)} for one in words]
        + [{"type": "image", "image_url": f"{trap.url}/image.png", "alt_text": words[2]}],
        "attachments": [
            {"color": words[2], "title": one, "text": one, "footer": one, "image_url": f"{trap.url}/old.png"}
            for one in words
        ],
    }
    html = mailed(inbox, words[0], "\n".join(words), trap.html())
    page = browser.open(html)
    for path in (html, posted(inbox, payload), "/_inbox"):
        page.goto(inbox.site + path)
        for width in (390, 1100):
            page.set_viewport_size({"width": width, "height": 900})
            assert overflow(page) == 0
        assert page.locator("main").locator("script, img, object, [onload], [onerror], [style]").count() == 0
    page.goto(f"{inbox.site}{html}/html")
    assert page.locator("p").first.inner_text() == "words of the HTML"
    page.goto(inbox.site + html)
    assert page.frame_locator("iframe").locator("p").first.inner_text() == "words of the HTML"
    page.wait_for_load_state("networkidle")
    assert not trap.was_sprung()
