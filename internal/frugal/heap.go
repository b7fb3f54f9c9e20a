package frugal

import (
	"os"
	"runtime/debug"
)

// growth is by how many percent of what is in use the heap grows before garbage is collected. By Go's 100, the plan of
// 500 hosts took 300 MB.
const growth = 60

// ballast is in use and never touched, so that it takes no memory: the heap grows by 38 MB before any garbage is collected.
// From Go's 4 MB on, that was a quarter of the processor time of a plan of a hundred services, Terraform's included.
var ballast []byte //nolint:unused // to be in use is its use

// pace lets the heap grow by 38 MB, and 60 % of what is in use, before garbage is collected. What the environment says by GOGC
// stays; GOMEMLIMIT holds besides.
func pace() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(growth)
	ballast = make([]byte, 64<<20)
}
