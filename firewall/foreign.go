package firewall

import (
	"fmt"
	"path"
	"slices"
	"strings"

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
	// Some put lines into the built-in chains hooks that are no jumps to chains of theirs. They are
	// known by their interfaces (on hosts with sign, where there is one) or by how their comments begin.
	hooks, interfaces, comments []string
}

var owners = []owner{
	{
		software: "Docker", chains: []string{"DOCKER", "DOCKER-*", "DOCKER_*"}, sign: "DOCKER",
		hooks: []string{"FORWARD", "POSTROUTING"}, interfaces: []string{"docker0", "docker_gwbridge", "br-" + strings.Repeat("[0-9a-f]", 12)},
	},
	{software: "fail2ban", chains: []string{"f2b-*", "fail2ban-*"}},
	{software: "Kubernetes", chains: []string{"KUBE-*"}},
	{software: "Calico", chains: []string{"cali-*"}, comments: []string{"cali:"}}, // each of its lines (felix, since 2.0)
	{software: "Cilium", chains: []string{"CILIUM_*", "OLD_CILIUM_*"}},
	{software: "Flannel", chains: []string{"FLANNEL-*"}, comments: []string{"flanneld "}}, // before 0.22 without chains
	{software: "Weave", chains: []string{"WEAVE", "WEAVE-*"}},
	{software: "Istio", chains: []string{"ISTIO_*"}},
	{software: "Linkerd", chains: []string{"PROXY_INIT_*"}},
	{ // before 5.1 without chains
		software: "libvirt", chains: []string{"LIBVIRT_*"},
		hooks: []string{"INPUT", "FORWARD", "OUTPUT", "POSTROUTING"}, interfaces: []string{"virbr[0-9]", "virbr[0-9][0-9]"},
	},
	{software: "LXD", comments: []string{"generated for LXD ", "generated for Incus "}},
	{ // lxc-net
		software: "LXC", hooks: []string{"INPUT", "FORWARD", "POSTROUTING"}, interfaces: []string{"lxcbr0"},
	},
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

// Owners are the names of all software whose chains or lines are known.
func Owners() []string {
	names := make([]string, len(owners))
	for i, o := range owners {
		names[i] = o.software
	}
	return names
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
		if matchesAny(o.also, id.Name) && o.atHome(rs, id.Family) {
			return o.software, true
		}
	}
	return "", false
}

// atHome reports whether the chain that tells of the software stands in the family.
func (o owner) atHome(rs iptables.Ruleset, f iptables.Family) bool {
	_, there := rs.Chain(iptables.ChainID{Family: f, Table: "filter", Name: o.sign})
	return there
}

// LineOwner names the software that has put a line where it stands: it owns the chain, or the
// chain to which the line jumps, or is known for such lines.
func LineOwner(rs iptables.Ruleset, l Line) (software string, ok bool) {
	if software, ok := OwnerOn(rs, l.Chain); ok && l.Chain.Name != dockersGift {
		return software, true
	}
	if verdictOf(l.Rule) == branching {
		target := iptables.ChainID{Family: l.Chain.Family, Table: l.Chain.Table, Name: l.Rule.Target.Name}
		if software, ok := OwnerOn(rs, target); ok {
			return software, true
		}
	}
	return ownersLine(rs, l)
}

// ownersLine names the software that is known to put such a line into a built-in chain, apart
// from jumps to its own chains.
func ownersLine(rs iptables.Ruleset, l Line) (software string, ok bool) {
	comment := l.Rule.Comment()
	for _, o := range owners {
		for _, beginning := range o.comments {
			if strings.HasPrefix(comment, beginning) {
				return o.software, true
			}
		}
		if slices.Contains(o.hooks, l.Chain.Name) && (o.sign == "" || o.atHome(rs, l.Chain.Family)) && o.connects(l.Rule) {
			return o.software, true
		}
	}
	if l.Chain.Name == dockersGift && settles(l.Rule) && l.Rule.Target.Name == "RETURN" || isHairpin(rs, l) {
		return docker.software, true
	}
	return "", false
}

// connects reports whether a rule is about one of the software's interfaces.
func (o owner) connects(r iptables.Rule) bool {
	return matchesAny(o.interfaces, r.In.Name) || matchesAny(o.interfaces, r.Out.Name)
}

// isHairpin reports whether the line lets a container reach a port of its own by the host's
// address: Docker makes one for each published port, without any interface.
func isHairpin(rs iptables.Ruleset, l Line) bool {
	r := l.Rule
	return l.Chain.Table == "nat" && l.Chain.Name == "POSTROUTING" && r.Target.Name == "MASQUERADE" &&
		r.Source == r.Destination && !r.Source.Negated && r.Source.Prefix.IsSingleIP() && docker.atHome(rs, l.Chain.Family)
}

var docker = owners[0]

// dockersGift is the chain that Docker makes for lines of others. It jumps there and puts a
// RETURN at the end (up to 28), and touches nothing else in it.
const dockersGift = "DOCKER-USER"

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
		if id.Name == dockersGift {
			continue
		}
		if software, ok := OwnerOn(rs, id); ok {
			return &ForeignChainError{id, software}
		}
	}
	return nil
}
