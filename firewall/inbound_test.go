package firewall

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Each page of testdata/inbound has a host, and the services, the policy and the rest that are found there.
func TestFindInbound(t *testing.T) {
	for name, page := range pages(t, "inbound") {
		t.Run(name, func(t *testing.T) {
			rs := onHost(t, string(page[0].Data))
			in := FindInbound(rs)
			got := map[string]string{"policy": "", "rest": bare(in.Rest)}
			for _, key := range slices.Sorted(maps.Keys(in.Services)) {
				said := strings.TrimSpace(describeService(in.Services[key]))
				got["services"] += key + ": " + strings.ReplaceAll(said, "\n", "; ") + "\n"
			}
			if in.Policy != nil {
				rules, err := in.Policy.Rules()
				if err != nil {
					t.Fatal(err)
				}
				got["policy"] = bare(rules.Lines)
				for _, id := range rules.Policies.chains() {
					got["policy"] = id.PolicyLine(rules.Policies[id]) + "\n" + got["policy"]
				}
			}
			for _, f := range page[1:] {
				if diff := cmp.Diff(string(f.Data), got[f.Name]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}
		})
	}
}

func bare(lines Lines) string {
	return strings.ReplaceAll("\n"+textOf(lines), "\niptables ", "\n")[1:]
}

// On every real firewall what is found is all there, each line once, and planning it changes nothing.
func TestInboundOfRealFirewalls(t *testing.T) {
	services, rest := 0, 0
	for name, rs := range firewalls(t) {
		in := FindInbound(rs)
		var wanted PolicyRules
		for key, s := range in.Services {
			if called, port := ParseServiceKey(key); s.Name == "" && (called != "" || port != s.Ports[0]) {
				t.Errorf("%s: %q is the key of a service without a name: %+v", name, key, s)
			}
			lines, err := s.Lines()
			if err != nil {
				t.Errorf("%s: %s: %v", name, key, err)
			}
			wanted.Lines = append(wanted.Lines, lines...)
		}
		if in.Policy != nil {
			rules, err := in.Policy.Rules()
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			// An import adds what IPv6 cannot do without.
			wanted = PolicyRules{Lines: append(wanted.Lines, Present(rs, rules.Lines)...), Policies: rules.Policies}
		}
		if n := len(wanted.Lines.Unique()); n != len(wanted.Lines) {
			t.Errorf("%s: %d lines are of two services", name, len(wanted.Lines)-n)
		}
		if both := wanted.Lines.Shared(in.Rest); len(both) > 0 {
			t.Errorf("%s: both a service's and the rest:\n%s", name, textOf(both))
		}
		inbound := func(id iptables.ChainID) bool { return id.Table == "filter" && id.Name == "INPUT" }
		if lost := allLines(rs.Only(inbound)).Without(wanted.Lines).Without(in.Rest); len(lost) > 0 {
			t.Errorf("%s: neither a service's nor the rest:\n%s", name, textOf(lost))
		}
		after := applied(t, rs, wanted.Replace(wanted, nil))
		if change := iptables.Diff(rs, after); !change.Empty() {
			t.Errorf("%s: planning what was found changes it:\n%s", name, change.Payload(iptables.IPv4, iptables.Reference))
		}
		services, rest = services+len(in.Services), rest+len(in.Rest)
	}
	t.Logf("%d services, %d lines that are none", services, rest)
	if services == 0 {
		t.Error("nothing was found anywhere")
	}
}

// No name of the catalogue is read as a port where a key of a map is meant.
func TestServiceKeys(t *testing.T) {
	for _, known := range Catalogue() {
		if name, port := ParseServiceKey(known.Name); name != known.Name {
			t.Errorf("%s is read as the port %q", known.Name, port)
		}
	}
	for key, want := range map[string]string{
		"ssh": "ssh ", "22/tcp": " 22/tcp", "22/TCP #2": " 22/tcp", "esp": " esp", "9000:9100/udp": " 9000-9100/udp",
		"ssh #2": "ssh #2 ", "22": "22 ", "icmp echo": "icmp echo ", "22/tcp office": "22/tcp office ",
	} {
		name, port := ParseServiceKey(key)
		if got := fmt.Sprintf("%s %s", name, port); got != want {
			t.Errorf("%q is %q, want %q", key, got, want)
		}
	}
}
