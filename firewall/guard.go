package firewall

import (
	"net/netip"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// A guard refuses what would shut out the login by which changes are made.
type guard struct {
	facts Facts
	off   bool
	// What the trace is told of a set is the same as long as the set is.
	told map[setVersion]iptables.Set
}

// A setVersion is one value of a set: nobody changes entries in place.
type setVersion struct {
	name, kind         string
	entries, temporary *ipset.Entry
	whole              bool
}

func newGuard(facts Facts, off bool) *guard {
	return &guard{facts: facts, off: off || facts.Login.IsZero(), told: map[setVersion]iptables.Set{}}
}

// lockout is the reason not to apply a ruleset: it would certainly drop the packets of the login
// by which it is made. An undecided trace is no reason, since the timer watches over it.
func (g *guard) lockout(wanted iptables.Ruleset) *LockoutError {
	if g.off {
		return nil
	}
	login := g.facts.Login
	opening := iptables.NewConnection(iptables.TCP, login.Client, login.Server)
	// A new login comes from another port than this one.
	opening.SourcePort = 0
	opening.In = login.Interface
	tracer := iptables.Tracer{Sets: g.sets(wanted)}
	for _, packet := range opening.Conversation() {
		if verdict := tracer.Trace(wanted, packet); verdict.Answer == iptables.Dropped {
			return &LockoutError{Login: login.String(), Verdict: verdict, Dialect: g.facts.Dialect(packet.Family)}
		}
	}
	return nil
}

// sets are those of which the members are known, as far as these matter to the login's packets.
func (g *guard) sets(rs iptables.Ruleset) map[string]iptables.Set {
	sets := map[string]iptables.Set{}
	whole := translates(rs)
	for _, name := range rs.Sets() {
		s, _ := rs.Set(name)
		if !traceable(s) {
			continue
		}
		version := setVersion{name: name, kind: s.Type, whole: whole}
		if len(s.Entries) > 0 {
			version.entries = &s.Entries[0]
		}
		if len(s.Temporary) > 0 {
			version.temporary = &s.Temporary[0]
		}
		told, ok := g.told[version]
		if !ok {
			told = iptables.Set{Type: s.Type, Members: append(g.members(whole, s.Entries), g.members(whole, s.Temporary)...)}
			g.told[version] = told
		}
		sets[name] = told
	}
	return sets
}

// members leaves out what is about other addresses: a trace looks at all that it is given, and
// there may be a hundred thousand. A packet that nat turns round may have any address.
func (g *guard) members(whole bool, entries []ipset.Entry) []string {
	var members []string
	for _, e := range entries {
		if whole || g.concerns(e.Element) {
			members = append(members, e.String())
		}
	}
	return members
}

func (g *guard) concerns(element string) bool {
	first, _, _ := strings.Cut(element, ",")
	login := g.facts.Login
	client, server := login.Client.Addr().Unmap(), login.Server.Addr().Unmap()
	if strings.ContainsRune(first, '/') {
		p, err := netip.ParsePrefix(first)
		return err != nil || p.Contains(client) || p.Contains(server)
	}
	a, err := netip.ParseAddr(first)
	return err != nil || a == client || a == server
}

// translates reports whether rules give packets other addresses.
func translates(rs iptables.Ruleset) bool {
	for _, id := range rs.Chains() {
		if id.Table != "nat" {
			continue
		}
		chain, _ := rs.Chain(id)
		for _, r := range chain.Rules {
			switch r.Target.Name {
			case "DNAT", "SNAT", "MASQUERADE", "REDIRECT", "NETMAP":
				return true
			}
		}
	}
	return false
}
