// One journey through the API with Toxiproxy's own Go client: journey URL UPSTREAM.
// Prints one line per step; what the lines must say stands in ../../test_clients.py.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"

	toxiproxy "github.com/Shopify/toxiproxy/v2/client"
)

func must(err error) {
	if err != nil {
		fmt.Println("unexpected error:", err)
		os.Exit(1)
	}
}

func names(toxics toxiproxy.Toxics) string {
	var all []string
	for _, toxic := range toxics {
		all = append(all, toxic.Name)
	}
	return "[" + strings.Join(all, " ") + "]"
}

func main() {
	client, upstream := toxiproxy.NewClient(os.Args[1]), os.Args[2]

	proxy, err := client.CreateProxy("journey", "127.0.0.1:0", upstream)
	must(err)
	fmt.Println("create", proxy.Name, proxy.Enabled, proxy.Upstream == upstream, proxy.Listen != "127.0.0.1:0")
	listen := proxy.Listen

	_, err = client.CreateProxy("journey", "", upstream)
	fmt.Println("create again:", err)
	_, err = client.CreateProxy("", "", upstream)
	fmt.Println("create nameless:", err)

	toxic, err := proxy.AddToxic("", "latency", "", -1, nil)
	fmt.Println("add without a stream:", toxic != nil && toxic.Stream == "downstream", err)
	toxic, err = proxy.AddToxic("slow", "latency", "upstream", 0.5, toxiproxy.Attributes{"latency": 100, "jitter": 10})
	must(err)
	fmt.Println("add", toxic.Name, toxic.Type, toxic.Stream, toxic.Toxicity, toxic.Attributes["latency"], toxic.Attributes["jitter"])
	_, err = proxy.AddToxic("slow", "latency", "upstream", 1, nil)
	fmt.Println("add again:", err)
	_, err = proxy.AddToxic("bad", "nope", "upstream", 1, nil)
	fmt.Println("add unknown:", err)

	toxic, err = proxy.UpdateToxic("slow", -1, toxiproxy.Attributes{"jitter": 20})
	must(err)
	fmt.Println("update", toxic.Toxicity, toxic.Attributes["latency"], toxic.Attributes["jitter"])
	toxic, err = client.UpdateToxic(&toxiproxy.ToxicOptions{ProxyName: "journey", ToxicName: "slow", Toxicity: 1})
	must(err)
	fmt.Println("update toxicity", toxic.Toxicity, toxic.Attributes["latency"])
	_, err = proxy.UpdateToxic("none", 1, nil)
	fmt.Println("update unknown:", err)

	toxics, err := proxy.Toxics()
	must(err)
	fmt.Println("toxics", names(toxics))
	must(proxy.RemoveToxic("slow"))
	fmt.Println("remove unknown:", proxy.RemoveToxic("slow"))

	must(proxy.Disable())
	fmt.Println("disable", proxy.Enabled, proxy.Listen == listen)
	must(proxy.Enable())
	fmt.Println("enable", proxy.Enabled, proxy.Listen == listen, names(proxy.ActiveToxics))
	proxy.Upstream = "localhost:9"
	must(proxy.Save())
	fmt.Println("save", proxy.Upstream, proxy.Listen == listen)

	populated, err := client.Populate([]toxiproxy.Proxy{
		{Name: "one", Listen: "127.0.0.1:0", Upstream: upstream, Enabled: true},
		{Name: "two", Listen: "localhost:0", Upstream: upstream},
	})
	must(err)
	fmt.Println("populate", len(populated), populated[0].Name, populated[0].Enabled, populated[1].Name, populated[1].Enabled)
	_, err = client.Populate([]toxiproxy.Proxy{{Name: "three"}})
	fmt.Println("populate bad:", err)

	_, err = client.AddToxic(&toxiproxy.ToxicOptions{ProxyName: "one", ToxicType: "timeout", Stream: "downstream",
		Toxicity: 1, Attributes: toxiproxy.Attributes{"timeout": 5}})
	must(err)
	must(client.ResetState())
	all, err := client.Proxies()
	must(err)
	var known []string
	for name, each := range all {
		known = append(known, fmt.Sprint(name, " ", each.Enabled, " ", len(each.ActiveToxics)))
	}
	sort.Strings(known)
	fmt.Println("reset", strings.Join(known, ", "))

	must(proxy.Delete())
	_, err = client.Proxy("journey")
	fmt.Println("gone:", err)
	fmt.Println("delete again:", proxy.Delete())
}
