package firewall

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// read reads the facts and both families in one session.
func read(ctx context.Context, runner sshexec.Runner, options Options, followed bool) (*Snapshot, error) {
	script := readingScript(options, "")
	if followed {
		script.Next = commitLibrary()
	}
	parts, stderr, err := ask(ctx, runner, script)
	if err != nil {
		return nil, err
	}
	return parseSnapshot(parts, stderr)
}

// readingScript reads the host; counters is "-c" for those of rules too.
func readingScript(options Options, counters string) sshexec.Script {
	return sshexec.Script{
		Body: program(baseScript, mechanismScript, nativeScript, readScript),
		Vars: map[string]string{
			"backend": options.Backend, "lock_timeout": seconds(options.LockTimeout), "foreign_sets": foreignSets, "counters": counters,
		},
	}
}

// readCounted reads the rules of both families with their counters.
func readCounted(ctx context.Context, runner sshexec.Runner, options Options) (iptables.Ruleset, map[iptables.ChainID][]iptables.Counters, error) {
	parts, stderr, err := ask(ctx, runner, readingScript(options, "-c"))
	if err != nil {
		return iptables.Ruleset{}, nil, err
	}
	snapshot, err := parseSnapshot(parts, stderr)
	if err != nil {
		return iptables.Ruleset{}, nil, err
	}
	counters := map[iptables.ChainID][]iptables.Counters{}
	for _, part := range parts {
		if part.name() == "save4" || part.name() == "save6" {
			maps.Copy(counters, iptables.ParseCounters(familyOf(part.name()), part.text))
		}
	}
	return snapshot.Rules, counters, nil
}

// ask runs a script that changes nothing, and returns the parts of its answer.
func ask(ctx context.Context, runner sshexec.Runner, script sshexec.Script) (parts []section, stderr string, err error) {
	mark := rand.Text()
	script.Vars["mark"] = mark
	result, err := runner.Run(ctx, script)
	if err != nil {
		return nil, "", err
	}
	stderr = firstLines(result.Stderr)
	if parts, err = sections(string(result.Stdout), mark, "end"); err != nil {
		return nil, "", fmt.Errorf("%w; it printed on standard error: %s", err, stderr)
	}
	return parts, stderr, nil
}

func parseSnapshot(parts []section, stderr string) (*Snapshot, error) {
	var facts strings.Builder
	for _, part := range parts {
		if part.name() == "facts" {
			facts.WriteString(part.text)
		}
	}
	parsed, err := parseFacts(facts.String())
	if err != nil {
		return nil, err
	}
	for _, part := range parts {
		if part.name() == "addresses" {
			parsed.Site.Addresses = parseAddresses(part.text)
			parsed.Login.Interface = parsed.Site.interfaceOf(parsed.Login.Server.Addr())
		}
	}
	snapshot := &Snapshot{
		Facts: parsed, listings: map[tableID]listing{}, setTexts: map[string]string{}, saved: map[iptables.Family]string{},
	}
	for _, part := range parts {
		if table, ok := incompatible(part.text); ok && strings.HasPrefix(part.name(), "save") {
			return nil, &IncompatibleError{Family: familyOf(part.name()), Table: table}
		}
	}
	if err := snapshot.check(facts.String(), stderr); err != nil {
		return nil, err
	}
	for _, part := range parts {
		family := familyOf(part.name())
		switch part.name() {
		case "save4", "save6":
			rules, err := iptables.ParseSave(family, part.text)
			if err != nil {
				return nil, fmt.Errorf("reading the output of %s-save: %w", family.Command(), err)
			}
			snapshot.Rules = snapshot.Rules.Merge(rules)
			snapshot.saved[family] = part.text
			maps.Copy(snapshot.listings, listingsOfSave(family, part.text))
		case "sets":
			if err := snapshot.readSets(part.text); err != nil {
				return nil, err
			}
		case "bootsets":
			snapshot.Facts.Boot.SavedSets = part.text
		case "boot4", "boot6":
			snapshot.Facts.Boot.Files[family] = part.text
		case "other4", "other6":
			// Another program's firewall is reported, not managed: what cannot be read of it is left.
			if rules, err := iptables.ParseSave(family, part.text); err == nil {
				snapshot.Facts.OtherBackend = snapshot.Facts.OtherBackend.Merge(rules)
			}
		}
	}
	if err := snapshot.checkNative(); err != nil {
		return nil, err
	}
	return snapshot, nil
}

// check refuses a host that cannot be managed, before anything is concluded from what it
// printed: an empty listing must never pass for an empty firewall.
func (s *Snapshot) check(facts, stderr string) error {
	switch {
	case len(s.Facts.Programs) == 0:
		return &MissingError{Program: "iptables", Package: "iptables"}
	case !s.Facts.Root:
		return &NotRootError{}
	case strings.Contains(facts, "undecided=yes\n"):
		return &BusyError{Holder: "a change is waiting for its confirmation, and may yet be taken back"}
	}
	for family := range s.Facts.Programs {
		if want := fmt.Sprintf("status%d=0\n", family); !strings.Contains(facts, want) {
			if table, ok := incompatible(stderr); ok {
				return &IncompatibleError{Family: family, Table: table}
			}
			if strings.Contains(stderr, "Parsing nftables rule failed") { // since 1.8.9; it names no table
				return &IncompatibleError{Family: family}
			}
			if strings.Contains(stderr, "Permission denied (you must be root)") {
				return &PowerlessError{Reason: stderr}
			}
			return fmt.Errorf("%s-save failed: %s", family.Command(), stderr)
		}
	}
	return nil
}

// A MissingError is a host without a program that is needed.
type MissingError struct{ Program, Package string }

func (e *MissingError) Error() string {
	return fmt.Sprintf("the program %s is not installed there (package %s)", e.Program, e.Package)
}

// A NotRootError is a login without the rights to read or change the firewall.
type NotRootError struct{}

func (e *NotRootError) Error() string {
	return "the login is not root and may not become root; allow it sudo, or log in as root"
}

// A PowerlessError is a login that is root and may not read or change the firewall all the same.
type PowerlessError struct{ Reason string }

func (e *PowerlessError) Error() string {
	return "the login is root, and yet the kernel does not let it see the firewall: in a container root needs CAP_NET_ADMIN and a network namespace " +
		"of its own (LXC: not lxc.cap.drop = net_admin; OpenVZ: the container's netfilter has to be switched on by its host). It said: " + e.Reason
}

// firstLines is enough of a program's complaint to be understood.
func firstLines(text []byte) string {
	const most = 600
	s := strings.TrimSpace(string(text))
	if len(s) > most {
		s = s[:most] + "..."
	}
	if s == "" {
		return "(nothing)"
	}
	return strings.ToValidUTF8(s, "?")
}
