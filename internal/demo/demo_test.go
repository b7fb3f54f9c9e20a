package main

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	// The provider is built where no modules can be fetched: what it is made of comes with the tests.
	_ "github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
	_ "github.com/vpsfirewall/terraform-provider-iptables/provider" // as above
)

func TestMain(m *testing.M) { fleet.Main(m) }

// TestDemo plays the demo, which checks itself.
func TestDemo(t *testing.T) {
	terraform, err := tools.Terraform()
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	if err := cli.Build(t.Context(), folder); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = play(t.Context(), newStory(&out), stage{
		terraform: terraform,
		example:   filepath.Join("..", "..", "examples", "fleet"),
		folder:    folder,
	})
	if err != nil {
		t.Fatalf("%v\n%s", err, &out)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("the demo prints escape codes")
	}
}

func TestFalseClaim(t *testing.T) {
	var out bytes.Buffer
	err := newStory(&out).check("the host is shut", "it opens")
	var claim *falseClaim
	if !errors.As(err, &claim) || !strings.Contains(out.String(), "[NO] the host is shut") {
		t.Errorf("a false claim gives %v and prints %q", err, &out)
	}
}

func TestDifference(t *testing.T) {
	live := fleet.Saved{
		IPv4: "-P INPUT DROP\n-P FORWARD ACCEPT\n-A INPUT -i lo -j ACCEPT\n",
		IPv6: "-P INPUT ACCEPT\n-P FORWARD ACCEPT\n",
	}
	for _, test := range []struct {
		name, want string
		shown      []string
	}{
		{"the same", "", []string{"iptables -P INPUT DROP", "iptables -A INPUT -i lo -j ACCEPT", "ip6tables -P INPUT ACCEPT"}},
		{"a line is missing on the host", "does not list \"iptables -A INPUT -j DROP\"",
			[]string{"iptables -P INPUT DROP", "iptables -A INPUT -i lo -j ACCEPT", "ip6tables -P INPUT ACCEPT", "iptables -A INPUT -j DROP"}},
		{"a line is shown twice", "does not list", []string{"iptables -A INPUT -i lo -j ACCEPT", "iptables -A INPUT -i lo -j ACCEPT"}},
		{"the host has one more", "also lists \"iptables -A INPUT -i lo -j ACCEPT\"", []string{"iptables -P INPUT DROP", "ip6tables -P INPUT ACCEPT"}},
		{"a policy of INPUT is nobody's", "also lists \"iptables -P INPUT DROP\"", []string{"iptables -A INPUT -i lo -j ACCEPT", "ip6tables -P INPUT ACCEPT"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := difference(live, test.shown)
			if (test.want == "") != (got == "") || !strings.Contains(got, test.want) {
				t.Errorf("difference is %q, want %q", got, test.want)
			}
		})
	}
}
