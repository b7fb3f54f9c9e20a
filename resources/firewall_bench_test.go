package resources

import (
	"fmt"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A host with five hundred services in one resource: what a plan without changes, and an apply of one more, compute.
func BenchmarkFirewall500(b *testing.B) {
	const n = 500
	state := benchFirewall(n)
	wanted, err := state.rules(iptables.Families)
	if err != nil {
		b.Fatal(err)
	}
	rs, err := wanted.Replace(firewall.PolicyRules{}, nil)(iptables.Ruleset{})
	if err != nil {
		b.Fatal(err)
	}
	state.list(wanted, firewall.Reference)
	for name, services := range map[string]int{"unchanged": n, "one more": n + 1} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				before := *state
				before.decoded = nil
				previous, err := owned(&before, iptables.Families)
				if err != nil {
					b.Fatal(err)
				}
				before.list(previous.Present(rs), firewall.Reference)
				plan := benchFirewall(services)
				plan.settle()
				wanted, err := plan.rules(iptables.Families)
				if err != nil {
					b.Fatal(err)
				}
				plan.list(wanted, firewall.Reference)
				after, err := wanted.Replace(previous, nil)(rs)
				if err != nil {
					b.Fatal(err)
				}
				iptables.Diff(rs, after)
			}
		})
	}
}

func benchFirewall(services int) *firewallModel {
	all := map[string]firewall.Service{}
	for i := range services {
		all[fmt.Sprintf("service %d", i)] = firewall.Service{Ports: []string{fmt.Sprintf("%d/tcp", 10000+i)}}
	}
	policy := firewall.NewDefaultPolicy("INPUT", "DROP")
	return firewallOf(&policy, all)
}
