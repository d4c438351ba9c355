// One journey through the API with the Node client: node journey.mjs FOLDER_OF_THE_CLIENT URL UPSTREAM
// Prints one line per step; what the lines must say stands in ../../test_clients.py.
import { createRequire } from "node:module";

const [folder, url, upstream] = process.argv.slice(2);
const { Toxiproxy } = createRequire(`${folder}/`)("toxiproxy-node-client");
const toxiproxy = new Toxiproxy(url);
const say = (...words) => console.log(words.join(" "));
const refused = async (step, promise) => say(step, await promise.then(() => "no error", (error) => error.message));

const proxy = await toxiproxy.createProxy({ name: "journey", listen: "127.0.0.1:0", upstream });
say("create", proxy.name, proxy.enabled, proxy.upstream === upstream, proxy.listen !== "127.0.0.1:0");
await refused("create again:", toxiproxy.createProxy({ name: "journey", upstream }));
await refused("create nameless:", toxiproxy.createProxy({ upstream }));

const toxic = await proxy.addToxic({
  name: "slow", type: "latency", stream: "upstream", toxicity: 0.5, attributes: { latency: 100, jitter: 10 },
});
say("add", JSON.stringify(toxic.toJson()));
await refused("add again:", proxy.addToxic(toxic.toJson()));
await refused("add unknown:", proxy.addToxic({ type: "nope", attributes: {} }));
const updated = await toxic.update({ attributes: { jitter: 20 }, toxicity: 1 });
say("update", JSON.stringify(updated.attributes), updated.toxicity);
say("get", (await proxy.getToxic("slow")).type);
await toxic.remove();
await refused("remove again:", toxic.remove());

const disabled = await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream });
say("disable", disabled.enabled, disabled.listen === proxy.listen);
const enabled = await proxy.update({ enabled: true, listen: proxy.listen, upstream: proxy.upstream });
say("enable", enabled.enabled, enabled.listen === proxy.listen);

const populated = await toxiproxy.populate([
  { name: "one", listen: "127.0.0.1:0", upstream },
  { name: "two", listen: "localhost:0", upstream, enabled: false },
]);
say("populate", Object.values(populated).map((each) => `${each.name} ${each.enabled}`).join(", "));
await refused("populate bad:", toxiproxy.populate([{ name: "three" }]));
await populated.one.addToxic({ type: "timeout", attributes: { timeout: 5 } });
await toxiproxy.reset();
await refused("reset took it:", populated.one.getToxic("timeout_downstream"));
say("all", Object.values(await toxiproxy.getAll()).map((each) => `${each.name} ${each.enabled}`).sort().join(", "));
say("version", /^\{"version": "[^"]+"\}\n$/.test(await toxiproxy.getVersion()));
await proxy.remove();
await refused("gone:", toxiproxy.get("journey"));
