package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/profile"
)

// A part is where a program can spend its time, by the packages of the functions that are at work. A sample belongs to the
// part of the innermost function that has one.
type part struct {
	name     string
	packages []string
}

var parts = []part{
	{"SSH: handshakes, and what goes over the wire", []string{"golang.org/x/crypto/", "/sshexec.", "crypto/", "net.", "golang.org/x/crypto/ssh."}},
	{"the rule language: reading, printing and comparing rules", []string{"/iptables.", "/iptables/ipset."}},
	{"the engine: snapshots, places, indices", []string{"/firewall."}},
	{"Terraform's protocol and the resources: values, schemas, messages", []string{
		"/resources.", "/provider.", "github.com/hashicorp/", "github.com/vmihailenco/", "google.golang.org/", "golang.org/x/net/", "reflect.", "encoding/json.",
	}},
}

// otherPart is what no part has: collecting garbage, switching between goroutines, starting.
const otherPart = "Go's own: collecting garbage, scheduling, starting"

// profiles is where the provider's processor time goes in plans without changes, by part, in percent.
func profiles(ctx context.Context, l *lab) ([]gauge, error) {
	if err := l.manyHosts(ctx); err != nil {
		return nil, err
	}
	var gauges []gauge
	for _, hosts := range []int{1, 50, 500} {
		f, err := l.inForce(ctx, hosts, 20)
		if err != nil {
			return gauges, err
		}
		for range l.rounds {
			folder, err := os.MkdirTemp(l.folder, "profile")
			if err != nil {
				return gauges, err
			}
			if _, err := l.withEnvironment(f.ours, profile.Variable+"="+folder)(ctx); err != nil {
				return gauges, err
			}
			spent, err := shares(ctx, folder)
			if err != nil {
				return gauges, err
			}
			var total time.Duration
			for _, d := range spent {
				total += d
			}
			record(&gauges, gauge{Key: fmt.Sprintf("profile %d", hosts), Unit: "s", What: fmt.Sprintf("%d hosts: processor time of the provider", hosts)}, total.Seconds())
			for _, name := range append(partNames(), otherPart) {
				record(&gauges, gauge{Key: fmt.Sprintf("profile %d %s", hosts, name), Unit: "%", What: fmt.Sprintf("%d hosts: %s", hosts, name)},
					100*spent[name].Seconds()/max(total.Seconds(), 0.001))
			}
		}
	}
	return gauges, nil
}

func partNames() []string {
	names := make([]string, len(parts))
	for i, p := range parts {
		names[i] = p.name
	}
	return names
}

// shares reads the profiles in a folder.
func shares(ctx context.Context, folder string) (map[string]time.Duration, error) {
	files, err := filepath.Glob(filepath.Join(folder, "cpu-*.pprof"))
	if err != nil || len(files) == 0 {
		return nil, cmp.Or(err, fmt.Errorf("no profile in %s", folder))
	}
	spent := map[string]time.Duration{}
	for _, file := range files {
		out, err := exec.CommandContext(ctx, "go", "tool", "pprof", "-traces", file).Output()
		if err != nil {
			return nil, fmt.Errorf("reading the profile %s: %w", file, err)
		}
		for _, trace := range strings.Split(string(out), "-----------+")[1:] {
			d, functions := readTrace(trace)
			spent[partOf(functions)] += d
		}
	}
	return spent, nil
}

// readTrace reads one stack of `go tool pprof -traces`: the innermost function stands behind the time, its callers below.
func readTrace(text string) (spent time.Duration, functions []string) {
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "---") {
			continue
		}
		if len(words) > 1 && spent == 0 {
			if d, err := duration(words[0]); err == nil {
				spent, words = d, words[1:]
			}
		}
		functions = append(functions, words[0])
	}
	return spent, functions
}

// duration reads what pprof writes: "10ms", "1.20s".
func duration(text string) (time.Duration, error) {
	if number, ok := strings.CutSuffix(text, "mins"); ok {
		minutes, err := strconv.ParseFloat(number, 64)
		return time.Duration(minutes * float64(time.Minute)), err
	}
	return time.ParseDuration(text)
}

func partOf(functions []string) string {
	for _, f := range functions {
		if i := slices.IndexFunc(parts, func(p part) bool {
			return slices.ContainsFunc(p.packages, func(prefix string) bool {
				if strings.HasPrefix(prefix, "/") {
					return strings.HasPrefix(f, "github.com/vpsfirewall/terraform-provider-iptables"+prefix)
				}
				return strings.HasPrefix(f, prefix)
			})
		}); i >= 0 {
			return parts[i].name
		}
	}
	return otherPart
}
