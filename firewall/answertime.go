package firewall

import (
	"context"
	"fmt"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// DefaultAnswerTimeout is generous: a set of 100,000 entries takes seconds, and the slowest step of a commit waits
// 20 seconds for the lock of iptables.
const DefaultAnswerTimeout = 5 * time.Minute

// A patient runner gives up on a script that neither ends nor loses its connection: a program that hangs on the
// host, or a host that keeps its visitors on purpose. sshexec bounds what is printed, not how slowly.
type patient struct {
	sshexec.Runner
	most time.Duration
}

// A SlowError is a host that has not answered in time.
type SlowError struct{ After time.Duration }

func (e *SlowError) Error() string {
	return fmt.Sprintf("no answer came within %v: a program hangs there", e.After)
}

// Unwrap makes it a timeout for those who ask.
func (e *SlowError) Unwrap() error { return context.DeadlineExceeded }

// Run runs a script for as long as it may take.
func (p patient) Run(ctx context.Context, script sshexec.Script) (sshexec.Result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, p.most, &SlowError{After: p.most})
	defer cancel()
	return p.Runner.Run(ctx, script)
}

// Login returns a runner that is as patient.
func (p patient) Login(ctx context.Context) (sshexec.Runner, error) {
	fresh, err := p.Runner.Login(ctx)
	if err != nil {
		return nil, err
	}
	return patient{fresh, p.most}, nil
}
