"""A run's hold on a proxy: one at a time on every server, and it says whose it is."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaoslib_ext.errors import ToxicExists
from chaoslib_ext.proxy import hold
from chaoslib_ext.proxy.client import Client

pytestmark = pytest.mark.joins("proxy", "toxiproxy-embedded", "toxiproxy-go")


@pytest.fixture
def client(toxiproxy: str) -> Client:
    client = Client(toxiproxy)
    client.create("web", "127.0.0.1:9")
    return client


@given(st.integers(0, (1 << 24) - 1))
def test_an_id_as_we_draw_them_comes_back_from_its_sign(number: int) -> None:
    run = f"{number:06x}"
    assert hold.run_of(hold.sign_of(run)) == run


@pytest.mark.parametrize("run", ["000000", "000001", "7f3a2b", "800001", "fffffe", "ffffff", "a-run-of-another-name"])
def test_the_server_keeps_whose_it_is_to_the_last_bit(client: Client, run: str) -> None:
    hold.take(client, "web", run)
    assert hold.on(client.toxics("web")) == hold.sign_of(run)
    (toxic,) = client.toxics("web")
    assert (toxic.name, toxic.type) == (hold.NAME, "noop")


def test_nobody_holds_a_proxy_without_one(client: Client) -> None:
    client.add_toxic("web", "noop", name="someone-elses", toxicity=0.5)
    assert hold.on(client.toxics("web")) is None


def test_of_many_who_want_it_at_once_one_has_it(client: Client) -> None:
    def take(number: int) -> int:
        try:
            hold.take(client, "web", f"{number:06x}")
        except ToxicExists:
            return 0
        return number

    with ThreadPoolExecutor(8) as pool:
        won = [number for number in pool.map(take, range(1, 33)) if number]
    assert len(won) == 1 and hold.on(client.toxics("web")) == won[0]


def test_two_ids_of_other_kinds_have_two_signs() -> None:
    assert hold.sign_of("nightly-1") != hold.sign_of("nightly-2")
