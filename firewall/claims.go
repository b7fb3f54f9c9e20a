package firewall

import (
	"fmt"
	"sync"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Claims know which lines the resources of one run want on which host, so that two resources
// with one text are found out: the first to be destroyed would take the other's line away.
// The zero Claims are empty and ready; they may be used concurrently.
type Claims struct {
	mu    sync.Mutex
	hosts map[string]map[string]Claimant // host, then line or chain policy
}

// A Claimant is a resource that wants lines.
type Claimant struct {
	// ID tells resources apart: a claim of the same ID replaces the one before. An empty ID
	// stands for a resource that has none yet, and no two of those are the same.
	ID string
	// Label is what messages call it: `iptables_service "https"`.
	Label string
}

// A ClaimError says that another resource wants the same line.
type ClaimError struct {
	Host        string
	What        string // the line, or the policy of a chain
	Mine, Other Claimant
}

func (e *ClaimError) Error() string {
	return fmt.Sprintf("%s and %s both want the same on host %s: %s. One of them would take away the other's when it is destroyed; keep one, or tell them apart by comment",
		e.Mine.Label, e.Other.Label, e.Host, e.What)
}

// Claim takes lines and policies for a resource and gives back what the same resource (by
// ID) claimed there before. The error is a *ClaimError for the first that another resource has;
// then nothing is claimed.
func (c *Claims) Claim(host string, who Claimant, rules PolicyRules) error {
	wanted := claimKeys(rules)
	c.mu.Lock()
	defer c.mu.Unlock()
	held := c.hosts[host]
	for _, w := range wanted {
		if other, taken := held[w.key]; taken && (other.ID != who.ID || who.ID == "") {
			return &ClaimError{Host: host, What: w.text, Mine: who, Other: other}
		}
	}
	c.release(host, who)
	if c.hosts == nil {
		c.hosts = map[string]map[string]Claimant{}
	}
	if c.hosts[host] == nil {
		c.hosts[host] = map[string]Claimant{}
	}
	for _, w := range wanted {
		c.hosts[host][w.key] = who
	}
	return nil
}

// Release gives back what a resource claimed on a host.
func (c *Claims) Release(host string, who Claimant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.release(host, who)
}

func (c *Claims) release(host string, who Claimant) {
	for key, holder := range c.hosts[host] {
		if holder.ID == who.ID && who.ID != "" {
			delete(c.hosts[host], key)
		}
	}
}

// Others are those of the lines that other resources claim: a resource that is destroyed, or
// no longer wants a line, must leave them.
func (c *Claims) Others(host string, who Claimant, lines Lines) Lines {
	c.mu.Lock()
	defer c.mu.Unlock()
	return lines.filter(func(l Line) bool {
		holder, taken := c.hosts[host][l.Key()]
		return taken && (holder.ID != who.ID || who.ID == "")
	})
}

type claimKey struct{ key, text string }

func claimKeys(rules PolicyRules) []claimKey {
	var keys []claimKey
	for _, l := range rules.Lines {
		keys = append(keys, claimKey{l.Key(), l.Text(iptables.Reference)})
	}
	for _, id := range rules.Policies.chains() {
		keys = append(keys, claimKey{"policy " + id.PolicyLine(""), fmt.Sprintf("the policy of the %s chain %s", id.Family, id.Name)})
	}
	return keys
}
