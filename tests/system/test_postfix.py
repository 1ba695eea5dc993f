"""The script that guests run counts what the real Postfix has queued, and says when it takes no more: docs/draining.md."""

from collections.abc import Iterator

import pytest

from tests.system.balancer import awaited
from tests.system.postfix import MESSAGE, Mta, running


@pytest.fixture
def mta() -> Iterator[Mta]:
    """A server that takes mail and can't pass it on."""
    with running() as server:
        yield server


def test_an_empty_queue_that_takes_mail(mta: Mta) -> None:
    mta.run("postfix", "check")
    assert "fatal:" not in mta.log
    assert "error:" not in mta.log
    assert mta.said() == (0, True)


def test_a_server_is_drained_as_the_page_says(mta: Mta) -> None:
    mta.send()
    mta.run("sendmail", "-f", "ada@campus.example", "charles@away.example", said=MESSAGE)
    mta.await_queues("deferred", "deferred")
    assert mta.said() == (2, True)

    held = next(iter(mta.queues()))
    mta.run("postsuper", "-h", held)
    mta.await_queues("deferred", "hold")
    assert mta.said() == (2, True)

    mta.run("postconf", "-e", "master_service_disable=inet")
    assert mta.listens()
    assert mta.said() == (2, True)  # nothing has changed before the running Postfix has read it
    mta.run("postfix", "reload")
    awaited(lambda: None if mta.listens() else "so", lambda: f"it still listens\n{mta.log}")
    assert mta.said() == (2, False)

    with mta.next_hop():
        mta.run("postqueue", "-f")
        mta.await_said(1, accepting=False)  # what is held is not delivered, and so the server is not drained
        mta.await_queues("hold")
        mta.run("postsuper", "-H", held)
        mta.run("postqueue", "-f")
        mta.await_said(0, accepting=False)
    assert mta.log.count("status=sent") == 2


def test_what_is_deleted_is_counted_no_more(mta: Mta) -> None:
    mta.send()
    mta.send()
    mta.await_queues("deferred", "deferred")
    mta.run("postsuper", "-d", next(iter(mta.queues())))
    assert mta.said() == (1, True)
    mta.run("postsuper", "-d", "ALL")
    assert mta.said() == (0, True)


def test_a_server_that_is_stopped_has_its_queue_still(mta: Mta) -> None:
    mta.send()
    mta.await_queues("deferred")
    mta.run("postfix", "stop")
    assert mta.said() == (1, False)
