package firewall

import (
	"errors"
	"strings"
	"testing"
)

// What iptables says where it cannot list a table, and what it is taken for.
func TestIncompatibleIsRefused(t *testing.T) {
	const head = "uid=0\nprogram4=/usr/sbin/iptables\nversion4=iptables v1.8.9 (nf_tables)\n"
	const listed = "*filter\n:INPUT ACCEPT [0:0]\n:f2b-sshd - [0:0]\n-A INPUT -p tcp -j ACCEPT\nCOMMIT\n"
	for name, c := range map[string]struct{ facts, save, stderr, want string }{
		"a table":                 {"status4=1\n", "", "iptables-save v1.8.9 (nf_tables): table `filter' is incompatible, use 'nft' tool.", "nft list table ip filter"},
		"a table, on the output":  {"status4=0\n", "# Table `nat' is incompatible, use 'nft' tool.\n", "", "nft list table ip nat"},
		"a rule":                  {"status4=3\n", "", "Parsing nftables rule failed\nPerhaps iptables-save or your kernel needs to be upgraded.", "nft list ruleset ip"},
		"a chain":                 {"status4=0\nnative=4 filter INPUT\n", listed, "", "nft list chain ip filter INPUT"},
		"a chain of nft's":        {"status4=0\nnative=4 filter mine\n", listed, "", ""},
		"a chain of fail2ban's":   {"status4=0\nnative=4 filter f2b-sshd\n", listed, "", ""},
		"a chain beside iptables": {"status4=0\n", "# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.\n" + listed, "", ""},
	} {
		_, err := parseSnapshot([]section{{words: []string{"facts"}, text: head + c.facts}, {words: []string{"save4"}, text: c.save}}, c.stderr)
		var incompatible *IncompatibleError
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && (!errors.As(err, &incompatible) || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
