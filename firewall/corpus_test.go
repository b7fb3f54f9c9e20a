package firewall

import (
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// firewalls are real firewalls by name: the recorded dumps beside the repository, or where
// they are absent the hosts of testdata/place.
func firewalls(t *testing.T) map[string]iptables.Ruleset {
	t.Helper()
	all := map[string]iptables.Ruleset{}
	dumps, _ := filepath.Glob("../../shared/corpus/dumps/expected_nft/*")
	for _, dump := range dumps {
		text, err := os.ReadFile(dump)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range iptables.Families {
			// The dumps do not say of which family they are; most can be read as either.
			if rs, err := iptables.ParseSave(f, string(text)); err == nil {
				all[filepath.Base(dump)] = rs
				break
			}
		}
	}
	if len(all) > 0 {
		return all
	}
	t.Log("no recorded dumps at ../shared/corpus: using the hosts of testdata/place")
	for name, page := range pages(t, "place") {
		all[name] = onHost(t, page.part("host"))
	}
	return all
}

func allLines(rs iptables.Ruleset) Lines {
	var lines Lines
	for _, id := range rs.Chains() {
		c, _ := rs.Chain(id)
		for _, r := range c.Rules {
			lines = append(lines, Line{id, r})
		}
	}
	return lines
}

// Whatever line of a real firewall is imported, it is found in force, and planning it changes
// nothing. The exceptions are lines that no packet reaches with a different verdict: there
// are few of them.
func TestRealFirewallsAreTakenOver(t *testing.T) {
	total, dead := 0, 0
	for name, rs := range firewalls(t) {
		lines := allLines(rs)
		present := Present(rs, lines)
		total += len(lines)
		dead += len(lines) - len(present)
		after := applied(t, rs, Replace(present, present))
		if change := iptables.Diff(rs, after); !change.Empty() {
			t.Errorf("%s: taking over what is there changes it:\n%s", name, change.Payload(iptables.IPv4, iptables.Reference))
		}
	}
	t.Logf("%d lines, %d of them never reached", total, dead)
	if total == 0 || dead > 1+total/100 {
		t.Errorf("%d of %d lines are called not in force", dead, total)
	}
}

// On every real firewall a service and a last word can be added to INPUT, are in force there,
// hide nothing that was in force before them but the last word of before, and go away
// without a trace.
func TestServiceOnRealFirewalls(t *testing.T) {
	service, err := Service{Name: "app", Ports: []string{"54321/tcp"}}.Lines()
	if err != nil {
		t.Fatal(err)
	}
	policy := NewDefaultPolicy("INPUT", "DROP")
	policy.Method = "rule"
	last, err := policy.Rules()
	if err != nil {
		t.Fatal(err)
	}
	for name, rs := range firewalls(t) {
		before := Present(rs, allLines(rs))
		after := applied(t, rs, Sequence(Replace(nil, service), last.Replace(PolicyRules{}, nil)))
		if missing := service.Without(Present(after, service)); len(missing) > 0 {
			t.Errorf("%s: not in force:\n%s", name, textOf(missing))
		}
		if missing := last.Lines.Without(Present(after, last.Lines)); len(missing) > 0 {
			t.Errorf("%s: of the policy not in force:\n%s", name, textOf(missing))
		}
		for _, l := range before.Without(Present(after, before)) {
			if !settles(l.Rule) {
				t.Errorf("%s: no longer in force: %s", name, l.Text(iptables.Reference))
			}
		}
		existed := Existing(rs, nil, last.Lines) // these go with the policy that took them over
		removed := applied(t, after, Sequence(Replace(service, nil), Replace(last.Lines.Without(existed), nil)))
		if a, b := strings.Split(textOf(allLines(rs)), "\n"), strings.Split(textOf(allLines(removed)), "\n"); !slices.Equal(a, b) {
			t.Errorf("%s: not as before after all was taken out", name)
		}
	}
}

// On every real firewall a service that is added can be reached: nothing in the table filter
// that stands in front of it drops its packets.
func TestServiceIsReachedOnRealFirewalls(t *testing.T) {
	client := netip.MustParseAddrPort("203.0.113.77:40000")
	server := netip.MustParseAddrPort("198.51.100.1:54321")
	packet := iptables.NewConnection(iptables.TCP, client, server)
	packet.In = "eth0"
	service, err := Service{Name: "app", Ports: []string{"54321/tcp"}, Families: onlyV4}.Lines()
	if err != nil {
		t.Fatal(err)
	}
	opened := 0
	for name, rs := range firewalls(t) {
		before := iptables.Trace(rs, packet)
		after := iptables.Trace(applied(t, rs, Replace(nil, service)), packet)
		if before.Answer == iptables.Dropped && after.Answer == iptables.Accepted {
			opened++
		}
		if after.Answer == iptables.Dropped && after.Decision().Chain.Table == "filter" {
			t.Errorf("%s: %s", name, after.Because)
		}
	}
	if opened == 0 {
		t.Error("no firewall was closed before and open after")
	}
	t.Logf("opened %d closed firewalls", opened)
}
