package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// everyGauge is what the rows of many hosts give, with made-up values.
func everyGauge() map[string][]gauge {
	all := map[string][]gauge{
		"logins":      {{Key: "logins plan", What: "logins of a plan", Most: 1, Values: []float64{1, 1}}},
		"connections": {{Key: "connections 16", What: "max_connections = 16", Unit: "s", Values: []float64{20.5}}},
	}
	for _, n := range []string{"10", "100", "250", "500"} {
		for _, g := range []gauge{{Key: "plan " + n, Unit: "s"}, {Key: "floor " + n, Unit: "s"}, {Key: "memory " + n, Unit: "MB", Most: 300}} {
			g.Values = []float64{3, 1.25, 340}
			all["plan-times"] = append(all["plan-times"], g)
		}
	}
	for _, n := range []string{"1", "50", "500"} {
		all["profiles"] = append(all["profiles"], gauge{Key: "profile " + n, Unit: "s", Values: []float64{2}})
		for _, name := range append(partNames(), otherPart) {
			all["profiles"] = append(all["profiles"], gauge{Key: "profile " + n + " " + name, Unit: "%", Values: []float64{20}})
		}
	}
	return all
}

// The guides are made of what was stored, row by row; without one of the rows they are not made.
func TestPages(t *testing.T) {
	root, results := t.TempDir(), t.TempDir()
	guides := filepath.Join(root, "templates", "guides")
	for _, folder := range []string{guides, filepath.Join(root, "examples", "sharded")} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := writeFile(filepath.Join(root, "examples/sharded/waves.tf"), "# the waves\n"); err != nil {
		t.Fatal(err)
	}
	slow := atMost(1.3, "an apply", "its floor")
	slow.ours, slow.theirs = times{2 * time.Second, 3 * time.Second, 4 * time.Second}, times{time.Second, 2 * time.Second}
	quick := faster(10, "an apply", "Ansible")
	quick.ours, quick.theirs = times{time.Second}, times{30 * time.Second}
	bound := possible("nothing at all", "Ansible")
	bound.ours, bound.theirs = times{time.Second}, times{40 * time.Second}
	if err := store(results, "one-host", 3, []figure{slow, quick, bound}, nil); err != nil {
		t.Fatal(err)
	}
	for row, gauges := range everyGauge() {
		all, err := stored(results)
		if err != nil {
			t.Fatal(err)
		}
		if err := writePages(root, all); err == nil {
			t.Errorf("without the row %s there are pages", row)
		}
		if err := store(results, row, 2, nil, gauges); err != nil {
			t.Fatal(err)
		}
	}
	all, err := stored(results)
	if err == nil {
		err = writePages(root, all)
	}
	if err != nil {
		t.Fatal(err)
	}
	for name, wants := range map[string][]string{
		"performance.md": {
			"| an apply | 3.00 (2.00 to 4.00) | its floor | 1.50 (1.00 to 2.00) | 2.00 | at most 1.3x | **no** |",
			"| an apply | 1.00 (1.00 to 1.00) | Ansible | 30.00 (30.00 to 30.00) | 30.00 | 10x faster | yes |",
			"| nothing at all | 1.00 (1.00 to 1.00) | Ansible | 40.00 (40.00 to 40.00) | 40.00 |  |  |",
			"| logins of a plan | 1 | at most 1 | yes |", "| in all | 2 s | 2 s | 2 s |",
		},
		"scaling.md": {"| 500 | 3 s | 3 s | 3 MB |", "# the waves"},
	} {
		text, err := os.ReadFile(filepath.Join(guides, name))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %s\n%s", name, want, text)
			}
		}
	}
}

func TestReadTrace(t *testing.T) {
	spent, functions := readTrace("-------------\n      20ms   runtime.memmove\n             golang.org/x/crypto/ssh.(*mux).loop\n             main.main\n")
	if spent != 20*time.Millisecond || partOf(functions) != parts[0].name {
		t.Errorf("%v in %v", spent, functions)
	}
	for function, want := range map[string]string{
		"github.com/vpsfirewall/terraform-provider-iptables/iptables.ParseSave": parts[1].name,
		"github.com/vpsfirewall/terraform-provider-iptables/firewall.newIndex":  parts[2].name,
		"google.golang.org/grpc.(*Server).handleStream":                         parts[3].name,
		"runtime.gcBgMarkWorker": otherPart,
	} {
		if got := partOf([]string{"runtime.mallocgc", function}); got != want {
			t.Errorf("%s: %s", function, got)
		}
	}
}
