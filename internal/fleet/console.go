package fleet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
)

// Console runs a program on the host as root and returns what it printed on its standard output. It does not go
// through the network: it works behind a shut firewall, without sshd, and with the link cut. The error holds the
// exit status and what was printed on standard error; it is ErrOff if the host does not run.
func (h *Host) Console(ctx context.Context, name string, args ...string) (string, error) {
	cmd, err := h.ConsoleCommand(ctx, name, args...)
	if err != nil {
		return "", err
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return stdout.String(), fmt.Errorf("console of test host %s: %s: %w: %s",
			h.Name, strings.Join(append([]string{name}, args...), " "), err, stderr.Bytes())
	}
	return stdout.String(), nil
}

// Shell is Console for a script of /bin/sh.
func (h *Host) Shell(ctx context.Context, script string) (string, error) {
	return h.Console(ctx, "sh", "-euc", script)
}

// ConsoleCommand prepares what Console runs, for who needs its input or wants not to wait.
func (h *Host) ConsoleCommand(ctx context.Context, name string, args ...string) (*exec.Cmd, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.process == nil {
		return nil, fmt.Errorf("console of test host %s: %w", h.Name, ErrOff)
	}
	return enter(ctx, h.process.identity.pid, name, args...), nil
}

// enter is a command in all namespaces of a host.
func enter(ctx context.Context, pid int, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "nsenter", append([]string{
		"--target", strconv.Itoa(pid), "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd",
		"--", name}, args...)...)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C"}
	return cmd
}

// A Saved firewall is iptables-save's text of both families, without what changes by itself: the comments, which
// hold the time, and the counters. Two are equal if the firewalls are, to the letter.
type Saved struct {
	IPv4, IPv6 string
}

// counters is what iptables-save puts behind a chain.
var counters = regexp.MustCompile(`(?m)^(:\S+ \S+) \[\d+:\d+\]$`)

// Save reads the host's whole firewall, behind SSH's back.
func (h *Host) Save(ctx context.Context) (Saved, error) {
	ipv4, err4 := h.Console(ctx, "iptables-save")
	ipv6, err6 := h.Console(ctx, "ip6tables-save")
	return Saved{IPv4: steady(ipv4), IPv6: steady(ipv6)}, errors.Join(err4, err6)
}

// steady removes comments and counters from iptables-save's text.
func steady(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "#") {
			b.WriteString(line)
		}
	}
	return counters.ReplaceAllString(b.String(), "$1")
}

// List reads what `iptables -t TABLE -S` prints on the host, and ip6tables, behind SSH's back.
func (h *Host) List(ctx context.Context, table string) (ipv4, ipv6 string, err error) {
	ipv4, err4 := h.Console(ctx, "iptables", "-w", "-t", table, "-S")
	ipv6, err6 := h.Console(ctx, "ip6tables", "-w", "-t", table, "-S")
	return ipv4, ipv6, errors.Join(err4, err6)
}

// Root is the host's root folder as this process sees it: what is read and written below it is the host's. It
// changes with each boot.
func (h *Host) Root() (string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.process == nil {
		return "", fmt.Errorf("files of test host %s: %w", h.Name, ErrOff)
	}
	return fmt.Sprintf("/proc/%d/root", h.process.identity.pid), nil
}
