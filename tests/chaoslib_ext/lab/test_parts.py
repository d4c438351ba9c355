from chaoslib_ext.clock import SYSTEM
from chaoslib_ext.lab.layout import LINKS, SERVICES
from chaoslib_ext.lab.parts import services, stores
from chaoslib_ext.lab.state import LabState, lab_dir


def test_every_process_behind_a_link_is_a_part_once() -> None:
    links = {link.name: "127.0.0.1:1" for link in LINKS}
    state = LabState(started=SYSTEM.wall(), secret="s", data=str(lab_dir()), links=links)
    early, late = (services(lab_dir(), state, linked=linked) for linked in (False, True))
    names = [part.name for part in (*stores(lab_dir(), state), *early, *late)]
    assert sorted(names) == sorted({link.to for link in LINKS})
    assert [part.name for part in early] == [service.name for service in SERVICES if not service.settings]
