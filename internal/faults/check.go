package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// leeway is what a machine under load may need beside what the host's timer says.
const leeway = 15 * time.Second

// endFaults waits until the host has decided what becomes of the commit, and ends what goes wrong.
func (r *run) endFaults(ctx context.Context) error {
	decided, err := r.decided(ctx)
	if err != nil {
		return err
	}
	r.stuck = !decided && r.cell.fault.outlasts
	var errs []error
	for _, end := range r.ends {
		errs = append(errs, end(ctx))
	}
	errs = append(errs, r.sessionsEnded(ctx))
	if path, err := r.path("told"); err == nil {
		_ = os.Remove(filepath.Clean(path)) // after a reboot, too: home is on the disk
	}
	_, err = r.decided(ctx)
	return errors.Join(append(errs, err)...)
}

// decided waits until no commit is at work on the host or waits for its confirmation. It is false when the time is over in
// which that should have been.
func (r *run) decided(ctx context.Context) (bool, error) {
	until := time.Now().Add(r.cell.fault.timeout() + leeway + r.cell.fault.patient)
	for time.Now().Before(until) && ctx.Err() == nil {
		root, err := r.host.Root()
		if err != nil {
			return false, err
		}
		if idle(root) {
			return true, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return false, ctx.Err()
}

// sessionsEnded waits for scripts that were sent and have not come to the lock yet.
func (r *run) sessionsEnded(ctx context.Context) error {
	if b, err := r.driver.belief(); b != nil || err != nil {
		return nil //nolint:nilerr // the client has had its answer; a wrong one is told by believed
	}
	_, err := r.host.Shell(ctx, `set +e
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			found=
			for p in /proc/[0-9]*; do
				[ "$(tr '\0' ' ' <$p/cmdline 2>/dev/null)" != '/bin/sh -s ' ] || found=yes
			done
			[ -n "$found" ] || exit 0
			sleep 0.5
		done
		exit 0`)
	return err
}

func idle(root string) bool {
	for _, base := range []string{"/run", "/var/lib"} {
		folder := root + base + "/terraform-provider-iptables"
		for _, name := range []string{"armed", "undoing"} {
			if found, _ := filepath.Glob(folder + "/*/" + name); len(found) > 0 {
				return false
			}
		}
		f, err := os.Open(filepath.Clean(folder + "/lock"))
		if err != nil {
			continue
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		_ = f.Close() // and with it the lock
		if err != nil {
			return false
		}
	}
	return true
}

// check is the machine's judgement after a run: what the issue of every firewall tool is about, in six questions.
func (r *run) check(ctx context.Context) error {
	if err := r.reachable(ctx); err != nil {
		return fmt.Errorf("(1) the host cannot be reached: %w", err)
	}
	now, err := r.list(ctx)
	if err != nil {
		return err
	}
	if err := r.whole(now); err != nil {
		return fmt.Errorf("(2) %w", err)
	}
	if err := r.untouched(now); err != nil {
		return fmt.Errorf("(3) %w", err)
	}
	if err := r.believed(now); err != nil {
		return fmt.Errorf("(4) %w", err)
	}
	if err := r.goesOn(ctx); err != nil {
		return fmt.Errorf("(5) %w", err)
	}
	if err := r.nothingLeft(ctx); err != nil {
		return fmt.Errorf("(6) %w", err)
	}
	return nil
}

// reachable is a new login within the rollback time.
func (r *run) reachable(ctx context.Context) error {
	until := time.Now().Add(r.cell.fault.timeout() + leeway)
	for {
		config := r.login()
		config.Timeout = 5 * time.Second
		client := sshexec.New(config)
		_, err := client.Run(ctx, sshexec.Script{Body: ":"})
		_ = client.Close()
		if err == nil || time.Now().After(until) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// whole is whether the managed lines are those of before or those of after, in the kernel and in each file for the next boot.
func (r *run) whole(now listing) error {
	if r.cell.fault.flushes {
		return r.unmixed(now)
	}
	if r.betweenFiles() {
		return r.wholeEach(now)
	}
	if !now.is(r.story.before) && !now.is(r.story.after) {
		return fmt.Errorf("the lines are neither those of before:%s\nnor those of after:%s", now.against(r.story.before), now.against(r.story.after))
	}
	saved, err := r.saved()
	if err != nil {
		return err
	}
	return r.wholeEach(saved)
}

// wholeEach is whether each family has the managed lines of before or those of after.
func (r *run) wholeEach(l listing) error {
	for _, command := range families {
		own := only(l, command)
		if !slices.Equal(own, r.wanted(r.story.before, command)) && !slices.Equal(own, r.wanted(r.story.after, command)) {
			return fmt.Errorf("%s has neither the lines of before nor those of after:\n%s", command, strings.Join(own, "\n"))
		}
	}
	return nil
}

// betweenFiles is the one moment in which power must not fail: each family has a file of its own, and no two files can be
// renamed at once. The host comes up with one family of before and the other of after, each of them whole.
func (r *run) betweenFiles() bool { return r.cell.fault.reboots && r.cell.step.name == "saving" }

// only are the managed lines and the policy of one family, sorted.
func only(l listing, command string) []string {
	all := slices.Concat(l.lines(managed), l.policies())
	all = slices.DeleteFunc(all, func(line string) bool { return !strings.HasPrefix(line, command+" ") })
	slices.Sort(all)
	return all
}

func (r *run) wanted(s firewallState, command string) []string {
	return only(append(slices.Clone(s.Lines), "iptables -P INPUT "+s.Policy, "ip6tables -P INPUT "+s.Policy), command)
}

// unmixed is what can be asked for where somebody has flushed the chain: no line that only before had stands beside one that
// only after has.
func (r *run) unmixed(now listing) error {
	for _, command := range families {
		before, after := r.wanted(r.story.before, command), r.wanted(r.story.after, command)
		var old, young []string
		for _, line := range only(now, command) {
			switch inBefore, inAfter := slices.Contains(before, line), slices.Contains(after, line); {
			case inBefore && !inAfter:
				old = append(old, line)
			case inAfter && !inBefore:
				young = append(young, line)
			}
		}
		if len(old) > 0 && len(young) > 0 {
			return fmt.Errorf("of before: %q; of after: %q", old, young)
		}
	}
	return nil
}

// untouched is whether everything foreign stands where it stood.
func (r *run) untouched(now listing) error {
	want, got := r.start.foreign(), now.foreign()
	if r.cell.fault.reboots && !r.struck.IsZero() {
		want = r.ofBoot()
		got = got.inChains("INPUT", "FORWARD")
	}
	if r.cell.fault.flushes {
		keep := func(line string) bool { return strings.Contains(line, " -A INPUT ") }
		want, got = slices.DeleteFunc(want, keep), slices.DeleteFunc(got, keep)
	}
	if r.cell.fault.name == "fail2ban" && r.loop != nil {
		isBan := func(line string) bool {
			return strings.Contains(line, " 198.18.") || strings.Contains(line, "-s 198.18.")
		}
		bans := len(got)
		got = slices.DeleteFunc(got, isBan)
		bans -= len(got)
		if told := <-r.loop.told; told != strconv.Itoa(bans) {
			return fmt.Errorf("of %s bans there are %d", told, bans)
		}
	}
	if !slices.Equal(want, got) {
		return fmt.Errorf("foreign lines were changed:%s", difference(want, got))
	}
	return nil
}

// ofBoot is what is foreign in the files for the next boot.
func (r *run) ofBoot() listing {
	var l listing
	for _, command := range families {
		l = append(l, command+" -P FORWARD ACCEPT")
		for line := range strings.Lines(table(r.story.before, command, true)) {
			if strings.HasPrefix(line, "-A") {
				l = append(l, command+" "+strings.TrimSpace(line))
			}
		}
	}
	return l.foreign()
}

// inChains are the rules and policies of some chains of the table filter.
func (l listing) inChains(names ...string) listing {
	return slices.DeleteFunc(slices.Clone(l), func(line string) bool {
		words := strings.Fields(line)
		return len(words) < 3 || words[1] == "-t" || !slices.Contains(names, words[2])
	})
}

// believed is whether what the client knows is so.
func (r *run) believed(now listing) error {
	b, err := r.driver.belief()
	if err != nil || b == nil {
		return err
	}
	if r.cell.fault.flushes {
		return nil // whatever it found, somebody changed it afterwards
	}
	switch {
	case b.Applied || b.State == inForce:
		if !now.is(r.story.after) {
			return fmt.Errorf("the client says that its change is in force, and it is not: %+v%s", *b, now.against(r.story.after))
		}
	case b.State == unchanged, b.State == rolledBack:
		if !now.is(r.story.before) {
			return fmt.Errorf("the client says %s, and it is not so: %+v%s", b.State, *b, now.against(r.story.before))
		}
	case r.betweenFiles(), r.stuck:
		return nil // it says that it does not know
	default:
		return fmt.Errorf("the client does not know what became of its change: %+v", *b)
	}
	return r.kept(*b)
}

// kept is whether a change that was applied without a warning outlives the next boot.
func (r *run) kept(b belief) error {
	if !b.Applied || len(b.Notes) > 0 || r.kind.forgets {
		return nil
	}
	saved, err := r.saved()
	if err != nil {
		return err
	}
	if !saved.is(r.story.after) {
		return fmt.Errorf("the client says nothing of files that were not saved; they have:%s", saved.against(r.story.after))
	}
	return nil
}

// goesOn is whether the next apply ends where it should, with nothing left to do.
func (r *run) goesOn(ctx context.Context) error {
	previous := r.story.before
	if b, err := r.driver.belief(); err == nil && b != nil && b.Applied {
		previous = r.story.after
	}
	change, err := r.story.final.change(previous)
	if err != nil {
		return err
	}
	if err := r.apply(ctx, change); err != nil {
		return fmt.Errorf("the next apply fails: %w", err)
	}
	fresh := firewall.NewHost(sshexec.New(r.login()), firewall.Options{})
	defer func() { _ = fresh.Close() }()
	planned, err := fresh.Plan(ctx, change)
	if err != nil {
		return fmt.Errorf("the plan after the next apply: %w", err)
	}
	if !planned.Before.Equal(planned.After) {
		return errors.New("the plan after the next apply is not empty")
	}
	now, err := r.list(ctx)
	if err != nil {
		return err
	}
	if !now.is(r.story.final) {
		return fmt.Errorf("after the next apply the host differs:%s", now.against(r.story.final))
	}
	return nil
}

func (r *run) apply(ctx context.Context, change firewall.Change) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	host := firewall.NewHost(sshexec.New(r.login()), firewall.Options{RollbackTimeout: 30 * time.Second})
	defer func() { _ = host.Close() }()
	_, err := host.Apply(ctx, change)
	return err
}

// nothingLeft looks for files, processes and timers of commits. What a commit that died had in /run, and a file that it
// was saving, stay until the next one, which is made if there is any.
func (r *run) nothingLeft(ctx context.Context) error {
	left, err := r.left(ctx)
	if err != nil || left == "" {
		return err
	}
	for line := range strings.Lines(left) {
		if !strings.HasPrefix(line, "/run/terraform-provider-iptables/") && !strings.Contains(line, ".new-") {
			return fmt.Errorf("left behind:\n%s", left)
		}
	}
	more := r.story.final
	more.Lines = append(slices.Clone(more.Lines), serviceLines(managed, 7000)...)
	change, err := more.change(r.story.final)
	if err != nil {
		return err
	}
	if err := r.apply(ctx, change); err != nil {
		return fmt.Errorf("the commit that should clean up fails: %w", err)
	}
	if left, err = r.left(ctx); err == nil && left != "" {
		err = fmt.Errorf("left behind, by the next commit too:\n%s", left)
	}
	return err
}

// left is what is there of commits: a moment is given to what is ending.
func (r *run) left(ctx context.Context) (left string, err error) {
	for range 30 {
		left, err = r.host.Shell(ctx, `set +e
			for base in /run /var/lib; do
				cd $base/terraform-provider-iptables 2>/dev/null && ls -d $PWD/* | grep -v -e /lock$ -e /outcomes$
			done
			find /etc/iptables /etc/terraform-provider-iptables /tmp /dev/shm /var/tmp -name '*.new*' -o -name '*iptables-*' 2>/dev/null
			for p in /proc/[0-9]*; do
				line=$(tr '\0' ' ' <$p/cmdline 2>/dev/null)
				case $line in
				*'sleep 86400'*) ;;
				*expire.sh* | *undo.sh* | 'sleep '* | */usr/local/sbin/*) echo "$line" ;;
				esac
			done
			[ ! -d /run/systemd/system ] || systemctl list-units --all --plain --no-legend 'iptables-rollback-*'
			:`)
		if err != nil || left == "" {
			return left, err
		}
		time.Sleep(100 * time.Millisecond)
	}
	return left, nil
}
