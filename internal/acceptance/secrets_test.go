package acceptance

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

// Every secret that a provider block or the environment can hold is used, by real Terraform that logs all it can, and
// with errors. None of them is found again: not in what is printed, the log, the plan, the state, any file here or on
// the hosts, nor among the arguments of any process while it runs.
func TestSecretsStaySecret(t *testing.T) {
	t.Parallel()
	tools.Need(t, tools.EphemeralInput) // others are in the plan, of which Terraform makes a file
	s := newStage(t, hostOptions{Name: "keyed"}, hostOptions{Name: "asked"}, hostOptions{Name: "typed"}, hostOptions{Name: "gate"})
	secrets := newSentinels(t, s)
	c := s.newCLI("")
	c.write("main.tf", required+strings.NewReplacer("KNOWN_HOSTS", s.KnownHosts, "KEYED", s.Host("keyed").Address, "ASKED", s.Host("asked").Address,
		"TYPED", s.Host("typed").Address, "GATE", s.Host("gate").Address).Replace(secretive))
	log := filepath.Join(c.folder, "trace.log")
	plain := slices.Concat(c.env, []string{"TF_LOG=TRACE", "TF_LOG_PATH=" + log, "TMPDIR=" + t.TempDir()})
	given, err := json.Marshal(secrets)
	if err != nil {
		t.Fatal(err)
	}
	processes := watchProcesses(t)

	var said strings.Builder
	run := func(want int, args ...string) {
		t.Helper()
		out, status := c.run(args...)
		said.WriteString(out)
		if status != want {
			t.Errorf("terraform %s: exit status %d\n%s", strings.Join(args, " "), status, out)
		}
	}
	c.env = slices.Concat(plain, []string{"TF_VAR_secret=" + string(given)})
	run(0, "plan", "-out=plan.out")
	run(0, "show", "plan.out")
	run(0, "show", "-json", "plan.out")
	run(0, "apply", "plan.out")
	run(0, "plan", "-detailed-exitcode")
	run(0, "show", "-json")

	// The same from the environment, and what happens where it is wrong.
	c.write("main.tf", required+strings.NewReplacer("KNOWN_HOSTS", s.KnownHosts, "ASKED", s.Host("asked").Address).Replace(silent))
	c.env = slices.Concat(plain, []string{"IPTABLES_SSH_USER=ops", "IPTABLES_SSH_PRIVATE_KEY=" + secrets["key"], "IPTABLES_SSH_PASSPHRASE=" + secrets["passphrase"],
		"IPTABLES_SUDO_PASSWORD=" + secrets["ops"], "IPTABLES_SSH_PASSWORD=" + secrets["wrong"],
		"IPTABLES_SSH_BASTION_PASSWORD=" + secrets["wrong"], "IPTABLES_SSH_BASTION_PRIVATE_KEY=" + secrets["key"], "IPTABLES_SSH_BASTION_PASSPHRASE=" + secrets["passphrase"]})
	run(0, "apply", "-auto-approve", "-target=iptables_rule.asked")
	env := c.env
	for _, wrong := range []string{"IPTABLES_SUDO_PASSWORD=" + secrets["wrong"], "IPTABLES_SSH_PASSPHRASE=" + secrets["wrong"], "IPTABLES_SSH_PRIVATE_KEY=" + secrets["wrong"]} {
		c.env = slices.Concat(env, []string{wrong})
		run(1, "plan", "-target=iptables_rule.asked")
	}

	seen := processes()
	for _, side := range []string{"terraform", "sshd"} {
		if !strings.Contains(seen, side) {
			t.Errorf("no process of %s was seen: the test proves nothing", side)
		}
	}
	text, err := os.ReadFile(log)
	if err != nil || !bytes.Contains(text, []byte("provider.terraform-provider-iptables")) {
		t.Errorf("the log says nothing of the provider: %v", err)
	}
	for name, secret := range secrets {
		secrets.absent(t, name, secret, "what Terraform prints", []byte(said.String()))
		secrets.absent(t, name, secret, "the arguments of processes", []byte(seen))
		for _, h := range s.Hosts() {
			sshLog, _ := h.SSHLog()
			secrets.absent(t, name, secret, "sshd's log of "+h.Name, []byte(sshLog))
			out, err := h.Shell(t.Context(), "cd /; grep -rlF -e '"+needle(secret)+"' run tmp var etc home root 2>/dev/null || :")
			if err != nil || out != "" {
				t.Errorf("%s is in files of host %s: %s%v", name, h.Name, out, err)
			}
		}
	}
	eachFile(t, c.folder, func(path string, text []byte) {
		for name, secret := range secrets {
			secrets.absent(t, name, secret, path, text)
		}
	})
}

const secretive = `
variable "secret" {
  type      = map(string)
  ephemeral = true
  sensitive = true
}

provider "iptables" {
  ssh = {
    known_hosts_files = ["KNOWN_HOSTS"]
    private_key       = var.secret["key"]
    passphrase        = var.secret["passphrase"]
  }
  hosts = {
    keyed = {
      address                = "KEYED", bastion_host = "GATE", bastion_user = "admin", bastion_password = var.secret["gate"]
      bastion_private_key    = var.secret["key"], bastion_passphrase = var.secret["passphrase"]
    }
    asked = { address = "ASKED", user = "ops", sudo_password = var.secret["ops"] }
    typed = { address = "TYPED", user = "admin", password = var.secret["admin"], sudo_password = var.secret["admin"] }
  }
}

resource "iptables_service" "web" {
  for_each = toset(["keyed", "asked", "typed"])
  host     = each.key
  name     = "https"
}

resource "iptables_ip_set" "bad" {
  host    = "typed"
  name    = "bad"
  type    = "hash:net"
  entries = ["192.0.2.0/24"]
}

resource "iptables_persistence" "typed" {
  host       = "typed"
  depends_on = [iptables_ip_set.bad, iptables_service.web]
}

data "iptables_listening_sockets" "asked" {
  host = "asked"
}
`

const silent = `
provider "iptables" {
  ssh = { known_hosts_files = ["KNOWN_HOSTS"] }
}

resource "iptables_rule" "asked" {
  host  = "ASKED"
  chain = "INPUT"
  spec  = "-p tcp -m tcp --dport 8443 -j ACCEPT"
}
`

// sentinels are secrets by what they are for, each with a text in it that is found again however it is quoted.
type sentinels map[string]string

// newSentinels makes the secrets and lets the hosts accept them.
func newSentinels(t *testing.T, s *stage) sentinels {
	t.Helper()
	secrets := sentinels{}
	for _, name := range []string{"passphrase", "ops", "admin", "gate", "wrong"} {
		secrets[name] = `it's "$` + rand.Text() + `\`
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(secrets["passphrase"]))
	if err != nil {
		t.Fatal(err)
	}
	secrets["key"] = string(pem.EncodeToMemory(block))
	line, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range s.Hosts() {
		passwords := "ops:" + secrets["ops"] + "\nadmin:" + secrets["admin"]
		if h.Name == "gate" {
			passwords = "admin:" + secrets["gate"]
		}
		script := fmt.Sprintf("chpasswd <<'EOF'\n%s\nEOF\nfor user in root ops; do echo '%s' >>/etc/fleet/authorized_keys/$user; done",
			passwords, strings.TrimSpace(string(ssh.MarshalAuthorizedKey(line))))
		if _, err := h.Shell(t.Context(), script); err != nil {
			t.Fatal(err)
		}
	}
	return secrets
}

// needle is the part of a secret that no quoting changes.
func needle(secret string) string {
	if lines := strings.Split(secret, "\n"); len(lines) > 3 { // the second line of a key's text
		return lines[2][:48]
	}
	return strings.Trim(secret, "it's \"$\\")
}

// absent looks for a secret as it is, in hexadecimal digits, and in base64 from each of the three places where it can
// begin.
func (sentinels) absent(t *testing.T, name, secret, where string, text []byte) {
	t.Helper()
	part := needle(secret)
	forms := []string{part, hex.EncodeToString([]byte(part))}
	for lead := range 3 {
		encoded := base64.StdEncoding.EncodeToString(append(make([]byte, lead), part...))
		forms = append(forms, encoded[4:len(encoded)-4])
	}
	for _, form := range forms {
		if at := bytes.Index(text, []byte(form)); at >= 0 {
			t.Errorf("%s is in %s: %q", name, where, text[max(0, at-200):min(len(text), at+60)])
		}
	}
}

// eachFile reads the files below a folder; of a plan, which is an archive, what is in it.
func eachFile(t *testing.T, folder string, look func(path string, text []byte)) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		look(path, text)
		archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
		if err != nil {
			return nil //nolint:nilerr // no archive
		}
		for _, member := range archive.File {
			r, err := member.Open()
			if err != nil {
				return err
			}
			text, err := io.ReadAll(r)
			if err != nil {
				return err
			}
			look(path+"/"+member.Name, text)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// watchProcesses reads the arguments of all processes, here and on the hosts, again and again, and the environment of
// those on hosts; the result is what was seen until it is called.
func watchProcesses(t *testing.T) (seen func() string) {
	t.Helper()
	here, err := os.Readlink("/proc/self/ns/uts")
	if err != nil {
		t.Fatal(err)
	}
	done, ended := make(chan struct{}), make(chan string)
	go func() {
		all := map[string]bool{}
		for {
			select {
			case <-done:
				var b strings.Builder
				for text := range all {
					b.WriteString(text + "\n")
				}
				ended <- b.String()
				return
			default:
			}
			found, _ := filepath.Glob("/proc/[0-9]*")
			for _, process := range found {
				if text, err := os.ReadFile(process + "/cmdline"); err == nil {
					all[string(text)] = true
				}
				if ns, err := os.Readlink(process + "/ns/uts"); err == nil && ns != here {
					if text, err := os.ReadFile(process + "/environ"); err == nil {
						all[string(text)] = true
					}
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	return func() string { close(done); return <-ended }
}
