package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A fault is something that goes wrong while a commit stands at a step.
type fault struct {
	name string
	what string // as the guide says it
	// strike lets it happen. What it leaves in place until the run's client has ended is ended by a function that it
	// gives to run.afterwards.
	strike func(context.Context, *run) error

	kinds    []string      // of hosts where it can happen; nil: all
	rollback time.Duration // where the usual time-out is too short for anything to succeed
	slow     bool          // the client goes by the path with delay and loss
	policies bool          // the story may change policies, and lock out
	flushes  bool          // takes lines of the client away
	undefined
}

// undefined are things that a fault makes impossible to ask for.
type undefined struct {
	reboots bool          // what is not in the files is gone
	patient time.Duration // how long the host may take for its own part, beyond the time-out
	// It can keep the host from deciding until it is over, and the client from knowing.
	outlasts bool
}

const usualRollback = 3 * time.Second

var faults = []fault{
	{name: "kill", what: "provider killed (SIGKILL)", policies: true, strike: func(_ context.Context, r *run) error {
		defer r.cutOff()
		return r.driver.signal(kill)
	}},
	{name: "interrupt", what: "provider interrupted (SIGINT)", policies: true, strike: func(_ context.Context, r *run) error {
		return r.driver.signal(interrupt)
	}},
	{name: "interrupt-twice", what: "interrupted twice", policies: true, strike: func(_ context.Context, r *run) error {
		if err := r.driver.signal(interrupt); err != nil {
			return err
		}
		time.Sleep(time.Duration(r.random.IntN(100)) * time.Millisecond)
		defer r.cutOff()
		return r.driver.signal(interrupt)
	}},
	{name: "reset", what: "connection cut (RST)", policies: true, strike: func(_ context.Context, r *run) error {
		r.proxy.reset()
		return nil
	}},
	{name: "black-hole", what: "connection black-holed", policies: true, strike: blackHole},
	{name: "sshd", what: "sshd killed", policies: true, strike: killSSHD},
	{name: "reboot", what: "host rebooted", policies: true, strike: func(ctx context.Context, r *run) error {
		return r.host.Reboot(ctx)
	}, undefined: undefined{reboots: true}},
	{name: "loss", what: "network 30 % loss", slow: true, rollback: 20 * time.Second, strike: func(_ context.Context, r *run) error {
		r.fleet.SetLoss(0.3)
		r.afterwards(func(context.Context) error { r.fleet.SetLoss(0); return nil })
		return nil
	}},
	{name: "delay", what: "500 ms round trips", slow: true, rollback: 15 * time.Second, strike: func(_ context.Context, r *run) error {
		r.fleet.SetRTT(500 * time.Millisecond)
		r.afterwards(func(context.Context) error { r.fleet.SetRTT(0); return nil })
		return nil
	}},
	{name: "lock-second", what: "iptables lock held for 1 s", kinds: []string{"legacy"}, policies: true, strike: holdLock("sleep 1")},
	{name: "lock-ever", what: "iptables lock held for ever", kinds: []string{"legacy"}, policies: true,
		strike:    holdLock("while [ -e looping ]; do sleep 0.1; done"),
		undefined: undefined{patient: 2 * time.Minute}},
	{name: "restore", what: "iptables-restore fails for one family", policies: true, strike: failRestore,
		undefined: undefined{outlasts: true}},
	{name: "listing", what: "`iptables -S` prints something else", policies: true, strike: lie},
	{name: "disk-full", what: "disk full", policies: true, strike: fillDisk},
	{name: "read-only", what: "`/run` read-only", policies: true, strike: lockDisk},
	{name: "clock", what: "clock jumping", policies: true, strike: func(_ context.Context, r *run) error {
		return r.tell("clock", "157680000\n")
	}},
	{name: "fork", what: "fork fails", policies: true, strike: failFork},
	{name: "second", what: "a second Terraform in the same moment", strike: startSecond},
	{name: "fail2ban", what: "fail2ban adds bans continuously", policies: true, strike: ban},
	{name: "flush", what: "an administrator flushes the chain", flushes: true, strike: func(ctx context.Context, r *run) error {
		_, err := r.host.Shell(ctx, fmt.Sprintf("/usr/sbin/%s -w 20 -F INPUT", families[r.random.IntN(2)]))
		return err
	}},
	{name: "docker", what: "Docker restarts its chains", policies: true, strike: restartDocker},
}

var families = []string{"iptables", "ip6tables"}

func (f fault) timeout() time.Duration { return max(f.rollback, usualRollback) }

// cutOff ends a client's connection for good with the client: what it had written may be on its way still.
func (r *run) cutOff() {
	if r.cell.step.name == "sending" {
		r.proxy.reset()
	}
}

// blackHole lets everything from and to the host vanish, until after the host must have decided.
func blackHole(_ context.Context, r *run) error {
	if err := r.host.CutLink(); err != nil {
		return err
	}
	length := usualRollback/2 + time.Duration(r.random.Int64N(int64(usualRollback)))
	restored := make(chan error, 1)
	time.AfterFunc(length, func() { restored <- r.host.RestoreLink() })
	r.afterwards(func(context.Context) error { return <-restored })
	return nil
}

// killSSHD ends the listener and all sessions at once. What a host has to restart it does so in its own time.
func killSSHD(ctx context.Context, r *run) error {
	script := fmt.Sprintf(`set +e
		for p in /proc/[0-9]*; do
			case $(cat $p/comm 2>/dev/null) in sshd | sshd-session | dropbear) kill -9 ${p#/proc/} 2>/dev/null ;; esac
		done
		sleep %d.%d
		if [ -d /run/systemd/system ]; then systemctl reset-failed ssh; systemctl restart ssh
		elif command -v sshd >/dev/null; then . /etc/default/ssh; /usr/sbin/sshd $SSHD_OPTS
		else
			for kind in ed25519 ecdsa rsa; do set -- "$@" -r /etc/dropbear/dropbear_${kind}_host_key; done
			dropbear -E -p 22 -P /run/sshd.pid "$@" </dev/null >/dev/null 2>&1
		fi; :`, r.random.IntN(3), r.random.IntN(10))
	if r.host.Options.Init != fleet.Systemd {
		script = strings.ReplaceAll(script, "systemctl", ":")
	}
	return r.inBackground(ctx, script, "")
}

// holdLock takes the lock of iptables' legacy backend.
func holdLock(how string) func(context.Context, *run) error {
	return func(ctx context.Context, r *run) error {
		return r.inBackground(ctx, "cd "+home+"; : >looping; exec 9>/run/xtables.lock; /usr/bin/flock 9; echo ready; "+how, "ready")
	}
}

// failRestore lets iptables-restore fail once, or from now on: as long as it does, the host cannot take back what it did.
func failRestore(_ context.Context, r *run) error {
	family := families[r.random.IntN(2)]
	times := []string{"1", "999"}[r.random.IntN(2)]
	r.detail = family + " " + times
	return r.tell("fail-"+family+"-restore", times+"\n")
}

// lie lets the listing that is read back differ from what is there.
func lie(_ context.Context, r *run) error {
	how := []string{"other", "less", "more", "none", "noise"}[r.random.IntN(5)]
	times := []string{"1", "2", "999"}[r.random.IntN(3)]
	r.detail = how + " " + times
	if err := r.tell("how", how+"\n"); err != nil {
		return err
	}
	return r.tell("lie", times+"\n")
}

// fillDisk fills the memory under /run and the disk under the files for the next boot.
func fillDisk(ctx context.Context, r *run) error {
	r.afterwards(func(ctx context.Context) error {
		_, err := r.host.Shell(ctx, `mount -o remount,size=50% /run
			rm -f /etc/iptables/fill; umount -l /etc/iptables; rm -rf /etc/iptables/*; /bin/cp -a /mnt/full/. /etc/iptables/
			umount -l /mnt/full; rmdir /mnt/full`)
		return err
	})
	_, err := r.host.Shell(ctx, `mkdir -p /mnt/full; mount -t tmpfs -o size=80k,mode=755 full /mnt/full; /bin/cp -a /etc/iptables/. /mnt/full/
		mount --bind /mnt/full /etc/iptables
		dd if=/dev/zero of=/etc/iptables/fill bs=4k 2>/dev/null || :
		# A commit that compares while its trial stands still writes there meanwhile.
		until mount -o remount,size=$(df -k /run | awk 'END { print $3 }')k /run; do sleep 0.1; done`)
	return err
}

// lockDisk lays a read-only view of /run over it. What is open stays open, as after a remount by the kernel.
func lockDisk(ctx context.Context, r *run) error {
	r.afterwards(func(ctx context.Context) error {
		_, err := r.host.Shell(ctx, "umount -l /run; umount -l /mnt/run; rmdir /mnt/run")
		return err
	})
	_, err := r.host.Shell(ctx, `mkdir -p /mnt/run; mount --bind /run /mnt/run; mount -o remount,bind,ro /mnt/run; mount --bind /mnt/run /run`)
	return err
}

// failFork keeps the host from starting processes for a while.
func failFork(_ context.Context, r *run) error {
	if err := r.host.LimitForks(r.random.IntN(3)); err != nil {
		return err
	}
	length := time.Duration(r.random.Int64N(int64(2 * usualRollback)))
	healed := make(chan error, 1)
	time.AfterFunc(length, func() { healed <- r.host.LimitForks(-1) })
	r.afterwards(func(context.Context) error { return <-healed })
	return nil
}

func ban(ctx context.Context, r *run) error {
	return r.inBackground(ctx, "cd "+home+`; : >looping; echo ready; i=0
		while [ -e looping ]; do
			i=$((i + 1))
			/usr/sbin/iptables -w 20 -I f2b-sshd 1 -s 198.18.$((i / 250)).$((i % 250)) -j REJECT || exit
			sleep 0.02
		done
		echo $i`, "ready")
}

func restartDocker(ctx context.Context, r *run) error {
	return r.inBackground(ctx, "cd "+home+`; : >looping; echo ready; ipt="/usr/sbin/iptables -w 20"
		while [ -e looping ]; do
			$ipt -D FORWARD -o docker0 -j DOCKER && $ipt -F DOCKER && $ipt -X DOCKER || exit
			$ipt -t nat -F DOCKER
			$ipt -N DOCKER && $ipt -A FORWARD -o docker0 -j DOCKER &&
				$ipt `+strings.TrimSpace(dockerLines)+` || exit
			$ipt -t nat -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80 || exit
			sleep 0.02
		done`, "ready")
}
