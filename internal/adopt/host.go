package adopt

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Host is a firewall as it was read.
type Host struct {
	Name  string // as the attribute `host` will name it
	Rules iptables.Ruleset
}

// A Resource is a part of a host's firewall that is managed as one.
type Resource struct {
	// Model is a firewall.Service, firewall.DefaultPolicy, firewall.CustomRule, firewall.CustomChain or firewall.IPSet.
	Model any
	ID    string // its import ID, without the host

	where firewall.Lines
}

// Kind is "service" for an iptables_service, and so on.
func (r Resource) Kind() string { return kindOf(r.Model) }

// Where are the chains that the resource is in, and its rules there. A chain without rules is there as one rule
// without conditions and target.
func (r Resource) Where() firewall.Lines { return r.where }

// An Adoption is what becomes of one host.
type Adoption struct {
	Host      string
	Resources []Resource
	Left      []Left
	Lines     int // how many lines the host has in all
}

// Adopt finds the resources that a host's firewall is made of.
func Adopt(h Host) Adoption {
	a := adoptWith(h.Rules, nil)
	if whole := a.betterWhole(); len(whole) > 0 {
		a = adoptWith(h.Rules, whole)
	}
	return Adoption{Host: h.Name, Resources: a.resources, Left: a.left, Lines: h.Rules.Len()}
}

// adoptWith takes the given built-in chains whole, each as one resource.
func adoptWith(rs iptables.Ruleset, whole []iptables.ChainID) *adoption {
	a := &adoption{rules: rs, claimed: map[string]bool{}, present: map[iptables.ChainID]presence{}, rulesOf: map[iptables.ChainID]int{}}
	a.leaveOthers()
	a.sets()
	a.wholeChains(whole)
	a.chains()
	for _, chain := range []string{"INPUT", "FORWARD", "OUTPUT"} {
		a.policies(chain)
		a.services(chain)
	}
	a.rest()
	a.leaveRest()
	return a
}

// An adoption in the making.
type adoption struct {
	rules     iptables.Ruleset
	resources []Resource
	left      []Left
	claimed   map[string]bool          // lines that are in a resource or left out, by key
	whole     []iptables.ChainID       // built-in chains that were taken whole
	unkeptOf  []iptables.ChainID       // those with a policy that cannot be had
	rulesOf   map[iptables.ChainID]int // how many lines became rules of their own
	present   map[iptables.ChainID]presence
}

// policies takes the default policy of a built-in chain of the table filter: of both families
// together where they have the same, by the chain's policy before one by its last line.
func (a *adoption) policies(chain string) {
	var done []iptables.Family
	for _, flag := range []string{"-P ", "-A "} {
		for _, command := range []string{"", "iptables ", "ip6tables "} {
			id := command + flag + chain
			p, missing, err := firewall.PolicyByID(a.rules, id)
			if err != nil || p.Policy == "ACCEPT" || len(missing) > 0 {
				continue
			}
			families := familiesOf(p)
			if slices.ContainsFunc(families, func(f iptables.Family) bool { return slices.Contains(done, f) || a.isSettled(f, chain) }) {
				continue
			}
			if rules, err := p.Rules(); err == nil && a.take(Resource{Model: p, ID: spelled(id, p)}, rules) {
				done = append(done, families...)
			}
		}
	}
	a.unkept(chain, done)
}

// spelled is a policy's import ID with the policy in it, for those who read it.
func spelled(id string, p firewall.DefaultPolicy) string {
	if p.Method == "rule" || p.Policy == "REJECT" {
		return id + " -j " + p.Policy
	}
	return id + " " + p.Policy
}

func familiesOf(p firewall.DefaultPolicy) []iptables.Family {
	if p.Families == nil {
		return iptables.Families
	}
	return p.Families
}

// services takes the services of a chain of the table filter.
func (a *adoption) services(chain string) {
	for _, s := range firewall.Services(a.rules, chain) {
		if !worthAName(s) {
			continue
		}
		for _, id := range serviceIDs(s) {
			found, err := firewall.ServiceByID(a.rules, id)
			if err != nil {
				continue
			}
			rules := firewall.PolicyRules{}
			if rules.Lines, err = found.Lines(); err == nil && a.take(Resource{Model: found, ID: id}, rules) {
				break
			}
		}
	}
}

// worthAName reports whether people would call it a service: lines that name neither a port nor
// an address are better shown as the rules that they are.
func worthAName(s firewall.Service) bool {
	return len(s.Sources) > 0 || !slices.ContainsFunc(s.Ports, func(p string) bool { return p == "all" || p == "tcp" || p == "udp" })
}

// serviceIDs are the import IDs of a service, the best to read first.
func serviceIDs(s firewall.Service) []string {
	var ids []string
	switch {
	case s.Comment == "" && s.Name != "":
		ids = append(ids, firewall.ServiceID(s.Chain, s.Name))
	case s.Name == "":
		ids = append(ids, firewall.ServiceID(s.Chain, s.Ports[0]))
	}
	if lines, err := s.Lines(); err == nil {
		for _, l := range lines {
			ids = append(ids, bare(l), l.Text(iptables.Reference))
		}
	}
	return ids
}
