package firewall

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// A commit is one change on its way to the host.
type commit struct {
	host     *Host
	id       string
	live     *Snapshot
	wanted   *Snapshot // the host as it will be if nobody else changes it
	change   iptables.Change
	widens   bool      // it takes nothing away: the host may confirm it by itself
	followed bool      // another commit is likely to come as soon as this one is done
	armed    time.Time // when the change was sent: the host's timer starts later

	// tell, where it is not nil, is called when the host has decided to keep the change and begins to save it.
	tell func(Applied)
	told *Snapshot // what it was called with
}

func newCommit(h *Host, live *Snapshot, wanted iptables.Ruleset, change iptables.Change) *commit {
	return &commit{
		host: h, id: strings.ToLower(rand.Text()[:16]), live: live, wanted: live.changed(wanted, change),
		change: change, widens: change.Widens(),
	}
}

// run carries the commit through all its steps. A *MovingError asks to compute the change
// again.
func (c *commit) run(ctx context.Context) (Applied, error) {
	if lines := append(c.change.Unwritable(iptables.Reference), c.change.Undo().Unwritable(iptables.Reference)...); len(lines) > 0 {
		return Applied{}, c.host.fail(changing, &UnpreparedError{
			Reason: fmt.Sprintf("a rule whose text has a line break cannot be written or put back: %q", lines[0].String(iptables.Reference)),
		}, Unchanged, "")
	}
	mark := rand.Text()
	runner, release := c.host.connection.use()
	defer release()
	if err := ctx.Err(); err != nil {
		return Applied{}, c.host.fail(changing, err, Unchanged, "")
	}
	input := []byte(c.input(mark))
	c.armed = time.Now()
	sending, cancel := unhurried(ctx)
	defer cancel()
	script := sshexec.Script{Library: commitLibrary(), Body: "commit\n", Vars: c.vars(mark), Input: input}
	if c.widens {
		script.Next = c.next()
	}
	c.tellOf(&script, mark, c.wanted)
	result, err := runner.Run(sending, c.live.Facts.packed(script))
	var endless *sshexec.OutputError
	if errors.Is(err, sshexec.ErrOutcomeUnknown) || errors.As(err, &endless) {
		return Applied{}, c.lost(ctx, err)
	}
	if err != nil {
		return Applied{}, c.host.fail(changing, err, Unchanged, "")
	}
	if c.told == nil { // whatever the script did, what was read before it is out of date
		c.host.forget(nil)
	}
	answer, err := sections(string(result.Stdout), mark, "result")
	if err != nil {
		return Applied{}, c.lost(ctx, fmt.Errorf("%w; it printed on standard error: %s", err, firstLines(result.Stderr)))
	}
	return c.answered(ctx, answer)
}

// next is what the script is likely to be that follows the one that keeps the change. That is this one where the change widens;
// any other ends with the connection of a new login.
func (c *commit) next() string {
	if c.followed {
		return commitLibrary()
	}
	return ""
}

const changing = "changing the firewall"

// unhurried is a context that goes on for a while when ctx is cancelled: a commit script that
// is under way is over sooner than it is taken back.
func unhurried(ctx context.Context) (context.Context, context.CancelFunc) {
	const grace = 10 * time.Second
	late, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(grace, cancel) })
	return late, func() { stop(); cancel() }
}

// answered acts on what the commit script says.
func (c *commit) answered(ctx context.Context, answer []section) (Applied, error) {
	last := answer[len(answer)-1]
	reason := reasonOf(answer)
	switch result := strings.Join(last.words[1:], " "); {
	case result == "applied":
		return c.settle(ctx, answer)
	case result == "confirmed" && c.widens:
		return c.kept(c.wanted, unsaved(answer)), nil
	case result == "busy":
		return Applied{}, c.host.fail(changing, &BusyError{Holder: reason}, Unchanged,
			"Another run is changing this host: apply again when it is done, or raise lock_timeout.")
	case result == "changed":
		return Applied{}, &MovingError{Detail: reason}
	case result == "rejected":
		return Applied{}, c.host.fail(changing, &RejectedError{Reason: reason, Lines: c.newLines()}, Unchanged, "")
	case result == "unable":
		return Applied{}, c.host.fail(changing, &UnpreparedError{Reason: reason}, Unchanged, "")
	case result == "undone":
		return Applied{}, c.host.fail(changing, &RejectedError{Reason: reason, Lines: c.newLines()}, RolledBack, "")
	case result == "stuck": // so far: what keeps the host from taking the change back may be over in a moment
		return Applied{}, c.lost(ctx, &RejectedError{Reason: reason, Lines: c.newLines()})
	default:
		return Applied{}, c.uncertain(&OutcomeError{Outcome: result, Detail: reason})
	}
}

func (c *commit) vars(mark string) map[string]string {
	vars := map[string]string{
		"mark": mark, "id": c.id, "sets": "no", "widens": "no", "locks": "none",
		"rollback_timeout": seconds(c.host.options.RollbackTimeout),
		"lock_timeout":     seconds(c.host.options.LockTimeout),
		"tables4":          "", "tables6": "", "ipt4": "", "ipt6": "", "restore4": "", "restore6": "",
		"wait": "", "restore_wait": "",
	}
	for _, family := range iptables.Families {
		vars[fmt.Sprintf("boot%d", family)] = c.live.Facts.Boot.Paths[family]
	}
	vars["boot_sets"] = c.live.Facts.Boot.Sets
	if c.widens {
		vars["widens"] = "yes"
	}
	for family, program := range c.live.Facts.Programs {
		vars[fmt.Sprintf("ipt%d", family)] = program.Path
		vars[fmt.Sprintf("restore%d", family)] = program.Path + "-restore"
		vars["wait"], vars["restore_wait"] = waitOptions(program.Dialect.Version)
		if program.Dialect.Backend == iptables.Legacy {
			vars["locks"] = "xtables"
		}
	}
	for _, family := range c.change.Families() {
		var tables []string
		for _, t := range touchedTables(c.change, family) {
			tables = append(tables, t.id.table)
		}
		vars[fmt.Sprintf("tables%d", family)] = strings.Join(tables, " ")
		payload := c.change.Payload(family, c.live.Facts.Dialect(family))
		if strings.Contains(payload, "--match-set ") || strings.Contains(payload, "-j SET ") {
			vars["sets"] = "yes"
		}
	}
	return vars
}

// waitOptions bound the wait for the lock of the legacy backend: -w takes a number since
// iptables 1.6.0, iptables-restore has it since 1.6.2. Without it those versions wait by themselves.
func waitOptions(v iptables.Version) (list, restore string) {
	const wait = "-w 20"
	switch {
	case v.Compare(iptables.Version{Major: 1, Minor: 6}) < 0:
		return "", ""
	case v.Compare(iptables.Version{Major: 1, Minor: 6, Patch: 2}) < 0:
		return wait, ""
	}
	return wait, wait
}

// input is the parts of the commit script.
func (c *commit) input(mark string) string {
	p := &parts{mark: mark}
	undo := c.change.Undo()
	trial := c.needsTrial()
	var found strings.Builder
	for _, family := range c.change.Families() {
		dialect := c.live.Facts.Dialect(family)
		tables := touchedTables(c.change, family)
		for _, t := range tables {
			p.add("chains-"+t.id.suffix(), strings.Join(t.chains, "\n"))
			p.add("expect-"+t.id.suffix(), sumOf(c.live.listings[t.id].of(t.chains)))
			p.add("after-"+t.id.suffix(), sumOf(c.wanted.listings[t.id].of(t.chains)))
			fmt.Fprintf(&found, "%s  found-%s\n", sumOf(c.live.listings[t.id].text()), t.id.suffix())
			p.add("listed-"+t.id.suffix(), sumOf(c.wanted.listings[t.id].text()))
			p.add("undo-"+t.id.suffix(), undoSteps(undo, t.id, dialect))
		}
		p.add(fmt.Sprintf("payload-%d", family), c.change.Payload(family, dialect))
		if trial {
			p.add(fmt.Sprintf("whole-%d", family), c.tried(tablesOf(c.wanted.Rules, tables), family))
			p.add(fmt.Sprintf("added-%d", family), c.tried(tablesOf(c.skeleton(), tables), family))
		}
	}
	p.add("found", found.String())
	c.addSets(p)
	if c.widens {
		c.addFiles(p, c.wanted)
	}
	p.add("end", fmt.Sprintf("end %d", p.lines+1))
	return p.text.String()
}

// A touchedTable is a table and those of its chains that a change touches.
type touchedTable struct {
	id     tableID
	chains []string
}

func touchedTables(change iptables.Change, family iptables.Family) []touchedTable {
	var tables []touchedTable
	for _, chain := range change.Touched() {
		if chain.Family != family {
			continue
		}
		id := tableID{family, chain.Table}
		i := slices.IndexFunc(tables, func(t touchedTable) bool { return t.id == id })
		if i < 0 {
			i = len(tables)
			tables = append(tables, touchedTable{id: id})
		}
		tables[i].chains = append(tables[i].chains, chain.Name)
	}
	return tables
}

// undoSteps are the steps of one table's undo, each led by a comment that says how to find
// its place again (scripts/undo.awk). iptables-restore passes over the comments.
func undoSteps(undo iptables.Change, id tableID, d iptables.Dialect) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%s\n", id.table)
	for _, step := range undo.TolerantSteps(id.family, d) {
		if step.Table == id.table {
			fmt.Fprintf(&b, "#@ %s\t%s\t%d\t%s\n%s\n", step.Kind, step.Chain, step.Rank, step.Anchor, step.Line())
		}
	}
	b.WriteString("COMMIT\n")
	return b.String()
}

// newLines are the lines that a change adds, as messages show them.
func (c *commit) newLines() []string {
	const most = 20
	var lines []string
	for _, line := range c.change.Added() {
		if len(lines) == most {
			return append(lines, "...")
		}
		lines = append(lines, line.String(c.live.Facts.Dialect(line.Chain.Family)))
	}
	return lines
}

func reasonOf(answer []section) string {
	for _, part := range answer {
		if part.name() == "errors" {
			return firstLines([]byte(part.text))
		}
	}
	return "(it gives no reason)"
}

func seconds(d time.Duration) string {
	return strconv.Itoa(max(1, int(d.Round(time.Second)/time.Second)))
}
