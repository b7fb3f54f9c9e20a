package protocol

// A Step is what a role does at a time. Do changes the world and reports whether it could; where not, it waits. A step that
// leaves Next as it is goes on to the next one.
type Step struct {
	Name string
	Do   func(w *World, i int) bool
}

// A Table is the protocol: the steps of each role in their order.
type Table [roles][]Step

// Steps is the table of the code.
func Steps() Table {
	return Table{
		Script: append([]Step{
			{"locked", lockForCommit},
			{"folder", func(w *World, i int) bool { w.Commits[i].File = Folder; return true }},
			{"armed", func(w *World, i int) bool { w.Commits[i].File = Armed; return true }},
			{"timed", func(w *World, i int) bool { w.Commits[i].Next[Timer] = 0; return true }},
			{"begin-4", begin},
			{"applied-4", land(0)},
			{"begin-6", begin},
			{"applied-6", land(1)},
			{"listed", func(w *World, i int) bool {
				if w.Commits[i].Kind != Widens {
					w.answer(i)
				}
				return true
			}},
			{"disarmed", func(w *World, i int) bool {
				if w.Commits[i].File != Armed { // the timer was first
					w.answer(i)
					return true
				}
				w.Commits[i].File = Confirmed
				return true
			}},
		}, keep(func(w *World, i int) { w.answer(i) })...),
		Keep: append([]Step{
			{"login", login},
			{"entered", func(w *World, i int) bool {
				// It only orders the saves, so it goes on without it after a while.
				if w.Lock == Nobody {
					w.Lock = holder(i, Keep)
				}
				return true
			}},
			{"disarmed", func(w *World, i int) bool {
				c := &w.Commits[i]
				switch c.File {
				case Armed:
					c.File = Confirmed
				case Undoing:
					// It waits a while without the lock; then the client asks once more, by a login that takes back.
					w.end(i, Keep)
					if c.Belief == Waiting && c.Next[Back] == idle {
						c.Next[Back] = 0
					}
				default:
					w.end(i, Keep)
					w.learn(i)
				}
				return true
			}},
		}, keep(func(w *World, i int) {
			w.end(i, Keep)
			w.learn(i)
		})...),
		Back: append([]Step{
			{"login", login},
			{"lock", func(w *World, i int) bool {
				if w.Lock != Nobody {
					return false
				}
				w.Lock = holder(i, Back)
				return true
			}},
			{"decide", func(w *World, i int) bool {
				c := &w.Commits[i]
				if c.undecided() {
					c.File = Undoing
					return true
				}
				if c.Record == Unrecorded {
					c.Record = Cancelled
				}
				w.end(i, Back)
				w.learn(i)
				return true
			}},
		}, undo(Back)...),
		Timer: append([]Step{
			{"claim", func(w *World, i int) bool {
				c := &w.Commits[i]
				if c.File == Armed {
					c.File = Undoing
				}
				if c.File != Undoing {
					w.end(i, Timer)
				}
				return true
			}},
			{"lock", func(w *World, i int) bool {
				if w.Lock == Nobody {
					w.Lock = holder(i, Timer)
					return true
				}
				// Whoever holds it for so long holds it for ever; what was in flight has landed by then.
				return !w.Commits[i].inFlight
			}},
		}, undo(Timer)...),
	}
}

// lockForCommit is had by one whose turn it is: no other change waits for its confirmation. What others left is put in order.
func lockForCommit(w *World, i int) bool {
	if w.Lock != Nobody {
		return false
	}
	o := &w.Commits[1-i]
	if o.undecided() && o.Next[Timer] != idle {
		return false
	}
	if o.undecided() { // its timer is dead
		o.takeBack()
		o.Record = Undone
	}
	o.File = None
	c := &w.Commits[i]
	if c.Record == Cancelled {
		w.end(i, Script)
		return true
	}
	w.Lock = holder(i, Script)
	return true
}

// answer is the script's last word, and its end.
func (w *World) answer(i int) {
	w.Commits[i].answered = true
	w.end(i, Script)
}

// keep is what follows when a change is decided to stay, whoever decided it.
func keep(end func(w *World, i int)) []Step {
	return []Step{
		{"stopped", func(w *World, i int) bool { w.end(i, Timer); return true }},
		{"saved", func(w *World, i int) bool { w.Commits[i].Saved = true; return true }},
		{"recorded", func(w *World, i int) bool { w.Commits[i].Record = Kept; return true }},
		{"dropped", func(w *World, i int) bool {
			w.Commits[i].File = None
			end(w, i)
			return true
		}},
	}
}

func login(w *World, _ int) bool { return !w.shut() }

// begin starts iptables-restore, unless the timer was first.
func begin(w *World, i int) bool {
	c := &w.Commits[i]
	if c.File != Armed {
		// It has the lock, so it goes on with the undo itself.
		if c.File == Undoing {
			c.takeBack()
			c.File = None
			w.end(i, Timer)
			if c.Record == Unrecorded {
				c.Record = Undone
			}
		}
		w.answer(i)
		return true
	}
	c.inFlight = true
	return true
}

func land(family int) func(w *World, i int) bool {
	return func(w *World, i int) bool {
		c := &w.Commits[i]
		c.inFlight, c.Lines[family] = false, true
		return true
	}
}

// undo is taking back, by whoever has claimed it. It can be done twice.
func undo(r Role) []Step {
	family := func(f int) func(w *World, i int) bool {
		return func(w *World, i int) bool {
			c := &w.Commits[i]
			if c.File != Undoing { // another one was first
				w.end(i, r)
				if r == Back {
					w.learn(i)
				}
				return true
			}
			c.undone = c.undone || c.Lines[f]
			c.Lines[f] = false
			return true
		}
	}
	return []Step{
		{"undone-4", family(0)},
		{"undone-6", family(1)},
		{"recorded", func(w *World, i int) bool {
			if c := &w.Commits[i]; c.Record == Unrecorded {
				c.Record = Undone
			}
			return true
		}},
		{"released", func(w *World, i int) bool { w.Commits[i].File = Folder; return true }},
		{"dropped", func(w *World, i int) bool {
			c := &w.Commits[i]
			c.File = None
			if r == Back {
				w.end(i, Timer)
			}
			w.end(i, r)
			if r == Back {
				w.learn(i)
			}
			return true
		}},
	}
}
