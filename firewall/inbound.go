package firewall

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Inbound is what a host lets in, read from its chain INPUT: what an import of a whole firewall finds.
type Inbound struct {
	// Services are by keys as ParseServiceKey reads them. A service has no Name where its key says it.
	Services map[string]Service
	Policy   *DefaultPolicy // nil where what no line decides is accepted
	Rest     Lines          // those that are neither a service's nor the policy's
}

// FindInbound reads the chain INPUT of both families as services and a default policy: those
// whose lines are just the lines that are there, so that planning them changes nothing. A policy
// other than ACCEPT is looked for first, then one by a line at the chain's end.
func FindInbound(rs iptables.Ruleset) Inbound {
	const chain = "INPUT"
	in := Inbound{Services: map[string]Service{}, Policy: findPolicy(rs, chain)}
	var taken Lines
	if in.Policy != nil {
		rules, err := in.Policy.Rules()
		if err == nil {
			taken = rules.Lines
		}
	}
	for _, g := range gather(decodeAll(rs, chain)) {
		comment := g.plain().Name
		for _, s := range g.services(rs) {
			if comment != "" {
				s = s.under(comment)
			}
			lines, err := s.Lines()
			if err != nil || len(lines.Shared(taken)) > 0 {
				continue
			}
			taken = append(taken, lines...)
			in.add(s, comment)
		}
	}
	for _, f := range iptables.Families {
		id := iptables.ChainID{Family: f, Table: "filter", Name: chain}
		c, _ := rs.Chain(id)
		for _, r := range c.Rules {
			in.Rest = append(in.Rest, Line{id, r})
		}
	}
	in.Rest = in.Rest.Without(taken)
	return in
}

// findPolicy is the chain's default policy, nil where it is to accept and no more.
func findPolicy(rs iptables.Ruleset, chain string) *DefaultPolicy {
	for _, method := range []string{"policy", "rule"} {
		for _, f := range iptables.Families {
			p, _, ok := ImportPolicy(rs, chain, f, method)
			if ok && (p.Policy != "ACCEPT" || method == "rule") {
				return &p
			}
		}
	}
	return nil
}

// add puts a service under the first key that is free.
func (in *Inbound) add(s Service, comment string) {
	base := comment
	if s.Name == "" {
		base = s.Ports[0]
	}
	key := base
	for n := 2; in.Services[key].Ports != nil || in.Services[key].Name != ""; n++ {
		key = fmt.Sprintf("%s #%d", base, n)
	}
	in.Services[key] = s
}

var numberedKey = regexp.MustCompile(` #\d+$`)

// ParseServiceKey reads a key in a map of services. It is the name of the service, unless it is
// a port ("22/tcp", "esp"), perhaps with a number behind it ("22/tcp #2"): that stands for a
// service without name and comment.
func ParseServiceKey(key string) (name, port string) {
	text := numberedKey.ReplaceAllString(key, "")
	if _, protocol := wholeProtocols[strings.ToLower(text)]; !protocol && !strings.Contains(text, "/") {
		return key, "" // what ParsePort would say looks for names that are near, which takes its time
	}
	p, err := ParsePort(text)
	if err != nil {
		return key, ""
	}
	return "", p.String()
}
