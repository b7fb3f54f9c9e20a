package iptables

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrefixLists(t *testing.T) {
	tests := []struct {
		family                          Family
		a, b, shared, without, together string
	}{
		{IPv4, "10.0.0.0/8", "10.0.0.0/9", "10.0.0.0/9", "10.128.0.0/9", "10.0.0.0/8"},
		{IPv4, "10.0.0.0/9 10.128.0.0/9", "", "", "10.0.0.0/8", "10.0.0.0/8"},
		{IPv4, "10.0.0.1/8", "192.0.2.0/24 10.0.0.0/7", "10.0.0.0/8", "", "10.0.0.0/7 192.0.2.0/24"},
		{IPv4, "255.255.255.254/31", "255.255.255.255/32", "255.255.255.255/32", "255.255.255.254/32", "255.255.255.254/31"},
		{IPv6, "::/0", "8000::/1", "8000::/1", "::/1", "::/0"},
		{IPv6, "2001:db8::/33 2001:db8:8000::/33", "2001:db8::/32", "2001:db8::/32", "", "2001:db8::/32"},
	}
	for _, test := range tests {
		a, b := prefixList(t, test.a), prefixList(t, test.b)
		got := []string{words(Shared(test.family, a, b)), words(Without(test.family, a, b)), words(Joined(a, b))}
		if diff := cmp.Diff([]string{test.shared, test.without, test.together}, got); diff != "" {
			t.Errorf("%s and %s (-want +got):\n%s", test.a, test.b, diff)
		}
	}
	if got := words([]netip.Prefix{Everyone(IPv4), Everyone(IPv6)}); got != "0.0.0.0/0 ::/0" {
		t.Errorf("everyone is %s", got)
	}
}

func prefixList(t *testing.T, text string) []netip.Prefix {
	t.Helper()
	var list []netip.Prefix
	for _, s := range strings.Fields(text) {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func words(prefixes []netip.Prefix) string {
	text := make([]string, len(prefixes))
	for i, p := range prefixes {
		text[i] = p.String()
	}
	return strings.Join(text, " ")
}
