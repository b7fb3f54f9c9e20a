package fleet

import (
	"context"
	"fmt"
	"os"
	"testing"
)

// Main is TestMain of a package whose tests use hosts: it enters the network in which they will be and runs the
// tests. Without root it fails.
//
//	func TestMain(m *testing.M) { fleet.Main(m) }
func Main(m *testing.M) {
	if err := Enter(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// ForTest starts a fleet that ends with the test. If the test fails, what the hosts' sshd and boot wrote is logged.
func ForTest(tb testing.TB, options Options) *Fleet {
	tb.Helper()
	f, err := Start(context.Background(), options)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if tb.Failed() {
			for _, h := range f.Hosts() {
				log, _ := h.SSHLog()
				tb.Logf("test host %s\nboot:\n%s\nsshd:\n%s", h.Name, h.consoleLog(), log)
			}
		}
		if err := f.Close(); err != nil {
			tb.Errorf("ending the fleet: %v", err)
		}
	})
	return f
}
