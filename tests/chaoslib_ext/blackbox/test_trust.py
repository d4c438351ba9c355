import ssl
from pathlib import Path

import pytest

from chaoslib_ext.blackbox.trust import Trust
from chaoslib_ext.errors import BadInput


def test_a_client_checks_unless_it_only_looks() -> None:
    checked = Trust(server_name="shop.example").context()
    assert checked.check_hostname and checked.verify_mode is ssl.CERT_REQUIRED
    assert Trust().blind().verify_mode is ssl.CERT_NONE


def test_from_what_an_author_writes(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").touch()
    written = {"ca_file": str(tmp_path / "ca.pem"), "server_name": "10.0.0.1"}
    assert Trust.of(written) == Trust(ca_file=written["ca_file"], server_name="10.0.0.1")
    with pytest.raises(BadInput, match="holds no certificates in PEM"):
        Trust.of(written).context()
    with pytest.raises(BadInput, match="ca_file must be text"):
        Trust.of({"ca_file": 7})
