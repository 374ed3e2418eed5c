"""How a place is doing is told once a change, in the order of the changes."""

from __future__ import annotations

import threading

from recorder_desktop.core.errors import Offline, Refused, SlowDown, Stalled
from recorder_desktop.core.events import Event, ServiceChanged, ServiceState
from recorder_desktop.transfer.service_status import ServiceStatus
from tests.waiting import wait_for


def test_changes_are_told_in_order_whoever_is_held_up_by_listening() -> None:
    told: list[ServiceState] = []
    is_listening, may_go_on = threading.Event(), threading.Event()

    def listen(event: Event) -> None:
        assert isinstance(event, ServiceChanged)
        if event.state is ServiceState.UNREACHABLE:
            is_listening.set()
            assert may_go_on.wait(20)
        told.append(event.state)

    status = ServiceStatus(listen)
    lost = threading.Thread(target=status.lost, args=["here", Offline("It is away.")])
    lost.start()
    assert is_listening.wait(20)
    status.reached("here")
    assert told == []
    may_go_on.set()
    lost.join(20)
    wait_for(lambda: told == [ServiceState.UNREACHABLE, ServiceState.READY], "both changes in order")


def test_a_place_that_is_there_and_holds_up_is_not_called_away() -> None:
    told: list[Event] = []
    status = ServiceStatus(told.append)
    status.lost("here", SlowDown("It is busy."))
    status.lost("here", Offline("It is away."))
    status.lost("here", Stalled("It takes nothing."))
    assert told == [
        ServiceChanged("here", ServiceState.HELD_UP, "It is busy."),
        ServiceChanged("here", ServiceState.UNREACHABLE, "It is away."),
        ServiceChanged("here", ServiceState.HELD_UP, "It takes nothing."),
    ]


def test_what_was_entered_for_a_bucket_is_asked_for_each_time_that_something_else_is_wrong_with_it() -> None:
    told: list[Event] = []
    status, place = ServiceStatus(told.append), "bucket:mine at eu-west-1"
    for words, code in (("No keys.", "bucket_keys_missing"), ("Wrong keys.", "store_refused")):
        status.failed(place, Refused(words, code=code))
        status.failed(place, Refused(words, code=code))
    status.failed("https://server", Refused("Wrong keys.", code="store_refused"))

    assert told == [
        ServiceChanged(place, ServiceState.BUCKET, "No keys."),
        ServiceChanged(place, ServiceState.BUCKET, "Wrong keys."),
        ServiceChanged("https://server", ServiceState.UNREACHABLE, "Wrong keys."),
    ]


def test_what_stays_as_it_is_is_told_once() -> None:
    told: list[Event] = []
    status = ServiceStatus(told.append)
    for _ in range(3):
        status.reached("here")
        status.starting("here")
    assert told == [ServiceChanged("here", ServiceState.READY, "")]


def test_whoever_comes_later_is_told_the_last_word_on_each_place() -> None:
    told: list[Event] = []
    status = ServiceStatus(told.append)
    status.starting("here")
    status.reached("here")
    status.lost("there", Offline("It is away."))
    told.clear()
    status.tell_again()
    assert told == [
        ServiceChanged("here", ServiceState.READY, ""),
        ServiceChanged("there", ServiceState.UNREACHABLE, "It is away."),
    ]
