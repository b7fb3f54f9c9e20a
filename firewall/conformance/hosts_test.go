package conformance

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

func TestMain(m *testing.M) { fleet.Main(m) }

// kinds are the hosts that each test is run on.
func kinds() []fleet.HostOptions {
	return []fleet.HostOptions{
		{Name: "nft", Backend: fleet.NFT},
		{Name: "legacy", Backend: fleet.Legacy},
		{Name: "systemd", Backend: fleet.NFT, Init: fleet.Systemd},
	}
}

// A site is a host for one test.
type site struct {
	t     *testing.T
	fleet *fleet.Fleet
	host  *fleet.Host
}

// onEachKind starts one host of each kind and runs the test on them.
func onEachKind(t *testing.T, test func(site)) {
	t.Helper()
	f := fleet.ForTest(t, fleet.Options{Hosts: kinds()})
	for _, h := range f.Hosts() {
		t.Run(h.Name, func(t *testing.T) {
			t.Parallel()
			test(site{t, f, h})
		})
	}
}

// open connects the engine to a host as root.
func open(t *testing.T, f *fleet.Fleet, h *fleet.Host, options firewall.Options) *firewall.Host {
	t.Helper()
	return openAs(t, f, h, options, sshexec.Config{})
}

func openAs(t *testing.T, f *fleet.Fleet, h *fleet.Host, options firewall.Options, config sshexec.Config) *firewall.Host {
	t.Helper()
	config.Name, config.Address, config.Port = h.Name, h.Address, h.Port
	if config.Address == "" {
		config.Address = h.Address6
	}
	config.PrivateKeyFile, config.KnownHostsFiles = f.Key, []string{f.KnownHosts}
	host := firewall.NewHost(sshexec.New(config), options)
	t.Cleanup(func() { _ = host.Close() })
	return host
}

// lines parses rules as `iptables -S` prints them, "ip6tables" in front of those of IPv6.
func lines(t *testing.T, text ...string) firewall.Lines {
	t.Helper()
	ls, err := firewall.ParseLines(text)
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

// adding is the change that makes lines stand on a host.
func adding(t *testing.T, text ...string) firewall.Change {
	t.Helper()
	return firewall.Change{Label: "test", Edit: firewall.Replace(nil, lines(t, text...))}
}

// shutting is the change that sets the policy of INPUT to DROP in both families.
func shutting() firewall.Change {
	return firewall.Change{Label: "shutting", Edit: func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		for _, family := range iptables.Families {
			id := iptables.ChainID{Family: family, Table: "filter", Name: "INPUT"}
			c, _ := rs.Chain(id)
			rs = rs.WithChain(id, iptables.Chain{Policy: "DROP", Rules: c.Rules})
		}
		return rs, nil
	}}
}

// seen is everything that the host has, read behind SSH's back.
func seen(t *testing.T, h *fleet.Host) string {
	t.Helper()
	saved, err := h.Save(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return saved.IPv4 + saved.IPv6
}

// shell runs a script on the host behind SSH's back.
func shell(t *testing.T, h *fleet.Host, script string) string {
	t.Helper()
	out, err := h.Shell(t.Context(), script)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return out
}

// apply makes a change that must succeed.
func apply(t *testing.T, host *firewall.Host, change firewall.Change) firewall.Applied {
	t.Helper()
	applied, err := host.Apply(t.Context(), change)
	if err != nil {
		t.Fatalf("applying: %v", err)
	}
	return applied
}

// failed makes a change that must fail and leave the host in the given state.
func failed(t *testing.T, host *firewall.Host, change firewall.Change, want firewall.State) *firewall.Error {
	t.Helper()
	_, err := host.Apply(t.Context(), change)
	var failure *firewall.Error
	if !errors.As(err, &failure) {
		t.Fatalf("applying: %v, want an *Error", err)
	}
	if failure.State != want {
		t.Fatalf("applying: %v\nstate %q, want %q", err, failure.State, want)
	}
	return failure
}

// nothingLeft checks that no commit left a file, a process or a timer behind.
func nothingLeft(t *testing.T, h *fleet.Host) {
	t.Helper()
	var left string
	for range 50 {
		left = shell(t, h, `set +e; cd /run/terraform-provider-iptables 2>/dev/null && ls | grep -vx -e lock -e outcomes
			grep -las -e '[e]xpire.sh' -e '[u]ndo.sh' /proc/[0-9]*/cmdline
			[ ! -d /run/systemd/system ] || systemctl list-units --all --plain --no-legend 'iptables-rollback-*'
			:`)
		if left == "" {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Errorf("left behind on %s: %s", h.Name, left)
}

// reachable checks that a new login gets through.
func reachable(t *testing.T, f *fleet.Fleet, h *fleet.Host) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		_, err := open(t, f, h, firewall.Options{}).Snapshot(ctx)
		if err == nil {
			return
		}
		// Just after a boot the client's kernel may still hold that nobody has the address.
		if ctx.Err() != nil || !errors.Is(err, syscall.EHOSTUNREACH) {
			t.Errorf("%s cannot be reached: %v", h.Name, err)
			return
		}
		time.Sleep(200 * time.Millisecond)
	}
}

func wantLine(t *testing.T, h *fleet.Host, line string) {
	t.Helper()
	if got := seen(t, h); !strings.Contains(got, line+"\n") {
		t.Errorf("%s has no line %q:\n%s", h.Name, line, got)
	}
}

func wantSame(t *testing.T, h *fleet.Host, before string) {
	t.Helper()
	if got := seen(t, h); got != before {
		t.Errorf("%s changed.\nbefore:\n%s\nafter:\n%s", h.Name, before, got)
	}
}
