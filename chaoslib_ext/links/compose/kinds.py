"""What kind of service an image is: the port it usually listens on, and the tag its link gets."""

import re

__all__ = ["port_of", "tag_of"]

_KINDS: dict[str, tuple[int, str]] = {
    "cassandra": (9042, "database"),
    "clickhouse": (8123, "database"),
    "cockroach": (26257, "database"),
    "mariadb": (3306, "database"),
    "mongo": (27017, "database"),
    "mssql": (1433, "database"),
    "mysql": (3306, "database"),
    "percona": (3306, "database"),
    "pgvector": (5432, "database"),
    "postgis": (5432, "database"),
    "postgres": (5432, "database"),
    "scylla": (9042, "database"),
    "timescale": (5432, "database"),
    "elasticsearch": (9200, "search"),
    "meilisearch": (7700, "search"),
    "opensearch": (9200, "search"),
    "dragonfly": (6379, "cache"),
    "keydb": (6379, "cache"),
    "memcached": (11211, "cache"),
    "redis": (6379, "cache"),
    "valkey": (6379, "cache"),
    "activemq": (61616, "queue"),
    "kafka": (9092, "queue"),
    "mosquitto": (1883, "queue"),
    "nats": (4222, "queue"),
    "rabbitmq": (5672, "queue"),
    "redpanda": (9092, "queue"),
    "zookeeper": (2181, "queue"),
    "consul": (8500, "internal"),
    "etcd": (2379, "internal"),
    "mailhog": (1025, "mail"),
    "mailpit": (1025, "mail"),
    "minio": (9000, "storage"),
    "vault": (8200, "internal"),
}
"""A word in an image's name -> port, tag. Ports as the images' own pages give them."""


def port_of(image: str) -> int | None:
    """The usual port of the image, if it is known here."""
    return _kind(image)[0]


def tag_of(image: str, port: int) -> str:
    """`database`, `cache`, `queue` and so on, by the image, else by its port; `internal` for whatever is not known."""
    known, tag = _kind(image)
    return tag if known else dict(_KINDS.values()).get(port, "internal")


def _kind(image: str) -> tuple[int | None, str]:
    """By the longest known word of the image's own name, without registry, tag and digest."""
    name = re.split(r"[:@]", image.rpartition("/")[2])[0].lower()
    words = sorted((word for word in _KINDS if word in name and "exporter" not in name), key=len)
    return _KINDS[words[-1]] if words else (None, "internal")
