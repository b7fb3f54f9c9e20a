package sshexec

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// A server is an SSH server in this process that can be made to fail at any point. Scripts
// run in real shells, as sshd would run them.
type server struct {
	t       *testing.T
	config  *ssh.ServerConfig
	address *net.TCPAddr
	hostKey ssh.Signer
	user    key // may log in

	// Hooks, set before the first connection. A hook that returns true has taken over.
	onAccept  func(n int, conn net.Conn) bool
	onSession func(n int, ch ssh.NewChannel) bool
	onExec    func(n int, ch ssh.Channel, r *ssh.Request) bool
	onGlobal  func(r *ssh.Request) bool
	shell     []string // the login shell; default /bin/sh
	forward   bool     // direct-tcpip is allowed

	accepted, logins, offers, tunnels atomic.Int32
	channels                          atomic.Int32 // that were asked for
	sessions                          atomic.Int32 // in which something was executed
	open, mostOpen                    atomic.Int32

	mu    sync.Mutex
	conns []net.Conn
}

// A key is a key pair in the forms in which a Config takes it.
type key struct {
	ssh.Signer
	pem  Secret
	line string // as in authorized_keys
}

func newKey(t *testing.T) key {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keyOf(t, private)
}

func keyOf(t *testing.T, private any) key {
	t.Helper()
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return key{signer, NewSecret(string(pem.EncodeToMemory(block))), string(ssh.MarshalAuthorizedKey(signer.PublicKey()))}
}

// newServer returns a server that start starts.
func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, hostKey: newKey(t), user: newKey(t), shell: []string{"/bin/sh"}, config: &ssh.ServerConfig{ServerVersion: "SSH-2.0-OpenSSH_9.2"}}
	s.config.PublicKeyCallback = func(_ ssh.ConnMetadata, offered ssh.PublicKey) (*ssh.Permissions, error) {
		s.offers.Add(1)
		if string(offered.Marshal()) == string(s.user.PublicKey().Marshal()) {
			return nil, nil
		}
		return nil, errors.New("unknown key")
	}
	return s
}

func (s *server) start() *server {
	s.t.Helper()
	s.config.AddHostKey(s.hostKey)
	return s.listen()
}

func (s *server) listen() *server {
	s.t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = listener.Addr().(*net.TCPAddr)
	s.t.Cleanup(func() { _ = listener.Close(); s.cut() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			go s.serve(int(s.accepted.Add(1)), conn)
		}
	}()
	return s
}

// cut resets all connections.
func (s *server) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		if tcp, ok := c.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		_ = c.Close()
	}
	s.conns = nil
}

// cfg is a Config that reaches the server as the user who may, and checks its key.
func (s *server) cfg() Config {
	return Config{
		Name: "web1", Address: "127.0.0.1", Port: s.address.Port, User: "root",
		PrivateKey: s.user.pem, HostKey: string(ssh.MarshalAuthorizedKey(s.hostKey.PublicKey())),
		Privilege: None, Timeout: 20 * time.Second,
	}
}

// client returns a Client of cfg that is closed at the end of the test.
func client(t *testing.T, cfg Config) *Client {
	t.Helper()
	c := New(cfg)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func (s *server) client() *Client { return client(s.t, s.cfg()) }

func (s *server) serve(n int, raw net.Conn) {
	if s.onAccept != nil && s.onAccept(n, raw) {
		return
	}
	conn, channels, requests, err := ssh.NewServerConn(raw, s.config)
	if err != nil {
		_ = raw.Close()
		return
	}
	s.logins.Add(1)
	go func() {
		for r := range requests {
			if s.onGlobal == nil || !s.onGlobal(r) {
				_ = r.Reply(false, nil)
			}
		}
	}()
	for ch := range channels {
		if ch.ChannelType() == "direct-tcpip" {
			go s.tunnel(ch)
			continue
		}
		n := int(s.channels.Add(1))
		if s.onSession == nil || !s.onSession(n, ch) {
			go s.session(n, conn, ch)
		}
	}
}

func (s *server) session(n int, conn ssh.ConnMetadata, newChannel ssh.NewChannel) {
	ch, requests, err := newChannel.Accept()
	if err != nil {
		return
	}
	for now := s.open.Add(1); ; {
		most := s.mostOpen.Load()
		if now <= most || s.mostOpen.CompareAndSwap(most, now) {
			break
		}
	}
	defer func() { _ = ch.Close() }()
	defer s.open.Add(-1)
	for r := range requests {
		if r.Type != "exec" {
			_ = r.Reply(false, nil)
			continue
		}
		s.sessions.Add(1)
		if s.onExec != nil && s.onExec(n, ch, r) {
			return
		}
		_ = r.Reply(true, nil)
		var payload struct{ Command string }
		_ = ssh.Unmarshal(r.Payload, &payload)
		s.execute(conn, ch, requests, payload.Command)
		return
	}
}

// execute runs a command in the login shell, as sshd does.
func (s *server) execute(conn ssh.ConnMetadata, ch ssh.Channel, requests <-chan *ssh.Request, command string) {
	cmd := exec.Command(s.shell[0], append(s.shell[1:], "-c", command)...)
	cmd.Env = append(os.Environ(), "SSH_CONNECTION="+connectionEnds(conn))
	apart(cmd)
	cmd.Stdout, cmd.Stderr = ch, ch.Stderr()
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return
	}
	if err := cmd.Start(); err != nil {
		return
	}
	go func() {
		_, _ = io.Copy(stdin, ch)
		_ = stdin.Close()
	}()
	go ssh.DiscardRequests(requests)
	_ = cmd.Wait()
	if cmd.ProcessState.ExitCode() < 0 { // killed
		_, _ = ch.SendRequest("exit-signal", false, ssh.Marshal(struct {
			Name       string
			CoreDumped bool
			Message    string
			Language   string
		}{Name: "TERM"}))
		return
	}
	sendStatus(ch, cmd.ProcessState.ExitCode())
}

func sendStatus(ch ssh.Channel, status int) {
	_, _ = ch.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
}

func connectionEnds(conn ssh.ConnMetadata) string {
	split := func(a net.Addr) string {
		host, port, _ := net.SplitHostPort(a.String())
		return host + " " + port
	}
	return split(conn.RemoteAddr()) + " " + split(conn.LocalAddr())
}

// tunnel serves a direct-tcpip channel.
func (s *server) tunnel(newChannel ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		OriginHost string
		OriginPort uint32
	}
	_ = ssh.Unmarshal(newChannel.ExtraData(), &to)
	if !s.forward {
		_ = newChannel.Reject(ssh.Prohibited, "open failed")
		return
	}
	out, err := net.DialTCP("tcp", nil, &net.TCPAddr{IP: net.ParseIP(to.Host), Port: int(to.Port)})
	if err != nil {
		_ = newChannel.Reject(ssh.ConnectionFailed, err.Error())
		return
	}
	s.tunnels.Add(1)
	ch, requests, err := newChannel.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	go func() { _, _ = io.Copy(ch, out); _ = ch.Close() }()
	_, _ = io.Copy(out, ch)
	_ = out.Close()
}

// reaches checks that a counter of a server stands at n, or will in a moment: the server's side
// of a login ends a little after ours.
func reaches(t *testing.T, what string, counter *atomic.Int32, n int32) {
	t.Helper()
	for range 500 {
		if counter.Load() >= n {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if got := counter.Load(); got != n {
		t.Errorf("%d %s, want %d", got, what, n)
	}
}

// file writes a file of the test and returns its path.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// runFrame runs what comes on the channel in a shell and sends what it prints, but no status.
func runFrame(t *testing.T, ch ssh.Channel) {
	t.Helper()
	cmd := exec.Command("/bin/sh", "-s")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = ch, ch, ch.Stderr()
	_ = cmd.Run()
}
