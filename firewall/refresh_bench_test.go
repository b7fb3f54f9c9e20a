package firewall

import (
	"fmt"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// serviceHost is a host with n services, each one resource, as its apply leaves it.
func serviceHost(tb testing.TB, n int) (*Snapshot, []PolicyRules) {
	tb.Helper()
	all := make([]PolicyRules, n)
	chain := iptables.Chain{Policy: "ACCEPT"}
	id := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}
	for i := range n {
		lines, err := Service{Name: fmt.Sprintf("app%06d", i), Ports: []string{fmt.Sprintf("%d/tcp", 1+i%65535)}, Families: []iptables.Family{iptables.IPv4}}.Lines()
		if err != nil {
			tb.Fatal(err)
		}
		all[i] = PolicyRules{Lines: lines}
		chain.Rules = append(chain.Rules, lines.in(id)...)
	}
	rs, err := iptables.ParseSave(iptables.IPv4, iptables.Ruleset{}.WithChain(id, chain).Save(iptables.IPv4, iptables.Reference))
	if err != nil {
		tb.Fatal(err)
	}
	return &Snapshot{Rules: rs}, all
}

// BenchmarkRefresh is a plan without changes of so many resources on one host, without what Terraform and SSH take:
// each is found in what was read once, claimed, and its edit run.
func BenchmarkRefresh(b *testing.B) {
	for _, n := range []int{10, 1_000, 10_000} {
		b.Run(fmt.Sprintf("resources=%d", n), func(b *testing.B) {
			s, all := serviceHost(b, n)
			b.ResetTimer()
			for b.Loop() {
				var claims Claims
				rs := s.Rules.WithChain(iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "OUTPUT"}, iptables.Chain{Policy: "ACCEPT"})
				for i, rules := range all {
					if !rules.There(rs) || len(rules.Present(rs).Lines) != 1 {
						b.Fatal("a service is missing")
					}
					if err := claims.Claim("h", rs, Claimant{ID: fmt.Sprint(i)}, rules); err != nil {
						b.Fatal(err)
					}
					if len(Existing(rs, rules.All(), rules.All())) > 0 {
						b.Fatal("something is new")
					}
					if _, err := rules.Replace(rules, nil)(rs); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*n), "us/resource")
		})
	}
}
