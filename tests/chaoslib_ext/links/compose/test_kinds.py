"""What an image usually listens on."""

import pytest

from chaoslib_ext.links.compose.kinds import port_of, tag_of


@pytest.mark.parametrize(
    ("image", "port", "tag"),
    [
        ("postgres:16-alpine", 5432, "database"),
        ("docker.io/valkey/valkey:8@sha256:a137", 6379, "cache"),
        ("registry.example:5000/team/mysql", 3306, "database"),
        ("bitnami/kafka:4.0", 9092, "queue"),
        ("prometheuscommunity/postgres-exporter", None, "internal"),
        ("redis/web:1", None, "internal"),
        ("", None, "internal"),
    ],
)
def test_by_the_images_own_name(image: str, port: int | None, tag: str) -> None:
    assert (port_of(image), tag_of(image, 1)) == (port, tag)


def test_an_unknown_image_is_known_by_its_port() -> None:
    assert tag_of("pgautoupgrade/pgautoupgrade", 5432) == "database"
