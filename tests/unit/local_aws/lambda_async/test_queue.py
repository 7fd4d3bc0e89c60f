from local_aws.lambda_async.queue import EventQueue


def test_what_waits_is_found_again_until_it_is_done_with(tmp_path):
    queue = EventQueue(tmp_path)
    first = queue.add("arn:one", {"a": [1]}, 10.0)
    second = queue.add("arn:two", None, 11.0, depth=3)
    second.attempts, second.due = 1, 71.0
    queue.save(second)
    queue.remove(first)
    (waiting,) = EventQueue(tmp_path).waiting()
    assert waiting == second
    assert (waiting.attempts, waiting.due, waiting.depth) == (1, 71.0, 3)
    queue.remove(second)
    assert list(EventQueue(tmp_path).waiting()) == []
