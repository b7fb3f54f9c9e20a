package firewall

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestParseFacts(t *testing.T) {
	facts, err := parseFacts(`uid=0
ssh_connection=2001:db8::7 51234 2001:db8::1 2222
route4=1.1.1.1 via 192.0.2.1 dev eth0 src 192.0.2.10 uid 0 \    cache
route6=
kernel=Linux 6.1.0
system=debian 12
ipv6=yes
tool=flock
tool=awk
software=docker
boot=netfilter-persistent
program4=/usr/sbin/iptables
version4=iptables v1.8.9 (nf_tables)
status4=0
`)
	if err != nil {
		t.Fatal(err)
	}
	if got := facts.Login.String(); got != "2001:db8::7 to 2001:db8::1 port 2222" {
		t.Errorf("login %q", got)
	}
	if diff := cmp.Diff([]iptables.Family{iptables.IPv4}, facts.Families()); diff != "" {
		t.Error(diff)
	}
	want := iptables.Dialect{Version: iptables.Version{Major: 1, Minor: 8, Patch: 9}, Backend: iptables.NFT}
	if diff := cmp.Diff(want, facts.Dialect(iptables.IPv4)); diff != "" {
		t.Error(diff)
	}
	if !facts.Root || !facts.IPv6 || facts.Boot.Mechanism != "netfilter-persistent" || len(facts.Site.Uplinks) != 1 || facts.Site.Uplinks[iptables.IPv4] != "eth0" {
		t.Errorf("%+v", facts)
	}
}

func TestParseFactsOfThisMachine(t *testing.T) {
	facts, err := parseFacts("uid=1000\nssh_connection=\n")
	if err != nil {
		t.Fatal(err)
	}
	if !facts.Login.IsZero() || facts.Root {
		t.Errorf("%+v", facts)
	}
}

func TestParseFactsRefuses(t *testing.T) {
	for _, text := range []string{"ssh_connection=a b c d\n", "program4=/x\nversion4=command not found\n"} {
		if _, err := parseFacts(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}
