package acceptance

import (
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// Everything that a host has is listed, written as configuration by Terraform itself, imported, and nothing
// is to be done then.
func TestQuery(t *testing.T) {
	tools.Need(t, tools.Query)
	onBackends(t, func(s *stage) {
		s.do(grownByHand + `
iptables -A INPUT -s 203.0.113.9 -p tcp --dport 22 -m comment --comment office -j DROP
iptables -A OUTPUT -d 192.0.2.0/24 -j TEAM
iptables -P OUTPUT DROP
iptables -I OUTPUT -p tcp --sport 22 -j ACCEPT
iptables -N DOOR
iptables -A OUTPUT -j DOOR
`)
		before := s.save()
		c := s.newCLI("")
		c.write("all.tfquery.hcl", replace(`
list "iptables_service" "all" {
  provider = iptables
  config {
    host = "HOST"
  }
}

list "iptables_rule" "all" {
  provider = iptables
  config {
    host = "HOST"
  }
}

list "iptables_chain" "all" {
  provider = iptables
  config {
    host = "HOST"
  }
}

list "iptables_ip_set" "all" {
  provider = iptables
  config {
    host = "HOST"
  }
}

list "iptables_default_policy" "all" {
  provider = iptables
  config {
    host = "HOST"
  }
}
`, "HOST", s.host.Address))
		out := c.ok("query", "-generate-config-out=generated.tf")
		if strings.Contains(out, "f2b") {
			t.Errorf("other software's lines are listed:\n%s", out)
		}
		says(t, out, "iptables_service.all", "161/udp")
		says(t, c.ok("plan"), "to import, 0 to add, 0 to change, 0 to destroy")
		c.ok("apply", "-auto-approve")
		c.empty()
		s.unchanged(before)
	})
}

// Filters narrow a list down; other software's rules are listed for who asks.
func TestQueryFilters(t *testing.T) {
	tools.Need(t, tools.Query)
	t.Parallel()
	s := newStage(t, fleet.HostOptions{})
	s.do(grownByHand)
	for _, q := range []struct {
		kind, filters string
		want          []string // a part of each result, in order
	}{
		{"service", "", []string{"22/tcp", "https", "161/udp", "5432/tcp"}},
		{"service", `port = "443"`, []string{"https"}},
		{"service", `port = "161/tcp"`, nil},
		{"service", `chain = "FORWARD"`, nil},
		{"rule", "", []string{"--dports 80,8080", "MASQUERADE", "ip6tables -A INPUT -i lo", "ip6tables -A INPUT -m conntrack"}},
		{"rule", `port = "8080/tcp"`, []string{"--dports 80,8080"}},
		{"rule", `table = "nat"`, []string{"MASQUERADE"}},
		{"rule", `chain = "INPUT"` + "\nother_software = true", []string{"-j f2b-sshd", "--dports 80,8080", "-i lo", "-m conntrack"}},
		{"rule", `chain = "TEAM"` + "\neverything = true", []string{"203.0.113.0/24", "odd"}},
		{"chain", "", []string{"-N TEAM"}},
		{"chain", `chain = "INPUT"`, nil},
		{"ip_set", "", []string{"create office", "create sixes"}},
		{"default_policy", "", []string{"-P INPUT DROP"}},
	} {
		t.Run(q.kind+" "+q.filters, func(t *testing.T) {
			c := s.newCLI("")
			c.t = t
			c.write("q.tfquery.hcl", replace(`
list "iptables_`+q.kind+`" "q" {
  provider = iptables
  config {
    host = "HOST"
    `+q.filters+`
  }
}
`, "HOST", s.host.Address))
			var got []string
			for line := range strings.Lines(c.ok("query")) {
				if strings.HasPrefix(line, "list.iptables_"+q.kind+".q") {
					got = append(got, strings.TrimSpace(line))
				}
			}
			if len(got) != len(q.want) {
				t.Fatalf("%d results: %q", len(got), got)
			}
			for i, part := range q.want {
				if !strings.Contains(got[i], part) {
					t.Errorf("result %d is %q, want %q in it", i, got[i], part)
				}
			}
		})
	}
}
