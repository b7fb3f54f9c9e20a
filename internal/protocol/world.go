package protocol

// A World is all that the protocol can tell apart. It is a value, so that states can be counted.
type World struct {
	Lock    Holder
	Commits [2]Commit
	deaths  int8
	timers  int8 // of the deaths, those of timers
	scripts int8 // of the deaths, those of scripts that were under way
	booted  bool
}

// A Holder is who has the lock: nobody, or a role of a commit.
type Holder uint8

// Nobody has the lock.
const Nobody Holder = 0

func holder(commit int, role Role) Holder { return Holder(1 + commit*int(roles) + int(role)) }

// A Role is one who takes part in a commit.
type Role uint8

// The roles.
const (
	Script Role = iota // scripts/commit.sh, which makes the change
	Keep               // scripts/settle.sh of a new login that confirms
	Back               // the same of a client that gives up, or has lost sight of its commit
	Timer              // scripts/expire.sh
	roles
)

// A File is what a commit's folder on the host says.
type File uint8

// The files, of which there is one at a time.
const (
	None File = iota
	Folder
	Armed
	Undoing
	Confirmed
)

// A Record is how the host has noted that a commit ended.
type Record uint8

// The records.
const (
	Unrecorded Record = iota
	Kept
	Undone
	Cancelled
)

// A Belief is what a client knows of its commit.
type Belief uint8

// The beliefs. A client that died has none.
const (
	Waiting Belief = iota
	Before
	After
	Unknown
	Dead
)

// A Kind is what a change does to those who come in.
type Kind uint8

// The kinds of change.
const (
	Plain    Kind = iota // a login has to confirm it, and can
	LocksOut             // no new login gets through while it is in
	Widens               // it takes nothing away: the script itself confirms it
)

// A Commit is one change.
type Commit struct {
	Kind     Kind
	Next     [roles]int8 // the step that a role takes next; idle where it has not begun, or has ended
	File     File
	Lines    [2]bool // IPv4 and IPv6: whether they are those of after
	inFlight bool    // iptables-restore has begun and will land
	Saved    bool
	Record   Record
	Belief   Belief
	undone   bool
	answered bool
}

const idle int8 = -1

// Begun is a world in which both clients have sent their scripts.
func Begun(kinds [2]Kind) World {
	var w World
	for i := range w.Commits {
		w.Commits[i] = Commit{Kind: kinds[i], Next: [roles]int8{Script: 0, Keep: idle, Back: idle, Timer: idle}}
	}
	return w
}

// shut reports whether a new login fails.
func (w *World) shut() bool { return w.Commits[0].shuts() || w.Commits[1].shuts() }

func (c *Commit) shuts() bool { return c.Kind == LocksOut && c.Lines[0] }

func (c *Commit) undecided() bool { return c.File == Armed || c.File == Undoing }

func (c *Commit) takeBack() {
	if c.Lines[0] || c.Lines[1] {
		c.undone = true
	}
	c.Lines = [2]bool{}
}

// unlock frees the lock if a role has it.
func (w *World) unlock(i int, r Role) {
	if w.Lock == holder(i, r) {
		w.Lock = Nobody
	}
}

// end ends a role.
func (w *World) end(i int, r Role) {
	w.unlock(i, r)
	w.Commits[i].Next[r] = idle
}

// learn is the client's conclusion from how its commit is recorded, and where it is not from what is there.
func (w *World) learn(i int) {
	c := &w.Commits[i]
	if c.Belief != Waiting {
		return
	}
	switch {
	case c.Record == Kept:
		c.Belief = After
	case c.Record == Undone, !c.Lines[0] && !c.Lines[1]:
		c.Belief = Before
	case c.Lines[0] && c.Lines[1]:
		c.Belief = After
	default:
		c.Belief = Unknown
	}
}
