"""A toxic on a proxy: its chance."""

from chaoslib_ext.proxy.placed import Placed
from chaoslib_ext.proxy.toxics.latency import Latency
from chaoslib_ext.proxy.toxics.noop import Noop


def placed(*, toxicity=0.5, seed=None, server_seed=None, accepted=0, name="t", proxy="p"):
    made = Placed(name, "latency", "downstream", Latency(), toxicity=toxicity, seed=seed)
    made.arrive(proxy, accepted, server_seed)
    return made


def draws(made, start=1):
    return [made.bites(number) for number in range(start, start + 64)]


def test_a_seed_repeats_its_draws_whatever_happens_in_between():
    first, second = placed(seed=7), placed(seed=7)
    backwards = [second.bites(number) for number in reversed(range(1, 65))]
    assert draws(first) == list(reversed(backwards))
    assert draws(first) != draws(placed(seed=8))


def test_connections_count_from_the_toxic_s_arrival():
    assert draws(placed(seed=7, accepted=1000), start=1001) == draws(placed(seed=7))


def test_the_server_s_seed_gives_each_toxic_its_own_draws():
    assert draws(placed(server_seed=1)) == draws(placed(server_seed=1))
    assert draws(placed(server_seed=1)) != draws(placed(server_seed=1, name="other"))
    assert draws(placed(server_seed=1)) != draws(placed(server_seed=1, proxy="other"))


def test_data_and_toxicity_draw_from_different_sources():
    made = placed(seed=7)
    before = made.bites(1)
    for _ in range(50):
        made.chance_for(1).random()
    assert made.bites(1) is before


def test_without_a_seed_chance_is_chance():
    assert draws(placed()) != draws(placed())


def test_the_ends_of_toxicity():
    assert all(draws(placed(toxicity=1)))
    assert all(draws(placed(toxicity=2)))
    assert not any(draws(placed(toxicity=0)))
    assert not any(draws(placed(toxicity=-3.5)))


def test_a_passive_toxic_never_bites():
    assert not Placed("n", "noop", "downstream", Noop()).bites(1)
