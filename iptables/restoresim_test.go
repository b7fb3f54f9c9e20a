package iptables

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"
)

// A simHost is what iptables-restore --noflush works on, in memory and as text: the rules of
// the game are those that recordings of real iptables show, and they are not written with the
// code under test. Each rule carries a mark, so that a test sees which of two equal
// lines went.
type simHost struct {
	tables map[string]map[string]*simChain
	// loose: -C and -D ignore interfaces, as an upstream 1.8.11-nft does.
	loose bool
}

type simChain struct {
	policy string
	rules  []simRule
}

type simRule struct {
	spec string
	mark int // its place in the state that was loaded, counted from 1; 0 for a new rule
}

func newSimHost() *simHost {
	h := &simHost{tables: map[string]map[string]*simChain{}}
	for table, chains := range builtIn {
		h.tables[table] = map[string]*simChain{}
		for _, name := range chains {
			h.tables[table][name] = &simChain{policy: "ACCEPT"}
		}
	}
	return h
}

func cloneTable(chains map[string]*simChain) map[string]*simChain {
	c := map[string]*simChain{}
	for name, chain := range chains {
		c[name] = &simChain{policy: chain.policy, rules: slices.Clone(chain.rules)}
	}
	return c
}

// mark numbers all rules by their place.
func (h *simHost) mark() {
	for _, chains := range h.tables {
		for _, c := range chains {
			for i := range c.rules {
				c.rules[i].mark = i + 1
			}
		}
	}
}

// restore feeds a payload: block by block, each wholly or not at all, and no further than the
// first that fails.
func (h *simHost) restore(payload string) error {
	var table string
	var work map[string]*simChain
	for n, line := range strings.Split(strings.TrimSuffix(payload, "\n"), "\n") {
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '*' && work == nil:
			table = line[1:]
			if h.tables[table] == nil {
				return fmt.Errorf("line %d: no table %s", n+1, table)
			}
			work = cloneTable(h.tables[table])
		case work == nil:
			return fmt.Errorf("line %d: %q outside of a table", n+1, line)
		case line == "COMMIT":
			if err := complete(work); err != nil {
				return fmt.Errorf("line %d: %w", n+1, err)
			}
			h.tables[table], work = work, nil
		default:
			if err := h.command(table, work, line); err != nil {
				return fmt.Errorf("line %d: %q: %w", n+1, line, err)
			}
		}
	}
	if work != nil {
		return fmt.Errorf("COMMIT expected")
	}
	return nil
}

// complete is what the kernel finds at the end of a block: every jump must have a target.
func complete(chains map[string]*simChain) error {
	for name, c := range chains {
		for _, r := range c.rules {
			if target := jumpTarget(r.spec); target != "" && chains[target] == nil {
				return fmt.Errorf("chain %s jumps to chain %s, which is not there", name, target)
			}
		}
	}
	return nil
}

// jumpTarget is the chain that a rule jumps to, "" where it jumps to none.
func jumpTarget(spec string) string {
	words := strings.Fields(spec)
	for i, w := range words[:max(0, len(words)-1)] {
		if (w == "-j" || w == "-g") && !slices.Contains(targetNames, words[i+1]) {
			return words[i+1]
		}
	}
	return ""
}

// targetNames are all verdicts and targets of iptables 1.8.9: no chain has such a name.
var targetNames = strings.Fields(`ACCEPT DROP RETURN QUEUE AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT
	DNPT DSCP ECN HL HMARK IDLETIMER LED LOG MARK MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK RATEEST REDIRECT REJECT
	SECMARK SET SNAT SNPT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS TPROXY TRACE TTL ULOG`)

func (h *simHost) command(table string, chains map[string]*simChain, line string) error {
	if line[0] == ':' {
		fields := strings.Fields(line[1:])
		name, policy := fields[0], fields[1]
		if slices.Contains(builtIn[table], name) {
			chains[name].policy = policy
			return nil
		}
		chains[name] = &simChain{} // one that is there is emptied
		return nil
	}
	command, rest, _ := strings.Cut(line, " ")
	name, spec, _ := strings.Cut(rest, " ")
	c := chains[name]
	if command == "-N" {
		if c != nil {
			return fmt.Errorf("chain already exists")
		}
		chains[name] = &simChain{}
		return nil
	}
	if c == nil {
		return fmt.Errorf("no chain %s", name)
	}
	if strings.HasPrefix(spec, "--") {
		return fmt.Errorf("unknown option")
	}
	number := 0
	if first, after, _ := strings.Cut(spec, " "); command == "-I" || command == "-R" || command == "-D" {
		if n, err := strconv.Atoi(first); err == nil {
			number, spec = n, after
		} else if command == "-I" {
			number = 1
		}
	}
	switch command {
	case "-A":
		c.rules = append(c.rules, simRule{spec: spec})
	case "-I":
		if number < 1 || number > len(c.rules)+1 {
			return fmt.Errorf("index of insertion too big")
		}
		c.rules = slices.Insert(c.rules, number-1, simRule{spec: spec})
	case "-R":
		if number < 1 || number > len(c.rules) {
			return fmt.Errorf("index of replacement too big")
		}
		c.rules[number-1] = simRule{spec: spec}
	case "-D":
		if number == 0 {
			number = h.find(c, spec)
		}
		if number < 1 || number > len(c.rules) {
			return fmt.Errorf("no such rule")
		}
		c.rules = slices.Delete(c.rules, number-1, number)
	case "-C":
		if h.find(c, spec) == 0 {
			return fmt.Errorf("no such rule")
		}
	case "-F":
		c.rules = nil
	case "-X":
		return deleteChain(chains, name)
	case "-P":
		if c.policy == "" {
			return fmt.Errorf("policy of a chain that is not built in")
		}
		c.policy = spec
	case "-E":
		chains[spec] = c
		delete(chains, name)
	case "-Z", "-S":
	default:
		return fmt.Errorf("unknown command")
	}
	return nil
}

func deleteChain(chains map[string]*simChain, name string) error {
	if len(chains[name].rules) > 0 {
		return fmt.Errorf("chain is not empty")
	}
	for from, c := range chains {
		for _, r := range c.rules {
			if jumpTarget(r.spec) == name {
				return fmt.Errorf("chain is referred to by %s", from)
			}
		}
	}
	delete(chains, name)
	return nil
}

// find is the position of the first line that iptables takes for the rule, 0 for none.
func (h *simHost) find(c *simChain, spec string) int {
	if strings.Contains(spec, "--mask 255.255.255.255 ") || strings.Contains(spec, "--connlimit-mask 32 ") {
		return 0
	}
	return 1 + slices.IndexFunc(c.rules, func(r simRule) bool {
		if h.loose {
			return withoutInterfaces(r.spec) == withoutInterfaces(spec)
		}
		return r.spec == spec
	})
}

func withoutInterfaces(spec string) string {
	words := strings.Fields(spec)
	for i := 0; i+1 < len(words); {
		if words[i] == "-i" || words[i] == "-o" {
			words = slices.Delete(words, i, i+2)
			continue
		}
		i++
	}
	return strings.Join(words, " ")
}

// hostsDiffer lists the lines of two hosts that differ, "" where they are the same.
func hostsDiffer(have, want *simHost) string {
	return cmp.Diff(have.listing(), want.listing())
}

// listing is the whole state: by table and chain, the policy and the rules.
func (h *simHost) listing() map[string][]string {
	state := map[string][]string{}
	for table, chains := range h.tables {
		for name, c := range chains {
			lines := []string{c.policy}
			for _, r := range c.rules {
				lines = append(lines, r.spec)
			}
			state[table+" "+name] = lines
		}
	}
	return state
}

// simOf is a host with one family of a ruleset on it.
func simOf(rs Ruleset, f Family) *simHost {
	h := newSimHost()
	for id, c := range rs.chains {
		if id.Family != f {
			continue
		}
		chain := &simChain{policy: c.Policy}
		for _, r := range c.Rules {
			chain.rules = append(chain.rules, simRule{spec: r.Input(Reference)})
		}
		h.tables[id.Table][id.Name] = chain
	}
	h.mark()
	return h
}
