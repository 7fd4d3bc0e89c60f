from local_aws.inbox.messages import EMAIL, SLACK, MessageStore


def test_messages_are_kept_in_order_and_found_again_by_another_process(tmp_path):
    store = MessageStore(tmp_path)
    mail = store.add(EMAIL, b"Subject: a\r\n\r\nb", sender="a@example.com", to=("b@example.com", "c@example.com"))
    post = store.add(SLACK, b'{"text": "x"}', sender="", to=("team",))
    again = MessageStore(tmp_path)
    assert again.newest_first() == [post, mail] == store.newest_first()
    assert again.newest_first(EMAIL) == [mail]
    assert again.get(mail.id) == mail
    assert again.content(mail) == b"Subject: a\r\n\r\nb"
    assert (tmp_path / f"{mail.id}.eml").read_bytes() == b"Subject: a\r\n\r\nb"
    assert again.add(EMAIL, b"", sender="", to=()).id > post.id


def test_a_line_of_the_index_that_a_kill_cut_is_left_out(tmp_path):
    store = MessageStore(tmp_path)
    kept = store.add(SLACK, b"{}", sender="", to=("a",))
    cut = store.add(SLACK, b"{}", sender="", to=("b",))
    index = tmp_path / "index.jsonl"
    index.write_text(index.read_text()[:-9])
    store = MessageStore(tmp_path)
    assert store.newest_first() == [kept]
    third = store.add(SLACK, b"{}", sender="", to=("c",))
    assert third.id > cut.id
    assert MessageStore(tmp_path).newest_first() == [third, kept]


def test_an_unknown_id_is_no_message(tmp_path):
    assert MessageStore(tmp_path).get("../index.jsonl") is None
