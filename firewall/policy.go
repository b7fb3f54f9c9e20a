package firewall

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// A DefaultPolicy says what a built-in chain of the table filter does with whatever no other
// line of it decided, and what is kept alive all the same. Start from NewDefaultPolicy: the zero
// value keeps nothing.
type DefaultPolicy struct {
	Chain  string // "INPUT", "FORWARD" or "OUTPUT"
	Policy string // "ACCEPT", "DROP" or "REJECT"
	// Method is "policy" (`iptables -P`), "rule" (a last line, the chain's policy stays as it
	// is), or "" for the kernel's policy where there is one: it has none that rejects.
	Method   string
	Families []iptables.Family // nil: both

	// What a policy other than ACCEPT keeps alive. ICMP is "essential" (what keeps paths
	// working: errors), "ping" (that and echo requests), "all" or "none".
	Loopback, Established bool
	ICMP                  string
	PingRate              string // bounds echo requests, with ICMP "ping" only: "5/second"; "": no bound

	DropInvalid bool
	Log         *PolicyLog // logs what the policy refuses
}

// A PolicyLog logs what reaches the end of the chain.
type PolicyLog struct {
	Prefix string // at most 29 bytes; "": chain and policy, "INPUT DROP: "
	Level  string // "emerg" to "debug"; "": "warning"
	Rate   string // at most that many lines; "": DefaultLogRate
}

// DefaultLogRate bounds the log of a policy: a scan must not fill the disk.
const DefaultLogRate = "10/minute"

// NewDefaultPolicy is a policy with the defaults for all else: loopback, established
// connections and essential ICMP are kept.
func NewDefaultPolicy(chain, policy string) DefaultPolicy {
	return DefaultPolicy{Chain: chain, Policy: policy, Loopback: true, Established: true, ICMP: "essential"}
}

// Policies are policies of built-in chains: "ACCEPT" or "DROP".
type Policies map[iptables.ChainID]string

// PolicyRules are what a resource is on the host: lines, policies of built-in chains, chains and
// tables that are its own as a whole, chains in which it suffers no other lines, and ipsets.
type PolicyRules struct {
	Lines     Lines
	Policies  Policies
	Chains    []OwnChain
	Tables    []OwnTable
	Exclusive []Exclusive
	Sets      []IPSet
	// Unmanaged are lines that stand where they should not. Only Present fills it in; nil says
	// that nobody looked.
	Unmanaged Lines
	// Live are those of Sets that the host has. Only Present fills it in.
	Live []ipset.Set
}

// Rules are the lines and policies of a default policy. The error is what Validate says.
func (p DefaultPolicy) Rules() (PolicyRules, error) {
	if err := p.problems().err(); err != nil {
		return PolicyRules{}, err
	}
	rules := PolicyRules{Policies: Policies{}}
	for _, f := range p.families() {
		id := p.chainOf(f)
		if p.method() == "policy" {
			rules.Policies[id] = p.Policy
		}
		lines, err := p.linesOf(f)
		if err != nil {
			return PolicyRules{}, err
		}
		rules.Lines = append(rules.Lines, lines...)
	}
	return rules, nil
}

// Validate lists all that is wrong with the policy and can be known without a host.
func (p DefaultPolicy) Validate() []Problem { return p.problems() }

func (p DefaultPolicy) problems() problems {
	var ps problems
	oneOf := func(attribute, value string, allowed ...string) {
		if !slices.Contains(allowed, value) {
			ps.add(attribute, fmt.Sprintf("unknown value %q", value), "it is one of %s%s", strings.Join(allowed, ", "), didYouMean(nearest(value, allowed)))
		}
	}
	oneOf("chain", p.Chain, "INPUT", "FORWARD", "OUTPUT")
	oneOf("policy", p.Policy, "ACCEPT", "DROP", "REJECT")
	if p.Method != "" {
		oneOf("method", p.Method, "policy", "rule")
	}
	oneOf("icmp", p.ICMP, "essential", "ping", "all", "none")
	checkFamilies(&ps, p.Families)
	if p.PingRate != "" {
		if p.ICMP != "ping" {
			ps.add("ping_rate", "a rate without ping", `icmp = %q does not single out echo requests; it goes with icmp = "ping"`, p.ICMP)
		}
		if _, err := ratePeriod(p.PingRate); err != nil {
			ps.add("ping_rate", "not a rate", "%s", err)
		}
	}
	if p.Log != nil {
		checkLog(&ps, p.logPrefix(), p.Log.Level)
		if _, err := ratePeriod(p.logRate()); err != nil {
			ps.add("log.rate", "not a rate", "%s", err)
		}
	}
	return ps
}

func (p DefaultPolicy) families() []iptables.Family { return familiesOr(p.Families) }

func (p DefaultPolicy) chainOf(f iptables.Family) iptables.ChainID {
	return iptables.ChainID{Family: f, Table: "filter", Name: p.Chain}
}

// method is how the policy is carried out. "policy" with REJECT means "rule".
func (p DefaultPolicy) method() string {
	if p.Policy == "REJECT" || p.Method == "rule" {
		return "rule"
	}
	return "policy"
}

func (p DefaultPolicy) logPrefix() string {
	if p.Log.Prefix != "" {
		return p.Log.Prefix
	}
	return p.defaultLogPrefix()
}

func (p DefaultPolicy) defaultLogPrefix() string { return p.Chain + " " + p.Policy + ": " }

func (p DefaultPolicy) logRate() string {
	if p.Log.Rate != "" {
		return p.Log.Rate
	}
	return DefaultLogRate
}
