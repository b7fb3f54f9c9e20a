package resources

import (
	"slices"
	"sync"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// known are the lines that resources of this state were found to have. A resource that is
// replaced, and one that takes over the lines of another that is removed from the
// configuration, find on the host what is Terraform's already: nothing to warn about.
type known struct {
	mu    sync.Mutex
	lines map[*Host]map[string]bool
}

func (k *known) add(host *Host, rules firewall.PolicyRules) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.lines == nil {
		k.lines = map[*Host]map[string]bool{}
	}
	if k.lines[host] == nil {
		k.lines[host] = map[string]bool{}
	}
	for _, l := range rules.All() {
		k.lines[host][l.Key()] = true
	}
	for _, s := range rules.Sets {
		k.lines[host]["ipset "+s.Name] = true
	}
}

// foreignSets are those of the ipsets that no resource of the state has.
func (k *known) foreignSets(host *Host, names []string) []string {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return k.lines[host]["ipset "+name] })
}

// foreign are those of the lines that no resource of the state has.
func (k *known) foreign(host *Host, lines firewall.Lines) firewall.Lines {
	k.mu.Lock()
	defer k.mu.Unlock()
	var foreign firewall.Lines
	for _, l := range lines {
		if !k.lines[host][l.Key()] {
			foreign = append(foreign, l)
		}
	}
	return foreign
}
