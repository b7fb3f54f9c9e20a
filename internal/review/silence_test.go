package review

import (
	"encoding/json"
	"fmt"
	"testing"
)

// TestSilence: what listens is known of the hosts that a data source has asked, and of no others.
func TestSilence(t *testing.T) {
	var resources []resource
	for _, host := range []string{"listens", "silent", "local", "unasked"} {
		resources = append(resources, dropping(host), resource{kind: "service", name: "x", host: host, after: open(5432)})
	}
	var plan map[string]any
	if err := json.Unmarshal([]byte(planText(t, resources...)), &plan); err != nil {
		t.Fatal(err)
	}
	asked := func(host string, sockets ...any) any {
		return map[string]any{
			"address": fmt.Sprintf("data.iptables_listening_sockets.all[%q]", host), "mode": "data", "type": "iptables_listening_sockets",
			"values": map[string]any{"host": host, "sockets": sockets},
		}
	}
	socket := func(protocol string, port int, loopback bool) any {
		return map[string]any{"protocol": protocol, "port": port, "loopback": loopback}
	}
	plan["prior_state"] = map[string]any{"format_version": "1.0", "values": map[string]any{"root_module": map[string]any{"resources": []any{
		asked("listens", socket("tcp", 22, false), socket("tcp", 5432, false)), asked("silent", socket("tcp", 22, false), socket("udp", 5432, false)),
		asked("local", socket("tcp", 5432, true)),
	}}}}
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, w := range read(t, string(text)).Warnings {
		if w.Name != nothingListens {
			continue
		}
		found++
		if w.Message != "PostgreSQL (5432/tcp) becomes reachable, and nothing listens there" || fmt.Sprint(w.Hosts) != "[local silent]" {
			t.Errorf("%q on %q", w.Message, w.Hosts)
		}
	}
	if found != 1 {
		t.Errorf("%d warnings", found)
	}
}
