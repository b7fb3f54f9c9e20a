package firewall

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// Spell puts in place of rules whose listing only the host knows (an extension that is not
// described in package iptables, the name of a user or a group) what its iptables makes of them.
// The host is asked once for each rule, in network namespaces of its own, where nothing changes. A
// rule that it cannot load there, or that needs what is outside of them, stays as it is.
func (h *Host) Spell(ctx context.Context, rules PolicyRules) (PolicyRules, error) {
	if err := h.askSpelling(ctx, rules.Uncertain()); err != nil {
		return rules, h.fail("asking how it lists a rule", err, Unchanged, "")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	spelled := func(id iptables.ChainID, r iptables.Rule) iptables.Rule {
		if known, ok := h.spelled[spellingKey(Line{id, r})]; ok {
			return known
		}
		return r
	}
	rules.Lines = slices.Clone(rules.Lines)
	for i, l := range rules.Lines {
		rules.Lines[i].Rule = spelled(l.Chain, l.Rule)
	}
	rules.Chains = slices.Clone(rules.Chains)
	for i, own := range rules.Chains {
		rules.Chains[i].Rules = slices.Clone(own.Rules)
		for k, r := range own.Rules {
			rules.Chains[i].Rules[k] = spelled(own.Chain, r)
		}
	}
	return rules, nil
}

// Uncertain are the lines of which nobody but the host knows how it lists them.
func (r PolicyRules) Uncertain() Lines {
	return r.All().filter(func(l Line) bool { return !l.Rule.Certain() })
}

// spellingKey is what a host is asked about once.
func spellingKey(l Line) string { return l.Chain.Table + " " + l.Rule.Key() }

// askSpelling asks about lines that were not asked about before.
func (h *Host) askSpelling(ctx context.Context, lines Lines) error {
	h.mu.Lock()
	lines = lines.filter(func(l Line) bool { _, asked := h.spelled[spellingKey(l)]; return !asked })
	h.mu.Unlock()
	if len(lines) == 0 {
		return nil
	}
	snapshot, err := h.Snapshot(ctx)
	if err != nil {
		return err
	}
	runner, release := h.connection.use()
	defer release()
	mark := rand.Text()
	vars := map[string]string{"mark": mark, "ipt4": "false", "ipt6": "false"}
	for f, program := range snapshot.Facts.Programs {
		vars["ipt"+string('0'+rune(f))] = program.Path
	}
	var input strings.Builder
	for _, l := range lines {
		text := l.Rule.Input(snapshot.Facts.Dialect(l.Chain.Family))
		input.WriteString(strings.Join([]string{string('0' + rune(l.Chain.Family)), l.Chain.Table, l.Chain.Name, declared(l), text}, " ") + "\n")
	}
	result, err := runner.Run(ctx, snapshot.Facts.packed(sshexec.Script{Body: program(spellScript), Vars: vars, Input: []byte(input.String())}))
	if err != nil {
		return err
	}
	answers, err := sections(string(result.Stdout), mark, "end")
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spelled == nil {
		h.spelled = map[string]iptables.Rule{}
	}
	for i, l := range lines {
		if i >= len(answers)-1 {
			break
		}
		h.spelled[spellingKey(l)] = listedAs(l, answers[i].text)
	}
	return nil
}

// declared are the chains that a rule needs to be loaded, joined by commas; "-" for none.
func declared(l Line) string {
	var chains []string
	if !l.Chain.BuiltIn() {
		chains = append(chains, l.Chain.Name)
	}
	if target := l.Rule.Target; target.Name != l.Chain.Name && target.Chain() {
		chains = append(chains, target.Name)
	}
	if len(chains) == 0 {
		return "-"
	}
	return strings.Join(chains, ",")
}

// listedAs is the one rule of a listing, the line's own where there is none.
func listedAs(l Line, listing string) iptables.Rule {
	lead := "-A " + l.Chain.Name + " "
	var found []iptables.Rule
	for line := range strings.Lines(listing) {
		if spec, ours := strings.CutPrefix(strings.TrimSuffix(line, "\n"), lead); ours {
			rules, err := iptables.ParseSpec(l.Chain.Family, l.Chain.Table, spec)
			if err == nil {
				found = append(found, rules...)
			}
		}
	}
	if len(found) != 1 {
		return l.Rule
	}
	return found[0]
}
