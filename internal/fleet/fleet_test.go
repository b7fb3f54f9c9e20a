package fleet

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// liveVariable tells this test program to be the process that dies; see TestDeadFleetLeavesNothing.
const liveVariable = "FLEET_TEST_LIVE"

func TestMain(m *testing.M) {
	if id := os.Getenv(liveVariable); id != "" {
		live(id)
	}
	Main(m)
}

// login is an SSH connection to a host, with its host key checked.
func login(t *testing.T, f *Fleet, h *Host, user, address string, auth ssh.AuthMethod) (*ssh.Client, error) {
	t.Helper()
	check, err := knownhosts.New(f.KnownHosts)
	if err != nil {
		t.Fatal(err)
	}
	return ssh.Dial("tcp", net.JoinHostPort(address, fmt.Sprint(h.Port)), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{auth}, HostKeyCallback: check, Timeout: time.Minute,
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
	})
}

func withFleetKey(t *testing.T, f *Fleet) ssh.AuthMethod {
	t.Helper()
	pem, err := os.ReadFile(f.Key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(pem)
	if err != nil {
		t.Fatal(err)
	}
	return ssh.PublicKeys(signer)
}

// run logs in as root, runs one command and returns what it printed on both streams.
func run(t *testing.T, f *Fleet, h *Host, address, command string) string {
	t.Helper()
	return runAs(t, f, h, Root, address, withFleetKey(t, f), command)
}

func runAs(t *testing.T, f *Fleet, h *Host, user, address string, auth ssh.AuthMethod, command string) string {
	t.Helper()
	client, err := login(t, f, h, user, address, auth)
	if err != nil {
		t.Fatalf("login as %s: %v", user, err)
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	out, err := session.CombinedOutput(command)
	var exit *ssh.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%s as %s: %v", command, user, err)
	}
	return strings.TrimSpace(string(out))
}

func shell(t *testing.T, h *Host, script string) string {
	t.Helper()
	out, err := h.Shell(t.Context(), script)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out)
}

func TestTenHosts(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(10, HostOptions{})})
	seen := map[string]bool{}
	for _, h := range f.Hosts() {
		seen[run(t, f, h, h.Address, "cat /etc/hostname; ip -o addr show dev eth0 | grep -c inet")] = true
	}
	for i := range 10 {
		if want := fmt.Sprintf("h%d\n5", i+1); !seen[want] {
			t.Errorf("no host answered %q; the answers: %v", want, seen)
		}
	}
}

func TestFleetsBesideOneAnother(t *testing.T) {
	one := ForTest(t, Options{ID: "beside-one", Hosts: N(1, HostOptions{Name: "web1.example.com"})})
	two := ForTest(t, Options{ID: "beside-two", Hosts: N(1, HostOptions{Name: "web2.example.com"})})
	for f, name := range map[*Fleet]string{one: "web1.example.com", two: "web2.example.com"} {
		if got := run(t, f, f.Host(name), name, "hostname -f"); got != name {
			t.Errorf("%s by its name calls itself %s", name, got)
		}
	}
	if _, err := Start(t.Context(), Options{ID: "beside-one"}); err == nil || !strings.Contains(err.Error(), "is running") {
		t.Errorf("a second fleet with the ID of a running one: %v", err)
	}
	if err := one.Close(); err != nil {
		t.Error(err)
	}
	if _, err := net.LookupHost("web2.example.com"); err != nil {
		t.Errorf("a name is lost when another fleet ends: %v", err)
	}
}

func TestAddedHostsAreTrusted(t *testing.T) {
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	added, err := f.Add(t.Context(), HostOptions{Port: 2222})
	if err != nil {
		t.Fatal(err)
	}
	if got := run(t, f, added[0], added[0].Address, "hostname"); got != "h2" {
		t.Errorf("the added host calls itself %q", got)
	}
	if _, err := f.Add(t.Context(), HostOptions{Name: "h1"}); err == nil {
		t.Error("two hosts of one name were accepted")
	}
	if _, err := f.Add(t.Context(), HostOptions{Backend: "ipchains"}); err == nil {
		t.Error("a backend that does not exist was accepted")
	}
}

func TestMachineIsLeftAlone(t *testing.T) {
	before := machine(t)
	f := ForTest(t, Options{Hosts: N(1, HostOptions{})})
	shell(t, f.Hosts()[0], "iptables -P INPUT DROP; echo 0 >/proc/sys/net/ipv4/ip_forward")
	if during := machine(t); during != before {
		t.Errorf("the machine's network changed:\n%s\nbefore:\n%s", during, before)
	}
	const panics = "/proc/sys/kernel/panic"
	if out, err := f.Hosts()[0].Shell(t.Context(), "old=$(cat "+panics+"); echo $old >"+panics); err == nil {
		t.Errorf("a host could change a setting of the machine's kernel: %s", out)
	}
}

// machine describes the network that this process was started in.
func machine(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	err := outside.do(func() error {
		for _, path := range []string{"dev", "route", "ipv6_route", "ip_tables_names", "if_inet6"} {
			data, err := os.ReadFile("/proc/thread-self/net/" + path)
			if err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
			for line := range strings.Lines(string(data)) {
				// Of "dev", only the names: the rest counts bytes. Of routes, all but the use counters.
				fields := strings.Fields(line)
				if path == "dev" {
					fields = fields[:1]
				}
				fmt.Fprintln(&text, path, fields)
			}
		}
		forward, err := os.ReadFile("/proc/sys/net/ipv4/ip_forward")
		fmt.Fprintln(&text, string(forward))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func TestStartNeedsEnter(t *testing.T) {
	saved := outside
	outside = nil
	defer func() { outside = saved }()
	if _, err := Start(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), "fleet.Enter") {
		t.Errorf("Start without Enter: %v", err)
	}
}

func TestFailedStartLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, Options{ID: "failed", Hosts: N(2, HostOptions{})}); !errors.Is(err, context.Canceled) {
		t.Errorf("Start with a canceled context: %v", err)
	}
	if exists(stateRoot+"/failed") || exists(stateRoot+"/failed.lock") {
		t.Error("files of a fleet that never was are left")
	}
}
