package firewall

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	_ "embed"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// What is installed on a host, for whatever init system it has.
var (
	//go:embed scripts/boot.sh
	bootScript string
	//go:embed scripts/boot.service
	bootService string
	//go:embed scripts/boot.openrc
	bootOpenRC string
	//go:embed scripts/boot.init
	bootSysV string
)

// bootVersion tells apart what different versions of this provider install.
var bootVersion = fmt.Sprintf("%x", sha256.Sum256([]byte(bootScript+bootService+bootOpenRC+bootSysV)))[:12]

// MaxBackups bounds Keeping.Backups.
const MaxBackups = 1000

// Validate lists what is wrong with the settings and can be known without a host.
func (k Keeping) Validate() []Problem {
	var problems []Problem
	add := func(attribute, summary, detail string) {
		problems = append(problems, Problem{Attribute: attribute, Summary: summary, Detail: detail})
	}
	if k.Mechanism != "" && !slices.Contains(Mechanisms, k.Mechanism) {
		add("mechanism", "Not a mechanism", fmt.Sprintf("%q is none of %s.", k.Mechanism, strings.Join(Mechanisms, ", ")))
	}
	if k.Backups < 0 || k.Backups > MaxBackups {
		add("backups", "Not a number of backups", fmt.Sprintf("It is 0 (keep none) to %d.", MaxBackups))
	}
	if d := k.BackupDir; d != "" && (!path.IsAbs(d) || path.Clean(d) != d || strings.ContainsFunc(d, awkward)) {
		add("backup_dir", "Not a directory", fmt.Sprintf("%q has to be an absolute path, without \"..\", quotes and control characters.", d))
	}
	return problems
}

// awkward reports characters that a path in a file of shell variables must not have.
func awkward(r rune) bool { return r < ' ' || r == 0x7f || r == '\'' || r == '\\' }

// A Persisted host is what its iptables_persistence looks like.
type Persisted struct {
	Keeping
	// Files are what is restored at boot, IPv4 first.
	Files []string
	// Enabled says whether everything is in place and enabled that restores the files, as this
	// version of the provider installs it.
	Enabled bool
	// InSync says whether the files hold what is in force, but for the rules of software that
	// makes its own anew.
	InSync bool
}

// Persisted is how the host keeps its firewall over a boot. It is false where no
// iptables_persistence was applied.
func (s *Snapshot) Persisted() (p Persisted, kept bool) {
	boot := s.Facts.Boot
	if boot.Kept != nil {
		p.Keeping = *boot.Kept
	}
	if !boot.keeps() {
		p.InSync = true // with nothing
		return p, boot.Kept != nil
	}
	p.Enabled = boot.Enabled && boot.Kept != nil && boot.Kept.version == bootVersion
	p.InSync = true
	for _, family := range s.Facts.Families() {
		file, ok := boot.Paths[family]
		if !ok {
			p.InSync = false
			continue
		}
		p.Files = append(p.Files, file)
		p.InSync = p.InSync && s.inSync(family, boot.Files[family])
	}
	p.InSync = p.InSync && s.setsInSync()
	return p, boot.Kept != nil
}

// setsInSync reports whether restoring the sets that are saved would change nothing.
func (s *Snapshot) setsInSync() bool {
	saved, err := lastingOf(s.Facts.Boot.SavedSets)
	if err != nil {
		return false
	}
	wanted, err := lastingOf(lastingSets(s.Rules))
	return err == nil && iptables.Diff(saved, wanted).Empty()
}

// inSync reports whether restoring the file would change nothing.
func (s *Snapshot) inSync(family iptables.Family, text string) bool {
	if strings.TrimSpace(text) == "" {
		return false // what is not there restores nothing, not even an empty firewall
	}
	saved, err := iptables.ParseSave(family, text)
	if err != nil {
		return false
	}
	wanted, err := iptables.ParseSave(family, s.lasting(family))
	return err == nil && iptables.Diff(saved, wanted).Empty() && iptables.Diff(wanted, saved).Empty()
}

// A MechanismError is a host that does not have the mechanism that was asked for.
type MechanismError struct{ Reason string }

func (e *MechanismError) Error() string {
	return "the host cannot restore its firewall so: " + e.Reason
}

// A SavingError is a host on which something went wrong with what it restores at boot.
type SavingError struct{ Reason string }

func (e *SavingError) Error() string {
	return "what the host restores at boot could not be set up: " + e.Reason
}

const persisting = "setting up what the host restores at boot"

// Persist sets up how the host restores its firewall at boot, and saves what is in force. The
// running firewall is not touched. The error is an *Error.
func (h *Host) Persist(ctx context.Context, k Keeping) (*Snapshot, error) {
	if h.options.NoSave && k.Mechanism != NoMechanism {
		return nil, h.fail(persisting, &SavingError{
			Reason: `persist = "none" is set for this host in the provider, which forbids it`,
		}, Unchanged, `Remove it, or set mechanism = "none" here.`)
	}
	return h.setBoot(ctx, persisting, k)
}

// Unpersist takes down what Persist set up: files and services are as they were before. Changes that
// this Host makes afterwards are not saved any more: in whatever order resources are destroyed, the
// files are those from before.
func (h *Host) Unpersist(ctx context.Context) error {
	_, err := h.setBoot(ctx, "bringing back what the host restored at boot", Keeping{})
	return err
}

// setBoot runs the script until it has worked on the rules that were read, and reads again.
func (h *Host) setBoot(ctx context.Context, doing string, k Keeping) (*Snapshot, error) {
	h.alone.Lock() // a commit under way would save by what it has read before
	defer h.alone.Unlock()
	const tries = 10
	for try := 1; ; try++ {
		snapshot, err := h.Snapshot(ctx)
		if err == nil && len(snapshot.saved) == 0 { // what a commit left behind
			h.forget(nil)
			snapshot, err = h.Snapshot(ctx)
		}
		if err != nil {
			return nil, err
		}
		again, err := h.runBoot(ctx, snapshot, k)
		h.forget(nil)
		if err == nil {
			h.setReleased(k.Mechanism == "")
			return h.Snapshot(ctx)
		}
		if !again || try == tries {
			return nil, h.fail(doing, err, Unchanged, "")
		}
	}
}

// runBoot reports with an error whether it may go away when the host is read again.
func (h *Host) runBoot(ctx context.Context, s *Snapshot, k Keeping) (again bool, err error) {
	mark := rand.Text()
	runner, release := h.connection.use()
	defer release()
	vars := map[string]string{
		"mark": mark, "id": strings.ToLower(rand.Text()[:16]), "lock_timeout": seconds(h.options.LockTimeout),
		"wanted": k.Mechanism, "backups": strconv.Itoa(k.Backups), "backup_dir": k.BackupDir,
		"version": bootVersion, "port": "22", "ipt4": "", "ipt6": "",
	}
	if login := s.Facts.Login; !login.IsZero() {
		vars["port"] = strconv.Itoa(int(login.Server.Port()))
	}
	p := &parts{mark: mark}
	p.add("boot.sh", bootScript)
	p.add("unit.systemd", bootService)
	p.add("unit.openrc", bootOpenRC)
	p.add("unit.sysv", bootSysV)
	for family, program := range s.Facts.Programs {
		vars[fmt.Sprintf("ipt%d", family)] = program.Path
		if k.Mechanism != "" && k.Mechanism != NoMechanism {
			p.add(fmt.Sprintf("expect-%d", family), s.saved[family])
			p.add(fmt.Sprintf("save-%d", family), s.lasting(family))
		}
	}
	if k.Mechanism != "" && k.Mechanism != NoMechanism {
		p.add("save-sets", lastingSets(s.Rules))
	}
	p.add("end", "end")
	result, err := runner.Run(ctx, s.Facts.packed(sshexec.Script{
		Body:  program(baseScript, mechanismScript, savingScript, persistScript),
		Vars:  vars,
		Input: []byte(p.text.String()),
	}))
	if err != nil {
		return false, err
	}
	answer, err := sections(string(result.Stdout), mark, "result")
	if err != nil {
		return false, fmt.Errorf("%w; it printed on standard error: %s", err, firstLines(result.Stderr))
	}
	reason := reasonOf(answer)
	switch answer[len(answer)-1].subject() {
	case "done":
		return false, nil
	case "changed":
		return true, &MovingError{Detail: reason}
	case "busy":
		return false, &BusyError{Holder: reason}
	case "absent":
		return false, &MechanismError{Reason: reason}
	}
	return false, &SavingError{Reason: reason}
}
