package sshexec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// An sshd is a real OpenSSH server on a port of the loopback, where the user of the test may
// log in.
type sshd struct {
	t    *testing.T
	port int
	log  *lockedBuffer
	user key
	ed   key
	rsa  key
}

type lockedBuffer struct {
	mu   sync.Mutex
	text []byte
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.text = append(b.text, p...)
	return len(p), nil
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.text)
}

// sshdPath finds sshd. Where there is none, the tests of it are named in the log and not run;
// with TF_ACC=1 they must.
func sshdPath(t *testing.T) string {
	t.Helper()
	for _, path := range []string{"/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"} {
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	if os.Getenv("TF_ACC") != "" {
		t.Fatal("sshd is not installed (package openssh-server)")
	}
	t.Log("not tested, as sshd is not installed (package openssh-server)")
	return ""
}

// startSSHD returns nil where sshd is not installed.
func startSSHD(t *testing.T, settings ...string) *sshd {
	t.Helper()
	path := sshdPath(t)
	if path == "" {
		return nil
	}
	if os.Getuid() == 0 { // sshd's own demand; the package's service makes it at its start
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	d := &sshd{t: t, log: new(lockedBuffer), user: newKey(t), ed: newKey(t), rsa: rsaKey(t), port: freePort(t)}
	config := strings.Join(append(settings,
		"ListenAddress 127.0.0.1:"+fmt.Sprint(d.port),
		"HostKey "+file(t, "ed", d.ed.pem.Reveal()),
		"HostKey "+file(t, "rsa", d.rsa.pem.Reveal()),
		"AuthorizedKeysFile "+file(t, "authorized_keys", d.user.line),
		"PidFile none", "UsePAM no", "StrictModes no", "PermitRootLogin yes", "LogLevel VERBOSE",
	), "\n") + "\n"
	cmd := exec.Command(path, "-D", "-e", "-f", file(t, "sshd_config", config))
	cmd.Stderr = d.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			text := d.log.String()
			t.Logf("the end of sshd's log:\n%s", text[max(0, len(text)-4000):])
		}
	})
	for range 500 {
		if strings.Contains(d.log.String(), "Server listening") {
			return d
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("sshd does not listen")
	return nil
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

func (d *sshd) cfg() Config {
	d.t.Helper()
	me, err := user.Current()
	if err != nil {
		d.t.Fatal(err)
	}
	return Config{
		Name: "web1", Address: "127.0.0.1", Port: d.port, User: me.Username, PrivateKey: d.user.pem,
		HostKey: d.ed.line, Privilege: None, Timeout: 20 * time.Second,
	}
}

// counts returns how often sshd says something in its log.
func (d *sshd) counts(words string) int { return strings.Count(d.log.String(), words) }

func TestSSHDRun(t *testing.T) {
	d := startSSHD(t)
	if d == nil {
		return
	}
	c := client(t, d.cfg())
	for range 3 {
		got, err := c.Run(t.Context(), Script{Body: `cat; echo "$SSH_CONNECTION" >&2; exit 3`, Input: []byte(everyByte())})
		if err != nil || string(got.Stdout) != everyByte()+"\n" || got.Exit != 3 {
			t.Errorf("%q, status %d, %v", got.Stdout, got.Exit, err)
		}
		if want := fmt.Sprintf(" 127.0.0.1 %d\n", d.port); !strings.HasSuffix(string(got.Stderr), want) {
			t.Errorf("stderr %q", got.Stderr)
		}
	}
	if n, s := d.counts("Accepted publickey"), d.counts("Starting session"); n != 1 || s != 3 {
		t.Errorf("%d logins, %d sessions", n, s)
	}
	second, err := c.Login(t.Context())
	if err != nil || d.counts("Connection from") != 2 || d.counts("Accepted publickey") != 2 {
		t.Fatalf("%v, %d connections", err, d.counts("Connection from"))
	}
	_ = second.Close()
}

// A whole ruleset goes through in both directions, with keys exchanged again on the way.
func TestSSHDLargeScript(t *testing.T) {
	d := startSSHD(t, "RekeyLimit 1M")
	if d == nil {
		return
	}
	input := []byte(strings.Repeat("-A INPUT -s 203.0.113.7/32 -p tcp -j ACCEPT\n", 150_000))
	got, err := client(t, d.cfg()).Run(t.Context(), Script{Body: "cat", Input: input})
	if err != nil || !bytes.Equal(got.Stdout, input) {
		t.Errorf("%d of %d bytes came back, %v", len(got.Stdout), len(input), err)
	}
}

func TestSSHDKnowsOneOfItsKeys(t *testing.T) {
	d := startSSHD(t)
	if d == nil {
		return
	}
	cfg := d.cfg()
	cfg.HostKey = ""
	cfg.KnownHostsFiles = []string{file(t, "known_hosts", fmt.Sprintf("[127.0.0.1]:%d %s", d.port, d.rsa.line))}
	if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
}

// Many at once: sshd refuses no session, as we stay far enough below its limit; and where the
// limit is lower, what was refused is tried again.
func TestSSHDManySessions(t *testing.T) {
	for name, setting := range map[string]string{"default": "MaxSessions 10", "few": "MaxSessions 2", "one": "MaxSessions 1"} {
		t.Run(name, func(t *testing.T) {
			d := startSSHD(t, setting)
			if d == nil {
				return
			}
			c := client(t, d.cfg())
			var all sync.WaitGroup
			for range 60 {
				all.Go(func() {
					if _, err := c.Run(t.Context(), Script{Body: "true"}); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
			if n := d.counts("Accepted publickey"); n != 1 {
				t.Errorf("%d logins", n)
			}
			if refused := d.counts("no more sessions"); name == "default" && refused != 0 {
				t.Errorf("%d sessions were refused", refused)
			}
		})
	}
}

// More clients than sshd lets in at once: paced by a Pool they all get in.
func TestSSHDThrottles(t *testing.T) {
	d := startSSHD(t, "MaxStartups 3:100:3")
	if d == nil {
		return
	}
	pool := NewPool(Limits{Logins: 2})
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			cfg := d.cfg()
			cfg.Pool = pool
			if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()

	// Somebody else holds all places: the error says what it looks like.
	for range 3 {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", d.port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := conn.Read(make([]byte, 4)); err != nil {
			t.Fatal(err)
		}
	}
	_, err := client(t, d.cfg()).Run(t.Context(), Script{})
	var dial *DialError
	if !errors.As(err, &dial) || dial.Kind != Throttled || !strings.Contains(err.Error(), "MaxStartups") {
		t.Errorf("%T %v", err, err)
	}
}

func TestSSHDRefusesTheLogin(t *testing.T) {
	banner := file(t, "banner", "Property of ACME\n")
	d := startSSHD(t, "PasswordAuthentication no", "KbdInteractiveAuthentication no", "Banner "+banner)
	if d == nil {
		return
	}
	cfg := d.cfg()
	cfg.PrivateKey, cfg.Password = newKey(t).pem, NewSecret("unused")
	c := client(t, cfg)
	for range 3 {
		_, err := c.Run(t.Context(), Script{})
		var auth *AuthError
		if !errors.As(err, &auth) || auth.Banner != "Property of ACME" || len(auth.Tried) != 1 {
			t.Errorf("%T %v", err, err)
		}
	}
	if n := d.counts("Connection from"); n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestSSHDForcedCommand(t *testing.T) {
	d := startSSHD(t, `ForceCommand echo 'Please login as the user "admin" rather than the user "root".'; exit 142`)
	if d == nil {
		return
	}
	_, err := client(t, d.cfg()).Run(t.Context(), Script{Body: "true"})
	var start *StartError
	if !errors.As(err, &start) || start.Exit != 142 || !strings.Contains(start.Said, `the user "admin"`) {
		t.Errorf("%T %v", err, err)
	}
}

func TestSSHDAsBastion(t *testing.T) {
	d, b := startSSHD(t), startSSHD(t, "MaxSessions 0") // of a bastion no session is wanted
	if d == nil || b == nil {
		return
	}
	cfg, hop := d.cfg(), b.cfg()
	cfg.Bastion = &hop
	if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
	closed := startSSHD(t, "AllowTcpForwarding no").cfg()
	cfg.Bastion = &closed
	_, err := client(t, cfg).Run(t.Context(), Script{})
	var dial *DialError
	if !errors.As(err, &dial) || dial.Kind != Unreachable {
		t.Errorf("%T %v", err, err)
	}
}

// The script's own end, and that of a canceled context, leave no process behind.
func TestSSHDCancelStopsTheScript(t *testing.T) {
	d := startSSHD(t)
	if d == nil {
		return
	}
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	go func() { waitFor(t, filepath.Join(dir, "begun")); cancel() }()
	_, err := client(t, d.cfg()).Run(ctx, Script{
		Body: `trap 'echo >"$dir/stopped"; exit' TERM; echo >"$dir/begun"; while :; do sleep 1; done`,
		Vars: map[string]string{"dir": dir},
	})
	if !errors.Is(err, ErrOutcomeUnknown) {
		t.Error(err)
	}
	waitFor(t, filepath.Join(dir, "stopped"))
}

// The connection is cut after a random number of bytes, in either direction, again and again:
// what Run says of the script is true every time.
func TestSSHDCutAnywhere(t *testing.T) {
	d := startSSHD(t)
	if d == nil {
		return
	}
	dir := t.TempDir()
	const rounds = 30
	var ran, unsent, unknown, others int
	for i := range rounds {
		lines := 1000
		budget := 4000 + rand.Int64N(16_000)
		if i%2 == 0 { // more than fits into what is on the way
			lines = 1_000_000
			budget = rand.Int64N(6_000_000)
		}
		p := startCutter(t, d.port, budget)
		cfg := d.cfg()
		cfg.Port = p.port
		mark := filepath.Join(dir, fmt.Sprint(i))
		_, err := client(t, cfg).Run(t.Context(), Script{
			Body:  `wc -c >"$mark"; echo done; head -c 3000 /dev/zero`,
			Vars:  map[string]string{"mark": mark},
			Input: bytes.Repeat([]byte("line\n"), lines),
		})
		if errors.Is(err, ErrOutcomeUnknown) {
			unknown++
			continue
		}
		time.Sleep(10 * time.Millisecond) // a script that was sent all the same would run now
		content, _ := os.ReadFile(mark)
		var notSent *NotSentError
		switch {
		case err == nil:
			ran++
			if string(content) != fmt.Sprintln(5*lines) {
				t.Errorf("it is said to have run: %q", content)
			}
		case errors.As(err, &notSent):
			unsent++
		default:
			others++
		}
		if err != nil && content != nil {
			t.Errorf("it is said not to have run: %q, %v", content, err)
		}
	}
	t.Logf("of %d scripts %d ran, %d were not sent, of %d it is unknown, %d had no connection", rounds, ran, unsent, unknown, others)
	if ran == 0 || unsent+others == 0 || unknown == 0 {
		t.Error("the cuts did not meet every stage")
	}
}

// A cutter is a proxy that resets a connection after so many bytes in both directions.
type cutter struct{ port int }

func startCutter(t *testing.T, to int, budget int64) cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	var left atomic.Int64
	left.Store(budget)
	go func() {
		for {
			in, err := listener.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", to))
			if err != nil {
				return
			}
			reset := func() {
				for _, c := range []net.Conn{in, out} {
					_ = c.(*net.TCPConn).SetLinger(0)
					_ = c.Close()
				}
			}
			pass := func(to io.Writer, from io.Reader) {
				defer reset()
				buffer := make([]byte, 1000) // so that a cut can be in the middle of a packet
				for {
					n, err := from.Read(buffer)
					if err != nil || left.Add(-int64(n)) < 0 {
						return
					}
					if _, err := to.Write(buffer[:n]); err != nil {
						return
					}
				}
			}
			go pass(in, out)
			go pass(out, in)
		}
	}()
	return cutter{listener.Addr().(*net.TCPAddr).Port}
}

// Login shells of other families start our shell all the same.
func TestLoginShells(t *testing.T) {
	for _, shell := range []string{"bash", "dash", "fish", "tcsh", "zsh", "ksh"} {
		path, err := exec.LookPath(shell)
		if err != nil {
			t.Logf("not tested: %s, as it is not installed", shell)
			continue
		}
		t.Run(shell, func(t *testing.T) {
			s := newServer(t)
			s.shell = []string{path}
			got, err := s.start().client().Run(t.Context(), Script{Body: "cat; exit 5", Input: []byte(everyByte())})
			if err != nil || string(got.Stdout) != everyByte()+"\n" || got.Exit != 5 {
				t.Errorf("%q, status %d, %v", got.Stdout, got.Exit, err)
			}
		})
	}
}
