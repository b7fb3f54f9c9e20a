package firewall

import (
	"fmt"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A host with a thousand services, each of them a resource: made one after the other, and
// read one after the other.
func BenchmarkThousandServices(b *testing.B) {
	var services []Lines
	for i := range 1000 {
		lines, err := Service{Name: fmt.Sprintf("service %d", i), Ports: []string{fmt.Sprintf("%d/tcp", 10000+i)}}.Lines()
		if err != nil {
			b.Fatal(err)
		}
		services = append(services, lines)
	}
	for b.Loop() {
		var rs iptables.Ruleset
		for _, lines := range services {
			rs = applied(b, rs, Replace(nil, lines))
		}
		for _, lines := range services {
			if len(Present(rs, lines)) != len(lines) {
				b.Fatal("not all are present")
			}
		}
	}
}

// One service for a thousand sources.
func BenchmarkThousandSources(b *testing.B) {
	s := Service{Name: "ssh"}
	for i := range 1000 {
		s.Sources = append(s.Sources, fmt.Sprintf("10.%d.%d.0/24", i/256, i%256))
	}
	for b.Loop() {
		lines, err := s.Lines()
		if err != nil {
			b.Fatal(err)
		}
		rs := applied(b, iptables.Ruleset{}, Replace(nil, lines))
		if len(Present(rs, lines)) != len(lines) {
			b.Fatal("not all are present")
		}
	}
}
