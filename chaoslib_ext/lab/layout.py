"""What the lab is made of: its services, and the links between them that can be hurt. Data only.

Link names are a promise: experiments name them. A link is a proxy in front of a process; whoever uses the process is
given the proxy's address, so every byte of the shop passes where a fault can be put.
"""

from dataclasses import dataclass, field

__all__ = ["LINKS", "SERVICES", "WEAKNESSES", "Link", "Service", "Weakness"]


@dataclass(frozen=True)
class Link:
    """A proxy `name` listening near `port` (or on a free one), leading to the process `to`; `tags` say of what kind."""

    name: str
    to: str
    port: int
    tags: tuple[str, ...] = ()


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
    Link("storefront", to="storefront", port=21872, tags=("door",)),
    Link("storefront-catalog", to="catalog", port=21873, tags=("internal",)),
    Link("storefront-cart", to="cart", port=21874, tags=("internal",)),
    Link("storefront-checkout", to="checkout", port=21875, tags=("internal",)),
    Link("storefront-recommendations", to="recommendations", port=21876, tags=("internal", "optional")),
    Link("catalog-valkey", to="valkey", port=21877, tags=("cache",)),
    Link("catalog-postgres", to="postgres", port=21878, tags=("database",)),
    Link("cart-valkey", to="valkey", port=21879, tags=("cache",)),
    Link("cart-postgres", to="postgres", port=21880, tags=("database",)),
    Link("checkout-orders", to="orders", port=21881, tags=("internal",)),
    Link("checkout-payment", to="payment", port=21882, tags=("external",)),
    Link("checkout-shipping", to="shipping", port=21883, tags=("external",)),
    Link("orders-postgres", to="postgres", port=21884, tags=("database",)),
)

_DATABASE = "postgresql://shop:{{secret}}@{{{link}}}/shop"
_CACHE = "valkey://:{{secret}}@{{{link}}}/0"

SERVICES = (
    Service("payment", port=21886),
    Service("shipping", port=21887),
    Service("recommendations", port=21888),
    Service(
        "orders",
        port=21889,
        settings={"DATABASE_URL": _DATABASE.format(link="orders-postgres")},
    ),
    Service(
        "cart",
        port=21890,
        settings={
            "CACHE_URL": _CACHE.format(link="cart-valkey"),
            "DATABASE_URL": _DATABASE.format(link="cart-postgres"),
        },
    ),
    Service(
        "catalog",
        port=21891,
        settings={
            "CACHE_URL": _CACHE.format(link="catalog-valkey"),
            "DATABASE_URL": _DATABASE.format(link="catalog-postgres"),
        },
    ),
    Service(
        "checkout",
        port=21892,
        settings={
            "ORDERS_URL": "http://{checkout-orders}",
            "PAYMENT_URL": "http://{checkout-payment}",
            "SHIPPING_URL": "http://{checkout-shipping}",
        },
    ),
    Service(
        "storefront",
        port=21893,
        settings={
            "CATALOG_URL": "http://{storefront-catalog}",
            "CART_URL": "http://{storefront-cart}",
            "CHECKOUT_URL": "http://{storefront-checkout}",
            "RECOMMENDATIONS_URL": "http://{storefront-recommendations}",
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
        Weakness(
            "payment-idempotency",
            service="checkout",
            missing="a payment whose answer was lost is asked for again as if it were new: charged twice",
            cure="sends the order's id as Idempotency-Key, so that the provider knows it again",
        ),
        Weakness(
            "shipping-retries",
            service="checkout",
            missing="checkout asks shipping again at once, for ever, as long as it fails",
            cure="three tries with growing, uneven pauses, then the order without a price for the parcel",
        ),
        Weakness(
            "orders-pool",
            service="orders",
            missing="a connection whose question failed is not given back: ten failures and the pool is dry, for good",
            cure="gives it back whatever happens",
        ),
        Weakness(
            "recommendations-fallback",
            service="storefront",
            missing="no page without recommendations",
            cure="shows the page without them",
        ),
        Weakness(
            "cart-durability",
            service="cart",
            missing="carts are only in Valkey, and a cache that is gone looks like an empty cart",
            cure="keeps a copy in PostgreSQL and goes by that",
        ),
        Weakness(
            "honest-health",
            service="storefront",
            missing="/ready says yes whatever is wrong behind it",
            cure="asks as far as the database, within a limit, and says no when an order could not be taken",
        ),
        Weakness(
            "thundering-herd",
            service="catalog",
            missing="when the cache has no product list, every customer's request asks the database at once",
            cure="one asks, and the others take what it was told",
        ),
    )
}
