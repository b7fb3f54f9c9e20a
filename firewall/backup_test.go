package firewall

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func parsed(t *testing.T, text string) iptables.Ruleset {
	t.Helper()
	rs, err := iptables.ParseSave(iptables.IPv4, text)
	if err != nil {
		t.Fatal(err)
	}
	return rs
}

// What others own stays where it is, what was made since goes, and a table that was not there is empty.
func TestPutBack(t *testing.T) {
	live := parsed(t, `*filter
:INPUT DROP
:FORWARD ACCEPT
:OUTPUT ACCEPT
:f2b-sshd -
:mine -
:new -
-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd
-A INPUT -j mine
-A INPUT -p tcp -m tcp --dport 80 -j ACCEPT
-A FORWARD -j DOCKER
-A f2b-sshd -j RETURN
-A mine -j RETURN
-A new -j DROP
COMMIT
*nat
:PREROUTING ACCEPT
:POSTROUTING ACCEPT
:DOCKER -
-A PREROUTING -j DOCKER
-A POSTROUTING -o eth0 -j MASQUERADE
COMMIT
`)
	saved := parsed(t, `*filter
:INPUT ACCEPT
:FORWARD DROP
:OUTPUT ACCEPT
:mine -
:old -
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 25 -j ACCEPT
-A mine -j DROP
-A old -j RETURN
COMMIT
*mangle
:PREROUTING DROP
COMMIT
`)
	got, err := PutBack(saved, []iptables.Family{iptables.IPv4})(live)
	if err != nil {
		t.Fatal(err)
	}
	want := parsed(t, `*filter
:INPUT ACCEPT
:FORWARD DROP
:OUTPUT ACCEPT
:f2b-sshd -
:mine -
:old -
-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd
-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 25 -j ACCEPT
-A FORWARD -j DOCKER
-A f2b-sshd -j RETURN
-A mine -j DROP
-A old -j RETURN
COMMIT
*nat
:PREROUTING ACCEPT
:POSTROUTING ACCEPT
:DOCKER -
-A PREROUTING -j DOCKER
COMMIT
*mangle
:PREROUTING DROP
COMMIT
`)
	d := iptables.Reference
	if diff := cmp.Diff(want.Save(iptables.IPv4, d), got.Save(iptables.IPv4, d)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A host that cannot manage the family is left as it is.
	if got, _ := PutBack(saved, []iptables.Family{iptables.IPv6})(live); !iptables.Diff(live, got).Empty() {
		t.Error("a family that the host cannot manage was changed")
	}
}

// Each backup is both families as of then, whichever was saved at that moment.
func TestBackupsOf(t *testing.T) {
	file := func(port string) string {
		return "*filter\n:INPUT ACCEPT\n-A INPUT -p tcp -m tcp --dport " + port + " -j ACCEPT\nCOMMIT\n\n"
	}
	part := func(text string, words ...string) section { return section{words: words, text: text} }
	backups, err := backupsOf([]section{
		part(file("41"), "backup-4", "2026-11-01T000000Z"),
		part(file("43"), "backup-4", "2026-11-03T000000Z"),
		part(file("49"), "current-4", "now"),
		part(file("62"), "backup-6", "2026-11-02T000000Z"),
		part(file("69"), "current-6", "now"),
		part("", "end"),
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, b := range backups {
		ports := ""
		for _, family := range iptables.Families {
			text := b.Rules.Save(family, iptables.Reference)
			_, rest, _ := strings.Cut(text, "--dport ")
			port, _, _ := strings.Cut(rest, " ")
			ports += " " + port
		}
		got = append(got, b.Name+ports)
	}
	want := []string{"2026-11-01T000000Z 41 62", "2026-11-02T000000Z 43 62", "2026-11-03T000000Z 43 69"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := backupsOf([]section{part("*filter\nnonsense\n", "backup-4", "x"), part("", "end")}); err == nil {
		t.Error("nonsense passes for a backup")
	}
}
