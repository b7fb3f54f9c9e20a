package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// large is a ruleset of 10,000 lines on each backend, and a set of 100,000 networks.
func large(ctx context.Context, l *lab) ([]figure, error) {
	var figures []figure
	for _, backend := range []fleet.Backend{fleet.NFT, fleet.Legacy} {
		if err := l.hosts(ctx, fleet.N(1, fleet.HostOptions{Backend: backend})...); err != nil {
			return figures, err
		}
		host := l.fleet.Hosts()[0]
		rules := ruleset(10_000)
		f, err := l.pushed(ctx, atMost(1.5, fmt.Sprintf("first apply, iptables_ruleset of 10,000 lines, %s", backend), "ssh host iptables-restore and two bare logins"),
			rules, "iptables-restore", fmt.Sprintf("resource \"iptables_ruleset\" \"all\" {\n  host = %q\n  ipv4 = file(%%q)\n}\n", host.SlowAddress))
		figures = append(figures, f)
		if err != nil {
			return figures, err
		}
	}
	host := l.fleet.Hosts()[0]
	f, err := l.pushed(ctx, atMost(2, "first apply, iptables_ip_set of 100,000 networks", "ssh host ipset restore and two bare logins"),
		set(100_000), "ipset restore", fmt.Sprintf("resource \"iptables_ip_set\" \"all\" {\n  host = %q\n  name = \"all\"\n  type = \"hash:net\"\n"+
			"  maxelem = 131072\n  entries_file = %%q\n}\n", host.SlowAddress))
	return append(figures, f), err
}

// A text is what one side reads as a file, and the other from standard input.
type text struct{ file, input string }

// pushed compares an apply of a configuration, in which the file's name is to be filled in, with a command on the host
// that reads the same.
func (l *lab) pushed(ctx context.Context, f figure, t text, command, configuration string) (figure, error) {
	path := filepath.Join(l.folder, "pushed")
	if err := writeFile(path, t.file); err != nil {
		return f, err
	}
	work, err := l.workspace(product, l.settings()+fmt.Sprintf(configuration, path))
	if err != nil {
		return f, err
	}
	push := func(ctx context.Context) (time.Duration, error) {
		if err := l.clear(ctx); err != nil {
			return 0, err
		}
		began := time.Now()
		err := l.login(ctx, l.fleet.Hosts()[0], strings.NewReader(t.input), command)
		return time.Since(began), err
	}
	return l.compare(ctx, f, l.first(work), sum(push, l.bare(2, "true")))
}

// ruleset is so many rules that all differ.
func ruleset(lines int) text {
	var b strings.Builder
	b.WriteString("*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n")
	for i := range lines {
		fmt.Fprintf(&b, "-A INPUT -s 10.%d.%d.0/24 -p tcp -m tcp --dport %d -j ACCEPT\n", i/256, i%256, 1000+i)
	}
	b.WriteString("COMMIT\n")
	return text{b.String(), b.String()}
}

// set is so many networks of one size.
func set(entries int) text {
	var file, input strings.Builder
	input.WriteString("create all hash:net family inet hashsize 65536 maxelem 131072\n")
	for i := range entries {
		network := fmt.Sprintf("%d.%d.%d.0/24", 11+i/65536, i/256%256, i%256)
		fmt.Fprintln(&file, network)
		fmt.Fprintln(&input, "add all", network)
	}
	return text{file.String(), input.String()}
}
