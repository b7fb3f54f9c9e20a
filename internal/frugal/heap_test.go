package frugal

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: 6300, 4 << 20: 1500, 32 << 20: 100, 40 << 20: 60, 1 << 40: 60} {
		if got := percent(live); got != want {
			t.Errorf("of %d bytes: %d, want %d", live, got, want)
		}
	}
}

var held []byte

// What is in use grows and shrinks, and the pace with it.
func TestPace(t *testing.T) {
	t.Setenv("GOGC", "")
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	pace()
	if got := current(); got != 1500 {
		t.Errorf("at first %d, want 1500", got)
	}
	held = make([]byte, 200<<20)
	settles(t, func(p int) bool { return p == growth })
	held = nil
	settles(t, func(p int) bool { return p > 10*growth })
}

func current() int {
	p := debug.SetGCPercent(100)
	debug.SetGCPercent(p)
	return p
}

// settles collects garbage until the pace is right.
func settles(t *testing.T, right func(percent int) bool) {
	t.Helper()
	for range 200 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond) // the cleanup runs beside
		if right(current()) {
			return
		}
	}
	t.Fatalf("it stays at %d", current())
}
