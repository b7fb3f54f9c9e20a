package examples

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// startPostgres starts a database of its own, that ends with the test, and returns how to reach it.
func startPostgres(t *testing.T) (connection string) {
	t.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(found) == 0 {
		t.Fatal("PostgreSQL is not installed (Debian package postgresql)")
	}
	bin := found[len(found)-1]
	owner, err := user.Lookup("postgres") // it refuses to run as root
	if err != nil {
		t.Fatal(err)
	}
	uid, _ := strconv.Atoi(owner.Uid)
	gid, _ := strconv.Atoi(owner.Gid)
	folder, err := os.MkdirTemp("/tmp", "iptables-pg-") //nolint:usetesting // that folder is in one of root's own
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chown(folder, uid, gid); err != nil {
		t.Fatal(err)
	}
	command := func(program string, args ...string) *exec.Cmd {
		cmd := exec.Command(filepath.Join(bin, program), args...)
		cmd.Dir = folder
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
		return cmd
	}
	data := filepath.Join(folder, "data")
	if out, err := command("initdb", "-D", data, "-U", "ci", "-A", "trust", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("initdb: %v\n%s", err, out)
	}
	server := command("postgres", "-D", data, "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="+folder, "-c", "fsync=off")
	log, err := os.Create(filepath.Join(folder, "log"))
	if err != nil {
		t.Fatal(err)
	}
	server.Stdout, server.Stderr = log, log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGQUIT) // at once
		_ = server.Wait()
		_ = log.Close()
	})
	for range 600 {
		if command("pg_isready", "-q", "-h", "127.0.0.1").Run() == nil {
			return "postgres://ci@127.0.0.1/postgres?sslmode=disable"
		}
		time.Sleep(100 * time.Millisecond)
	}
	text, _ := os.ReadFile(log.Name())
	t.Fatalf("PostgreSQL did not start:\n%s", text)
	return ""
}

// install puts the provider where OpenTofu's init looks first.
func install(provider, folder string) error {
	place := filepath.Join(folder, "terraform.d/plugins/registry.opentofu.org/vpsfirewall/iptables/0.0.1", runtime.GOOS+"_"+runtime.GOARCH)
	if err := os.MkdirAll(place, 0o755); err != nil {
		return err
	}
	if err := os.Link(filepath.Join(provider, "terraform-provider-iptables"), filepath.Join(place, "terraform-provider-iptables_v0.0.1")); err != nil {
		return fmt.Errorf("installing the provider: %w", err)
	}
	return nil
}
