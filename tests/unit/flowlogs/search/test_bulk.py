"""Bulk requests against a cluster that pushes back, fails and refuses as its API describes it."""

from __future__ import annotations

import json
import threading
from collections import Counter

import pytest

from flowlogs.search.bulk import BulkWriter
from flowlogs.search.cluster import SearchCluster, SearchError

DOCUMENTS = [(f"{n:04}", {"n": n, "text": "x" * 90}) for n in range(1000)]


class Cluster(SearchCluster):
    """Keeps documents by id. `trouble` is asked before each request, and may raise; `outcome` judges each document."""

    def __init__(self, trouble=lambda number: None, outcome=lambda document, tries: 201):
        self.kept, self.sizes, self.tries = {}, [], Counter()
        self._trouble, self._outcome, self._lock, self.under_way, self.most = trouble, outcome, threading.Lock(), 0, 0

    def request(self, method, path, *, params=None, body=None, timeout=60, content_type="application/json"):
        with self._lock:
            self.under_way += 1
            self.most = max(self.most, self.under_way)
            number = len(self.sizes)
            self.sizes.append(len(body))
        try:
            self._trouble(number)
            return {"items": [self._item(*pair) for pair in self._pairs(body)]}
        finally:
            with self._lock:
                self.under_way -= 1

    def _pairs(self, body):
        lines = [json.loads(line) for line in body.splitlines()]
        return zip(lines[::2], lines[1::2], strict=True)

    def _item(self, action, document):
        document_id = action["index"]["_id"]
        with self._lock:
            self.tries[document_id] += 1
            status = self._outcome(document, self.tries[document_id])
            if status < 300:
                self.kept[document_id] = document
                return {"index": {"status": status}}
        cause = {"type": "illegal_argument_exception", "reason": "'x' is not an IP string literal."}
        error = {"type": "mapper_parsing_exception", "reason": "failed to parse", "caused_by": cause}
        return {"index": {"status": status, "error": error}}

    def close(self):
        pass


def writer(cluster, refused=None, **options):
    waited = []
    options = {"size": 10_000, "in_flight": 3, "pause": waited.append, **options}
    made = BulkWriter(cluster, "index", (refused if refused is not None else []).append, **options)
    return made, waited


def test_all_are_written_in_requests_of_the_size():
    cluster = Cluster()
    written = writer(cluster)[0].write(iter(DOCUMENTS))
    assert cluster.kept == dict(DOCUMENTS)
    assert (written.documents, written.refused) == (1000, 0)
    assert max(cluster.sizes) <= 10_000
    assert len(cluster.sizes) > 10
    assert cluster.most <= 3


def test_no_documents_are_no_request():
    cluster = Cluster()
    assert writer(cluster)[0].write([]).documents == 0
    assert cluster.sizes == []


def test_what_is_pushed_back_is_sent_again_alone():
    cluster = Cluster(outcome=lambda document, tries: 429 if document["n"] % 10 == 0 and tries < 3 else 201)
    made, waited = writer(cluster)
    written = made.write(DOCUMENTS)
    assert cluster.kept == dict(DOCUMENTS)
    assert written.pushed_back == 200
    assert set(cluster.tries.values()) == {1, 3}
    assert waited


@pytest.mark.parametrize("status", [429, 502, 503, 504, None])
def test_a_cluster_that_is_overloaded_or_away_is_tried_again(status):
    def trouble(number):
        if number < 5:
            raise SearchError("not now", status)

    cluster = Cluster(trouble)
    written = writer(cluster)[0].write(DOCUMENTS)
    assert cluster.kept == dict(DOCUMENTS)
    assert written.tried_again == 5


def test_an_answer_that_was_lost_writes_nothing_twice():
    lost = []

    def outcome(document, tries):
        return 201

    class Losing(Cluster):
        def request(self, *arguments, **options):
            answer = super().request(*arguments, **options)
            if len(lost) < 3:
                lost.append(answer)
                raise SearchError("the connection was closed")
            return answer

    cluster = Losing(outcome=outcome)
    assert writer(cluster)[0].write(DOCUMENTS).documents == 1000
    assert cluster.kept == dict(DOCUMENTS)


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_request_that_is_refused_ends_it(status):
    def trouble(number):
        raise SearchError("no", status)

    cluster = Cluster(trouble)
    with pytest.raises(SearchError, match="no"):
        writer(cluster)[0].write(DOCUMENTS)
    assert len(cluster.sizes) <= 4


def test_a_cluster_that_stays_away_ends_it_after_the_patience():
    def trouble(number):
        raise SearchError("away")

    made, _ = writer(Cluster(trouble), patience=0)
    with pytest.raises(SearchError, match="away"):
        made.write(DOCUMENTS)


def test_documents_that_never_find_room_end_it_too():
    made, _ = writer(Cluster(outcome=lambda document, tries: 429), patience=0)
    with pytest.raises(SearchError, match="had no room for"):
        made.write(DOCUMENTS)


def test_a_request_that_is_too_large_is_divided():
    class Small(Cluster):
        def request(self, *arguments, body, **options):
            if len(body) > 2_000:
                raise SearchError("too large", 413)
            return super().request(*arguments, body=body, **options)

    cluster = Small()
    assert writer(cluster)[0].write(DOCUMENTS).documents == 1000
    assert cluster.kept == dict(DOCUMENTS)


def test_refused_documents_are_told_with_all_reasons():
    refused = []
    cluster = Cluster(outcome=lambda document, tries: 400 if document["n"] == 7 else 201)
    written = writer(cluster, refused)[0].write(DOCUMENTS)
    assert (written.documents, written.refused) == (999, 1)
    (one,) = refused
    assert (one.id, one.status, one.type) == ("0007", 400, "mapper_parsing_exception")
    assert one.reason == "failed to parse; 'x' is not an IP string literal."
    assert json.loads(one.document)["n"] == 7


def test_few_documents_are_held_however_many_come():
    held = []
    made = 0

    def documents():
        nonlocal made
        for document in DOCUMENTS * 5:
            made += 1
            held.append(made - len(cluster.kept))
            yield (f"{made}", document[1])

    cluster = Cluster()
    writer(cluster)[0].write(documents())
    # A request of 10,000 bytes holds some 70 documents; three are under way, one waits to be sent, one is being made.
    assert max(held) < 70 * 6
