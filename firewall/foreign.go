package firewall

import (
	"fmt"
	"path"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// An owner is software that makes chains of its own and rewrites them as it likes. Its rules
// carry no other mark (Docker's, fail2ban's and kube-proxy's have none), so the chains' names
// are all there is. Patterns are those of path.Match.
type owner struct {
	software string
	chains   []string
	// also are names that other people use too: they count only on a host where sign, a chain
	// that nobody else makes, stands in the same family.
	also []string
	sign string
}

var owners = []owner{
	{software: "Docker", chains: []string{"DOCKER", "DOCKER-*", "DOCKER_*"}},
	{software: "fail2ban", chains: []string{"f2b-*", "fail2ban-*"}},
	{software: "Kubernetes", chains: []string{"KUBE-*"}},
	{software: "Calico", chains: []string{"cali-*"}},
	{software: "Cilium", chains: []string{"CILIUM_*", "OLD_CILIUM_*"}},
	{software: "Flannel", chains: []string{"FLANNEL-*"}},
	{software: "Weave", chains: []string{"WEAVE", "WEAVE-*"}},
	{software: "Istio", chains: []string{"ISTIO_*"}},
	{software: "Linkerd", chains: []string{"PROXY_INIT_*"}},
	{software: "libvirt", chains: []string{"LIBVIRT_*"}},
	{software: "Podman", chains: []string{"NETAVARK*", "CNI-*"}},
	{software: "Tailscale", chains: []string{"ts-*"}},
	{software: "ufw", chains: []string{"ufw-*", "ufw6-*"}},
	{software: "OpenStack Neutron", chains: []string{"neutron-*"}},
	{software: "sshguard", chains: []string{"sshguard"}},
	{software: "CrowdSec", chains: []string{"CROWDSEC_CHAIN*"}},
	{software: "miniupnpd", chains: []string{"MINIUPNPD*"}},
	{
		software: "CSF",
		chains:   []string{"LOCALINPUT", "LOCALOUTPUT", "LOGDROPIN", "LOGDROPOUT", "DENYIN", "DENYOUT", "ALLOWIN", "ALLOWOUT", "GALLOW*", "GDENY*", "ALLOWDYN*", "INVDROP", "SMTPOUTPUT"},
		also:     []string{"INVALID", "SYNFLOOD", "UDPFLOOD", "PORTFLOOD", "CONNLIMIT", "BOGON", "SPAMHAUS", "DSHIELD", "CC_*", "BLOCKDROP"},
		sign:     "LOCALINPUT",
	},
	{
		software: "firewalld",
		chains:   []string{"*_ZONES", "*_ZONES_SOURCE", "*_POLICIES_pre", "*_POLICIES_post", "INPUT_direct", "OUTPUT_direct", "FORWARD_direct", "PREROUTING_direct", "POSTROUTING_direct"},
		also:     []string{"IN_*", "FWD_*", "FWDI_*", "FWDO_*", "PRE_*", "POST_*"},
		sign:     "INPUT_direct",
	},
}

// Owner names the software that makes chains of that name; ok is false for a chain that
// nobody is known to own, the built-in ones among them.
func Owner(chain string) (software string, ok bool) {
	for _, o := range owners {
		if matchesAny(o.chains, chain) {
			return o.software, true
		}
	}
	return "", false
}

// OwnerOn is Owner for a chain of a given host: it also knows the names that are telling only
// beside others ("INVALID" is CSF's where LOCALINPUT stands).
func OwnerOn(rs iptables.Ruleset, id iptables.ChainID) (software string, ok bool) {
	if software, ok := Owner(id.Name); ok {
		return software, true
	}
	for _, o := range owners {
		sign := iptables.ChainID{Family: id.Family, Table: "filter", Name: o.sign}
		if _, there := rs.Chain(sign); there && o.sign != "" && matchesAny(o.also, id.Name) {
			return o.software, true
		}
	}
	return "", false
}

func matchesAny(patterns []string, name string) bool {
	for _, p := range patterns {
		if match, _ := path.Match(p, name); match {
			return true
		}
	}
	return false
}

// A ForeignChainError says that lines were to be written to a chain that other software owns.
type ForeignChainError struct {
	Chain    iptables.ChainID
	Software string
}

func (e *ForeignChainError) Error() string {
	hint := ""
	if e.Software == "Docker" {
		hint = "; rules for published ports belong into DOCKER-USER, which Docker leaves alone"
	}
	return fmt.Sprintf("the %s chain %s of table %s belongs to %s, which rewrites it without asking%s; force_foreign = true writes to it all the same",
		e.Chain.Family, e.Chain.Name, e.Chain.Table, e.Software, hint)
}

// RefuseForeign returns a *ForeignChainError for the first line that would be written to a
// chain of other software. DOCKER-USER is exempt: Docker makes it for its users' rules and
// never changes what is in it.
func RefuseForeign(rs iptables.Ruleset, lines Lines) error {
	for _, id := range lines.chains() {
		if id.Name == "DOCKER-USER" {
			continue
		}
		if software, ok := OwnerOn(rs, id); ok {
			return &ForeignChainError{id, software}
		}
	}
	return nil
}
