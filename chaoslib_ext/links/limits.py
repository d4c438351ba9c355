"""What a link cannot do for what a variable holds: said when it is added, not found out at night."""

import re

__all__ = ["limits"]

_TLS = re.compile(
    r"^(jdbc:)?(https|wss|rediss|valkeys|amqps|ldaps|mqtts|smtps|nats\+tls|tls)://"
    r"|sslmode=(require|verify)|(ssl|tls|encrypt|usessl)=(true|require|1|yes|mandatory|strict)",
    re.IGNORECASE,
)


def limits(variable: str, value: str) -> list[str]:
    """Sentences about TLS, HTTP, and drivers that learn other hosts later; none of them holds the value."""
    told = []
    if _TLS.search(value):
        told.append(
            "TLS passes through unopened, but the client will check the certificate for the name 127.0.0.1: "
            "docs/how-to/tls.md keeps the real one"
        )
    if re.match(r"https?://", value, re.IGNORECASE):
        told.append("the Host header names the link too, and a redirect to a full URL leads past the link")
    if re.match(r"mongodb://", value) and ("replicaSet=" in value or "," in value):
        told.append("a replica set tells the driver its own hosts, which lead past the link: directConnection=true")
    if re.search(r"kafka|bootstrap|broker", f"{variable} {value[:8]}", re.IGNORECASE) and "amqp" not in value[:6]:
        told.append("Kafka tells its clients the brokers' own addresses (advertised.listeners): set those to the links")
    if "sentinel" in value[:20].lower() or "cluster" in variable.lower():
        told.append("a sentinel or a cluster tells the client other hosts later, which lead past the link")
    return told
