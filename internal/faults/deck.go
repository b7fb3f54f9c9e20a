package main

import (
	"regexp"
	"slices"
)

// A card is a cell on a kind of host.
type card struct {
	cell
	kind kind
}

func (c card) name() string { return c.fault.name + "/" + c.step.name + "/" + c.kind.name }

// A deck is all that can happen. A seed draws a card, and all that chance decides on it.
type deck struct{ cards []card }

// has reports whether a fault can happen on this kind of host.
func (k kind) has(f fault) bool {
	return (f.kinds == nil || slices.Contains(f.kinds, k.name)) && !slices.Contains(k.spared, f.name)
}

func newDeck() deck {
	var d deck
	for _, k := range kinds {
		for _, s := range steps {
			for _, f := range faults {
				if k.has(f) && !slices.Contains(k.blind, s.name) {
					d.cards = append(d.cards, card{cell{f, s}, k})
				}
			}
		}
	}
	return d
}

// draw is the card of a seed. Seeds that follow one another go through the whole deck.
func (d deck) draw(seed uint64) card { return d.cards[seed%uint64(len(d.cards))] }

// seeds are so many, from the first one on, whose cards match; 0 is once through the deck.
func (d deck) seeds(first uint64, count int, match *regexp.Regexp) []uint64 {
	var all []uint64
	for i := uint64(0); count == 0 && i < uint64(len(d.cards)) || len(all) < count; i++ {
		if match.MatchString(d.draw(first + i).name()) {
			all = append(all, first+i)
		}
		if len(all) == 0 && i > uint64(len(d.cards)) {
			return nil
		}
	}
	return all
}
