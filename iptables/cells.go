package iptables

import "slices"

// cells is a set of cells of a universe, as bits. All methods but add, fill and subtract leave
// it as it is. In a walk of
// one packet there is one cell.
type cells struct {
	from  int // the number of the first word
	words []uint64
}

// empty relies on trim: no words stand at either end that hold nothing.
func (c cells) empty() bool { return len(c.words) == 0 }

func (c cells) trim() cells {
	for len(c.words) > 0 && c.words[0] == 0 {
		c.from, c.words = c.from+1, c.words[1:]
	}
	for len(c.words) > 0 && c.words[len(c.words)-1] == 0 {
		c.words = c.words[:len(c.words)-1]
	}
	return c
}

func (c cells) end() int { return c.from + len(c.words) }

// subtract removes d in place.
func (c *cells) subtract(d cells) {
	for i := max(c.from, d.from); i < min(c.end(), d.end()); i++ {
		c.words[i-c.from] &^= d.words[i-d.from]
	}
	*c = c.trim()
}

func (c cells) minus(d cells) cells {
	c.words = slices.Clone(c.words)
	c.subtract(d)
	return c
}

func (c cells) and(d cells) cells {
	from, end := max(c.from, d.from), min(c.end(), d.end())
	if from >= end {
		return cells{}
	}
	out := cells{from, slices.Clone(c.words[from-c.from : end-c.from])}
	for i := range out.words {
		out.words[i] &= d.words[from-d.from+i]
	}
	return out.trim()
}

// or is always a set of its own, so that it may be added to.
func (c cells) or(d cells) cells {
	if c.empty() {
		c, d = d, c
	}
	from, end := c.from, c.end()
	if !d.empty() {
		from, end = min(from, d.from), max(end, d.end())
	}
	out := cells{from, make([]uint64, end-from)}
	out.add(c)
	out.add(d)
	return out
}

// add puts d in place into a set that covers it.
func (c cells) add(d cells) {
	for i, word := range d.words {
		c.words[d.from+i-c.from] |= word
	}
}

func (c cells) covers(d cells) bool { return d.empty() || c.from <= d.from && d.end() <= c.end() }

// has reports whether a cell is in the set.
func (c cells) has(cell int) bool {
	i := cell/64 - c.from
	return i >= 0 && i < len(c.words) && c.words[i]&(1<<(cell%64)) != 0
}

// span is the set of the cells a up to b, without b.
func span(a, b int) cells {
	if a >= b {
		return cells{}
	}
	c := cells{a / 64, make([]uint64, (b-1)/64-a/64+1)}
	c.fill(a, b)
	return c
}

// fill adds the cells a up to b, for which there must be words.
func (c cells) fill(a, b int) {
	for a < b {
		i, stop := a/64, min(b, (a/64+1)*64)
		bits := ^uint64(0) << (a % 64)
		if stop%64 != 0 {
			bits &= 1<<(stop%64) - 1
		}
		c.words[i-c.from] |= bits
		a = stop
	}
}
