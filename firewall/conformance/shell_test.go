package conformance

import (
	"testing"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// The scripts are POSIX: they do the same under other shells and other tools than Debian's own.
func TestOtherShells(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "busybox"}, {Name: "bash"}}})
	for name, prepare := range map[string]string{
		"busybox": `ln -sf /bin/busybox /bin/sh
			for tool in awk cmp diff flock grep head mkdir mv rm sed setsid sleep sort sync tail tr; do
				if busybox --list | grep -qx $tool; then ln -s /bin/busybox /usr/local/sbin/$tool; fi
			done`,
		"bash": "ln -sf /bin/bash /bin/sh",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := f.Host(name)
			shell(t, h, prepare)
			host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 3 * time.Second})
			apply(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(adding(t, web, blockRule).Edit,
				making(t, "bad", "hash:net family inet timeout 60", "192.0.2.0/24"), making(t, "old", "hash:ip family inet", "192.0.2.1"))})
			shell(t, h, "ipset add bad 198.51.100.1")
			before, had := seen(t, h), shell(t, h, sets)
			_ = failed(t, host, firewall.Change{Label: "test", Edit: firewall.Sequence(shutting().Edit, destroying("old"),
				making(t, "bad", "hash:net family inet timeout 60", "203.0.113.0/24"), making(t, "new", "bitmap:port range 0-65535", "http"))}, firewall.RolledBack)
			wantSamePolicies(t, h, before)
			if got := shell(t, h, sets); got != had {
				t.Errorf("sets before:\n%s\nafter:\n%s", had, got)
			}
			nothingLeft(t, h)
			reachable(t, f, h)
		})
	}
}
