package adopt

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// slug is a text as a name of Terraform: letters, digits and underscores, no digit in front.
func slug(s string) string {
	const most = 40
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(s) {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = b.Len() > 0
			continue
		}
		if b.Len() >= most {
			break
		}
		if gap {
			b.WriteByte('_')
			gap = false
		}
		b.WriteRune(r)
	}
	name := b.String()
	if name != "" && unicode.IsDigit(rune(name[0])) {
		return "_" + name
	}
	return name
}

// join makes one name of several texts; empty ones are left out.
func join(parts ...string) string {
	var words []string
	for _, p := range parts {
		if s := strings.TrimPrefix(slug(p), "_"); s != "" {
			words = append(words, s)
		}
	}
	return slug(strings.Join(words, "_"))
}

// unused is the first candidate that is free, else the last one with a number behind it.
func unused(candidates []string, taken func(string) bool) string {
	for _, c := range candidates {
		if !taken(c) {
			return c
		}
	}
	last := candidates[len(candidates)-1]
	for n := 2; ; n++ {
		if c := last + "_" + strconv.Itoa(n); !taken(c) {
			return c
		}
	}
}

// nameOf is what a person would call the resource.
func nameOf(model any) string {
	name := ""
	switch m := model.(type) {
	case firewall.Service:
		name = nameOfService(m)
	case firewall.DefaultPolicy:
		name = slug(m.Chain)
	case firewall.CustomRule:
		name = nameOfRule(m)
	case firewall.IPSet:
		name = slug(m.Name)
	case firewall.CustomChain:
		name = join(m.Table, m.Name)
		if m.Table == "filter" {
			name = join(m.Name)
		}
	}
	if name == "" {
		return "unnamed"
	}
	return name
}

// familySuffix is the family of a resource that is of one only.
func familySuffix(model any) string {
	var families []iptables.Family
	switch m := model.(type) {
	case firewall.Service:
		families = m.Families
	case firewall.DefaultPolicy:
		families = m.Families
	case firewall.CustomRule:
		families = m.Families
	case firewall.CustomChain:
		families = m.Families
	}
	if len(families) != 1 {
		return ""
	}
	return families[0].String()
}

func nameOfService(s firewall.Service) string {
	what := s.Name
	if what == "" {
		if known, ok := firewall.NameOf(s.Ports); ok {
			what = known
		} else {
			what = portsName(s.Ports)
		}
	}
	chain := s.Chain
	if chain == "INPUT" {
		chain = ""
	}
	action := s.Action
	if action == "accept" {
		action = ""
	}
	if what == "all" && len(s.Sources) == 1 {
		what = "from " + s.Sources[0]
	}
	return join(chain, action, what)
}

// portsName names ports without a name: "tcp_8080" for "8080/tcp".
func portsName(ports []string) string {
	number, protocol, ok := strings.Cut(ports[0], "/")
	if !ok {
		return ports[0] // a protocol: "icmp"
	}
	return protocol + "_" + number
}

// nameOfRule is its comment where that says something, else where and what it does.
func nameOfRule(r firewall.CustomRule) string {
	lines, err := r.Lines()
	if err != nil || len(lines) == 0 {
		return join(r.Table, r.Chain)
	}
	rule := lines[0].Rule
	where := []string{r.Table, r.Chain}
	if name := slug(rule.Comment()); len(strings.Trim(name, "_0123456789")) > 2 {
		return name
	}
	return join(append(where, rule.Target.Name, about(rule))...)
}

// about are a few words on which packets a rule is about.
func about(r iptables.Rule) string {
	var words []string
	port := ""
	for _, m := range r.Matches {
		for _, o := range m.Options {
			switch o.Name {
			case "--dport", "--dports":
				port = o.Value()
			case "--ctstate", "--state":
				words = append(words, stateWord(o.Value()))
			case "--icmp-type", "--icmpv6-type", "--match-set", "--dst-type", "--src-type", "--name", "--helper":
				words = append(words, o.Value())
			}
		}
	}
	protocol := ""
	if r.Protocol.Number != 0 {
		protocol = r.Protocol.String()
	}
	switch {
	case port != "":
		if known, ok := firewall.NameOf([]string{port + "/" + protocol}); ok {
			words = append([]string{known}, words...)
		} else {
			words = append([]string{protocol, port}, words...)
		}
	case protocol != "":
		words = append([]string{protocol}, words...)
	}
	if r.Source.Prefix.IsValid() {
		words = append(words, "from", address(r.Source))
	}
	if r.Destination.Prefix.IsValid() && len(words) < 4 {
		words = append(words, "to", address(r.Destination))
	}
	if len(words) == 0 {
		words = append(words, r.In.Name, r.Out.Name)
	}
	return strings.Join(words, " ")
}

func address(a iptables.Address) string {
	if a.Prefix.IsSingleIP() {
		return a.Prefix.Addr().String()
	}
	return a.Prefix.String()
}

// stateWord is what people call a list of states.
func stateWord(states string) string {
	of := strings.Split(states, ",")
	switch {
	case slices.Contains(of, "NEW") && len(of) > 1:
		return ""
	case slices.Contains(of, "ESTABLISHED"):
		return "established"
	case len(of) == 1:
		return of[0]
	}
	return ""
}

// setNames are names for the hosts of a group, the best first.
func (f Fleet) setNames(g Group) []string {
	if len(g.Hosts) == len(f.Hosts) {
		return []string{"hosts"}
	}
	var names []string
	if prefix := sharedPrefix(g.Hosts); prefix != "" && !slices.ContainsFunc(f.Hosts, func(h string) bool {
		return strings.HasPrefix(h, prefix) && !slices.Contains(g.Hosts, h)
	}) {
		if s := slug(strings.TrimRight(prefix, "0123456789")); len(s) > 1 && !strings.HasPrefix(s, "_") {
			names = append(names, s+"_hosts")
		}
	}
	if others := without(f.Hosts, g.Hosts); len(others) == 1 {
		names = append(names, fmt.Sprintf("hosts_but_%s", slug(others[0])))
	}
	return append(names, "hosts_with_"+strings.TrimPrefix(g.Label, "_"))
}

func without(all, some []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return slices.Contains(some, s) })
}

func sharedPrefix(names []string) string {
	prefix := names[0]
	for _, n := range names[1:] {
		for !strings.HasPrefix(n, prefix) {
			prefix = prefix[:len(prefix)-1]
		}
	}
	return prefix
}
