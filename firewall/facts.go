package firewall

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// Facts are what a host says of itself, as of one read.
type Facts struct {
	Kernel string // "Linux 6.1.0"
	System string // ID and VERSION_ID of /etc/os-release: "debian 12"
	// Programs hold the iptables binary of each family that the host has.
	Programs map[iptables.Family]Program
	// IPv6 says whether its kernel has IPv6 at all.
	IPv6 bool
	// Login are the ends of the connection by which it was read; zero for this machine itself.
	Login Login
	// Site are its addresses and uplinks, as far as `ip` tells.
	Site Site
	// Software names what else manages the firewall there: docker, fail2ban, ufw, firewalld.
	Software []string
	// Tools are those of flock, awk, unshare, systemd-run, setsid, ipset, gunzip and base64 that it has.
	Tools []string
	// Boot is how it keeps rules for the next boot; zero where it does not.
	Boot Boot
	// OtherBackend holds the rules of the backend that Programs do not speak: packets meet both.
	OtherBackend iptables.Ruleset
	Root         bool

	native [][]string // family, table and chain of rules that iptables lists wrongly
}

// A Program is an iptables binary.
type Program struct {
	Path    string
	Dialect iptables.Dialect
}

// A Login is an SSH connection as the host sees it.
type Login struct {
	Client, Server netip.AddrPort
	Interface      string // by which its packets come in, where known
}

// IsZero reports whether there is no login: the host is this machine.
func (l Login) IsZero() bool { return !l.Client.IsValid() }

// String is the login as messages name it.
func (l Login) String() string {
	return fmt.Sprintf("%s to %s port %d", l.Client.Addr(), l.Server.Addr(), l.Server.Port())
}

// Families are those that the host can manage, IPv4 first.
func (f Facts) Families() []iptables.Family {
	var families []iptables.Family
	for _, family := range iptables.Families {
		if _, ok := f.Programs[family]; ok {
			families = append(families, family)
		}
	}
	return families
}

// Dialect is how the host's binary of that family prints; the reference dialect where it has
// none.
func (f Facts) Dialect(family iptables.Family) iptables.Dialect {
	if p, ok := f.Programs[family]; ok {
		return p.Dialect
	}
	return iptables.Reference
}

// Warnings are what a person should know before trusting this host's firewall.
func (f Facts) Warnings() []string {
	var warnings []string
	if rules := f.OtherBackend.Len(); rules > 0 {
		backend, other := "nft", "legacy"
		if f.Dialect(iptables.IPv4).Backend == iptables.Legacy {
			backend, other = other, backend
		}
		warnings = append(warnings, fmt.Sprintf("two firewalls at once: this provider manages the %s backend, "+
			"but %d rules are also in force in the %s backend, and a packet must pass both. List them with iptables-%s-save.",
			backend, rules, other, other))
	}
	if slices.Contains(f.Software, "firewalld") {
		warnings = append(warnings, "firewalld runs on this host: it rewrites the firewall whenever it is reloaded")
	}
	return warnings
}

// parseFacts reads the lines "name=value" of the read script.
func parseFacts(text string) (Facts, error) {
	facts := Facts{Programs: map[iptables.Family]Program{}, Boot: newBoot()}
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "=")
		if err := facts.set(name, value); err != nil {
			return Facts{}, err
		}
	}
	return facts, nil
}

func (f *Facts) set(name, value string) error {
	switch name {
	case "uid":
		f.Root = value == "0"
	case "ssh_connection":
		return f.setLogin(value)
	case "route4", "route6":
		f.Site.setUplink(familyOf(name), strings.Fields(value))
	case "kernel":
		f.Kernel = value
	case "system":
		f.System = value
	case "ipv6":
		f.IPv6 = true
	case "tool":
		f.Tools = append(f.Tools, value)
	case "native":
		f.native = append(f.native, strings.Fields(value))
	case "software":
		f.Software = append(f.Software, value)
	case "boot", "boot_file4", "boot_file6", "boot_sets", "boot_enabled", "boot_wanted", "boot_backups", "boot_backup_dir", "boot_version", "boot_ports":
		return f.Boot.set(name, value)
	case "program4", "program6":
		f.Programs[familyOf(name)] = Program{Path: value}
	case "version4", "version6":
		dialect, err := iptables.ParseDialect(value)
		if err != nil {
			return err
		}
		f.Programs[familyOf(name)] = Program{Path: f.Programs[familyOf(name)].Path, Dialect: dialect}
	}
	return nil
}

// setLogin reads SSH_CONNECTION: client, its port, server, its port (sshd(8)).
func (f *Facts) setLogin(value string) error {
	words := strings.Fields(value)
	if len(words) != 4 {
		return nil // not over SSH
	}
	client, err := netip.ParseAddrPort(joinPort(words[0], words[1]))
	if err != nil {
		return fmt.Errorf("reading SSH_CONNECTION: %w", err)
	}
	server, err := netip.ParseAddrPort(joinPort(words[2], words[3]))
	if err != nil {
		return fmt.Errorf("reading SSH_CONNECTION: %w", err)
	}
	f.Login.Client, f.Login.Server = client, server
	return nil
}

func joinPort(address, port string) string {
	if strings.Contains(address, ":") {
		address = "[" + address + "]"
	}
	return address + ":" + port
}

// familyOf reads the family off a name that ends in 4 or 6.
func familyOf(name string) iptables.Family {
	if strings.HasSuffix(name, "6") {
		return iptables.IPv6
	}
	return iptables.IPv4
}
