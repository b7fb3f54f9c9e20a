package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A firewallState is what a driver manages on a host: lines of INPUT in both families, each known by its comment, and the
// policy. Everything else there is foreign.
type firewallState struct {
	Policy string
	Lines  []string // as `iptables -S` prints them, led by the command
}

// managed is how the comments of managed lines begin; second is that of the client that comes in between.
const (
	managed = "m-"
	second  = "n-"
)

func serviceLines(tag string, port int) []string {
	spec := fmt.Sprintf("-A INPUT -p tcp -m tcp --dport %d -m comment --comment %s%d -j ACCEPT", port, tag, port)
	return []string{"iptables " + spec, "ip6tables " + spec}
}

var sshLines = serviceLines(managed, 22)

// change turns what was wanted before into this.
func (s firewallState) change(previous firewallState) (firewall.Change, error) {
	before, err := firewall.ParseLines(previous.Lines)
	if err != nil {
		return firewall.Change{}, err
	}
	after, err := firewall.ParseLines(s.Lines)
	if err != nil {
		return firewall.Change{}, err
	}
	policy := func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		for _, family := range iptables.Families {
			id := iptables.ChainID{Family: family, Table: "filter", Name: "INPUT"}
			if c, _ := rs.Chain(id); s.Policy != "" && c.Policy != s.Policy {
				rs = rs.WithChain(id, iptables.Chain{Policy: s.Policy, Rules: c.Rules})
			}
		}
		return rs, nil
	}
	return firewall.Change{Label: "change", Edit: firewall.Sequence(firewall.Replace(before, after), policy)}, nil
}

// A story is what a run does to a host: from what it has, by a change, and where it ends at last.
type story struct {
	before, after, final firewallState
	locksOut             bool // after shuts out whoever applies it
	widens               bool // nothing is taken away, so that the host confirms it without a login
}

// newStory makes one up.
func newStory(random *rand.Rand, policies bool) story {
	ports := random.Perm(40)
	state := func(ports []int) firewallState {
		s := firewallState{Policy: "ACCEPT", Lines: slices.Clone(sshLines)}
		for _, port := range ports {
			s.Lines = append(s.Lines, serviceLines(managed, 8000+port)...)
		}
		if policies && random.IntN(2) == 0 {
			s.Policy = "DROP"
		}
		return s
	}
	had, kept := random.IntN(4), random.IntN(4)
	kept = min(kept, had)
	st := story{
		before: state(ports[:had]),
		after:  state(slices.Concat(ports[:kept], ports[10:11+random.IntN(3)])),
	}
	st.final = st.after
	st.widens = kept == had && (st.before.Policy == st.after.Policy || st.after.Policy == "ACCEPT")
	if policies && random.IntN(4) == 0 {
		st.locksOut, st.widens = true, false
		st.final = st.before // whoever made this mistake takes it back
		st.after.Policy = "DROP"
		st.after.Lines = slices.DeleteFunc(slices.Clone(st.after.Lines), func(l string) bool { return slices.Contains(sshLines, l) })
	}
	return st
}

// listing is what both families have, one line each, as `iptables -S` prints them, led by the command.
type listing []string

// lines are those that a client manages, sorted: where a line stands is the business of other tests.
func (l listing) lines(tag string) []string {
	var own []string
	for _, line := range l {
		if strings.Contains(line, "--comment "+tag) {
			own = append(own, line)
		}
	}
	slices.Sort(own)
	return own
}

func (l listing) policies() []string {
	var all []string
	for _, line := range l {
		if isPolicy(line) {
			all = append(all, line)
		}
	}
	return all
}

func isPolicy(line string) bool {
	return strings.HasPrefix(line, "iptables -P INPUT ") || strings.HasPrefix(line, "ip6tables -P INPUT ")
}

// foreign is everything else, in order.
func (l listing) foreign() listing {
	return slices.DeleteFunc(slices.Clone(l), func(line string) bool {
		return strings.Contains(line, "--comment "+managed) || strings.Contains(line, "--comment "+second) || isPolicy(line)
	})
}

// is reports whether the host has this state, wholly.
func (l listing) is(s firewallState) bool {
	want := slices.Clone(s.Lines)
	slices.Sort(want)
	policies := []string{"iptables -P INPUT " + s.Policy, "ip6tables -P INPUT " + s.Policy}
	return slices.Equal(l.lines(managed), want) && slices.Equal(l.policies(), policies)
}

// against says in what a listing differs from a state.
func (l listing) against(s firewallState) string {
	want := append(slices.Clone(s.Lines), "iptables -P INPUT "+s.Policy, "ip6tables -P INPUT "+s.Policy)
	return difference(want, slices.Concat(l.lines(managed), l.policies()))
}

// difference is what is missing, and what is there beside.
func difference(want, got []string) string {
	var b strings.Builder
	for _, line := range want {
		if !slices.Contains(got, line) {
			b.WriteString("\n  missing: " + line)
		}
	}
	for _, line := range got {
		if !slices.Contains(want, line) {
			b.WriteString("\n  beside:  " + line)
		}
	}
	if b.Len() == 0 {
		return "\n  the order differs"
	}
	return b.String()
}
