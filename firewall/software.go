package firewall

import (
	"maps"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// signs are what the read script finds, and how the owners of chains are called.
var signs = map[string]string{"docker": "Docker", "fail2ban": "fail2ban", "ufw": "ufw", "firewalld": "firewalld"}

// Software is what else manages the firewall of the host: what runs there, and what has chains there, in either
// backend, sorted.
func (s *Snapshot) Software() []string {
	found := map[string]bool{}
	for _, sign := range s.Facts.Software {
		found[signs[sign]] = true
	}
	for _, rs := range []iptables.Ruleset{s.Rules, s.Facts.OtherBackend} {
		for _, id := range rs.Chains() {
			if software, ok := OwnerOn(rs, id); ok {
				found[software] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
