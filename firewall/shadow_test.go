package firewall

import (
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// TestShadow asks of the last line of INPUT which line before it takes all its packets.
func TestShadow(t *testing.T) {
	for name, c := range map[string]struct {
		listing string
		want    int
	}{
		"nothing before it": {"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", -1},
		"a wider network":   {"-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -s 10.1.0.0/16 -p tcp -m tcp --dport 22 -j ACCEPT", 0},
		"another network":   {"-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT -s 11.0.0.0/8 -j ACCEPT", -1},
		"the same verdict":  {"-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT", 0},
		"a range of ports":  {"-A INPUT -p tcp -m tcp --dport 1:1024 -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", 0},
		"a list of ports":   {"-A INPUT -p tcp -m multiport --dports 22,80 -j DROP\n-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT", 0},
		"half of the ports": {"-A INPUT -p tcp -m tcp --dport 22 -j DROP\n-A INPUT -p tcp -m multiport --dports 22,80 -j ACCEPT", -1},
		"other protocol":    {"-A INPUT -p udp -m udp --dport 1:1024 -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", -1},
		"all but a port":    {"-A INPUT -p tcp -m tcp ! --dport 22 -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", -1},
		"a source port":     {"-A INPUT -p tcp -m tcp --sport 25 --dport 1:1024 -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", -1},
		"it only logs":      {"-A INPUT -j LOG\n-A INPUT -s 10.0.0.0/8 -j ACCEPT", -1},
		"up to a rate":      {"-A INPUT -m limit --limit 1/sec -j DROP\n-A INPUT -s 10.0.0.0/8 -j ACCEPT", -1},
		"the end":           {"-A INPUT -s 11.0.0.0/8 -j DROP\n-A INPUT -j DROP\n-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", 1},
		"a chain that ends": {"-N END\n-A INPUT -s 10.0.0.0/8 -j END\n-A INPUT -s 10.0.0.1/32 -j ACCEPT\n-A END -j DROP", 0},
		"one that returns":  {"-N END\n-A INPUT -s 10.0.0.0/8 -j END\n-A INPUT -s 10.0.0.1/32 -j ACCEPT\n-A END -s 10.0.0.1/32 -j RETURN\n-A END -j DROP", -1},
	} {
		t.Run(name, func(t *testing.T) {
			rs, err := iptables.ParseList(iptables.IPv4, "filter", "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n"+c.listing+"\n")
			if err != nil {
				t.Fatal(err)
			}
			id := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}
			if got := Shadow(rs, id, strings.Count(c.listing, "-A INPUT")-1); got != c.want {
				t.Errorf("index %d, want %d", got, c.want)
			}
		})
	}
	if got := Shadow(iptables.Ruleset{}, iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}, 3); got != -1 {
		t.Errorf("of a line that is not there: %d", got)
	}
}
