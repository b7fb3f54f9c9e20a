package sshexec

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"testing/synctest"
)

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPace(4)
		var in []int
		ask := func(n int) context.CancelFunc {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				if p.begin(ctx) == nil {
					in = append(in, n)
				}
			}()
			synctest.Wait()
			return cancel
		}
		expect := func(what string, want int) {
			t.Helper()
			synctest.Wait()
			if len(in) != want {
				t.Errorf("%s: %v may go on, want %d", what, in, want)
			}
		}
		for n := range 4 {
			ask(n)
		}
		ask(4)
		impatient := ask(5)
		ask(6)
		expect("at the full pace", 4)
		p.slow() // to 2
		p.end(false)
		p.end(false)
		expect("two are left, as many as may", 4)
		p.end(false)
		expect("the next", 5)
		impatient()
		expect("one gave up", 5)
		p.end(true) // up to 3
		expect("the last", 6)
		if in[5] != 6 {
			t.Errorf("%v: the one that gave up was let in", in)
		}
		for range 10 {
			p.slow()
		}
		p.end(false)
		p.end(false)
		ask(7)
		expect("never slower than one", 7)
	})
}

// An address that sshd penalises is kept out for some seconds: within the bound of the dial that is waited for,
// ever longer, where MaxStartups is over in a moment or not at all.
func TestPenaltyIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		dial := func(context.Context, string) (net.Conn, error) {
			attempts++
			said := "Not allowed at this time\r\n"
			if attempts == 8 {
				said = "Exceeded MaxStartups\r\n"
			}
			ours, theirs := net.Pipe()
			go func() {
				go func() { _, _ = io.Copy(io.Discard, theirs) }()
				_, _ = theirs.Write([]byte(said))
				_ = theirs.Close()
			}()
			return ours, nil
		}
		cfg := &Config{Name: "web1", Address: "192.0.2.1", HostKey: newKey(t).line}
		_, err := (&target{cfg: cfg, dial: dial, address: "192.0.2.1:22"}).login(t.Context(), nil)
		var failure *DialError
		if !errors.As(err, &failure) || failure.Kind != Throttled || failure.Attempts != 8 || attempts != 8 {
			t.Errorf("%d attempts, %v", attempts, err)
		}
	})
}
