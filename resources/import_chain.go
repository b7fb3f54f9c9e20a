package resources

import (
	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// findChain takes what firewall.ChainByID does.
func findChain(s *firewall.Snapshot, id string) (*chainModel, error) {
	c, err := firewall.ChainByID(s.Rules, id)
	return modelOfChain(c), err
}

func locateChain(get func(string) string) (host, id string) {
	return get("host"), commandPrefix(get("family")) + firewall.ChainID(get("table"), get("name"))
}

// commandPrefix is the command of a family in front of an import ID, "" for both.
func commandPrefix(family string) string {
	for _, f := range iptables.Families {
		if f.String() == family {
			return f.Command() + " "
		}
	}
	return ""
}
