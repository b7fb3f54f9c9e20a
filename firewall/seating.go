package firewall

import (
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A seating is one chain while the lines of one resource are taken out and put in.
type seating struct {
	rs    iptables.Ruleset
	id    iptables.ChainID
	rules []iptables.Rule

	vacant  []seat // where lines were taken out: at is what stood behind
	sisters []seat // where other lines of the resource stand
}

// A seat is a place in the chain and the rank of the line that has it, or had it.
type seat struct {
	at   int
	rank rank
}

// remove takes every copy of the rule out.
func (s *seating) remove(r iptables.Rule) {
	for i := find(s.rules, r, 0); i >= 0; i = find(s.rules, r, i) {
		s.rules = slices.Delete(s.rules, i, i+1)
		shift(s.vacant, i+1, -1)
		shift(s.sisters, i+1, -1)
		s.vacant = append(s.vacant, seat{i, rankOf(r)})
	}
}

// insert puts the rule in: in place of one of the same rank that was taken out, else behind
// the last sister of the same rank, else where it belongs by rank. The place of one that
// differs in its comment only is taken where it matters: where what stands between there and
// the place by rank does something else.
func (s *seating) insert(r iptables.Rule) {
	at := s.choose(r)
	s.rules = slices.Insert(s.rules, at, r)
	shift(s.vacant, at, +1)
	shift(s.sisters, at, +1)
	s.sisters = append(s.sisters, seat{at, rankOf(r)})
}

func (s *seating) choose(r iptables.Rule) int {
	mine := rankOf(r)
	general, last := place(s.rs, s.id, s.rules, r), -1
	for i, v := range s.vacant {
		if v.rank.like(mine) && (v.rank == mine || !s.commutes(r, v.at, general)) && effective(s.rs, s.id, s.rules[:v.at], r) {
			s.vacant = slices.Delete(s.vacant, i, i+1)
			return v.at
		}
	}
	for _, sister := range s.sisters {
		if sister.rank == mine {
			last = max(last, sister.at)
		}
	}
	// A sister that stands further down than the rank allows was imported there.
	if last >= 0 && last < general {
		return last + 1
	}
	return general
}

// commutes reports whether all that stands between two places does what the rule does.
func (s *seating) commutes(r iptables.Rule, a, b int) bool {
	for _, other := range s.rules[min(a, b):max(a, b)] {
		if verdictOf(other) != verdictOf(r) {
			return false
		}
	}
	return true
}

// shift moves all seats from index from on by that many places.
func shift(seats []seat, from, by int) {
	for i := range seats {
		if seats[i].at >= from {
			seats[i].at += by
		}
	}
}
