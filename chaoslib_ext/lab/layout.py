"""What the lab is made of: its services, and the links between them that can be hurt. Data only.

Link names are a promise: experiments name them. A link is a proxy in front of a process; whoever uses the process is
given the proxy's address, so every byte of the shop passes where a fault can be put.
"""

from dataclasses import dataclass, field

__all__ = ["LINKS", "SERVICES", "WEAKNESSES", "Link", "Service", "Weakness"]


@dataclass(frozen=True)
class Link:
    """A proxy `name` listening near `port` (or on a free one), leading to the process `to`."""

    name: str
    to: str
    port: int


@dataclass(frozen=True)
class Service:
    """A service of the shop; `settings` are environment variables, filled in with addresses of links and secrets."""

    name: str
    port: int
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Weakness:
    """Something a team would ship by mistake, and the improvement of the same name that cures it."""

    name: str
    service: str
    missing: str
    cure: str


LINKS = (
    Link("storefront", to="storefront", port=21872),
    Link("storefront-checkout", to="checkout", port=21873),
    Link("storefront-valkey", to="valkey", port=21874),
    Link("checkout-payment", to="payment", port=21875),
    Link("checkout-postgres", to="postgres", port=21876),
)

SERVICES = (
    Service("payment", port=21882),
    Service(
        "checkout",
        port=21881,
        settings={
            "DATABASE_URL": "postgresql://shop:{secret}@{checkout-postgres}/shop",
            "PAYMENT_URL": "http://{checkout-payment}",
        },
    ),
    Service(
        "storefront",
        port=21880,
        settings={
            "CHECKOUT_URL": "http://{storefront-checkout}",
            "CACHE_URL": "valkey://:{secret}@{storefront-valkey}/0",
        },
    ),
)
"""In the order in which they are started: whoever is asked stands before whoever asks."""

WEAKNESSES = {
    weakness.name: weakness
    for weakness in (
        Weakness(
            "payment-timeout",
            service="checkout",
            missing="checkout waits for the payment provider without a limit, until its 20 workers are all waiting",
            cure="waits 0.3 s, then takes the order as `payment pending` and asks for the money later",
        ),
    )
}
