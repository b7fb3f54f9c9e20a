package provider

import (
	"strings"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// Every setting is put where it belongs.
func TestSettings(t *testing.T) {
	samples := map[string]string{
		"port": "2222", "bastion_port": "2222", "agent": "true", "ssh_config": "true", "timeout": "7s", "keepalive": "7s",
		"host_key_policy": "insecure", "privilege": "doas",
	}
	for _, s := range append(append([]setting[draft]{}, sshSettings...), rootSettings...) {
		sample := samples[s.name]
		if sample == "" {
			sample = "sample"
		}
		var d draft
		if err := s.set(&d, sample); err != nil {
			t.Errorf("%s: %v", s.name, err)
		}
		var none sshexec.Config
		host, bastion := d.host.Identity() != none.Identity(), d.bastion.Identity() != none.Identity()
		if wanted := strings.HasPrefix(s.name, "bastion_"); bastion != wanted || host == wanted {
			t.Errorf("%s changes the host: %t, its bastion: %t", s.name, host, bastion)
		}
	}
}

// Two settings never share a name or a variable, and what is secret is marked.
func TestSettingsAreDistinct(t *testing.T) {
	names, variables := map[string]bool{}, map[string]bool{}
	check := func(name, variable, text string, sensitive bool) {
		if names[name] || variables[variable] {
			t.Errorf("%s (%s) is there twice", name, variable)
		}
		names[name], variables[variable] = true, true
		if !strings.HasPrefix(variable, "IPTABLES_") {
			t.Errorf("%s has the variable %s", name, variable)
		}
		secret := strings.HasSuffix(name, "password") || strings.HasSuffix(name, "passphrase") || strings.HasSuffix(name, "private_key")
		if secret != sensitive {
			t.Errorf("%s: sensitive is %t", name, sensitive)
		}
		if !strings.HasSuffix(text, ".") {
			t.Errorf("%s: the description is no sentence: %q", name, text)
		}
	}
	for _, s := range sshSettings {
		check(s.name, s.environment, s.description, s.sensitive)
	}
	for _, s := range rootSettings {
		check(s.name, s.environment, s.description, s.sensitive)
	}
	for _, s := range optionSettings {
		check(s.name, s.environment, s.description, s.sensitive)
	}
}

func TestParseDuration(t *testing.T) {
	for s, want := range map[string]string{"30s": "30s", "2m": "2m0s", "45": "45s", "1m30s": "1m30s"} {
		if d, err := parseDuration(s); err != nil || d.String() != want {
			t.Errorf("%q is %v, %v; want %s", s, d, err, want)
		}
	}
	for _, s := range []string{"", "soon", "0s", "-5s", "0", "30 s"} {
		if d, err := parseDuration(s); err == nil {
			t.Errorf("%q is %v", s, d)
		}
	}
}

// A bastion takes over what it has no setting of its own for.
func TestBastion(t *testing.T) {
	c := sshexec.Config{User: "deploy", Password: sshexec.NewSecret("of the host"), PrivateKeyFile: "id", Agent: true, KnownHostsFiles: []string{"known"}, HostKeyPolicy: sshexec.AcceptNew}
	d := draft{bastion: sshexec.Config{Address: "gate"}}
	b := d.throughBastion(c)
	if b.User != "deploy" || b.PrivateKeyFile != "id" || !b.Agent || b.KnownHostsFiles[0] != "known" || b.HostKeyPolicy != sshexec.AcceptNew || b.HostKey != "" || !b.Password.IsZero() {
		t.Errorf("%+v", b)
	}
	d.bastion.Password, d.bastion.User = sshexec.NewSecret("x"), "jump"
	b = d.throughBastion(c)
	if b.User != "jump" || b.PrivateKeyFile != "" || b.Agent {
		t.Errorf("with a password of its own: %+v", b)
	}
}
