package resources

import (
	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// An iptables_firewall keeps what its default policy keeps. Unlike that resource it can lose the policy and go on: then
// the chain gets back what was found there, or accepts everything, as the policy's on_destroy said.

func (m *firewallModel) keep(rs iptables.Ruleset, families []iptables.Family) {
	m.change(func(p *firewallParts) {
		if p.policy != nil {
			p.policy.keep(rs, families)
		}
	})
}

func (m *firewallModel) inherit(state model) {
	var before *policyFields
	if s, ok := state.(*firewallModel); ok {
		before = s.parts().policy
	}
	m.former = nil
	m.change(func(p *firewallParts) {
		switch {
		case p.policy == nil && before != nil:
			m.former = before.left()
		case p.policy == nil:
		case before != nil && before.chain() == p.policy.chain():
			p.policy.take(before)
		case before != nil:
			m.former = before.left()
			p.policy.take(nil)
		default:
			p.policy.take(nil)
		}
	})
}

func (m *firewallModel) found() firewall.Policies {
	found := firewall.Policies{}
	for id, policy := range m.former {
		found[id] = policy
	}
	if p := m.parts().policy; p != nil {
		for id, policy := range p.found() {
			found[id] = policy
		}
	}
	return found
}

func (m *firewallModel) opens() bool {
	p := m.parts().policy
	return p != nil && p.opens()
}

func (m *firewallModel) see(rs iptables.Ruleset) {
	m.change(func(p *firewallParts) {
		if p.policy != nil {
			p.policy.see(rs)
		}
	})
}

// left are the policies that chains have once there is no default policy for them any more.
func (m *policyFields) left() firewall.Policies {
	left := m.found()
	if m.opens() {
		for id := range left {
			left[id] = "ACCEPT"
		}
	}
	return left
}
