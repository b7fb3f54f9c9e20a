package firewall

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// A Backup is what a host restored at boot until it was saved anew.
type Backup struct {
	// Name is when that was, as the files' names say it: "2026-11-22T101500Z".
	Name string
	// Rules are those of both families as of then; a family that was not saved at that moment
	// has what it had.
	Rules iptables.Ruleset
	// Families are those whose file was replaced then.
	Families []iptables.Family
}

// A BackupError is a file that does not hold what iptables-save prints.
type BackupError struct {
	Name string
	Err  error
}

func (e *BackupError) Error() string {
	return fmt.Sprintf("backup %s cannot be read: %v", e.Name, e.Err)
}

func (e *BackupError) Unwrap() error { return e.Err }

// Backups reads the earlier versions of what the host restores at boot, the oldest first. It
// changes nothing. The error is an *Error, which can hold a *BackupError.
func (h *Host) Backups(ctx context.Context) ([]Backup, error) {
	const doing = "reading the backups"
	snapshot, err := h.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	runner, release := h.connection.use()
	defer release()
	vars := map[string]string{}
	for _, family := range iptables.Families {
		vars[fmt.Sprintf("file%d", family)] = snapshot.Facts.Boot.Paths[family]
	}
	answer, _, err := ask(ctx, runner, sshexec.Script{Body: program(baseScript, mechanismScript, savingScript, backupsScript), Vars: vars})
	if err != nil {
		return nil, h.fail(doing, err, Unchanged, "")
	}
	backups, err := backupsOf(answer)
	if err != nil {
		return nil, h.fail(doing, err, Unchanged, "")
	}
	return backups, nil
}

// backupsOf lays the files of both families beside each other. A file that was replaced at a
// moment holds what counted until then, so of each family the first that was replaced at that
// moment or later counts, and at last the file itself.
func backupsOf(answer []section) ([]Backup, error) {
	texts := map[iptables.Family]map[string]string{iptables.IPv4: {}, iptables.IPv6: {}}
	current := map[iptables.Family]string{}
	names := map[string]bool{}
	for _, part := range answer[:len(answer)-1] {
		family := familyOf(part.name())
		if strings.HasPrefix(part.name(), "current-") {
			current[family] = part.text
			continue
		}
		texts[family][part.subject()] = part.text
		names[part.subject()] = true
	}
	var backups []Backup
	for _, name := range slices.Sorted(maps.Keys(names)) {
		b := Backup{Name: name}
		for _, family := range iptables.Families {
			text := current[family]
			for _, later := range slices.Sorted(maps.Keys(texts[family])) {
				if later >= name {
					text = texts[family][later]
					break
				}
			}
			if _, ok := texts[family][name]; ok {
				b.Families = append(b.Families, family)
			}
			rules, err := iptables.ParseSave(family, text)
			if err != nil {
				return nil, &BackupError{Name: name, Err: err}
			}
			b.Rules = b.Rules.Merge(rules)
		}
		backups = append(backups, b)
	}
	return backups, nil
}

// PutBack is the edit that makes a saved firewall be in force again: each chain has the rules
// that were saved, and chains that were made since are gone. What belongs to other software,
// which is never saved, stays, and so do the jumps to it: behind as many rules as they stood
// behind.
func PutBack(saved iptables.Ruleset, families []iptables.Family) Edit {
	saved = lasting(saved)
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		wanted := rs
		for _, id := range append(rs.Chains(), saved.Chains()...) {
			if !slices.Contains(families, id.Family) || foreign(id.Name) {
				continue
			}
			live, _ := rs.Chain(id)
			then, held := saved.Chain(id) // a built-in one always is
			rules := withForeign(then.Rules, live.Rules)
			if held || len(rules) > 0 {
				wanted = wanted.WithChain(id, iptables.Chain{Policy: cmp.Or(then.Policy, live.Policy), Rules: rules})
			} else {
				wanted = wanted.WithoutChain(id)
			}
		}
		return wanted, nil
	}
}

// withForeign are the rules with the jumps to other software's chains that stand among live.
func withForeign(rules, live []iptables.Rule) []iptables.Rule {
	merged := slices.Clone(rules)
	own, added := 0, 0
	for _, r := range live {
		if !foreign(r.Target.Name) {
			own++
			continue
		}
		merged = slices.Insert(merged, min(own, len(rules))+added, r)
		added++
	}
	return merged
}
