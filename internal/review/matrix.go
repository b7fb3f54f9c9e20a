package review

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// maxColumns bounds the matrix: beyond, those in which nothing changes are left out first.
const maxColumns = 24

// A column is something that can be reached.
type column struct {
	title   string
	probe   probe
	changed bool
	reached bool // by anybody, on any host
}

// matrixOf shows who reaches what, on all hosts of the plan.
func matrixOf(changes []*change) Matrix {
	columns := columnsOf(changes)
	m := Matrix{Columns: []string{}, Rows: []MatrixRow{}}
	for _, c := range columns {
		m.Columns = append(m.Columns, c.title)
	}
	index := map[string]int{}
	for _, c := range changes {
		var cells []MatrixCell
		for _, column := range columns {
			cells = append(cells, c.cell(column))
		}
		key := fmt.Sprint(cells)
		i, ok := index[key]
		if !ok {
			i = len(m.Rows)
			index[key] = i
			m.Rows = append(m.Rows, MatrixRow{Cells: cells})
		}
		m.Rows[i].Hosts = append(m.Rows[i].Hosts, c.names()...)
	}
	for _, r := range m.Rows {
		slices.SortFunc(r.Hosts, compareNames)
	}
	slices.SortStableFunc(m.Rows, func(a, b MatrixRow) int {
		if a.changed() != b.changed() {
			return map[bool]int{true: -1, false: 1}[a.changed()]
		}
		return compareNames(a.Hosts[0], b.Hosts[0])
	})
	return m
}

func (r MatrixRow) changed() bool {
	return slices.ContainsFunc(r.Cells, func(c MatrixCell) bool { return c.Changed })
}

// columnsOf are all that rules name, then ping and the rest.
func columnsOf(changes []*change) []column {
	var columns []column
	index := map[string]int{}
	for _, c := range changes {
		for _, r := range c.rows {
			title := "other " + strings.ToUpper(portNames[r.probe.protocol]) + " ports"
			if r.probe.named || r.probe.protocol == ping {
				title = serviceNames([]string{r.probe.String()})[0]
			}
			i, ok := index[title]
			if !ok {
				i = len(columns)
				index[title] = i
				columns = append(columns, column{title: title, probe: r.probe})
			}
			columns[i].changed = columns[i].changed || r.differs()
			columns[i].reached = columns[i].reached || !r.probe.named || r.reached()
		}
	}
	columns = slices.DeleteFunc(columns, func(c column) bool { return !c.reached })
	slices.SortStableFunc(columns, func(a, b column) int { return a.place() - b.place() })
	for i := len(columns) - 1; i >= 0 && len(columns) > maxColumns; i-- {
		if !columns[i].changed {
			columns = slices.Delete(columns, i, i+1)
		}
	}
	if len(columns) > maxColumns {
		columns = columns[:maxColumns]
	}
	return columns
}

// place is that of a column: by protocol and port, what is left last.
func (c column) place() int {
	p := order(c.probe.protocol)<<17 + int(c.probe.from)
	if !c.probe.named {
		p += 1 << 30
	}
	return p
}

// reached reports whether anybody gets through, before or after.
func (r row) reached() bool {
	for f, x := range r.fates {
		if levelOf(f, x.before) != nobody || levelOf(f, x.after) != nobody {
			return true
		}
	}
	return false
}

// differs reports whether others get through after than before.
func (r row) differs() bool { return slices.ContainsFunc(iptables.Families, r.differsIn) }

func (r row) differsIn(f iptables.Family) bool {
	x := r.fates[f]
	return x.differs() && fate{offLink(f, x.before), offLink(f, x.after)}.differs()
}

// cell is what becomes of a column on the hosts of a change. Where these tell its ports apart otherwise than
// the column does, it is what becomes of its first port; of several ways the widest counts.
func (c *change) cell(of column) MatrixCell {
	cell := MatrixCell{Before: Levels{nobody, nobody}, After: Levels{nobody, nobody}}
	for _, r := range c.rows {
		if !r.answers(of) {
			continue
		}
		for i, f := range iptables.Families {
			cell.changed[i] = cell.changed[i] || r.differsIn(f)
		}
		cell.Changed = cell.changed[0] || cell.changed[1]
		for f, x := range r.fates {
			cell.Before.widen(f, levelOf(f, x.before))
			cell.After.widen(f, levelOf(f, x.after))
		}
	}
	return cell
}

// answers reports whether a row is about a column.
func (r row) answers(of column) bool {
	if r.probe.protocol != of.probe.protocol {
		return false
	}
	if of.probe.named || of.probe.protocol == ping {
		return r.probe.from <= of.probe.from && of.probe.from <= r.probe.to
	}
	return !r.probe.named
}

var width = map[string]int{nobody: 0, uncertain: 1, some: 2, world: 3}

func (l *Levels) widen(f iptables.Family, level string) {
	mine := &l.IPv4
	if f == iptables.IPv6 {
		mine = &l.IPv6
	}
	if width[level] > width[*mine] {
		*mine = level
	}
}

// String is the level where both families have the same, and "world in IPv4, nobody in IPv6" where not.
func (l Levels) String() string {
	if l.IPv4 == l.IPv6 {
		return l.IPv4
	}
	return l.IPv4 + " in IPv4, " + l.IPv6 + " in IPv6"
}
