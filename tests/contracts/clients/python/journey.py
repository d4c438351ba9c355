"""One journey through the API with toxiproxy-python's own classes: journey.py HOST PORT UPSTREAM.

A process of its own, because the library keeps the one server it knows in a class. Prints one line per step; what
the lines must say stands in ../../test_clients.py.
"""

import sys
from collections.abc import Callable

from toxiproxy import Toxiproxy
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

host, port, upstream = sys.argv[1:]
server = Toxiproxy()
server.update_api_consumer(host, int(port))


def refused(step: str, call: Callable[[], object]) -> None:
    try:
        print(step, "no error", call())
    except (InvalidToxic, NotFound, ProxyExists) as error:
        print(step, type(error).__name__, error.args[0])


print("running", server.running(), server.proxies(), b'"version"' in server.version())
proxy = server.create(name="journey", upstream=upstream)
print("create", proxy.name, proxy.enabled, proxy.upstream == upstream, proxy.listen != "127.0.0.1:0")
refused("create again:", lambda: server.create(name="journey", upstream=upstream))

proxy.add_toxic(name="slow", type="latency", stream="upstream", toxicity=0.5, attributes={"latency": 100})
toxic = proxy.get_toxic("slow")
print("add", toxic.name, toxic.type, toxic.stream, toxic.toxicity, toxic.attributes)
refused("add again:", lambda: proxy.add_toxic(name="slow", type="latency"))
refused("add unknown:", lambda: proxy.add_toxic(type="nope"))
print("remove", proxy.destroy_toxic("slow"), proxy.toxics())
refused("remove again:", lambda: proxy.destroy_toxic("slow"))

with proxy.down():
    print("down", server.get_proxy("journey").enabled)
print("up", server.get_proxy("journey").enabled, server.get_proxy("journey").listen == proxy.listen)

populated = server.populate(
    [
        {"name": "one", "listen": "127.0.0.1:0", "upstream": upstream},
        {"name": "two", "listen": "localhost:0", "upstream": upstream, "enabled": False},
    ]
)
print("populate", [(each.name, each.enabled) for each in populated])
populated[0].add_toxic(type="timeout", attributes={"timeout": 5})
print("reset", server.reset(), populated[0].toxics(), sorted(server.proxies()))
print("destroy", server.destroy(proxy), server.get_proxy("journey"))
refused("destroy again:", proxy.destroy)
server.destroy_all()
print("all gone", server.proxies())
