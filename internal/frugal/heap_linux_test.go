package frugal

import (
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
)

var garbage []byte

// Thirty megabytes of garbage are not collected, and the ballast takes no memory.
func TestPace(t *testing.T) {
	t.Setenv("GOGC", "")
	defer debug.SetGCPercent(debug.SetGCPercent(100))
	defer func() { ballast = nil }()
	before := resident(t)
	pace()
	runtime.GC()
	if more := resident(t) - before; more > 32<<20 {
		t.Errorf("the ballast takes %d bytes", more)
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	collections := stats.NumGC
	for range 30 {
		garbage = make([]byte, 1<<20)
	}
	runtime.ReadMemStats(&stats)
	if stats.NumGC != collections {
		t.Errorf("garbage was collected %d times", stats.NumGC-collections)
	}
}

// resident is how much memory the process takes, in bytes.
func resident(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
