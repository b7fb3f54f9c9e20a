package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Kind is what a warning is about.
type Kind struct {
	Name string
	// About says in one sentence when the warning is given.
	About string
	// Level is the one of SARIF: "error", "warning" or "note".
	Level string
}

// The names of warnings.
const (
	policyOpened   = "default-policy-opened"
	sshToWorld     = "ssh-open-to-world"
	wider          = "wider-than-before"
	neverMatches   = "rule-never-matches"
	familiesDiffer = "families-differ"
	nothingListens = "nothing-listens"
	manyHosts      = "many-hosts"
	notKnown       = "not-known"
)

var kinds = []Kind{
	{policyOpened, "a chain that refused what no rule decides will accept it", "error"},
	{sshToWorld, "the port by which a host is administered becomes reachable from anywhere", "error"},
	{wider, "something that was reachable from some addresses becomes reachable from more", "warning"},
	{neverMatches, "a rule has no effect, since another one takes all its packets before it", "warning"},
	{familiesDiffer, "something becomes open to the world, or the rest is refused, in one of IPv4 and IPv6 only", "warning"},
	{nothingListens, "something becomes reachable for which nothing listens on the host", "note"},
	{manyHosts, "a large part of the fleet changes at once", "warning"},
	{notKnown, "the plan does not say all that will be changed", "note"},
}

// Kinds are all warnings that there are.
func Kinds() []Kind { return slices.Clone(kinds) }

// warn looks for all that can be said of one change.
func (c *change) warn() []Warning {
	var all []Warning
	add := func(name, message, line, by string) {
		w := Warning{Name: name, Message: message, Line: line, By: by}
		if !slices.ContainsFunc(all, func(o Warning) bool { return o.Name == name && o.Message == message }) {
			all = append(all, w)
		}
	}
	for _, id := range []string{"INPUT", "FORWARD", "OUTPUT"} {
		if families := c.opened(id); len(families) > 0 {
			add(policyOpened, fmt.Sprintf("%s (%s) will accept what no rule refuses", id, conjunction(families)), "", "")
		}
	}
	for _, r := range c.rows {
		c.warnOfSSH(r, add)
	}
	for _, m := range c.widened() {
		add(wider, m, "", "")
	}
	for _, m := range append(c.halfShut(), c.lopsided()...) {
		add(familiesDiffer, m, "", "")
	}
	c.warnOfShadows(add)
	return all
}

var familyNames = map[iptables.Family]string{iptables.IPv4: "IPv4", iptables.IPv6: "IPv6"}

// opened are the families in which a chain refused the rest and will not.
func (c *change) opened(chain string) []string {
	var families []string
	for _, f := range iptables.Families {
		id := iptables.ChainID{Family: f, Table: "filter", Name: chain}
		if c.before.shut(id) && !c.after.shut(id) {
			families = append(families, familyNames[f])
		}
	}
	return families
}

// shut reports whether a chain's lines refuse what reaches its end.
func (w wall) shut(id iptables.ChainID) bool {
	chain, _ := w.rules.Chain(id)
	if w.policies[id] && chain.Policy == "DROP" {
		return true
	}
	return slices.ContainsFunc(chain.Rules, func(r iptables.Rule) bool {
		r.Matches = slices.DeleteFunc(slices.Clone(r.Matches), func(m iptables.Match) bool { return m.Name == "comment" })
		spec := r.Spec(iptables.Reference)
		return spec == "-j DROP" || strings.HasPrefix(spec, "-j REJECT")
	})
}

func (c *change) warnOfSSH(r row, add func(name, message, line, by string)) {
	port := c.hosts[0].port
	if r.repeats || r.probe.protocol != iptables.TCP || port < r.probe.from || port > r.probe.to {
		return
	}
	var families []string
	for _, f := range iptables.Families {
		x, ok := r.fates[f]
		if ok && levelOf(f, x.after) == world && levelOf(f, x.before) != world {
			families = append(families, familyNames[f])
		}
	}
	if len(families) > 0 {
		where := ""
		if r.way != "" {
			where = " " + r.way
		}
		add(sshToWorld, fmt.Sprintf("SSH (%d/tcp) becomes reachable from anywhere%s (%s)", port, where, conjunction(families)), "", "")
	}
}

// widened says what is reached by more addresses than before, where some reached it before.
func (c *change) widened() []string {
	return c.sayOf(func(r row) string {
		if !r.differs() {
			return ""
		}
		var before, after Sources
		more := false
		for f, x := range r.fates {
			was, is := offLink(f, x.before).Accepted, offLink(f, x.after).Accepted
			before.set(f, was)
			after.set(f, is)
			more = more || len(iptables.Without(f, was, is)) == 0 && len(iptables.Without(f, is, was)) > 0
		}
		if !more || before.empty() || !r.probe.named {
			return ""
		}
		return fmt.Sprintf("%%s was reachable from %s and will be from %s", before, after)
	})
}

// lopsided says what is opened to the world in one family only.
func (c *change) lopsided() []string {
	held := map[iptables.Family]bool{}
	for _, id := range c.after.rules.Chains() {
		held[id.Family] = true
	}
	if !held[iptables.IPv4] || !held[iptables.IPv6] {
		return nil
	}
	return c.sayOf(func(r row) string {
		v4, ok4 := r.fates[iptables.IPv4]
		v6, ok6 := r.fates[iptables.IPv6]
		if !ok4 || !ok6 || !r.probe.named || ofOneFamily(r.probe.String()) {
			return ""
		}
		now4, now6 := levelOf(iptables.IPv4, v4.after), levelOf(iptables.IPv6, v6.after)
		was4, was6 := levelOf(iptables.IPv4, v4.before), levelOf(iptables.IPv6, v6.before)
		switch {
		case now4 == was4 && now6 == was6 || (now4 == world) == (now6 == world):
			return ""
		case now4 == world:
			return "%s is open to the world in IPv4, and in IPv6 to " + towards(now6, v6.after)
		}
		return "%s is open to the world in IPv6, and in IPv4 to " + towards(now4, v4.after)
	})
}

// halfShut says of which chains the rest begins to be refused in one family only: what is shut in IPv4 is then open to
// who has an IPv6 address.
func (c *change) halfShut() []string {
	var all []string
	for _, name := range []string{"INPUT", "FORWARD"} {
		shut := func(w wall, f iptables.Family) bool {
			return w.shut(iptables.ChainID{Family: f, Table: "filter", Name: name})
		}
		if shut(c.before, iptables.IPv4) != shut(c.before, iptables.IPv6) {
			continue // it was so before
		}
		closed, left := iptables.IPv4, iptables.IPv6
		if shut(c.after, left) {
			closed, left = left, closed
		}
		if shut(c.after, closed) && !shut(c.after, left) {
			all = append(all, fmt.Sprintf("%s will refuse what no rule allows in %s, and no line of the plan does so in %s", name, familyNames[closed], familyNames[left]))
		}
	}
	return all
}

func towards(level string, r iptables.Reach) string {
	if level == some {
		return enumerate(r.Accepted)
	}
	return map[string]string{nobody: "nobody", uncertain: "nobody for certain"}[level]
}

// ofOneFamily reports whether the service on a port exists in one family only, as DHCP does.
func ofOneFamily(port string) bool {
	return slices.ContainsFunc(firewall.Catalogue(), func(k firewall.Known) bool {
		return k.Family != 0 && slices.Contains(k.Ports, port)
	})
}

// sayOf gathers the rows of which the same is to be said: %s is what they are about.
func (c *change) sayOf(say func(row) string) []string {
	about := map[string][]probe{}
	var order []string
	for _, r := range c.rows {
		if r.repeats {
			continue
		}
		text := say(r)
		if text == "" {
			continue
		}
		if r.way != "" {
			text += " (" + strings.ReplaceAll(r.way, "%", "%%") + ")"
		}
		if _, ok := about[text]; !ok {
			order = append(order, text)
		}
		about[text] = append(about[text], r.probe)
	}
	var all []string
	for _, text := range order {
		all = append(all, strings.Replace(text, "%s", subject(about[text], nil), 1))
	}
	return all
}

// maxShadows bounds the chains in which lines that stay are looked at, too: each is compared with all before it.
const maxShadows = 1000

// warnOfShadows looks for rules that are new and never match, and for those that a new one hides.
func (c *change) warnOfShadows(add func(name, message, line, by string)) {
	for _, id := range iptables.Diff(c.before.rules, c.after.rules).Touched() {
		was, _ := c.before.rules.Chain(id)
		is, ok := c.after.rules.Chain(id)
		if !ok {
			continue
		}
		old := map[string]bool{}
		for _, r := range was.Rules {
			old[r.Key()] = true
		}
		for i, r := range is.Rules {
			stays := old[r.Key()]
			if stays && len(is.Rules) > maxShadows {
				continue
			}
			by := firewall.Shadow(c.after.rules, id, i)
			if by < 0 || stays && old[is.Rules[by].Key()] {
				continue
			}
			line, cause := printable(id.Line(r, iptables.Reference)), printable(id.Line(is.Rules[by], iptables.Reference))
			add(neverMatches, fmt.Sprintf("the line %q never matches, since %q takes all its packets before it", line, cause), line, cause)
		}
	}
}
