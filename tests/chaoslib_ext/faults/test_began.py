from datetime import UTC, datetime

import pytest

from chaoslib_ext.errors import ProbeError
from chaoslib_ext.faults.began import run_began
from chaoslib_ext.faults.run import begin, end_current
from chaoslib_ext.undo.log import logs


def test_a_run_that_is_on_and_none() -> None:
    with pytest.raises(ProbeError, match="none of ours is on"):
        run_began()
    assert not list(logs())  # asking began none
    before = datetime.now(UTC)
    begin(title="a run")
    try:
        assert abs((run_began() - before).total_seconds()) < 60
    finally:
        end_current()
    with pytest.raises(ProbeError):
        run_began()
