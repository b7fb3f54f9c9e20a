package protocol

import "fmt"

// A move is a way from one world to another.
type move struct {
	name string
	to   World
}

// steps are the moves of those who take part.
func (t Table) steps(w World) []move {
	var moves []move
	for i := range w.Commits {
		for r := range roles {
			at := w.Commits[i].Next[r]
			if at == idle {
				continue
			}
			step := t[r][at]
			to := w
			if !step.Do(&to, i) {
				continue
			}
			if c := &to.Commits[i]; c.Next[r] == at {
				c.Next[r]++
				if int(c.Next[r]) == len(t[r]) {
					to.end(i, r)
				}
			}
			moves = append(moves, move{fmt.Sprintf("%d %s", i, step.Name), to})
		}
		// The client hears the script's answer.
		if c := w.Commits[i]; c.answered && c.Belief == Waiting && c.Next[Keep] == idle && c.Next[Back] == idle {
			to := w
			n := &to.Commits[i]
			n.answered = false
			switch {
			case n.Record == Kept: // by the script itself
				n.Belief = After
			case n.File == Armed:
				n.Next[Keep] = 0
				// A login that does not get through is given up.
				given := to
				given.Commits[i].Next[Keep], given.Commits[i].Next[Back] = idle, 0
				moves = append(moves, move{fmt.Sprintf("%d gives up", i), given})
			default:
				n.Next[Back] = 0 // it asks how it ended
			}
			moves = append(moves, move{fmt.Sprintf("%d hears", i), to})
		}
		if c := w.Commits[i]; c.Next[Keep] == 0 && w.shut() {
			to := w
			to.Commits[i].Next[Keep] = idle
			if c.Next[Back] == idle {
				to.Commits[i].Next[Back] = 0
			}
			moves = append(moves, move{fmt.Sprintf("%d gives up", i), to})
		}
	}
	return moves
}

// faults are the moves of chance, of which there may be so many: somebody dies, a connection is lost, the host loses power.
func (t Table) faults(w World, most int8) []move {
	if w.deaths == most {
		return nil
	}
	w.deaths++
	var moves []move
	for i := range w.Commits {
		c := w.Commits[i]
		if c.Belief == Waiting {
			dies := w
			d := &dies.Commits[i]
			d.Belief = Dead
			moves = append(moves, move{fmt.Sprintf("client %d dies", i), dies})
			if c.Next[Back] == idle {
				lost := w
				l := &lost.Commits[i]
				l.Next[Back], l.answered = 0, false
				moves = append(moves, move{fmt.Sprintf("%d loses its connection", i), lost})
			}
		}
		for r := range roles {
			// A timer that dies with the script whose change is half made leaves nobody: no table holds that.
			if c.Next[r] == idle || r == Timer && (c.Kind == LocksOut || w.scripts > 0) || r == Script && w.timers > 0 {
				continue
			}
			to := w
			to.end(i, r)
			if r == Script {
				to.scripts++
				to.Commits[i].inFlight = false
			}
			if r == Timer {
				to.timers++
			}
			if r != Timer && c.Belief == Waiting && to.Commits[i].Next[Back] == idle {
				to.Commits[i].Next[Back] = 0 // its connection ends with it, and the client asks anew
			}
			moves = append(moves, move{fmt.Sprintf("%d's role %d dies", i, r), to})
		}
	}
	if !w.booted {
		moves = append(moves, move{"the host reboots", w.reboot()})
	}
	return moves
}

// reboot ends every process, empties /run, and restores what was saved.
func (w World) reboot() World {
	w.booted = true
	w.Lock = Nobody
	for i := range w.Commits {
		c := &w.Commits[i]
		asks := c.Belief == Waiting
		c.Next = [roles]int8{idle, idle, idle, idle}
		if asks {
			c.Next[Back] = 0
		}
		c.File, c.Record, c.inFlight, c.answered = None, Unrecorded, false, false
		c.Lines = [2]bool{c.Saved, c.Saved}
		if c.Belief == After && !c.Saved {
			c.Belief = Dead // it was so; the save had died, and the error had said that something went wrong
		}
	}
	return w
}

// Until goes through the steps of one commit to which nothing happens, until a role has taken the step of that name, and
// returns the commit as it is then.
func (t Table) Until(r Role, name string) (Commit, error) {
	w := Begun([2]Kind{})
	w.end(1, Script)
	for _, role := range []Role{Script, Keep} {
		for _, s := range t[role] {
			if role == Script && w.Commits[0].answered {
				break // the client hears it, and logs in
			}
			if !s.Do(&w, 0) {
				return Commit{}, fmt.Errorf("the step %q cannot be taken", s.Name)
			}
			if role == r && s.Name == name {
				return w.Commits[0], nil
			}
		}
	}
	return Commit{}, fmt.Errorf("there is no step %q", name)
}

// A Violation is a way to a world that must not be.
type Violation struct {
	What string
	Way  []string
}

func (v *Violation) Error() string { return fmt.Sprintf("%s, by %q", v.What, v.Way) }

// Search goes through all worlds that can come of two commits with at most so many faults. It returns how many there are; the
// error is a *Violation.
func (t Table) Search(most int8) (int, error) {
	type origin struct {
		from World
		name string
	}
	seen := map[World]origin{}
	var queue []World
	for _, kinds := range [][2]Kind{{Plain, Plain}, {LocksOut, Plain}, {Widens, Plain}, {Widens, LocksOut}, {Widens, Widens}} {
		w := Begun(kinds)
		seen[w] = origin{}
		queue = append(queue, w)
	}
	way := func(w World) (names []string) {
		for seen[w].name != "" {
			names = append([]string{seen[w].name}, names...)
			w = seen[w].from
		}
		return names
	}
	for len(queue) > 0 {
		w := queue[0]
		queue = queue[1:]
		moves := t.steps(w)
		what := w.wrong()
		if what == "" && len(moves) == 0 {
			what = w.wrongAtTheEnd()
		}
		if what != "" {
			return len(seen), &Violation{what, way(w)}
		}
		for _, m := range append(moves, t.faults(w, most)...) {
			if _, known := seen[m.to]; !known {
				seen[m.to] = origin{w, m.name}
				queue = append(queue, m.to)
			}
		}
	}
	return len(seen), nil
}
