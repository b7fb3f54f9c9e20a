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
			for tool in awk cmp diff flock grep head mkdir mv rm setsid sleep sync tail tr; do
				if busybox --list | grep -qx $tool; then ln -s /bin/busybox /usr/local/sbin/$tool; fi
			done`,
		"bash": "ln -sf /bin/bash /bin/sh",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := f.Host(name)
			shell(t, h, prepare)
			host := open(t, f, h, firewall.Options{NoGuard: true, RollbackTimeout: 3 * time.Second})
			apply(t, host, adding(t, web))
			before := seen(t, h)
			_ = failed(t, host, shutting(), firewall.RolledBack)
			wantSamePolicies(t, h, before)
			nothingLeft(t, h)
			reachable(t, f, h)
		})
	}
}
