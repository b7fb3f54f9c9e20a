package main

import (
	"context"
	"path/filepath"
	"time"
)

// startSecond starts another client, which wants other lines on the same host. It goes straight on, as a second Terraform
// does that knows nothing of the first.
func startSecond(ctx context.Context, r *run) error {
	wanted := firewallState{Lines: serviceLines(second, 9000+r.random.IntN(100))}
	var err error
	r.other, err = startDriver(order{
		Address: r.host.Address, Port: r.host.Port, Key: r.fleet.Key, KnownHosts: r.fleet.KnownHosts,
		Timeout: 10 * time.Second, Rollback: r.cell.fault.timeout(), Lock: 30 * time.Second,
		Wanted: wanted, State: filepath.Join(r.folder, "belief-of-second"),
	})
	if err != nil {
		return err
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range r.other.words {
			_ = r.other.proceed() // it may have ended
		}
	}()
	r.afterwards(func(context.Context) error { <-done; return nil })
	// The first goes on somewhere while the second is at work.
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(r.random.IntN(400)) * time.Millisecond):
	}
	return nil
}
