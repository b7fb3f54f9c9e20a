package protocol

// wrong is what must be in no world.
func (w *World) wrong() string {
	for i := range w.Commits {
		c, o := &w.Commits[i], &w.Commits[1-i]
		switch {
		case c.undone && (c.Record == Kept || c.File == Confirmed):
			return "a commit is confirmed and taken back"
		case c.File == Armed && o.undecided() && (c.Lines[0] || c.Lines[1]) && (o.Lines[0] || o.Lines[1]):
			return "two changes wait for their confirmation at once"
		case c.Belief == Unknown:
			return "a client does not know what became of its change" // (4)
		}
	}
	return ""
}

// wrongAtTheEnd is what must not be when nothing more happens by itself.
func (w *World) wrongAtTheEnd() string {
	for i := range w.Commits {
		c := &w.Commits[i]
		switch {
		case w.shut():
			return "nobody can log in any more" // (1)
		case c.undecided() && w.timers > 0:
			// Its timer was killed, and the client died too: the next commit finds it overdue and takes it back.
		case c.Lines[0] != c.Lines[1]:
			return "a change is half made" // (2)
		case c.Belief == After && !c.Lines[0]:
			return "a client believes that its change is in force, and it is not" // (4)
		case c.Belief == Before && c.Lines[0]:
			return "a client believes that its change is not in force, and it is" // (4)
		case c.Belief == Waiting:
			return "a client waits for ever"
		}
	}
	return ""
}
