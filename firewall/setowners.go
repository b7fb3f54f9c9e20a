package firewall

import "strings"

// setOwners are the names of ipsets that other software makes and fills as it likes. Patterns
// are those of path.Match.
var setOwners = []struct {
	software string
	sets     []string
}{
	{"fail2ban", []string{"f2b-*", "fail2ban-*"}},
	{"CrowdSec", []string{"crowdsec-*", "crowdsec6-*"}},
	{"Kubernetes", []string{"KUBE-*"}},
	{"Calico", []string{"cali40*", "cali60*", "cali4t*", "cali6t*"}},
	{"Cilium", []string{"cilium_*"}},
	{"Weave", []string{"weave-*"}},
	{"OpenStack Neutron", []string{"NIPv4*", "NIPv6*", "NETIPv4*", "NETIPv6*"}},
	{"sshguard", []string{"sshguard4", "sshguard6"}},
	{"Docker", []string{"docker-ext-bridges-v*"}},
	{"this provider's commit of another run", []string{"tfi-????????????????-*"}},
}

// SetOwner names the software that makes sets of that name; ok is false for a set that
// nobody is known to own.
func SetOwner(set string) (software string, ok bool) {
	for _, o := range setOwners {
		if matchesAny(o.sets, set) {
			return o.software, true
		}
	}
	return "", false
}

// foreignSets is an extended regular expression of the names of sets that others own.
var foreignSets = func() string {
	var all []string
	for _, o := range setOwners {
		for _, pattern := range o.sets {
			all = append(all, strings.NewReplacer("*", "[^ ]*", "?", "[^ ]").Replace(pattern))
		}
	}
	return strings.Join(all, "|")
}()
