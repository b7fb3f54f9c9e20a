package fleet

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// live is a process that starts a fleet, says so and waits to be killed.
func live(id string) {
	err := Enter()
	if err == nil {
		_, err = Start(context.Background(), Options{ID: id, Hosts: []HostOptions{{}, {Init: Systemd}}})
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("up")
	select {}
}

// TestDeadFleetLeavesNothing kills the process of a fleet: its hosts die with it, and the next fleet that is started,
// of whatever ID, removes the rest.
func TestDeadFleetLeavesNothing(t *testing.T) {
	const id = "dead"
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), liveVariable+"="+id)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "up\n" {
		t.Fatalf("the fleet that is to die: %q, %v", line, err)
	}
	hosts := recorded(t, id)
	if len(hosts) != 2 {
		t.Fatalf("recorded hosts: %v", hosts)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	for _, host := range hosts {
		expectEnd(t, host)
	}

	ForTest(t, Options{})
	if exists(filepath.Join(stateRoot, id)) || exists(filepath.Join(stateRoot, id+".lock")) {
		t.Error("files of a dead fleet are left")
	}
	root, err := cgroupRoot()
	if err != nil {
		t.Fatal(err)
	}
	if left, _ := filepath.Glob(filepath.Join(root, cgroupPrefix(id)+"*")); left != nil {
		t.Errorf("control groups of a dead fleet are left: %v", left)
	}
}

func recorded(t *testing.T, id string) []identity {
	t.Helper()
	records, err := filepath.Glob(filepath.Join(stateRoot, id, "*.pid"))
	if err != nil {
		t.Fatal(err)
	}
	var hosts []identity
	for _, record := range records {
		text, err := os.ReadFile(record)
		if err != nil {
			t.Fatal(err)
		}
		host, err := parseIdentity(string(text))
		if err != nil {
			t.Fatal(err)
		}
		hosts = append(hosts, host)
	}
	return hosts
}

// expectEnd waits until a process has ended; a minute is for ever.
func expectEnd(t *testing.T, host identity) {
	t.Helper()
	fd, err := unix.PidfdOpen(host.pid, 0)
	if err != nil {
		return // it has ended
	}
	defer unix.Close(fd)
	if now, err := identify(host.pid); err != nil || now != host {
		return
	}
	for giveUp := time.Now().Add(time.Minute); time.Now().Before(giveUp); {
		if n, _ := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 1000); n == 1 {
			return
		}
	}
	t.Errorf("a host outlives its fleet: process %s", host)
}

// TestOrphanIsKilled plants what should not be: a host that outlived its fleet.
func TestOrphanIsKilled(t *testing.T) {
	const id = "orphaned"
	orphan := exec.CommandContext(t.Context(), "unshare", "--net", "sleep", "3600")
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	bystander := exec.CommandContext(t.Context(), "sleep", "3600")
	if err := bystander.Start(); err != nil {
		t.Fatal(err)
	}
	own, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	// Until unshare has done its work, its namespace is ours.
	host := identity{namespace: own}
	for host.namespace == own {
		if host, err = identify(orphan.Process.Pid); err != nil {
			t.Fatal(err)
		}
	}
	folder := filepath.Join(stateRoot, id)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{
		"h1.pid":             host.String(),
		"h2.pid":             identity{pid: bystander.Process.Pid, namespace: host.namespace}.String(),
		"h3.pid":             "12",
		"../" + id + ".lock": "",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ForTest(t, Options{ID: id})
	expectEnd(t, host)
	if t.Failed() {
		return
	}
	if err := orphan.Wait(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("the orphan ended with %v", err)
	}
	if err := bystander.Process.Signal(unix.Signal(0)); err != nil {
		t.Errorf("a process that took over the number of a host was killed: %v", err)
	}
	if err := bystander.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = bystander.Wait()
}
