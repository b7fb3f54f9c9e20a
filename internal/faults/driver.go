package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// driveVariable makes this program a driver.
const driveVariable = "FAULTS_DRIVE"

// An order tells a driver what to do. A driver is what a provider is to the engine: a process of its own that can be
// killed, that takes an interrupt as the end of its patience and a second one as its own end, and that writes down what it
// believes afterwards. It says "read" when it has read the host and "answered" when it knows how its change ended, and goes
// on with each when it is told to.
type order struct {
	Address          string
	Port             int
	Key, KnownHosts  string
	Timeout          time.Duration
	Rollback, Lock   time.Duration
	Previous, Wanted firewallState
	State            string // the file for a belief
}

// A belief is what a driver knows when it ends.
type belief struct {
	Applied bool
	State   string // of a *firewall.Error: "unchanged", "rolled back", "unknown", "in force"
	Error   string
	Notes   []string // warnings
}

const (
	saysRead     = "read"
	saysAnswered = "answered"
)

func drive(in io.Reader, out io.Writer) error {
	words := json.NewDecoder(in)
	var o order
	if err := words.Decode(&o); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(130)
	}()
	say := func(word string) error {
		if _, err := fmt.Fprintln(out, word); err != nil {
			return err
		}
		var next string
		return words.Decode(&next)
	}
	host := firewall.NewHost(sshexec.New(sshexec.Config{
		Name: "host", Address: o.Address, Port: o.Port, PrivateKeyFile: o.Key, KnownHostsFiles: []string{o.KnownHosts}, Timeout: o.Timeout,
	}), firewall.Options{RollbackTimeout: o.Rollback, LockTimeout: o.Lock, NoGuard: true})
	defer func() { _ = host.Close() }()
	if _, err := host.Snapshot(ctx); err != nil {
		return err
	}
	if err := say(saysRead); err != nil {
		return err
	}
	b, err := applied(ctx, host, o)
	if err != nil {
		return err
	}
	if err := say(saysAnswered); err != nil {
		return err
	}
	return b.write(o.State)
}

func applied(ctx context.Context, host *firewall.Host, o order) (belief, error) {
	change, err := o.Wanted.change(o.Previous)
	if err != nil {
		return belief{}, err
	}
	result, err := host.Apply(ctx, change)
	if err == nil {
		return belief{Applied: true, Notes: result.Warnings}, nil
	}
	b := belief{Error: err.Error()}
	var failure *firewall.Error
	if !errors.As(err, &failure) {
		return b, fmt.Errorf("an error that does not say the state of the host: %w", err)
	}
	b.State = map[firewall.State]string{
		firewall.Unchanged: unchanged, firewall.RolledBack: rolledBack, firewall.Uncertain: unknown, firewall.Committed: inForce,
	}[failure.State]
	return b, nil
}

// The states of a belief.
const (
	unchanged  = "unchanged"
	rolledBack = "rolled back"
	unknown    = "unknown"
	inForce    = "in force"
)

func (b belief) write(path string) error {
	text, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func readBelief(path string) (*belief, error) {
	text, err := os.ReadFile(filepath.Clean(path))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // a driver that was killed believes nothing
	}
	if err != nil {
		return nil, err
	}
	b := new(belief)
	return b, json.Unmarshal(text, b)
}

// interrupt and kill are what Ctrl-C and the kernel send.
const (
	interrupt = syscall.SIGINT
	kill      = syscall.SIGKILL
)
