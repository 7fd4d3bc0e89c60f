from email.message import EmailMessage

from hypothesis import example, given
from hypothesis import strategies as st

from local_aws.inbox.emails import read_email


def test_an_email_is_read_into_its_parts():
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Grüße", "Anne <anne@example.com>", "b@example.com"
    mail.set_content("text\n")
    mail.add_alternative("<p>html</p>", subtype="html")
    mail.add_attachment(b"1,2", maintype="text", subtype="csv", filename="numbers.csv")
    read = read_email(mail.as_bytes())
    assert (read.subject, read.sender, read.to) == ("Grüße", "Anne <anne@example.com>", "b@example.com")
    assert read.text == "text\n"
    assert read.html.strip() == "<p>html</p>"
    assert read.files == ("numbers.csv",)


@given(st.binary(max_size=80))
@example(b"Content-Type: text/plain; charset=no-such\r\n\r\nx")
@example(b"Content-Type: multipart/mixed\r\n\r\nno parts")
@example(b"To: <<<>>>\r\nFrom: =?x?\r\nSubject: =?utf-8?b?!!?=\r\n\r\n")
@example(b"Content-Transfer-Encoding: base64\r\n\r\n%%%")
def test_every_source_is_read(source):
    assert isinstance(read_email(source).text, str)
