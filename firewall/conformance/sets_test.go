package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables/ipset"
)

// making is the edit that makes a set of these entries, with the header of `ipset create`.
func making(t *testing.T, name, header string, entries ...string) firewall.Edit {
	t.Helper()
	sets, err := ipset.Parse("create " + name + " " + header + "\n")
	if err != nil {
		t.Fatal(err)
	}
	var all []ipset.Entry
	for _, text := range entries {
		parsed, err := sets[0].ParseEntry(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, parsed...)
	}
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) {
		return rs.WithSet(sets[0].WithEntries(all)), nil
	}
}

func destroying(name string) firewall.Edit {
	return func(rs iptables.Ruleset) (iptables.Ruleset, error) { return rs.WithoutSet(name), nil }
}

// sets is what the host has, in order and without what the kernel chooses.
const sets = `ipset save | sed -E 's/ (hashsize|bucketsize|initval|size) [0-9a-fx]+//g; /^add/s/timeout [1-9][0-9]?/timeout soon/' | sort`

func wantSets(t *testing.T, on site, want string) {
	t.Helper()
	if got := strings.TrimSpace(shell(t, on.host, sets)); got != strings.TrimSpace(want) {
		t.Errorf("%s has\n%s\nwant\n%s", on.host.Name, got, strings.TrimSpace(want))
	}
}

const blockRule = "iptables -A INPUT -m set --match-set bad src -j DROP"

func TestSetsChangeWithRules(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		together := func(edits ...firewall.Edit) firewall.Change {
			return firewall.Change{Label: "test", Edit: firewall.Sequence(edits...)}
		}
		blocking := firewall.Replace(nil, lines(t, blockRule))

		// A commit that died left a set that it had begun to build.
		shell(t, h, `dir=/run/terraform-provider-iptables/dead; mkdir -p -m 700 $dir; ipset create tfi-aaaaaaaaaaaaaaaa-0 hash:ip
			echo "0 make bad tfi-aaaaaaaaaaaaaaaa-0" >$dir/set-changes`)
		// A set and the rule that needs it, in whatever order they come.
		apply(t, host, together(blocking, making(t, "bad", "hash:net family inet", "192.0.2.0/24", "192.0.2.64/26 nomatch")))
		wantLine(t, h, strings.TrimPrefix(blockRule, "iptables "))
		// Its entries are swapped under the rule, and a list holds it.
		apply(t, host, together(making(t, "bad", "hash:net family inet maxelem 10 timeout 60", "192.0.2.0/25"),
			making(t, "all", "list:set", "bad", "more"), making(t, "more", "hash:ip,port family inet6", "2001:db8::1,tcp:80-81")))
		shell(t, h, "ipset add bad 198.51.100.1; ipset add bad 192.0.2.128/25 timeout 0; ipset create f2b-sshd hash:ip; ipset add f2b-sshd 192.0.2.66")
		wantSets(t, on, `
add all bad
add all more
add bad 192.0.2.0/25 timeout 0
add bad 192.0.2.128/25 timeout 0
add bad 198.51.100.1 timeout soon
add f2b-sshd 192.0.2.66
add more 2001:db8::1,tcp:80
add more 2001:db8::1,tcp:81
create all list:set
create bad hash:net family inet maxelem 10 timeout 60
create f2b-sshd hash:ip family inet maxelem 65536
create more hash:ip,port family inet6 maxelem 65536`)

		// What is in use does not go.
		failure := failed(t, host, together(destroying("bad")), firewall.Unchanged)
		var inUse *firewall.SetInUseError
		if !errors.As(failure, &inUse) || len(inUse.Rules) != 1 || len(inUse.Lists) != 1 {
			t.Errorf("%v", failure)
		}

		// An entry that will run out moves over. A set that nobody uses becomes one of another type.
		apply(t, host, together(destroying("all")))
		apply(t, host, together(making(t, "bad", "hash:net family inet maxelem 10 timeout 60", "192.0.2.0/26"),
			making(t, "more", "bitmap:port range 0-65535", "http")))
		wantSets(t, on, `
add bad 192.0.2.0/26 timeout 0
add bad 198.51.100.1 timeout soon
add f2b-sshd 192.0.2.66
add more 80
create bad hash:net family inet maxelem 10 timeout 60
create f2b-sshd hash:ip family inet maxelem 65536
create more bitmap:port range 0-65535`)

		// Entries that the kernel refuses: nothing was changed.
		before := shell(t, h, sets)
		bad := failed(t, host, together(making(t, "bad", "hash:net family inet maxelem 1 timeout 60", "192.0.2.0/26", "192.0.2.128/26")), firewall.Unchanged)
		if !strings.Contains(bad.Error(), "full") {
			t.Errorf("the host's own words are missing: %v", bad)
		}
		if after := shell(t, h, sets); after != before {
			t.Errorf("a refused change left\n%s", after)
		}

		apply(t, host, together(destroying("bad"), destroying("more"), firewall.Replace(lines(t, blockRule), nil)))
		wantSets(t, on, "add f2b-sshd 192.0.2.66\ncreate f2b-sshd hash:ip family inet maxelem 65536")
		nothingLeft(t, h)
	})
}

func TestSetsAreTakenBackWithRules(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		shell(t, h, `ipset create bad hash:net timeout 60 comment; ipset add bad 192.0.2.0/25 timeout 0 comment "the first"; ipset add bad 198.51.100.1
			ipset create old hash:ip; ipset add old 192.0.2.9; ipset create other hash:ip; ipset create held hash:ip; ipset create list list:set; ipset add list held
			iptables -A INPUT -m set --match-set bad src -j DROP; iptables -A INPUT -m set --match-set old src -j DROP`)
		before, rules := shell(t, h, sets), seen(t, h)
		host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 4 * time.Second})
		done := make(chan struct{})
		go func() {
			defer close(done)
			// While the change waits for a confirmation that cannot come, others add and take away.
			for range 100 {
				if _, err := h.Shell(t.Context(), "iptables -S INPUT | grep -q '^-P INPUT DROP' && sleep 0.7 && ipset add bad 203.0.113.1 timeout 0 && ipset del bad 192.0.2.0/26"); err == nil {
					return
				}
				time.Sleep(30 * time.Millisecond)
			}
		}()
		_ = failed(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(
			making(t, "bad", "hash:net family inet timeout 60 comment", "192.0.2.128/25", "192.0.2.0/26"),
			making(t, "new", "hash:ip family inet", "192.0.2.10"),
			making(t, "other", "hash:net family inet", "192.0.2.0/24"),
			destroying("old"), destroying("list"), destroying("held"),
			firewall.Replace(lines(t, "iptables -A INPUT -m set --match-set old src -j DROP"),
				lines(t, "iptables -A INPUT -m set --match-set new src -j ACCEPT")),
			shutting().Edit,
		)}, firewall.RolledBack)
		<-done
		nothingLeft(t, h)
		want := strings.Replace(before, "create bad", "add bad 203.0.113.1 timeout 0\ncreate bad", 1)
		if got := shell(t, h, sets+" | sort"); got != sorted(want) {
			t.Errorf("before, with what others did:\n%s\nafter:\n%s", sorted(want), got)
		}
		wantSamePolicies(t, h, rules)
		reachable(t, f, h)
	})
}

func sorted(text string) string {
	return strings.Join(slices.Sorted(strings.SplitSeq(strings.TrimSpace(text), "\n")), "\n") + "\n"
}

// Sets are restored before the rules that need them: by what the distribution has, or by what an
// iptables_persistence set up. Where nothing does, the change says so.
func TestSetsSurviveAReboot(t *testing.T) {
	onEachKind(t, func(on site) {
		t, f, h := on.t, on.fleet, on.host
		host := open(t, f, h, firewall.Options{})
		change := firewall.Change{Label: "test", Edit: firewall.Sequence(
			making(t, "bad", "hash:net family inet timeout 60 comment", `192.0.2.0/24 comment "the first"`), making(t, "all", "list:set", "bad"),
			firewall.Replace(nil, lines(t, blockRule)),
		)}
		applied := apply(t, host, change)
		if len(applied.Warnings) != 1 || !strings.Contains(applied.Warnings[0], "ipset-persistent") {
			t.Errorf("warnings: %q", applied.Warnings)
		}
		if _, err := host.Persist(t.Context(), firewall.Keeping{Mechanism: firewall.AutoMechanism, Backups: 1}); err != nil {
			t.Fatal(err)
		}
		reboot := func(want string) {
			t.Helper()
			if err := h.Reboot(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantLine(t, h, strings.TrimPrefix(blockRule, "iptables "))
			wantSets(t, on, want)
		}
		const header = "create all list:set\ncreate bad hash:net family inet maxelem 65536 timeout 60 comment"
		reboot("add all bad\nadd bad 192.0.2.0/24 timeout 0 comment \"the first\"\n" + header)
		host = open(t, f, h, firewall.Options{})
		applied = apply(t, host, firewall.Change{Label: "test", Edit: making(t, "bad", "hash:net family inet timeout 60 comment", "198.51.100.0/24")})
		if len(applied.Warnings) != 0 {
			t.Errorf("warnings: %q", applied.Warnings)
		}
		reboot("add all bad\nadd bad 198.51.100.0/24 timeout 0\n" + header)
	})
}

func TestAHundredThousandEntriesAreOneCommit(t *testing.T) {
	onEachKind(t, func(on site) {
		if on.host.Name == "systemd" {
			return // the backends and the shells are those of the others
		}
		t, f, h := on.t, on.fleet, on.host
		entries := make([]string, 100_000)
		for i := range entries {
			entries[i] = fmt.Sprintf("%d.%d.%d.0/24", 20+i>>16, i>>8&255, i&255)
		}
		host := open(t, f, h, firewall.Options{})
		header := "hash:net family inet maxelem 200000"
		start := time.Now()
		apply(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(making(t, "bad", header, entries...), firewall.Replace(nil, lines(t, blockRule)))})
		made := time.Now()
		apply(t, host, firewall.Change{Label: "test", Edit: making(t, "bad", header, entries[1:]...)})
		t.Logf("making %d entries: %v, one entry less: %v", len(entries), made.Sub(start), time.Since(made))
		if got := strings.TrimSpace(shell(t, h, "ipset save bad | grep -c ^add")); got != "99999" {
			t.Errorf("%s entries", got)
		}
		nothingLeft(t, h)
	})
}
