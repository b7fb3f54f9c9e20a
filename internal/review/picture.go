package review

import "fmt"

// Measures of the matrix in pixels.
const (
	labelWidth = 190
	headHeight = 150
	cellWidth  = 64
	cellHeight = 40
	glyphSize  = 16
)

// maxRows bounds the picture. Rows in which something changes stand first.
const maxRows = 300

// A picture is a matrix as what is drawn: places and shapes.
type picture struct {
	Width, Height int
	Heads         []head
	Rows          []pictureRow
	Hidden        int // rows that are left out
}

type head struct {
	Title string
	X, Y  int
}

type pictureRow struct {
	Hosts  []string
	Y      int // of its upper edge
	Middle int
	Cells  []pictureCell
}

type pictureCell struct {
	X, Y    int
	Title   string // for a pointer, and for who hears the page
	Changed bool
	Glyphs  []glyph
}

// A glyph is the shape of a level; its label is the family, where the two differ.
type glyph struct {
	Level string
	X, Y  int
	Label string
	TextX int
	TextY int
	// Sign stands between before and after: "+" where it gets wider, "−" where it gets narrower, "≠" where only
	// the addresses differ, "" where nothing changes.
	Sign  string
	SignX int
}

func pictureOf(m Matrix) picture {
	p := picture{Width: labelWidth + cellWidth*len(m.Columns) + 90}
	for i, title := range m.Columns {
		p.Heads = append(p.Heads, head{title, labelWidth + cellWidth*i + cellWidth/2, headHeight - 8})
	}
	rows := m.Rows
	if len(rows) > maxRows {
		p.Hidden = len(rows) - maxRows
		rows = rows[:maxRows]
	}
	for i, r := range rows {
		y := headHeight + i*cellHeight
		row := pictureRow{Hosts: r.Hosts, Y: y, Middle: y + cellHeight/2 + 4}
		for j, c := range r.Cells {
			row.Cells = append(row.Cells, c.draw(labelWidth+j*cellWidth, y, m.Columns[j], r.Hosts))
		}
		p.Rows = append(p.Rows, row)
	}
	p.Height = headHeight + len(rows)*cellHeight + 4
	return p
}

// draw is a cell: one shape where nothing changes, the shapes of before and after where something does, a line
// for each family where they differ.
func (c MatrixCell) draw(x, y int, column string, hosts []string) pictureCell {
	cell := pictureCell{X: x, Y: y, Title: fmt.Sprintf("%s on %s: %s", column, hostsInShort(hosts), c.Before)}
	if c.Changed {
		cell.Title = fmt.Sprintf("%s on %s: before %s, after %s", column, hostsInShort(hosts), c.Before, c.After)
		cell.Changed = true
	}
	if c.Before.IPv4 == c.Before.IPv6 && c.After.IPv4 == c.After.IPv6 {
		cell.Glyphs = line(x, y+(cellHeight-glyphSize)/2, c.Before.IPv4, c.After.IPv4, c.Changed, "")
		return cell
	}
	cell.Glyphs = append(line(x, y+2, c.Before.IPv4, c.After.IPv4, c.changed[0], "4"),
		line(x, y+cellHeight-glyphSize-2, c.Before.IPv6, c.After.IPv6, c.changed[1], "6")...)
	return cell
}

func line(x, y int, before, after string, changed bool, label string) []glyph {
	text := glyph{Label: label, TextX: x + 2, TextY: y + 12}
	if !changed {
		text.Level, text.X, text.Y = before, x+(cellWidth-glyphSize)/2, y
		return []glyph{text}
	}
	text.Level, text.X, text.Y = before, x+9, y
	text.Sign, text.SignX = sign(before, after), x+cellWidth/2
	return []glyph{text, {Level: after, X: x + cellWidth - glyphSize - 9, Y: y}}
}

func sign(before, after string) string {
	switch {
	case width[after] > width[before]:
		return "+"
	case width[after] < width[before]:
		return "−"
	}
	return "≠"
}
