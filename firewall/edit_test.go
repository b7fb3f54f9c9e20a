package firewall

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Each page of testdata/edit has a host, the previous and the wanted lines of one resource,
// what a plan finds of both, and the host as it must be afterwards.
func TestReplace(t *testing.T) {
	for name, page := range pages(t, "edit") {
		t.Run(name, func(t *testing.T) {
			rs := onHost(t, page.part("host"))
			previous, wanted := linesOf(t, page.part("previous")), linesOf(t, page.part("wanted"))
			if diff := cmp.Diff(textOf(linesOf(t, page.part("present"))), textOf(Present(rs, previous))); diff != "" {
				t.Errorf("present (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(textOf(linesOf(t, page.part("existing"))), textOf(Existing(rs, previous, wanted))); diff != "" {
				t.Errorf("existing (-want +got):\n%s", diff)
			}
			before := printed(rs)
			after := applied(t, rs, Replace(previous, wanted))
			if diff := cmp.Diff(printed(onHost(t, page.part("want"))), printed(after)); diff != "" {
				t.Errorf("after (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(before, printed(rs)); diff != "" {
				t.Errorf("the edit changed the ruleset it was given:\n%s", diff)
			}
			again := applied(t, after, Replace(wanted, wanted))
			if diff := cmp.Diff(printed(after), printed(again)); diff != "" {
				t.Errorf("done twice, it changes again:\n%s", diff)
			}
			if missing := wanted.Without(Present(after, wanted)); len(missing) > 0 {
				t.Errorf("not present after the edit:\n%s", textOf(missing))
			}
		})
	}
}

func TestReplaceInMissingChain(t *testing.T) {
	line := linesOf(t, "-A dmz -j ACCEPT")
	_, err := Replace(nil, line)(iptables.Ruleset{})
	var missing *NoChainError
	if !errors.As(err, &missing) || missing.Chain.Name != "dmz" {
		t.Errorf("error %v, want a NoChainError for dmz", err)
	}
	// A chain that somebody deleted took our line with it: nothing is left to do.
	if _, err := Replace(line, nil)(iptables.Ruleset{}); err != nil {
		t.Error(err)
	}
}

// Whatever stands in a chain, and in whatever order resources come and go, those that are
// there are in force, and two of different ranks stand in the same order.
func TestAnyOrder(t *testing.T) {
	ours := linesOf(t, `
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -m conntrack --ctstate INVALID -j DROP
-A INPUT -s 192.0.2.0/24 -m comment --comment "10 ban" -j DROP
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "500 office" -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m comment --comment ssh -j LOG
-A INPUT -s 198.51.100.0/24 -m comment --comment closed -j REJECT --reject-with icmp-port-unreachable
-A INPUT -p tcp -m tcp --dport 443 -m comment --comment https -j ACCEPT
-A INPUT -m comment --comment "2000 common" -j common
-A INPUT -p udp -j REJECT --reject-with icmp-port-unreachable
-A INPUT -m limit --limit 10/min -j LOG --log-prefix "INPUT DROP: "
-A INPUT -j DROP`)
	foreign := linesOf(t, `
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A INPUT -j f2b-recidive
-A INPUT -p tcp -m tcp --dport 25 -j ACCEPT
-A INPUT -s 203.0.113.0/24 -j DROP
-A INPUT -s 203.0.113.9/32 -j LOG
-A INPUT -j common
-A INPUT -p tcp -j common
-A INPUT -i eth1 -j ends
-A INPUT -i eth1 -j DROP
-A INPUT -p udp -j DROP
-A INPUT -j LOG
-A INPUT -j DROP`)
	random := rand.New(rand.NewPCG(1, 2))
	for round := range 4000 {
		rs := onHost(t, "-N f2b-sshd\n-N f2b-recidive\n-N common\n-N ends\n-A ends -j DROP")
		id := ours[0].Chain
		var base []iptables.Rule
		for range random.IntN(6) {
			base = append(base, foreign[random.IntN(len(foreign))].Rule)
		}
		rs = rs.WithChain(id, iptables.Chain{Policy: "ACCEPT", Rules: base})
		start := printed(rs)

		chosen := random.Perm(len(ours))[:2+random.IntN(len(ours)-2)]
		var ends []string
		for range 2 {
			random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
			after := rs
			var added Lines
			for _, i := range chosen {
				after = applied(t, after, Replace(nil, Lines{ours[i]}))
				added = append(added, ours[i]) // which one of equal foreign lines is ours does not matter
				if drifted := added.Without(Present(after, added)); len(drifted) > 0 {
					t.Fatalf("round %d: %s makes drift of %s on\n%s", round, textOf(Lines{ours[i]}), textOf(drifted), printed(after))
				}
			}
			ends = append(ends, printed(after))
			if slices.ContainsFunc(base, func(r iptables.Rule) bool { return r.Target.Name == "DROP" }) {
				continue // the one line that is both ours and foreign
			}
			random.Shuffle(len(added), func(i, j int) { added[i], added[j] = added[j], added[i] })
			for _, l := range added {
				after = applied(t, after, Replace(Lines{l}, nil))
			}
			if diff := cmp.Diff(start, printed(after)); diff != "" {
				t.Fatalf("round %d: foreign lines changed:\n%s", round, diff)
			}
		}
		if diff := cmp.Diff(ends[0], ends[1]); diff != "" {
			t.Fatalf("round %d: on the host\n%s the order depends on who comes first:\n%s", round, start, diff)
		}
	}
}
