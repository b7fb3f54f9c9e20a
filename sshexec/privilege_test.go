package sshexec

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const sudoPassword = `p4ss' "$(word)\n`

// fakeSudo is a sudo for tests. It logs its arguments and environment, and how it treats a
// password is as the cases say. It remembers a password for the children of one process, as
// sudo does where there is no terminal.
const fakeSudo = `
{ echo "$*"; env; } >>"$LOG"
case $* in
*-v*)
	case MODE in
	listed) echo "someone is not in the sudoers file." >&2; exit 1 ;;
	esac
	IFS= read -r typed || { echo "sudo: no password was provided" >&2; exit 1; }
	printf '%s\n' "$typed" >>"$LOG.typed"
	[ "$typed" = "$GOOD" ] || { echo "sudo: 1 incorrect password attempt" >&2; exit 1; }
	: >"$LOG.ticket.$PPID"
	exit 0 ;;
esac
case MODE in
nopasswd) ;;
tty) echo "sudo: sorry, you must have a tty to run sudo" >&2; exit 1 ;;
forgets) echo "sudo: a password is required" >&2; exit 1 ;;
*) [ -e "$LOG.ticket.$PPID" ] || { echo "sudo: a password is required" >&2; exit 1; } ;;
esac
shift
unset SSH_CONNECTION
exec "$@"
`

const fakeDoas = `
echo "doas $*" >>"$LOG"
case MODE in
denied) echo "doas: Operation not permitted" >&2; exit 1 ;;
asks) echo "doas: Authorization required" >&2; exit 1 ;;
esac
shift
unset SSH_CONNECTION
exec "$@"
`

// A toolbox is a PATH with tools that give root in some way or other, and a log of theirs.
type toolbox struct{ dir, log string }

// newToolbox makes the PATH of a user who is not root; sudo and doas are modes, "" means that
// the tool is not there.
func newToolbox(t *testing.T, sudo, doas string) toolbox {
	t.Helper()
	box := toolbox{dir: t.TempDir()}
	box.log = filepath.Join(box.dir, "log")
	fakeTool(t, box.dir, "id", "echo 1000")
	if sudo != "" {
		fakeTool(t, box.dir, "sudo", strings.ReplaceAll(fakeSudo, "MODE", sudo))
	}
	if doas != "" {
		fakeTool(t, box.dir, "doas", strings.ReplaceAll(fakeDoas, "MODE", doas))
	}
	for _, tool := range []string{"env", "cat", "ps"} { // and not the machine's own sudo
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(box.dir, tool)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", box.dir)
	t.Setenv("LOG", box.log)
	t.Setenv("GOOD", sudoPassword)
	t.Setenv("password", "exported by the login")
	t.Setenv("SSH_CONNECTION", "203.0.113.9 50000 198.51.100.1 22")
	return box
}

func (b toolbox) read(suffix string) string {
	text, _ := os.ReadFile(b.log + suffix)
	return string(text)
}

func TestPrivilege(t *testing.T) {
	const runs = "ran: input\n203.0.113.9 50000 198.51.100.1 22\n"
	for name, test := range map[string]struct {
		sudo, doas string
		privilege  Privilege
		password   string
		reason     PrivilegeReason
		says       string // nothing: the script runs
	}{
		"sudo":                      {"nopasswd", "", Auto, "", 0, ""},
		"sudo, asked for":           {"nopasswd", "allowed", Sudo, "", 0, ""},
		"sudo, password not needed": {"nopasswd", "", Auto, sudoPassword, 0, ""},
		"sudo with password":        {"asks", "", Auto, sudoPassword, 0, ""},
		"doas":                      {"", "allowed", Auto, "", 0, ""},
		"doas, asked for":           {"nopasswd", "allowed", Doas, "", 0, ""},
		"doas, as sudo wants more":  {"asks", "allowed", Auto, "", 0, ""},
		"as it is":                  {"asks", "", None, "", 0, ""},
		"no tool":                   {"", "", Auto, sudoPassword, PrivilegeNoTool, "sudo or doas is not there"},
		"no sudo":                   {"", "allowed", Sudo, "", PrivilegeNoTool, "sudo is not there"},
		"password missing":          {"asks", "", Auto, "", PrivilegePassword, "set sudo_password"},
		"password wrong":            {"asks", "", Auto, "wrong", PrivilegeWrong, "sudo: 1 incorrect password attempt"},
		"not in sudoers":            {"listed", "", Auto, sudoPassword, PrivilegeNotListed, "is not in the sudoers file"},
		"wants a terminal":          {"tty", "", Auto, "", PrivilegeTerminal, "requiretty"},
		"forgets":                   {"forgets", "", Auto, sudoPassword, PrivilegeForgets, "timestamp_timeout"},
		"doas denies":               {"", "denied", Auto, "", PrivilegeNotListed, "doas does not allow it"},
		"doas asks":                 {"", "asks", Doas, "", PrivilegePassword, "permit nopass"},
		"both deny":                 {"tty", "denied", Auto, "", PrivilegeTerminal, "requiretty"},
		"sudo asks, doas denies":    {"asks", "denied", Auto, "", PrivilegePassword, "sudo wants a password; set sudo_password"},
	} {
		t.Run(name, func(t *testing.T) {
			box := newToolbox(t, test.sudo, test.doas)
			r := Local(test.privilege, NewSecret(test.password))
			for range 2 {
				got, err := r.Run(t.Context(), Script{Body: `echo "ran: $(cat)"; echo "$SSH_CONNECTION"`, Input: []byte("input")})
				var refused *PrivilegeError
				switch {
				case test.says == "" && (err != nil || string(got.Stdout) != runs || len(got.Stderr) != 0):
					t.Errorf("%q, %q, %v", got.Stdout, got.Stderr, err)
				case test.says != "" && (!errors.As(err, &refused) || refused.Reason != test.reason || !strings.Contains(err.Error(), test.says)):
					t.Errorf("%T %v", err, err)
				}
				if err != nil && strings.Contains(err.Error(), sudoPassword) {
					t.Errorf("the password is in the error: %v", err)
				}
			}
			if log := box.read(""); strings.Contains(log, sudoPassword) && strings.Contains(strings.ReplaceAll(log, "GOOD="+sudoPassword, ""), sudoPassword) {
				t.Errorf("the password is in arguments or environment:\n%s", log)
			}
		})
	}
}

// The password meets nobody but `sudo -S -v`, and under NOPASSWD not even that.
func TestSudoPasswordMeetsOnlySudo(t *testing.T) {
	watch := Script{Body: `cat; env; ps axww -o args`, Input: []byte("input")}
	t.Run("needed", func(t *testing.T) {
		box := newToolbox(t, "asks", "")
		t.Setenv("GOOD", "needle-in-the-haystack")
		got, err := Local(Auto, NewSecret("needle-in-the-haystack")).Run(t.Context(), watch)
		if err != nil {
			t.Fatal(err)
		}
		seen := strings.ReplaceAll(string(got.Stdout)+box.read(""), "GOOD=needle-in-the-haystack", "")
		if strings.Contains(seen, "needle") {
			t.Errorf("seen:\n%s", seen)
		}
		if typed := box.read(".typed"); typed != "needle-in-the-haystack\n" {
			t.Errorf("typed %q", typed)
		}
	})
	t.Run("not needed", func(t *testing.T) {
		box := newToolbox(t, "nopasswd", "")
		got, err := Local(Auto, NewSecret("needle")).Run(t.Context(), watch)
		if err != nil || strings.Contains(string(got.Stdout)+box.read("")+box.read(".typed"), "needle") {
			t.Errorf("%v, seen:\n%s", err, got.Stdout)
		}
	})
}

// How to become root is asked for once; and it costs no session of its own.
func TestPrivilegeIsAskedOnce(t *testing.T) {
	box := newToolbox(t, "nopasswd", "")
	s := newServer(t).start()
	cfg := s.cfg()
	cfg.User, cfg.Privilege = "someone", Auto
	c := client(t, cfg)
	for range 3 {
		if _, err := c.Run(t.Context(), Script{Body: "true"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := strings.Count(box.read(""), "-n /bin/sh -s -- "); n != 4 || s.sessions.Load() != 3 {
		t.Errorf("sudo was called %d times, in %d sessions", n, s.sessions.Load())
	}
}

// Root by name is root without asking, and who is not root in spite of the name is found out.
func TestPrivilegeOfRoot(t *testing.T) {
	s := newServer(t).start()
	cfg := s.cfg()
	cfg.Privilege = Auto
	t.Run("root", func(t *testing.T) {
		dir := t.TempDir()
		fakeTool(t, dir, "id", "echo 0")
		fakeTool(t, dir, "sudo", "exit 1")
		onPath(t, dir)
		before := s.sessions.Load()
		if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil || s.sessions.Load() != before+1 {
			t.Errorf("%v, %d sessions", err, s.sessions.Load()-before)
		}
	})
	t.Run("not root", func(t *testing.T) {
		newToolbox(t, "nopasswd", "")
		before := s.sessions.Load()
		if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil || s.sessions.Load() != before+2 {
			t.Errorf("%v, %d sessions", err, s.sessions.Load()-before)
		}
	})
}

// A wrapper reports the script's own status, whatever it is.
func TestPrivilegeKeepsTheStatus(t *testing.T) {
	newToolbox(t, "asks", "")
	r := Local(Auto, NewSecret(sudoPassword))
	for _, status := range []int{0, 1, 97, 98, 255} {
		got, err := r.Run(t.Context(), Script{Body: "exit $s", Vars: map[string]string{"s": fmt.Sprint(status)}})
		if err != nil || got.Exit != status {
			t.Errorf("%d: %d, %v", status, got.Exit, err)
		}
	}
}

// SSH_CONNECTION of an account that sets it itself is not passed on to root.
func TestForgedConnection(t *testing.T) {
	newToolbox(t, "nopasswd", "")
	t.Setenv("SSH_CONNECTION", `1.2.3.4 5 6.7.8.9 22; touch /tmp/x`)
	got, err := Local(Auto, Secret{}).Run(t.Context(), Script{Body: `echo "<${SSH_CONNECTION-}>"`})
	if err != nil || string(got.Stdout) != "<>\n" {
		t.Errorf("%q, %v", got.Stdout, err)
	}
}

// Where printf is no builtin, the list of processes would show the password.
func TestPrintfIsABuiltin(t *testing.T) {
	for name, argv := range shells(t) {
		if out, _, _ := runShell(t, argv, []byte("command -v printf\n")); out != "printf\n" {
			t.Errorf("%s: %q", name, out)
		}
	}
}

// The wrapper is POSIX sh under every shell that is /bin/sh somewhere.
func TestBecomeUnderEveryShell(t *testing.T) {
	for name, argv := range shells(t) {
		t.Run(name, func(t *testing.T) {
			newToolbox(t, "asks", "")
			e := elevation{user: "someone", password: NewSecret(sudoPassword)}
			f := e.frame(Script{Body: "cat; exit 5", Input: []byte(everyByte())}, wayUnknown)
			out, stderr, status := runShell(t, argv, f.text, "LC_ALL=C")
			if got, exit := output(t, f, out); got != everyByte()+"\n" || exit != 5 || status != 5 {
				t.Errorf("status %d and %d, %q, %q", exit, status, got, stderr)
			}
		})
	}
}
