package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// A soak changes hosts at random for a long time, in one process, while hosts reboot, links are cut and sshd dies. Now and
// then everybody stops, and what the process and the hosts hold is counted.
type soak struct {
	pool   *sshexec.Pool
	seed   uint64
	pause  sync.RWMutex // held for writing while it is counted
	stands []*stand

	mu       sync.Mutex
	rounds   int
	applied  int
	failures []string
	samples  []sample
}

// A sample is what there was at a moment at which nothing was under way.
type sample struct {
	at                            time.Duration
	rounds                        int
	heap                          uint64 // bytes in use after a collection
	goroutines, descriptors, left int
}

// soakHosts are ten hosts of all kinds.
var soakHosts = []string{"nft", "legacy", "systemd", "nft", "legacy", "busybox", "nft", "legacy", "systemd", "nft"}

// runSoak lasts as long as it is told, and counts once a minute.
func runSoak(ctx context.Context, length time.Duration, seed uint64) (*soak, error) {
	folder, err := os.MkdirTemp("", "iptables-soak-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	s := &soak{pool: sshexec.NewPool(sshexec.Limits{}), seed: seed}
	defer func() { _ = s.pool.Close() }()
	for i, name := range soakHosts {
		k := kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })]
		id := fmt.Sprintf("soak-%d-%d", os.Getpid(), i)
		st, err := newStand(ctx, k, id, filepath.Join(folder, id))
		if err != nil {
			return s, errors.Join(err, s.close())
		}
		s.stands = append(s.stands, st)
	}
	began := time.Now()
	working, stop := context.WithDeadline(ctx, began.Add(length))
	defer stop()
	var all sync.WaitGroup
	for i, st := range s.stands {
		all.Go(func() { s.work(working, st, rand.New(rand.NewPCG(seed, uint64(i)))) })
	}
	for ticks := time.Tick(time.Minute); working.Err() == nil; {
		select {
		case <-ticks:
			s.pause.Lock()
			err = s.count(ctx, time.Since(began))
			s.pause.Unlock()
		case <-working.Done():
		}
		if err != nil {
			break
		}
	}
	stop()
	all.Wait()
	return s, errors.Join(err, s.close(), ctx.Err())
}

func (s *soak) close() error {
	var errs []error
	for _, st := range s.stands {
		errs = append(errs, st.close())
	}
	return errors.Join(errs...)
}

// work changes one host until the time is over.
func (s *soak) work(ctx context.Context, st *stand, random *rand.Rand) {
	state := newStory(random, false).before
	if err := st.reset(ctx, state); err != nil {
		s.fail(st, err)
		return
	}
	for ctx.Err() == nil {
		s.pause.RLock()
		// A round that has begun is ended, whatever the time.
		after, applied, err := s.round(context.WithoutCancel(ctx), st, random, state)
		s.pause.RUnlock()
		s.mu.Lock()
		s.rounds++
		if applied {
			s.applied++
		}
		s.mu.Unlock()
		if err != nil {
			s.fail(st, err)
			return
		}
		state = after
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(500+random.IntN(3000)) * time.Millisecond):
		}
	}
}

func (s *soak) fail(st *stand, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, fmt.Sprintf("%s: %v", st.kind.name, err))
	fmt.Printf("FAILED (soak, seed %d) %s: %v\n", s.seed, st.kind.name, err)
}

// round is one change, beside which something may go wrong, and what became of it: the host is wholly as before or as after.
func (s *soak) round(ctx context.Context, st *stand, random *rand.Rand, state firewallState) (firewallState, bool, error) {
	wanted := newStory(random, true).after
	change, err := wanted.change(state)
	if err != nil {
		return state, false, err
	}
	config := st.login()
	config.Pool, config.Timeout = s.pool, 5*time.Second
	host := firewall.NewHost(sshexec.New(config), firewall.Options{RollbackTimeout: usualRollback, LockTimeout: 15 * time.Second, NoGuard: true})
	fault, booted := s.disturb(ctx, st, random)
	_, applyErr := host.Apply(ctx, change)
	faultErr := <-fault
	if err := errors.Join(faultErr, host.Close(), s.settled(ctx, st)); err != nil {
		return state, false, err
	}
	now, err := st.list(ctx)
	if err != nil {
		return state, false, err
	}
	applied := applyErr == nil
	switch {
	case now.is(wanted):
		return wanted, applied, nil
	case now.is(state) && (!applied || booted):
		return state, applied, nil
	case booted: // power may fail between the files of the two families
		return state, false, st.reset(ctx, state)
	}
	return state, false, errors.Join(applyErr, fmt.Errorf("the host is neither as before nor as after the change:%s\nand%s",
		now.against(state), now.against(wanted)))
}

// disturb lets something go wrong in every other round.
func (s *soak) disturb(ctx context.Context, st *stand, random *rand.Rand) (done <-chan error, booted bool) {
	result := make(chan error, 1)
	what, after := random.IntN(8), time.Duration(random.IntN(700))*time.Millisecond
	gone := time.Duration(random.IntN(4000)) * time.Millisecond
	r := &run{stand: st, random: rand.New(rand.NewPCG(random.Uint64(), 0))}
	booted = what == 0 && !st.kind.forgets
	go func() {
		time.Sleep(after)
		switch {
		case booted:
			result <- st.host.Reboot(ctx)
		case what == 1:
			err := st.host.CutLink()
			time.Sleep(gone)
			result <- errors.Join(err, st.host.RestoreLink())
		case what == 2:
			result <- killSSHD(ctx, r)
		default:
			result <- nil
		}
	}()
	return result, booted
}

// settled waits until the host has decided what becomes of a commit.
func (s *soak) settled(ctx context.Context, st *stand) error {
	for until := time.Now().Add(time.Minute); time.Now().Before(until); time.Sleep(20 * time.Millisecond) {
		root, err := st.host.Root()
		if err != nil {
			return err
		}
		if idle(root) {
			return ctx.Err()
		}
	}
	return errors.New("the host does not decide what becomes of the change")
}

// count takes a sample.
func (s *soak) count(ctx context.Context, at time.Duration) error {
	one := sample{at: at}
	for _, st := range s.stands {
		// A script whose connection was cut, and what it left, go with the next commit; two on one host would be too many.
		files, err := st.host.Shell(ctx, `set +e
			for base in /run /var/lib; do ls -d $base/terraform-provider-iptables/*/ 2>/dev/null; done
			find /etc/iptables /tmp /var/tmp -name '*.new*' 2>/dev/null; :`)
		if err != nil {
			return err
		}
		one.left += strings.Count(files, "\n")
	}
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	descriptors, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	one.rounds, one.heap, one.goroutines, one.descriptors = s.rounds, memory.HeapAlloc, runtime.NumGoroutine(), len(descriptors)
	s.samples = append(s.samples, one)
	fmt.Printf("%5.0f min  %6d changes  %5.1f MB  %4d goroutines  %4d descriptors  %3d files\n",
		at.Minutes(), one.rounds, float64(one.heap)/1e6, one.goroutines, one.descriptors, one.left)
	return nil
}
