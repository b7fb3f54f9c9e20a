package frugal

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// small is a heap in which no garbage is collected. From Go's 4 MB on, a plan of a hundred services spends a quarter of
	// its time on that.
	small = 64 << 20
	// growth is by how many percent of what is in use the heap grows before garbage is collected. By Go's 100, the plan of
	// 500 hosts takes 300 MB.
	growth = 60
)

// pace lets the heap grow to 64 MB before garbage is collected, and then by 60 % of what is in use. What the environment says
// by GOGC stays; GOMEMLIMIT holds besides.
func pace() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(percent(4 << 20)) // as the runtime counts before anything was collected
	keepPace()
}

// keepPace sets the pace anew after each collection: one takes away what nothing points to.
func keepPace() {
	runtime.AddCleanup(&marker{}, func(int) {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		debug.SetGCPercent(percent(live[0].Value.Uint64()))
		keepPace()
	}, 0)
}

// A marker holds a pointer, so that it is not put together with others.
type marker struct{ _ *int }

// percent is that for a heap of which so many bytes are in use.
func percent(live uint64) int {
	return max(growth, int(small*100/max(live, 1<<20))-100)
}
