"""Our own entry among the extensions."""

import pytest
from pydantic import ValidationError

from chaoslib_ext.lint.extension import OwnExtension


def test_it_takes_what_the_labs_experiments_say() -> None:
    entry = OwnExtension.model_validate(
        {"name": "chaostoolkit-ext", "says": {"held": "It holds."}, "next": {}, "row": {}}
    )
    assert entry.says


@pytest.mark.parametrize("extra", [{"guardz": []}, {"says": {"green": "x"}}, {"name": "other"}])
def test_it_takes_nothing_that_nobody_reads(extra: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        OwnExtension.model_validate({"name": "chaostoolkit-ext", **extra})
