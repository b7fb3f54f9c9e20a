package firewall

import (
	"fmt"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Apart is a line of a listing taken apart: a rule, or the policy of a chain. A text that the line
// does not have is "". One that is negated begins with "! ".
type Apart struct {
	Chain  iptables.ChainID
	Text   string // the whole line in canonical form, led by its command
	Spec   string // what follows -A CHAIN; "" for a policy, and for a line that makes a chain
	Policy string // of a line -P; "" for a rule

	Source, Destination string // "10.0.0.0/8"
	In, Out             string
	Protocol            string // "tcp", "47"
	// SourcePorts and DestinationPorts are those of any protocol with ports, and of multiport, as
	// services write them: "22", "9000-9100".
	SourcePorts, DestinationPorts []string
	States                        []string // of conntrack and of state: "NEW"
	Comment                       string
	Matches                       []Extension // in the order in which iptables loads them
	Target                        string      // "ACCEPT", or a chain
	Goto                          bool        // -g instead of -j
	TargetOptions                 map[string]string
}

// An Extension is a match with its options: "dport" = "22", "dport" = "! 22", "rsource" = "".
type Extension struct {
	Name    string
	Options map[string]string
}

// TakeApart reads a line such as "iptables -A INPUT -p tcp --dport 22 -j ACCEPT" or "iptables -P INPUT
// DROP", in any spelling. The command may be left out, which means iptables.
func TakeApart(line string) (Apart, error) {
	if id, policy, err := iptables.ParsePolicyLine(line); err == nil {
		return Apart{Chain: id, Text: id.PolicyLine(policy), Policy: policy}, nil
	}
	if id, err := iptables.ParseChainLine(line); err == nil {
		return Apart{Chain: id, Text: iptables.Line{Chain: id, Kind: iptables.ChainLine}.String(iptables.Reference)}, nil
	}
	id, rule, err := iptables.ParseLine(line)
	if err != nil {
		return Apart{}, err
	}
	return Line{id, rule}.Apart(iptables.Reference), nil
}

// Apart is the line taken apart, its text in that dialect.
func (l Line) Apart(d iptables.Dialect) Apart {
	r := l.Rule
	a := Apart{
		Chain: l.Chain, Text: l.Text(d), Spec: strings.TrimRight(r.Spec(d), " "),
		Source: negated(r.Source.Negated, r.Source.String()), Destination: negated(r.Destination.Negated, r.Destination.String()),
		In: negated(r.In.Negated, r.In.Name), Out: negated(r.Out.Negated, r.Out.Name),
		Protocol: negated(r.Protocol.Negated, protocolText(r)),
		Comment:  r.Comment(),
		Target:   r.Target.Name, Goto: r.Target.Goto, TargetOptions: optionTexts(r.Target.Options),
	}
	for _, m := range r.Matches {
		a.Matches = append(a.Matches, Extension{m.Name, optionTexts(m.Options)})
		for _, o := range m.Options {
			switch o.Name {
			case "--sport", "--sports":
				a.SourcePorts = append(a.SourcePorts, portTexts(o)...)
			case "--dport", "--dports":
				a.DestinationPorts = append(a.DestinationPorts, portTexts(o)...)
			case "--ctstate", "--state":
				a.States = append(a.States, listTexts(o)...)
			}
		}
	}
	return a
}

func negated(not bool, text string) string {
	if not && text != "" {
		return "! " + text
	}
	return text
}

// protocolText is the protocol as the reference dialect prints it: "" for all.
func protocolText(r iptables.Rule) string {
	alone := iptables.Rule{Family: r.Family, Protocol: iptables.Protocol{Number: r.Protocol.Number}}
	return strings.TrimPrefix(alone.Spec(iptables.Reference), "-p ")
}

// protocolNumber reads the name or number of a protocol, as -p does.
func protocolNumber(f iptables.Family, name string) (uint8, error) {
	rules, err := iptables.ParseArgs(f, "", []string{"-p", name})
	if err != nil || len(rules) != 1 || rules[0].Protocol.Number == 0 {
		return 0, fmt.Errorf("%q is no protocol; it is a name such as tcp, udp or icmp, or a number from 1 to 255", name)
	}
	return rules[0].Protocol.Number, nil
}

func optionTexts(options []iptables.Option) map[string]string {
	all := make(map[string]string, len(options))
	for _, o := range options {
		name, value := strings.TrimLeft(o.Name, "-"), text(o)
		if before, twice := all[name]; twice {
			value = before + " " + value
		}
		if o.Negated {
			value = strings.TrimRight("! "+value, " ")
		}
		all[name] = value
	}
	return all
}

func listTexts(o iptables.Option) []string {
	var all []string
	for part := range strings.SplitSeq(text(o), ",") {
		all = append(all, negated(o.Negated, part))
	}
	return all
}

// portTexts are ports as ParsePort writes them, with "-" for ranges.
func portTexts(o iptables.Option) []string {
	all := listTexts(o)
	for i := range all {
		all[i] = strings.ReplaceAll(all[i], ":", "-")
	}
	return all
}
