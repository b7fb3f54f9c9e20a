package firewall

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

func TestSetListing(t *testing.T) {
	const text = `create a hash:net family inet hashsize 1024 maxelem 65536 timeout 300 counters comment bucketsize 12 initval 0x3cb4d883
add a 10.3.0.0/16 timeout 0 nomatch packets 3 bytes 200 comment "a timeout 9 inside"
add a 10.2.0.0/16 timeout 299 packets 0 bytes 0
add a 10.0.0.0/8 timeout 0 packets 0 bytes 0
`
	const want = `create hash:net family inet maxelem 65536 timeout 300 counters comment
add 10.3.0.0/16 nomatch comment "a timeout 9 inside"
add 10.0.0.0/8
`
	if got := setListing(text); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if got := setListing("create l list:set size 8\nadd l a\n"); got != "create list:set\nadd a\n" {
		t.Errorf("got %q", got)
	}
}

func readRuleset(t *testing.T, sets, rules string) iptables.Ruleset {
	t.Helper()
	s := &Snapshot{setTexts: map[string]string{}}
	if err := s.readSets(sets + "status=0\n"); err != nil {
		t.Fatal(err)
	}
	parsed, err := iptables.ParseSave(iptables.IPv4, "*filter\n:INPUT ACCEPT [0:0]\n"+rules+"COMMIT\n")
	if err != nil {
		t.Fatal(err)
	}
	return s.Rules.Merge(parsed)
}

func TestReadSetsRefusesHalf(t *testing.T) {
	for _, text := range []string{"create a hash:ip family inet\n", "create a hash:ip family inet\nstatus=1\n", "create a\nstatus=0\n"} {
		if err := (&Snapshot{setTexts: map[string]string{}}).readSets(text); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestCheckSets(t *testing.T) {
	live := readRuleset(t, "create bad hash:ip family inet\nadd bad 10.0.0.1\ncreate f2b-ssh hash:ip family inet\ncreate held hash:ip family inet\ncreate list list:set\nadd list held\n",
		"-A INPUT -m set --match-set bad src -j DROP\n")
	bad, _ := live.Set("bad")
	net := bad
	net.Type = "hash:net"
	foreign, _ := live.Set("f2b-ssh")
	list, _ := live.Set("list")
	with := Facts{Tools: []string{"ipset"}}
	rule := readRuleset(t, "", "-A INPUT -m set --match-set bad src -j DROP\n-A INPUT -m set --match-set new src -j DROP\n")
	for name, test := range map[string]struct {
		facts  Facts
		wanted iptables.Ruleset
		want   string // part of the error; "" for none
	}{
		"nothing":                 {Facts{}, live, ""},
		"other entries":           {with, live.WithSet(bad.WithEntries(nil)), ""},
		"other entries, no ipset": {Facts{}, live.WithSet(bad.WithEntries(nil)), "ipset is not installed there (package ipset)"},
		"destroyed in use":        {with, live.WithoutSet("bad"), "cannot be destroyed while it is in use by these rules:\n  iptables -A INPUT -m set --match-set bad src -j DROP"},
		"destroyed in a list":     {with, live.WithoutSet("held"), "in use by the ipsets list"},
		"destroyed with its rule": {with, live.WithoutSet("bad").WithoutChain(iptables.ChainID{Family: 4, Table: "filter", Name: "INPUT"}), ""},
		"destroyed with its list": {with, live.WithoutSet("held").WithoutSet("list"), ""},
		"another type in use":     {with, live.WithSet(net), "cannot become a hash:net inet instead of a hash:ip inet"},
		"foreign":                 {with, live.WithSet(foreign.WithEntries([]ipset.Entry{{Element: "10.0.0.9"}})), "belongs to fail2ban"},
		"a list of nothing":       {with, live.WithSet(list.WithEntries([]ipset.Entry{{Element: "nowhere"}})), "no ipset nowhere"},
		"a rule without its set":  {with, live.Merge(rule), "no ipset new, to which this refers: iptables -A INPUT -m set --match-set new src -j DROP"},
		"a rule without ipset":    {Facts{}, live.Merge(rule), "package ipset"},
		"a rule and its set":      {with, live.Merge(rule).WithSet(ipset.Set{Name: "new", Type: "hash:ip", Family: "inet"}), ""},
	} {
		err := checkSets(test.facts, live, test.wanted)
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	var inUse *SetInUseError
	if err := checkSets(with, live, live.WithoutSet("bad")); !errors.As(err, &inUse) || len(inUse.Rules) != 1 {
		t.Errorf("the error does not hold the rules: %v", err)
	}
}

func TestGuardKnowsSets(t *testing.T) {
	facts := Facts{Login: Login{Client: netip.MustParseAddrPort("203.0.113.7:50000"), Server: netip.MustParseAddrPort("198.51.100.1:22")}}
	var many strings.Builder
	many.WriteString("create many hash:net family inet\nadd many 10.0.0.0/8\nadd many 203.0.113.0/24\ncreate f2b-x hash:ip family inet\n")
	const drop = "-A INPUT -m set --match-set many src -j DROP\n"
	for name, test := range map[string]struct {
		rules string
		want  bool
	}{
		"in the set":            {drop, true},
		"not in the set":        {"-A INPUT -m set --match-set many dst -j DROP\n", false},
		"only those in the set": {"-A INPUT -m set ! --match-set many src -j DROP\n", false},
		"a set that is unread":  {"-A INPUT -m set ! --match-set f2b-x src -j DROP\n", false},
	} {
		got := newGuard(facts, false).lockout(readRuleset(t, many.String(), test.rules))
		if (got != nil) != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	watch := newGuard(facts, false)
	rs := readRuleset(t, many.String(), drop)
	if set, _ := rs.Set("many"); watch.lockout(rs) == nil || watch.lockout(rs.WithSet(set.WithEntries([]ipset.Entry{{Element: "10.0.0.0/8"}}))) != nil {
		t.Error("the guard does not see that an entry went")
	}
	if told := watch.sets(rs)["many"].Members; len(told) != 1 {
		t.Errorf("the trace is told of %v", told)
	}
}
