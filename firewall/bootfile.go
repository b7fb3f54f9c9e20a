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
	for _, id := range rs.Chains() {
		if _, foreign := Owner(id.Name); foreign {
			rs = rs.WithoutChain(id)
			continue
		}
		chain, _ := rs.Chain(id)
		kept := make([]iptables.Rule, 0, len(chain.Rules))
		for _, r := range chain.Rules {
			if _, foreign := Owner(r.Target.Name); !foreign {
				kept = append(kept, r)
			}
		}
		if len(kept) < len(chain.Rules) {
			rs = rs.WithChain(id, iptables.Chain{Policy: chain.Policy, Rules: kept})
		}
	}
	return rs
}
