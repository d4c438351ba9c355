import json
from pathlib import Path

import pytest

from chaoslib_ext.lab.shop import features


def test_a_change_of_the_file_is_seen_at_the_next_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "features.json"
    monkeypatch.setenv("SHOP_FEATURES", str(file))
    assert not features.is_on("payment-timeout")
    file.write_text(json.dumps({"on": ["payment-timeout"]}))
    assert features.is_on("payment-timeout")
    file.write_text(json.dumps({"on": []}))
    assert features.which() == []


def test_without_a_file_nothing_is_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_FEATURES", raising=False)
    assert features.which() == []
