package firewall

import (
	"errors"
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func TestOwner(t *testing.T) {
	for chain, want := range map[string]string{
		"DOCKER": "Docker", "DOCKER-USER": "Docker", "DOCKER-ISOLATION-STAGE-2": "Docker",
		"f2b-sshd": "fail2ban", "fail2ban-ssh": "fail2ban",
		"KUBE-SVC-NPX46M4PTMTKRN6Y": "Kubernetes", "cali-INPUT": "Calico", "cali-fw-cali1234": "Calico",
		"CILIUM_INPUT": "Cilium", "OLD_CILIUM_INPUT": "Cilium", "LIBVIRT_INP": "libvirt",
		"NETAVARK_FORWARD": "Podman", "CNI-ADMIN": "Podman", "ts-input": "Tailscale",
		"ufw-before-input": "ufw", "ufw6-before-input": "ufw", "LOCALINPUT": "CSF", "INPUT_direct": "firewalld",
		"INPUT": "", "docker": "", "my-DOCKER": "", "INVALID": "", "IN_wan": "", "sshguards": "", "tsunami": "",
	} {
		got, ok := Owner(chain)
		if got != want || ok != (want != "") {
			t.Errorf("%s belongs to %q, want %q", chain, got, want)
		}
	}
}

func TestOwnerOnHost(t *testing.T) {
	id := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "INVALID"}
	if software, ok := OwnerOn(onHost(t, "-N INVALID"), id); ok {
		t.Errorf("alone, INVALID belongs to %s", software)
	}
	if software, _ := OwnerOn(onHost(t, "-N INVALID\n-N LOCALINPUT"), id); software != "CSF" {
		t.Errorf("beside LOCALINPUT, INVALID belongs to %q", software)
	}
	if software, ok := OwnerOn(onHost(t, "-N INVALID\nip6tables -N LOCALINPUT"), id); ok {
		t.Errorf("beside IPv6's LOCALINPUT, INVALID belongs to %s", software)
	}
}

func TestRefuseForeign(t *testing.T) {
	rs := onHost(t, "-N DOCKER\n-N DOCKER-USER\n-N f2b-sshd")
	for line, refused := range map[string]string{
		"-A INPUT -j f2b-sshd":       "",
		"-A DOCKER-USER -j DROP":     "",
		"-A DOCKER -j DROP":          "DOCKER-USER",
		"-A f2b-sshd -j DROP":        "fail2ban",
		"-t nat -A DOCKER -j RETURN": "force_foreign",
	} {
		err := RefuseForeign(rs, linesOf(t, line))
		var foreign *ForeignChainError
		if (refused != "") != errors.As(err, &foreign) {
			t.Errorf("%s: error %v", line, err)
		} else if refused != "" && !strings.Contains(err.Error(), refused) {
			t.Errorf("%s: %q does not speak of %s", line, err, refused)
		}
	}
}

func TestLineOwner(t *testing.T) {
	rs := onHost(t, `-N DOCKER
-N DOCKER-USER
-N f2b-sshd
-N TEAM
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 -o eth0 -j ACCEPT
-A FORWARD -i eth0 -o eth1 -j ACCEPT
-A DOCKER-USER -s 203.0.113.0/24 -j DROP
-A DOCKER-USER -j RETURN
-A INPUT -p tcp -m multiport --dports 22 -j f2b-sshd
-A INPUT -j TEAM
-A INPUT -m comment --comment "cali:abc" -j ACCEPT
-A f2b-sshd -j RETURN
-A TEAM -p tcp -j f2b-sshd
`)
	var owners []string
	for _, l := range allLines(rs) {
		software, ok := LineOwner(rs, l)
		if ok != (software != "") {
			t.Errorf("%s: %q, %t", l.Text(iptables.Reference), software, ok)
		}
		owners = append(owners, l.Chain.Name+" "+software)
	}
	want := "INPUT fail2ban, INPUT , INPUT Calico, FORWARD Docker, FORWARD Docker, FORWARD Docker, FORWARD , " +
		"DOCKER-USER , DOCKER-USER Docker, TEAM fail2ban, f2b-sshd fail2ban"
	if got := strings.Join(owners, ", "); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
