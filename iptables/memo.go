package iptables

import "sync"

// A memo is what was worked out of the chains of one Ruleset. Copies of the Ruleset share it;
// every change begins a new one.
type memo struct {
	mu     sync.Mutex
	chains map[ChainID]*worked
}

type worked struct {
	asked int
	value any
}

// Worked is what work makes of the chain, kept for all copies of this Ruleset: an index of a
// long chain that is searched again and again. A chain that was asked about fewer times than
// worth is not worth it yet: the result is nil, and always for the zero Ruleset. All callers that
// ask about one chain make the same of it.
func (rs Ruleset) Worked(id ChainID, worth int, work func() any) any {
	m := rs.memo
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.chains == nil {
		m.chains = map[ChainID]*worked{}
	}
	w := m.chains[id]
	if w == nil {
		w = &worked{}
		m.chains[id] = w
	}
	w.asked++
	if w.value == nil && w.asked > worth {
		w.value = work()
	}
	return w.value
}

// Is reports whether both are copies of one Ruleset, of which neither was changed since. It is
// cheap, and false says nothing: see Equal.
func (rs Ruleset) Is(o Ruleset) bool { return rs.memo != nil && rs.memo == o.memo }
