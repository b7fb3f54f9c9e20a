package protocol

import (
	"errors"
	"strings"
	"testing"
)

// Everything that two clients, their timers, and one fault can lead to. (`make faults` lets two happen.)
func TestSearch(t *testing.T) {
	worlds, err := Steps().Search(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d worlds", worlds)
	if worlds < 10_000 {
		t.Errorf("only %d worlds: the search is not what it seems", worlds)
	}
}

// A protocol that is not right is found out.
func TestBrokenTables(t *testing.T) {
	index := func(steps []Step, name string) int {
		for i, s := range steps {
			if s.Name == name {
				return i
			}
		}
		t.Fatalf("no step %q", name)
		return 0
	}
	for name, c := range map[string]struct {
		change func(Table)
		want   string
	}{
		"the change before the timer": {func(tb Table) {
			s := tb[Script]
			timed, landed := index(s, "timed"), index(s, "applied-4")
			s[timed], s[landed] = s[landed], s[timed]
		}, ""},
		"no look at armed before the second family": {func(tb Table) {
			tb[Script][index(tb[Script], "begin-6")].Do = func(*World, int) bool { return true }
		}, ""},
		"an undo of one family": {func(tb Table) {
			tb[Timer][index(tb[Timer], "undone-6")].Do = func(*World, int) bool { return true }
		}, "half made"},
		"a confirmation that does not look who was first": {func(tb Table) {
			tb[Keep][index(tb[Keep], "disarmed")].Do = func(w *World, i int) bool { w.Commits[i].File = Confirmed; return true }
		}, ""},
		"a script that keeps its change without looking who was first": {func(tb Table) {
			tb[Script][index(tb[Script], "disarmed")].Do = func(w *World, i int) bool { w.Commits[i].File = Confirmed; return true }
		}, ""},
		"a commit that does not wait for another's confirmation": {func(tb Table) {
			tb[Script][0].Do = func(w *World, i int) bool {
				if w.Lock != Nobody {
					return false
				}
				w.Lock = holder(i, Script)
				return true
			}
		}, ""},
		"a timer that does not wait for what is in flight": {func(tb Table) {
			tb[Timer][index(tb[Timer], "lock")].Do = func(*World, int) bool { return true }
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			table := Steps()
			c.change(table)
			_, err := table.Search(1)
			var v *Violation
			if !errors.As(err, &v) || !strings.Contains(v.What, c.want) {
				t.Errorf("it was not found out: %v", err)
			}
		})
	}
}
