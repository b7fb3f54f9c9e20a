package fleet

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

//go:embed boot.sh
var bootScript []byte

// A Fleet is a set of running hosts and the network between them and this process.
type Fleet struct {
	// Key, KnownHosts and SSHConfig are files: the private key that users of the hosts accept, the ed25519 host
	// keys by every address and name, and a configuration for `ssh -F` that knows the hosts by name.
	Key, KnownHosts, SSHConfig string

	// Client and Client6 are the addresses of this process, as hosts see it. Stranger and Stranger6 are its other
	// ones, in another network (of any prefix of 24 and 120 bits, or longer), to try what is open to everybody.
	Client, Client6     string
	Stranger, Stranger6 string

	id     string
	folder string // of small files
	claim  *claim // nil when closed
	key    keyPair
	router *router

	mu    sync.Mutex
	hosts []*Host
}

// Start starts a fleet and returns when every host accepts logins. It needs [Enter] to have been called. If it fails,
// nothing is left. It first cleans up after fleets whose processes died.
func Start(ctx context.Context, options Options) (*Fleet, error) {
	if outside == nil {
		return nil, errors.New("starting a fleet: this process has not called fleet.Enter")
	}
	if err := sweep(); err != nil {
		return nil, err
	}
	f, err := newFleet(options)
	if err != nil {
		return nil, fmt.Errorf("starting a fleet: %w", err)
	}
	f.SetRTT(options.RTT)
	f.SetLoss(options.Loss)
	if _, err := f.Add(ctx, options.Hosts...); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// newFleet makes a fleet without hosts.
func newFleet(options Options) (_ *Fleet, err error) {
	f := &Fleet{id: options.ID}
	if f.id == "" {
		f.id = fmt.Sprintf("%s-%d", strings.ToLower(filepath.Base(os.Args[0])), os.Getpid())
	}
	if f.key, err = loadKey("client", "ed25519"); err != nil {
		return nil, err
	}
	if f.claim, err = claimID(f.id); err != nil {
		return nil, err
	}
	f.folder = f.claim.folder
	f.Key, f.KnownHosts, f.SSHConfig = f.key.path, f.path("known_hosts"), f.path("ssh_config")
	if err := f.setUp(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func (f *Fleet) setUp() error {
	if err := os.WriteFile(f.path("boot.sh"), bootScript, 0o700); err != nil {
		return err
	}
	plan, err := takePlan()
	if err != nil {
		return err
	}
	f.Client, f.Client6 = plan.client()
	f.Stranger, f.Stranger6 = plan.stranger()
	if f.router, err = newRouter(plan); err != nil {
		plan.release()
	}
	return err
}

// Hosts are all hosts of the fleet, running or not, in the order in which they were given.
func (f *Fleet) Hosts() []*Host {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]*Host(nil), f.hosts...)
}

// Host is the host with the given name, or nil.
func (f *Fleet) Host(name string) *Host {
	for _, h := range f.Hosts() {
		if h.Name == name {
			return h
		}
	}
	return nil
}

// Add starts further hosts, several at a time, and returns when they accept logins.
func (f *Fleet) Add(ctx context.Context, options ...HostOptions) ([]*Host, error) {
	added := make([]*Host, len(options))
	for i, o := range options {
		h, err := f.newHost(ctx, o)
		if err != nil {
			return nil, err
		}
		added[i] = h
	}
	if err := f.writeNames(); err != nil {
		return nil, err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2 * runtime.NumCPU())
	for _, h := range added {
		group.Go(func() error { return h.Start(ctx) })
	}
	return added, group.Wait()
}

// newHost makes a host that is off.
func (f *Fleet) newHost(ctx context.Context, options HostOptions) (*Host, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	number := len(f.hosts) + 1
	options, err := options.withDefaults(number)
	if err != nil {
		return nil, err
	}
	for _, other := range f.hosts {
		if other.Name == options.Name {
			return nil, fmt.Errorf("two hosts of a fleet are called %s", options.Name)
		}
	}
	h := &Host{Name: options.Name, Options: options, Port: options.Port, fleet: f, number: number}
	h.disk = filepath.Join(f.disks(), h.Name)
	h.Address, h.Address6, h.SlowAddress, h.SlowAddress6 = f.router.plan.host(number)
	if options.IPv6Only {
		h.Address, h.SlowAddress = "", ""
	}
	if h.image, err = openImage(ctx, options.Suite); err != nil {
		return nil, err
	}
	if err := h.makeDisk(); err != nil {
		return nil, errors.Join(fmt.Errorf("disk of test host %s: %w", h.Name, err), h.image.release())
	}
	f.hosts = append(f.hosts, h)
	return h, nil
}

// SetRTT sets the round-trip time on the slow path for packets sent from now on.
func (f *Fleet) SetRTT(rtt time.Duration) { f.router.slow.oneWay.Store(int64(rtt / 2)) }

// SetLoss sets the share of packets, 0 to 1, that get lost on the slow path in each direction.
func (f *Fleet) SetLoss(share float64) { f.router.slow.loss.Store(int64(share * 1_000_000)) }

// Close ends all hosts and removes everything that the fleet made. Calling it again does nothing.
func (f *Fleet) Close() error {
	f.mu.Lock()
	hosts, claim := f.hosts, f.claim
	f.hosts, f.claim = nil, nil
	f.mu.Unlock()
	if claim == nil {
		return nil
	}
	var errs []error
	for _, h := range hosts {
		errs = append(errs, h.Stop(), h.image.release())
	}
	if f.router != nil {
		errs = append(errs, f.router.close())
		f.router.plan.release()
	}
	errs = append(errs, os.RemoveAll(f.disks()), f.publish(), claim.release())
	return errors.Join(errs...)
}

// path is a small file of the fleet.
func (f *Fleet) path(name string) string { return filepath.Join(f.folder, name) }

// disks is the folder of the hosts' disks.
func (f *Fleet) disks() string { return filepath.Join(ownFolder, f.id) }
