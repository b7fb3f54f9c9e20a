package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
)

// TestPlans has the ways in which a plan can say that something changes, and titles of what comes of it.
func TestPlans(t *testing.T) {
	whole := func(before, after map[string]any) resource {
		r := resource{kind: "firewall", name: "all", host: "h"}
		r.before, r.after = []string{}, []string{}
		r.with = map[string]any{"rules": before, "policy_rules": both("-P INPUT DROP"), "default_policy": map[string]any{"method": "policy", "chain": "INPUT"}}
		if after == nil {
			r.after = nil
		} else {
			r.with["rules"] = after
		}
		return r
	}
	saved := "*filter\n:INPUT DROP [0:0]\n-A INPUT -p tcp -m tcp --dport %d -j ACCEPT\nCOMMIT\n"
	for name, c := range map[string]struct {
		resources []resource
		want      []string
	}{
		"nothing changes":  {[]resource{dropping("h"), {kind: "service", name: "x", host: "h", before: open(80), after: open(80)}}, nil},
		"nothing is there": {nil, nil},
		"it is forgotten, and stays on the host": {
			[]resource{dropping("h"), {kind: "service", name: "x", host: "h", before: open(80), actions: []string{"forget"}}}, nil,
		},
		"it is replaced": {
			[]resource{dropping("h"), {kind: "service", name: "x", host: "h", before: open(80), after: open(443), actions: []string{"delete", "create"}}},
			[]string{"h: + 443/tcp from anywhere; - 80/tcp from anywhere"},
		},
		"another resource has the line as well": {
			[]resource{dropping("h"), {kind: "service", name: "x", host: "h", before: open(80)}, {kind: "service", name: "y", host: "h", before: open(80), after: open(80)}}, nil,
		},
		"two names of one host": {
			[]resource{
				{kind: "service", name: "x", host: "h", after: open(80), with: map[string]any{"endpoint": "root@192.0.2.1:22"}},
				{kind: "default_policy", name: "p", host: "other", before: both("-P INPUT DROP"), after: both("-P INPUT DROP"), with: map[string]any{"endpoint": "deploy@192.0.2.1:22"}},
			},
			[]string{"h: + 80/tcp from anywhere"},
		},
		"a line moves to another host": {
			[]resource{dropping("g"), dropping("h"), {kind: "service", name: "x", host: "g", before: open(80)}, {kind: "service", name: "x", host: "h", after: open(80)}},
			[]string{"g: - 80/tcp from anywhere", "h: + 80/tcp from anywhere"},
		},
		"a secret": {
			[]resource{dropping("h"), {kind: "service", name: "x", host: "h", after: []string{}, unknown: map[string]any{"rules": []any{true}}}},
			[]string{"h: lines that are not known yet"},
		},
		"another provider's resource": {[]resource{{kind: "../aws_x", name: "x", host: "h", after: open(80), actions: []string{"read"}}}, []string{}},
		"a comment":                   {[]resource{dropping("h"), {kind: "service", name: "x", host: "h", before: open(80), after: append(open(80), "iptables -A INPUT -j LOG")}}, []string{"h: 1 line added, 0 removed, and nothing becomes or stops being reachable"}},
		"a whole firewall, one service more": {
			[]resource{{
				kind: "firewall", name: "all", host: "h", before: []string{}, after: []string{}, actions: []string{"update"},
				with: map[string]any{"rules": map[string]any{"http": open(80)}, "policy_rules": both("-P INPUT DROP"), "default_policy": map[string]any{"method": "policy", "chain": "INPUT"}},
			}},
			nil,
		},
		"a whole firewall goes": {
			[]resource{whole(map[string]any{"http": open(80), "https": open(443)}, nil)},
			[]string{"h: - 80/tcp, 443/tcp from anywhere; INPUT accepts the rest"},
		},
		"lines of others that an exclusive firewall removes": {
			[]resource{dropping("h"), {
				kind: "exclusive_rules", name: "x", host: "h", before: []string{}, actions: []string{"update"},
				with: map[string]any{"unmanaged": open(8080)},
			}},
			[]string{"h: - 8080/tcp from anywhere"},
		},
		"a chain in its own order": {
			[]resource{dropping("h"), {
				kind: "chain", name: "x", host: "h", after: []string{},
				with: map[string]any{"name": "web", "rules": []string{"-s 10.0.0.9 -j ACCEPT", "-s 10.0.0.0/8 -j DROP", "-j ACCEPT"}, "lines": []string{
					"iptables -N web", "iptables -A web -s 10.0.0.9/32 -j ACCEPT", "iptables -A web -s 10.0.0.0/8 -j DROP", "iptables -A web -j ACCEPT",
					"iptables -A INPUT -p tcp -m tcp --dport 80 -j web",
				}},
			}},
			[]string{"h: + 80/tcp from anywhere but 10.0.0.0/29, 10.0.0.8, 10.0.0.10/31, 10.0.0.12/30, 10.0.0.16/28 and 19 more networks (IPv4 only)"},
		},
		"a chain that is asked first": {
			[]resource{dropping("h"), {kind: "service", name: "x", host: "h", before: open(80), after: open(80)}, {
				kind: "chain", name: "x", host: "h", after: []string{}, with: map[string]any{
					"name": "blocked", "jump_from": map[string]any{"chain": "INPUT", "position": "first"},
					"lines": []string{"iptables -N blocked", "iptables -A blocked -s 10.0.0.0/8 -j DROP", "iptables -A INPUT -j blocked"},
				},
			}},
			[]string{"h: - 80/tcp from 10.0.0.0/8"},
		},
		"one that is asked in its turn": {
			[]resource{dropping("h"), {kind: "service", name: "x", host: "h", before: open(80), after: open(80)}, {
				kind: "chain", name: "x", host: "h", after: []string{}, with: map[string]any{
					"name": "blocked", "lines": []string{"iptables -N blocked", "iptables -A blocked -s 10.0.0.0/8 -j DROP", "iptables -A INPUT -j blocked"},
				},
			}},
			[]string{"h: 3 lines added, 0 removed, and nothing becomes or stops being reachable"},
		},
		"a ruleset": {
			[]resource{{kind: "ruleset", name: "x", host: "h", after: []string{}, with: map[string]any{"ipv4": fmt.Sprintf(saved, 80), "ipv6": fmt.Sprintf(saved, 80)}}},
			[]string{"h: + 80/tcp from anywhere; policy of INPUT DROP"},
		},
		"a ruleset instead of lines of others": {
			[]resource{{kind: "ruleset", name: "x", host: "h", after: []string{}, with: map[string]any{
				"ipv4": fmt.Sprintf(saved, 80), "ipv6": fmt.Sprintf(saved, 80), "removed": append(both("-P INPUT ACCEPT"), open(8080)...),
			}}},
			[]string{"h: - ping, all ports but 80/tcp from anywhere; policy of INPUT DROP instead of ACCEPT"},
		},
		"a ruleset of which a line was deleted by hand": {
			[]resource{{kind: "ruleset", name: "x", host: "h", before: []string{}, after: []string{}, actions: []string{"update"}, with: map[string]any{
				"ipv4": fmt.Sprintf(saved, 80), "ipv6": fmt.Sprintf(saved, 80), "added": open(80)[:1],
			}}},
			[]string{"h: + 80/tcp from anywhere (IPv4 only)"},
		},
		"a set of a file": {
			[]resource{{kind: "ip_set", name: "x", host: "h", before: []string{}, actions: []string{"delete"}, with: map[string]any{
				"name": "blocklist", "type": "hash:net", "entries_file": "networks.txt", "size": 50000, "digest": "0123456789abcdef",
			}}},
			[]string{"h: 0 lines added, 1 removed, and nothing becomes or stops being reachable"},
		},
		"a ruleset goes": {
			[]resource{{kind: "ruleset", name: "x", host: "h", before: []string{}, with: map[string]any{"ipv4": fmt.Sprintf(saved, 80), "ipv6": fmt.Sprintf(saved, 80)}}},
			[]string{"h: + ping, all ports but 80/tcp from anywhere; policy of INPUT ACCEPT instead of DROP"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, g := range read(t, planText(t, c.resources...)).Groups {
				got = append(got, g.Title)
			}
			if d := cmp.Diff(strings.Join(c.want, "\n"), strings.Join(got, "\n")); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
		})
	}
}

// TestSetOfAFile: of the entries of a file a plan has the first that change.
func TestSetOfAFile(t *testing.T) {
	r := resource{kind: "ip_set", name: "x", host: "h", before: []string{}, after: []string{}, actions: []string{"update"}}
	change := r.change()
	values := func(size int, digest string, changes ...string) map[string]any {
		return map[string]any{"host": "h", "name": "b", "type": "hash:net", "entries_file": "f", "size": size, "digest": digest, "changes": changes}
	}
	change["change"] = map[string]any{
		"actions": []string{"update"}, "before": values(2, "aa", "+ 10.9.0.0/16"), "after": values(3, "bb", "- 10.1.0.0/16", "+ 10.2.0.0/16", "+ 10.3.0.0/16"),
	}
	text, err := json.Marshal(map[string]any{"format_version": "1.2", "resource_changes": []any{change}})
	if err != nil {
		t.Fatal(err)
	}
	want := "@@ -1,2 +1,3 @@\n-create b hash:net (2 entries of a file, SHA-256 aa)\n-add b 10.1.0.0/16\n" +
		"+create b hash:net (3 entries of a file, SHA-256 bb)\n+add b 10.2.0.0/16\n+add b 10.3.0.0/16\n"
	if got := read(t, string(text)).Groups[0].Diffs[0].Text; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestTargeted: what -target leaves out of the changes is in the state, and counts.
func TestTargeted(t *testing.T) {
	var plan map[string]any
	if err := json.Unmarshal([]byte(planText(t, resource{kind: "service", name: "x", host: "h", after: open(80)})), &plan); err != nil {
		t.Fatal(err)
	}
	policy := map[string]any{
		"address": "module.a.iptables_default_policy.p", "mode": "managed", "type": "iptables_default_policy",
		"values": map[string]any{"host": "h", "rules": both("-P INPUT DROP")},
	}
	plan["complete"] = false
	plan["prior_state"] = map[string]any{"format_version": "1.0", "values": map[string]any{"root_module": map[string]any{
		"child_modules": []any{map[string]any{"resources": []any{policy}}},
	}}}
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, string(text))
	if len(r.Reachability) != 1 || r.Reachability[0].Assuming != "" {
		t.Errorf("%+v", r.Reachability)
	}
	if !strings.Contains(strings.Join(r.Notes, "\n"), "not complete") {
		t.Errorf("it does not say that the plan is not complete: %q", r.Notes)
	}
}

func TestNotAPlan(t *testing.T) {
	for _, text := range []string{"", "{}", "null", "[]", "PK\x03\x04", `{"format_version":"9.0"}`, `{"format_version":"1.0"}`, `{"format_version":1}`} {
		_, err := Read(strings.NewReader(text), Options{})
		var format *FormatError
		if !errors.As(err, &format) || !strings.Contains(err.Error(), "terraform show -json") {
			t.Errorf("%q: %v", text, err)
		}
	}
	broken := errors.New("broken pipe")
	if _, err := Read(io.MultiReader(strings.NewReader("{"), failing{broken}), Options{}); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestNames(t *testing.T) {
	for _, c := range []struct {
		names           []string
		short, atLength string
	}{
		{[]string{"db1"}, "db1", "db1"},
		{[]string{"db1", "db2"}, "db1 and db2", "db1, db2"},
		{[]string{"web1", "web2", "web3", "web4"}, "4 web hosts", "web1 to web4"},
		{[]string{"web1.a", "web2.a", "web3.a", "web3.b"}, "4 web hosts", "web1.a to web3.a, web3.b"},
		{[]string{"web-1", "web-2", "web-3", "db1"}, "4 hosts", "web-1 to web-3, db1"},
		{[]string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"}, "4 hosts", "192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4"},
		{[]string{"a", "b", "c", "d"}, "4 hosts", "a, b, c, d"},
	} {
		if got := hostsInShort(c.names); got != c.short {
			t.Errorf("%q in short: %q, want %q", c.names, got, c.short)
		}
		if got := hostsAtLength(c.names); got != c.atLength {
			t.Errorf("%q at length: %q, want %q", c.names, got, c.atLength)
		}
	}
}

// TestSpelled: no name is spelled that the catalogue does not have.
func TestSpelled(t *testing.T) {
	for name, words := range spelled {
		if got := serviceNames(portsOf(name)); len(got) != 1 || !strings.HasPrefix(got[0], words+" (") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func portsOf(name string) []string {
	k, _ := firewall.Lookup(name)
	return k.Ports
}
