package firewall

import (
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A line that somebody edited into its opposite, or shut with a hasty DROP, is drift, and the
// next apply puts ours in front of it; what has a name of its own, or says more, is not.
func TestContradicted(t *testing.T) {
	const ours = "-A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT"
	for _, c := range []struct {
		other    string
		inForce  bool
		describe string
	}{
		{"-A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j DROP", false, "edited into its opposite"},
		{"-A INPUT -p tcp -m tcp --dport 443 -j REJECT", false, "shut by hand"},
		{"-A INPUT -p tcp -m tcp --dport 443 -m comment --comment closed -j DROP", true, "another resource"},
		{"-A INPUT -s 192.0.2.1/32 -p tcp -m tcp --dport 443 -j DROP", true, "a ban"},
		{"-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT", true, "a twin"},
	} {
		lines, err := ParseLines([]string{"iptables " + ours})
		if err != nil {
			t.Fatal(err)
		}
		rs, err := iptables.ParseSave(iptables.IPv4, "*filter\n:INPUT ACCEPT [0:0]\n"+c.other+"\n"+ours+"\nCOMMIT\n")
		if err != nil {
			t.Fatal(err)
		}
		if got := len(Present(rs, lines)) == 1; got != c.inForce {
			t.Errorf("%s: in force %v, want %v", c.describe, got, c.inForce)
		}
		mended, err := Replace(lines, lines)(rs)
		if err != nil {
			t.Fatal(err)
		}
		if len(Present(mended, lines)) != 1 {
			t.Errorf("%s: the line is not in force after an apply:\n%s", c.describe, mended.Save(iptables.IPv4, iptables.Reference))
		}
	}
}
