"""Activities get one number each, and their place, whatever thread they run in."""

import threading
from typing import Any

from chaoslib_ext.control.activities import Activities


def run_of(name: str) -> dict[str, Any]:
    return {"activity": {"name": name}, "tolerance_met": True}


def test_the_place_is_that_of_the_start() -> None:
    activities = Activities()
    activities.enter("method")
    begun = activities.begin()
    activities.enter("after")
    assert activities.end(run_of("slow")) == begun == (1, "method")


def test_threads_do_not_mix_up_their_activities() -> None:
    activities = Activities()
    activities.enter("method")
    both_began = threading.Barrier(8)
    found: list[bool] = []

    def one(name: str) -> None:
        begun = activities.begin()
        both_began.wait(10)
        found.append(activities.end(run_of(name)) == begun)

    threads = [threading.Thread(target=one, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert found == [True] * 8


def test_the_thread_that_samples_during_the_method_is_told_apart() -> None:
    activities = Activities()
    activities.enter("method")
    places: list[str] = []

    def sampler() -> None:
        activities.during_here()
        places.append(activities.begin()[1])

    thread = threading.Thread(target=sampler)
    thread.start()
    thread.join(10)
    assert places == ["during"] and activities.begin()[1] == "method"


def test_a_state_names_its_probes_by_number() -> None:
    activities = Activities()
    activities.begin()
    activities.end(run_of("other"))
    run = run_of("probe")
    activities.begin()
    activities.end(run)
    state = activities.state({"steady_state_met": True, "probes": [run]})
    assert state == {"steady_state_met": True, "probes": [{"n": 2, "name": "probe", "tolerance_met": True}]}
    assert activities.state(None) == {"steady_state_met": None, "probes": []}
