package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// doors is how many sshd's a host of the large fleet has, each at a port of its own. For the provider each is a host: a
// machine that starts five hundred whole hosts is busy with that for minutes.
const doors = 5

// firstDoor is the port of the first of them.
const firstDoor = 2201

// manyHosts starts a hundred hosts with five doors each. The provider knows the doors as hosts.
func (l *lab) manyHosts(ctx context.Context) error {
	if l.fleet != nil && len(l.fleet.Hosts()) == 100 {
		return nil
	}
	if err := l.hosts(ctx, fleet.N(100, fleet.HostOptions{})...); err != nil {
		return err
	}
	err := l.everywhere(ctx, fmt.Sprintf(`for port in $(seq %d %d); do /usr/sbin/sshd -p $port -o PidFile=none -E /dev/null; done`, firstDoor, firstDoor+doors-1))
	if err != nil {
		return err
	}
	return l.knowDoors()
}

// everywhere runs a script on all hosts.
func (l *lab) everywhere(ctx context.Context, script string) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(8)
	for _, h := range l.fleet.Hosts() {
		group.Go(func() error {
			_, err := h.Shell(ctx, script)
			return err
		})
	}
	return group.Wait()
}

// knowDoors writes the host keys for every door: known_hosts has them by port.
func (l *lab) knowDoors() error {
	known, err := os.ReadFile(l.fleet.KnownHosts)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.Write(known)
	for line := range strings.Lines(string(known)) {
		names, key, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		for name := range strings.SplitSeq(names, ",") {
			for port := range doors {
				fmt.Fprintf(&b, "[%s]:%d %s\n", strings.Trim(name, "[]"), firstDoor+port, key)
			}
		}
	}
	return writeFile(l.doorKeys(), b.String())
}

func (l *lab) doorKeys() string { return filepath.Join(l.folder, "known_hosts") }

// doorsOf are the first so many doors, of as many hosts as there are.
func (l *lab) doorsOf(n int) []string {
	var all []string
	for port := range doors {
		for _, h := range l.fleet.Hosts() {
			all = append(all, fmt.Sprintf("%s:%d", h.SlowAddress, firstDoor+port))
		}
	}
	return all[:n]
}

// manyFirewalls are configurations of so many rules on each host, one resource a host.
func (l *lab) manyFirewalls(each int) func(doors []string) string {
	return func(doors []string) string {
		return l.manySettings() + fmt.Sprintf(`locals {
  services = { for port in range(%d, %d) : "app${port}" => { ports = ["${port}/tcp"], families = ["ipv4"] } }
}

resource "iptables_firewall" "all" {
  for_each = toset(["%s"])
  host     = each.key
  services = local.services
}
`, firstPort, firstPort+each, strings.Join(doors, `", "`))
	}
}

// manyServices are configurations of the same in small resources.
func (l *lab) manyServices(each int) func(doors []string) string {
	return func(doors []string) string {
		return l.manySettings() + fmt.Sprintf(`locals {
  hosts    = ["%s"]
  services = { for pair in setproduct(local.hosts, range(%d)) : "${pair[0]} ${pair[1]}" => { host = pair[0], port = %d + pair[1] } }
}

resource "iptables_service" "all" {
  for_each = local.services
  host     = each.value.host
  name     = "app${each.value.port}"
  ports    = ["${each.value.port}/tcp"]
  families = ["ipv4"]
}
`, strings.Join(doors, `", "`), each, firstPort)
	}
}

func (l *lab) manySettings() string {
	return strings.Replace(l.settings(), fmt.Sprintf("known_hosts_files = [%q] }", l.fleet.KnownHosts),
		fmt.Sprintf("known_hosts_files = [%q] }", l.doorKeys()), 1)
}

// putInForce gives every host so many rules, from behind.
func (l *lab) putInForce(ctx context.Context, each int) error {
	if err := l.clear(ctx); err != nil {
		return err
	}
	var rules strings.Builder
	for port := firstPort; port < firstPort+each; port++ {
		fmt.Fprintf(&rules, "-A INPUT -p tcp -m tcp --dport %d -m comment --comment app%d -j ACCEPT\n", port, port)
	}
	return l.everywhere(ctx, "iptables-restore --noflush <<'EOF'\n*filter\n"+rules.String()+"COMMIT\nEOF")
}

// inForce are firewalls of so many rules on so many hosts, of which the state knows: a plan has nothing to do.
func (l *lab) inForce(ctx context.Context, hosts, each int) (f form, err error) {
	if err := l.putInForce(ctx, each); err != nil {
		return f, err
	}
	if f.ours, err = l.multiplied(ctx, hosts, l.manyFirewalls(each)); err != nil {
		return f, err
	}
	if f.floor, err = l.workspace(floor, l.manyFirewalls(each)(l.doorsOf(hosts))); err != nil {
		return f, err
	}
	return f, copyState(f.floor, f.ours)
}

// withEnvironment is a plan without changes that is given more of an environment.
func (l *lab) withEnvironment(w *cli.Workspace, env ...string) side {
	return func(ctx context.Context) (time.Duration, error) {
		began := time.Now()
		output, status, err := w.Run(ctx, env, "plan", "-detailed-exitcode", "-input=false", wide)
		took := time.Since(began)
		if err == nil && status != 0 {
			err = fmt.Errorf("terraform plan: exit status %d\n%s", status, output)
		}
		return took, err
	}
}

// megabytes is a number of bytes as people say it.
func megabytes(bytes int64) float64 { return float64(bytes/(1<<18)) / 4 }

// record adds a value to the gauge of that key, made by the first.
func record(gauges *[]gauge, g gauge, value float64) {
	i := slices.IndexFunc(*gauges, func(other gauge) bool { return other.Key == g.Key })
	if i < 0 {
		*gauges = append(*gauges, g)
		i = len(*gauges) - 1
	}
	(*gauges)[i].Values = append((*gauges)[i].Values, value)
}
