package conformance

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

const sshRule = "iptables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT"

func TestApplyIsVerifiedAndConfirmed(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		apply(t, host, adding(t, sshRule, "ip6tables -A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT"))
		applied := apply(t, host, shutting())
		got := seen(t, h)
		for _, want := range []string{":INPUT DROP", "-A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT"} {
			if strings.Count(got, want) != 2 {
				t.Errorf("%q is not there once in each family:\n%s", want, got)
			}
		}
		if c, _ := applied.Rules.Chain(iptables.ChainID{Family: iptables.IPv6, Table: "filter", Name: "INPUT"}); c.Policy != "DROP" || len(c.Rules) != 1 {
			t.Errorf("the snapshot after the commit has %+v", c)
		}
		nothingLeft(t, h)
		reachable(t, f, h)
	})
}

// What a host costs is counted by its own sshd.
func TestConnectionsAndLogins(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		if err := h.ResetSSHCounts(); err != nil {
			t.Fatal(err)
		}
		host := open(t, f, h, firewall.Options{})
		// One login to read; a session and a login with its session for each commit, and no login for
		// one that takes nothing away.
		want := fleet.SSHCounts{Connections: 1, Logins: 1, Sessions: 1}
		for i, target := range []string{"DROP", "ACCEPT", "ACCEPT", "DROP", "ACCEPT"} {
			line := fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j %s", 1000+i, target)
			apply(t, host, adding(t, line, "ip6"+strings.TrimPrefix(line, "ip")))
			want.Sessions++
			if target == "DROP" {
				want.Connections, want.Logins, want.Sessions = want.Connections+1, want.Logins+1, want.Sessions+1
			}
		}
		// Nor does anything prove it where others were at work meanwhile, even in other chains.
		shell(t, h, "iptables -N other")
		apply(t, host, adding(t, web))
		want.Connections, want.Logins, want.Sessions = want.Connections+1, want.Logins+1, want.Sessions+2
		counts, err := h.SSHCounts()
		if err != nil {
			t.Fatal(err)
		}
		if counts != want {
			t.Errorf("%+v, want %+v", counts, want)
		}
		nothingLeft(t, h)
	})
}

// A hundred resources of one host, planned and applied at once: few commits, and nothing is lost.
func TestChangesThatArriveTogetherAreFewCommits(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{})
	if err := h.ResetSSHCounts(); err != nil {
		t.Fatal(err)
	}
	const resources = 100
	var wg sync.WaitGroup
	for i := range resources {
		wg.Go(func() {
			target := []string{"ACCEPT", "DROP"}[i%2] // what refuses needs a login to confirm it
			change := adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j %s", 1000+i, target))
			if _, err := host.Plan(t.Context(), change); err != nil {
				t.Errorf("planning: %v", err)
			}
			if _, err := host.Apply(t.Context(), change); err != nil {
				t.Errorf("applying: %v", err)
			}
		})
	}
	wg.Wait()
	if got := strings.Count(seen(t, h), "--dport"); got != resources {
		t.Errorf("%d rules, want %d", got, resources)
	}
	counts, err := h.SSHCounts()
	if err != nil {
		t.Fatal(err)
	}
	if counts.Logins > resources/10 {
		t.Errorf("%d logins for %d changes that arrived together", counts.Logins, resources)
	}
}

func TestABadEditFailsAlone(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		refused := adding(t, "iptables -A INPUT -p tcp -m tcp --dport 99 -m rateest --rateest nosuch --rateest-gt --rateest-bps1 0bit -j ACCEPT")
		broken := firewall.Change{Label: "broken", Edit: func(iptables.Ruleset) (iptables.Ruleset, error) {
			return iptables.Ruleset{}, errors.New("no such thing")
		}}
		results := make([]error, 8)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				change := adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j ACCEPT", 2000+i))
				switch i {
				case 3:
					change = refused
				case 5:
					change = broken
				}
				_, results[i] = host.Apply(t.Context(), change)
			})
		}
		wg.Wait()
		for i, err := range results {
			if bad := i == 3 || i == 5; bad != (err != nil) {
				t.Errorf("change %d: %v", i, err)
			}
		}
		var rejected *firewall.RejectedError
		if !errors.As(results[3], &rejected) || !strings.Contains(rejected.Reason, "failed") {
			t.Errorf("the host's own words are missing: %v", results[3])
		}
		if got := strings.Count(seen(t, h), "--dport 2"); got != 6 {
			t.Errorf("%d rules, want 6", got)
		}
		nothingLeft(t, h)
	})
}

func TestTheGuardRefusesWhatWouldLockOut(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		before := seen(t, h)
		failure := failed(t, host, shutting(), firewall.Unchanged)
		var lockout *firewall.LockoutError
		if !errors.As(failure, &lockout) || !strings.Contains(failure.Error(), "-P INPUT DROP") || !strings.Contains(failure.Next, "depends_on") {
			t.Errorf("%v; %s", failure, failure.Next)
		}
		wantSame(t, h, before)
		// Together with the rule that opens the way it is no danger, in whatever order they come.
		var wg sync.WaitGroup
		wg.Go(func() { apply(t, host, shutting()) })
		wg.Go(func() { apply(t, host, adding(t, sshRule)) })
		wg.Wait()
		reachable(t, f, h)
	})
}

func TestALockOutIsTakenBack(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		before := seen(t, h)
		host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 3 * time.Second})
		failure := failed(t, host, shutting(), firewall.RolledBack)
		var login *firewall.LoginError
		if !errors.As(failure, &login) {
			t.Errorf("%v", failure)
		}
		wantSamePolicies(t, h, before)
		reachable(t, f, h)
		nothingLeft(t, h)
	})
}

func TestWhatOthersAddMeanwhileStays(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		shell(t, h, "iptables -N f2b-sshd; iptables -A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd; iptables -A f2b-sshd -j RETURN")
		host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 4 * time.Second})
		apply(t, host, adding(t, sshRule, "iptables -A INPUT -p tcp -m tcp --dport 443 -j ACCEPT"))
		done := make(chan struct{})
		go func() {
			defer close(done)
			// While the change waits for a confirmation that cannot come, fail2ban bans.
			for range 100 {
				if out, err := h.Shell(t.Context(), "iptables -S INPUT | grep -q '^-P INPUT DROP' && iptables -I f2b-sshd 1 -s 192.0.2.66/32 -j REJECT && iptables -I INPUT 1 -s 192.0.2.77/32 -j DROP"); err == nil {
					_ = out
					return
				}
				time.Sleep(30 * time.Millisecond)
			}
		}()
		shut := firewall.Change{Label: "shut", Edit: firewall.Sequence(shutting().Edit, firewall.Replace(lines(t, sshRule), nil))}
		_ = failed(t, host, shut, firewall.RolledBack)
		<-done
		got := shell(t, h, "iptables -S")
		want := `-P INPUT ACCEPT
-P FORWARD ACCEPT
-P OUTPUT ACCEPT
-N f2b-sshd
-A INPUT -s 192.0.2.77/32 -j DROP
-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd
-A INPUT -p tcp -m tcp --dport 443 -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment ssh -j ACCEPT
-A f2b-sshd -s 192.0.2.66/32 -j REJECT --reject-with icmp-port-unreachable
-A f2b-sshd -j RETURN`
		if strings.TrimSpace(got) != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		nothingLeft(t, h)
	})
}

func TestAChangedHostIsReadAgain(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		if _, err := host.Snapshot(t.Context()); err != nil {
			t.Fatal(err)
		}
		shell(t, h, "iptables -A INPUT -s 192.0.2.1/32 -j DROP; iptables -A INPUT -p udp -j DROP")
		apply(t, host, adding(t, "iptables -A INPUT -p tcp -m tcp --dport 80 -j ACCEPT"))
		got := shell(t, h, "iptables -S INPUT")
		for _, want := range []string{"-s 192.0.2.1/32 -j DROP", "-p udp -j DROP", "--dport 80"} {
			if !strings.Contains(got, want) {
				t.Errorf("%q is missing in\n%s", want, got)
			}
		}
	})
}

func TestPrivileges(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{})})
	h := f.Hosts()[0]
	for i, config := range []sshexec.Config{
		{User: fleet.Deploy},
		{User: fleet.Ops, SudoPassword: sshexec.NewSecret(fleet.OpsPassword)},
		{User: fleet.Mason},
	} {
		t.Run(config.User, func(t *testing.T) {
			host := openAs(t, f, h, firewall.Options{}, config)
			apply(t, host, adding(t, fmt.Sprintf("iptables -A INPUT -p tcp -m tcp --dport %d -j ACCEPT", 3000+i)))
			nothingLeft(t, h)
		})
	}
	t.Run("guest", func(t *testing.T) {
		host := openAs(t, f, h, firewall.Options{}, sshexec.Config{User: fleet.Guest})
		if _, err := host.Snapshot(t.Context()); err == nil {
			t.Error("a user without rights read the firewall")
		}
	})
}

func TestIPv6Only(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(1, fleet.HostOptions{IPv6Only: true})})
	h := f.Hosts()[0]
	host := open(t, f, h, firewall.Options{RollbackTimeout: 3 * time.Second})
	_ = failed(t, host, shutting(), firewall.Unchanged)
	apply(t, host, adding(t, "ip6tables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
		"ip6tables -A INPUT -p ipv6-icmp -j ACCEPT"))
	apply(t, host, shutting())
	reachable(t, f, h)
}

func TestADeadHostDoesNotSlowAnother(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: fleet.N(2, fleet.HostOptions{})})
	dead, alive := f.Hosts()[0], f.Hosts()[1]
	if err := dead.CutLink(); err != nil {
		t.Fatal(err)
	}
	deadDone := make(chan error, 1)
	deadHost := openAs(t, f, dead, firewall.Options{}, sshexec.Config{Timeout: 5 * time.Second})
	go func() {
		_, err := deadHost.Apply(t.Context(), adding(t, sshRule))
		deadDone <- err
	}()
	time.Sleep(100 * time.Millisecond)
	apply(t, open(t, f, alive, firewall.Options{}), adding(t, sshRule))
	select {
	case err := <-deadDone:
		t.Errorf("the dead host was done first: %v", err)
	default:
	}
	if err := <-deadDone; err == nil {
		t.Error("a dead host was changed")
	}
}

// wantSamePolicies compares without the chains that a mere listing creates on some backends.
func wantSamePolicies(t *testing.T, h *fleet.Host, before string) {
	t.Helper()
	drop := func(s string) string {
		var kept []string
		for line := range strings.Lines(s) {
			if strings.HasPrefix(line, "-A ") || strings.Contains(line, " DROP") {
				kept = append(kept, line)
			}
		}
		return strings.Join(kept, "")
	}
	if got := seen(t, h); drop(got) != drop(before) {
		t.Errorf("%s changed.\nbefore:\n%s\nafter:\n%s", h.Name, before, got)
	}
}
