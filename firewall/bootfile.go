package firewall

import "github.com/vpsfirewall/terraform-provider-iptables/iptables"

// BootFiles is a mechanism by which a host restores its firewall at boot.
type BootFiles struct {
	Mechanism string // "" where the host has none
	Paths     map[iptables.Family]string
}

// bootMechanisms are the mechanisms that the read script recognises, with their files as the
// distributions' packages document them.
var bootMechanisms = map[string]BootFiles{
	"netfilter-persistent": {"netfilter-persistent", map[iptables.Family]string{
		iptables.IPv4: "/etc/iptables/rules.v4", iptables.IPv6: "/etc/iptables/rules.v6",
	}},
	"iptables-services": {"iptables-services", map[iptables.Family]string{
		iptables.IPv4: "/etc/sysconfig/iptables", iptables.IPv6: "/etc/sysconfig/ip6tables",
	}},
	"openrc": {"openrc", map[iptables.Family]string{
		iptables.IPv4: "/etc/iptables/rules-save", iptables.IPv6: "/etc/iptables/rules6-save",
	}},
}

// lasting is the part of a ruleset that is meant to stay over a boot: without the chains that
// other software makes anew when it starts, and without the jumps to them, which would
// otherwise be there twice.
func lasting(rs iptables.Ruleset) iptables.Ruleset {
	rs = rs.Only(func(id iptables.ChainID) bool { return !foreign(id.Name) })
	for _, id := range rs.Chains() {
		chain, _ := rs.Chain(id)
		kept := make([]iptables.Rule, 0, len(chain.Rules))
		for _, r := range chain.Rules {
			if !foreign(r.Target.Name) {
				kept = append(kept, r)
			}
		}
		if len(kept) < len(chain.Rules) {
			rs = rs.WithChain(id, iptables.Chain{Policy: chain.Policy, Rules: kept})
		}
	}
	return rs
}

func foreign(chain string) bool {
	_, owned := Owner(chain)
	return owned
}
