package firewall

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Boot is how a host restores its firewall when it boots.
type Boot struct {
	// Mechanism is one of Mechanisms; "" where the host has none that is known.
	Mechanism string
	// Paths are the files that are restored, of the families that the host can manage.
	Paths map[iptables.Family]string
	// Sets is the file of the ipsets, which are restored before the rules, or the folder of their
	// files, with a slash at its end; "" where nothing restores them.
	Sets string
	// Enabled says whether everything is enabled that restores them.
	Enabled bool
	// Kept are the settings that an iptables_persistence has given; nil where there is none.
	Kept *Keeping
	// Files hold what is in the files, and SavedSets what is in that of the sets, as ipset-save prints
	// it; read only where Kept is.
	Files     map[iptables.Family]string
	SavedSets string
}

// Keeping is how a host is to keep its firewall for the next boot.
type Keeping struct {
	// Mechanism is "auto" or one of Mechanisms.
	Mechanism string
	// Backups is how many earlier versions of each file are kept, in BackupDir or beside the
	// file.
	Backups   int
	BackupDir string

	version string // of what was installed on the host
	ports   string // of ssh, which stay open where restoring fails
}

// The mechanisms by which hosts restore their firewall.
const (
	AutoMechanism = "auto"         // what the host has, else OwnUnit
	OwnUnit       = "systemd-unit" // a unit of this provider's own, whatever the init system
	NoMechanism   = "none"
)

// DefaultBackups is how many earlier versions of a file are kept where nothing is said.
const DefaultBackups = 5

// Mechanisms are all that can be asked for.
var Mechanisms = []string{AutoMechanism, "netfilter-persistent", "iptables-services", "openrc", OwnUnit, NoMechanism}

func newBoot() Boot {
	return Boot{Paths: map[iptables.Family]string{}, Files: map[iptables.Family]string{}}
}

// keeps reports whether the host has files to restore.
func (b Boot) keeps() bool { return b.Mechanism != "" && b.Mechanism != NoMechanism }

// saves reports whether a change is saved in these files: not where nobody reads them, and they are
// somebody's who disabled what did.
func (b Boot) saves() bool { return b.keeps() && (b.Kept != nil || b.Enabled) }

// set reads one fact.
func (b *Boot) set(name, value string) (err error) {
	kept := func() *Keeping {
		if b.Kept == nil {
			b.Kept = &Keeping{}
		}
		return b.Kept
	}
	switch name {
	case "boot":
		b.Mechanism = value
	case "boot_file4", "boot_file6":
		if value != "" {
			b.Paths[familyOf(name)] = value
		}
	case "boot_sets":
		b.Sets = value
	case "boot_enabled":
		b.Enabled = true
	case "boot_wanted":
		kept().Mechanism = value
	case "boot_backups":
		kept().Backups, err = strconv.Atoi(value)
	case "boot_backup_dir":
		kept().BackupDir = value
	case "boot_version":
		kept().version = value
	case "boot_ports":
		kept().ports = value
	}
	return err
}

// unsaved is the warning that a host will boot without what is applied; "" where it will not.
func (b Boot) unsaved() string {
	switch {
	case b.Mechanism == "":
		return "nothing restores the firewall when this host boots: it comes up without these rules. An iptables_persistence sets that up " +
			"(once it is applied, this warning goes); persist = \"none\" in the provider says that it is meant so"
	case b.keeps() && !b.saves():
		return fmt.Sprintf("%s is installed on this host and not enabled: nothing is saved, and it comes up without these rules. An iptables_persistence "+
			"enables it (once it is applied, this warning goes); persist = \"none\" in the provider says that it is meant so", b.Mechanism)
	}
	return ""
}

// lasting is what is saved of a family: the part of the rules that is meant to stay, as the
// host's iptables prints it. It is never empty: a file that says nothing was lost, and must not
// pass for a host that is meant to be open.
func (s *Snapshot) lasting(family iptables.Family) string {
	rs := lasting(s.Rules)
	if !slices.Contains(rs.Tables(family), "filter") {
		for _, chain := range []string{"INPUT", "FORWARD", "OUTPUT"} {
			rs = rs.WithChain(iptables.ChainID{Family: family, Table: "filter", Name: chain}, iptables.Chain{Policy: "ACCEPT"})
		}
	}
	return policyLine.ReplaceAllString(rs.Save(family, s.Facts.Dialect(family)), "$0 [0:0]")
}

// Services that restore with `iptables-restore -c`, as Alpine's does by default, want counters behind
// the policies ("invalid policy counters for chain"); behind "-" they may stand, too.
var policyLine = regexp.MustCompile(`(?m)^:\S+ \S+$`)

// savedAll is the snapshot once what it lists was saved.
func (s *Snapshot) savedAll() *Snapshot {
	saved := *s
	saved.Facts.Boot.Files = map[iptables.Family]string{}
	saved.Facts.Boot.SavedSets = lastingSets(s.Rules)
	for family := range s.Facts.Boot.Paths {
		saved.Facts.Boot.Files[family] = s.lasting(family)
	}
	return &saved
}

// lasting is the part of a ruleset that is meant to stay over a boot: without the chains that
// other software makes anew when it starts, and without the jumps to them, which would
// otherwise be there twice.
func lasting(rs iptables.Ruleset) iptables.Ruleset {
	others := map[string]bool{} // a chain of ten thousand lines has few targets
	foreign := func(name string) bool {
		owned, known := others[name]
		if !known {
			_, owned = Owner(name)
			others[name] = owned
		}
		return owned
	}
	rs = rs.Only(func(id iptables.ChainID) bool { return !foreign(id.Name) })
	for _, id := range rs.Chains() {
		chain, _ := rs.Chain(id)
		kept := make([]iptables.Rule, 0, len(chain.Rules))
		for _, r := range chain.Rules {
			if !foreign(r.Target.Name) {
				kept = append(kept, r)
			}
		}
		if len(kept) < len(chain.Rules) {
			rs = rs.WithChain(id, iptables.Chain{Policy: chain.Policy, Rules: kept})
		}
	}
	return rs
}

func foreign(chain string) bool {
	_, owned := Owner(chain)
	return owned
}
