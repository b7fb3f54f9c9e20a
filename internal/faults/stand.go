package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

//go:embed wrapper.sh
var wrapper string

// A kind is a sort of host.
type kind struct {
	name    string
	options fleet.HostOptions
	files   [2]string // from which it restores at boot
	blind   []string  // steps that cannot be seen there
	spared  []string  // faults that cannot happen there
	forgets bool      // nothing is saved for the next boot
}

var debianFiles = [2]string{"/etc/iptables/rules.v4", "/etc/iptables/rules.v6"}

var kinds = []kind{
	{name: "nft", options: fleet.HostOptions{Backend: fleet.NFT}, files: debianFiles},
	{name: "legacy", options: fleet.HostOptions{Backend: fleet.Legacy}, files: debianFiles},
	{name: "systemd", options: fleet.HostOptions{Init: fleet.Systemd}, files: debianFiles},
	{
		name: "busybox", options: fleet.HostOptions{Suite: fleet.Alpine},
		files: [2]string{"/etc/iptables/rules-save", "/etc/iptables/rules6-save"},
		// Its shell is unshare, cp, mv and date itself: no other program stands in front of these.
		blind:   []string{"trying", "compared", "written", "armed", "confirming", "disarmed", "saving", "saved", "recorded"},
		spared:  []string{"clock", "reboot"},
		forgets: true, // it restores nothing at boot unless iptables_persistence says so, so nothing is saved
	},
}

// A stand is a host for one run at a time, in a fleet of its own, since delay and loss are a fleet's.
type stand struct {
	kind   kind
	fleet  *fleet.Fleet
	host   *fleet.Host
	folder string // for the files of drivers
}

// home is where wrappers find what they are told.
const home = "/var/faults"

// wrapped are the programs that a wrapper stands in front of.
const wrapped = "flock unshare sha256sum cp mv rm date iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore"

func newStand(ctx context.Context, k kind, id, folder string) (*stand, error) {
	f, err := fleet.Start(ctx, fleet.Options{ID: id, Hosts: []fleet.HostOptions{k.options}})
	if err != nil {
		return nil, err
	}
	s := &stand{kind: k, fleet: f, host: f.Hosts()[0], folder: folder}
	if err := s.install(ctx); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return s, nil
}

func (s *stand) install(ctx context.Context) error {
	if err := os.MkdirAll(s.folder, 0o700); err != nil {
		return err
	}
	if _, err := s.host.Shell(ctx, fmt.Sprintf(`mkdir -p /usr/local/sbin /mnt %[1]s
		mkfifo %[1]s/at %[1]s/go
		for name in %[2]s; do ln -s %[1]s/wrapper "/usr/local/sbin/$name"; done`, home, wrapped)); err != nil {
		return err
	}
	if err := s.write("wrapper", wrapper); err != nil {
		return err
	}
	_, err := s.host.Shell(ctx, "chmod 755 "+home+"/wrapper")
	return err
}

func (s *stand) close() error { return errors.Join(s.fleet.Close(), os.RemoveAll(s.folder)) }

// path is a file of home as this process sees it.
func (s *stand) path(name string) (string, error) {
	root, err := s.host.Root()
	return root + home + "/" + name, err
}

// write tells the wrappers something.
func (s *stand) write(name, text string) error {
	path, err := s.path(name)
	if err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o600)
}

// foreign is what the host has beside what is managed.
const (
	foreignHead = `-A INPUT -p tcp -m tcp --dport 22 -j f2b-sshd
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -i lo -j ACCEPT
`
	foreignTail = `-A INPUT -s 192.0.2.7/32 -m comment --comment admin -j DROP
`
	foreignTail6 = `-A INPUT -p ipv6-icmp -j ACCEPT
-A INPUT -s 2001:db8::7/128 -m comment --comment admin -j DROP
`
	foreignChains = `-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER-USER -j RETURN
-A f2b-sshd -s %s -j REJECT
-A f2b-sshd -j RETURN
`
	dockerLines = `-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
`
	natTable = `*nat
:PREROUTING ACCEPT
:INPUT ACCEPT
:OUTPUT ACCEPT
:POSTROUTING ACCEPT
:DOCKER -
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
`
)

// table is iptables-restore's text of a host in a state; saved is the part that belongs into the file for the next boot.
func table(s firewallState, command string, saved bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*filter\n:INPUT %s\n:FORWARD ACCEPT\n:OUTPUT ACCEPT\n", s.Policy)
	if !saved {
		b.WriteString(":f2b-sshd -\n:DOCKER -\n:DOCKER-USER -\n")
	}
	for line := range strings.Lines(foreignHead) {
		if !saved || !strings.Contains(line, "f2b") {
			b.WriteString(line)
		}
	}
	for _, line := range s.Lines {
		if text, ok := strings.CutPrefix(line, command+" "); ok {
			b.WriteString(text + "\n")
		}
	}
	tail, banned := foreignTail, "198.51.100.9/32"
	if command == "ip6tables" {
		tail, banned = foreignTail6, "2001:db8::9/128"
	}
	b.WriteString(tail)
	if !saved {
		fmt.Fprintf(&b, foreignChains, banned)
		if command == "iptables" {
			b.WriteString(dockerLines)
		}
	}
	b.WriteString("COMMIT\n")
	if command == "iptables" && !saved {
		b.WriteString(natTable)
	}
	return b.String()
}

// reset gives the host a state, in the kernel and in the files, and takes back what it was told.
func (s *stand) reset(ctx context.Context, state firewallState) error {
	script := fmt.Sprintf("cd %s; rm -f told stop stopped clock lie how fail-* looping\n", home)
	for i, command := range []string{"iptables", "ip6tables"} {
		// A chain that is not named outlives a restore that flushes; -X takes those that nobody needs.
		script += fmt.Sprintf("/usr/sbin/%s-restore <<'E'\n%sE\ncat >%s <<'E'\n%sE\n",
			command, table(state, command, false), s.kind.files[i], table(state, command, true))
	}
	_, err := s.host.Shell(ctx, script)
	return err
}

// list is what the host has, behind everybody's back.
func (s *stand) list(ctx context.Context) (listing, error) {
	out, err := s.host.Shell(ctx, `for c in iptables ip6tables; do /usr/sbin/$c -w 20 -S | sed "s/^/$c /;s/ *$//"; done
		/usr/sbin/iptables -w 20 -t nat -S | sed 's/^/iptables -t nat /'`)
	return strings.Split(strings.TrimSpace(out), "\n"), err
}

// saved is what the files for the next boot hold, as a listing of INPUT.
func (s *stand) saved() (listing, error) {
	root, err := s.host.Root()
	if err != nil {
		return nil, err
	}
	var l listing
	for i, command := range []string{"iptables", "ip6tables"} {
		text, err := os.ReadFile(filepath.Clean(root + s.kind.files[i]))
		if err != nil {
			return nil, err
		}
		in := ""
		for line := range strings.Lines(string(text)) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "*") {
				in = line
			}
			if in != "*filter" {
				continue
			}
			if words := strings.Fields(line); len(words) > 1 && words[0] == ":INPUT" {
				line = "-P INPUT " + words[1]
			}
			l = append(l, command+" "+line)
		}
	}
	return l, nil
}

// login is a connection to the host that does not go by the proxy.
func (s *stand) login() sshexec.Config {
	return sshexec.Config{
		Name: s.host.Name, Address: s.host.Address, Port: s.host.Port,
		PrivateKeyFile: s.fleet.Key, KnownHostsFiles: []string{s.fleet.KnownHosts},
	}
}

// knownAs writes a file that knows the host's key by the address of a proxy.
func (s *stand) knownAs(port int) (string, error) {
	text, err := os.ReadFile(s.fleet.KnownHosts)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		if _, key, ok := strings.Cut(line, " "); ok {
			fmt.Fprintf(&b, "[%s]:%d %s", net.IPv4(127, 0, 0, 1), port, key)
		}
	}
	path := filepath.Join(s.folder, "known_hosts")
	return path, os.WriteFile(path, []byte(b.String()), 0o600)
}
