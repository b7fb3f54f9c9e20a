package examples

import (
	"maps"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// TestAudit compares the tables that the example prints of two hosts, on which nothing changes.
func TestAudit(t *testing.T) {
	f := fleet.ForTest(t, fleet.Options{Hosts: []fleet.HostOptions{{Name: "web1"}, {Name: "db1", Backend: fleet.Legacy}}})
	for name, script := range map[string]string{
		"web1": `
			for ipt in iptables ip6tables; do
				$ipt -N web
				$ipt -A web -p tcp -m multiport --dports 80,443 -j ACCEPT
				$ipt -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
				$ipt -A INPUT -p tcp --dport 22 -j ACCEPT
				$ipt -A INPUT -p ipv6-icmp -j ACCEPT
				$ipt -A INPUT -j web
				$ipt -P INPUT DROP
			done
			listen="0.0.0.0:80 0.0.0.0:6379 127.0.0.1:9000"`,
		"db1": `
			iptables -A INPUT -s 203.0.113.0/24 -p tcp --dport 3306 -j ACCEPT
			iptables -A INPUT -s 203.0.113.0/24 -p udp --dport 9000:9100 -j ACCEPT
			iptables -A INPUT -p tcp --dport 3306 -j REJECT
			listen="0.0.0.0:3306"`,
	} {
		shell(t, f.Host(name), script+listening)
	}
	before := saved(t, f)
	hosts := map[string]any{}
	for _, h := range f.Hosts() {
		hosts[h.Name] = map[string]any{"address": h.Address}
	}
	work := workspace(t, "audit", map[string]any{"hosts": hosts, "ssh": login(f)})
	run(t, work, "apply", "-auto-approve")
	var files []txtar.File
	for _, name := range []string{"open", "listens_but_is_not_allowed", "allowed_but_does_not_listen"} {
		var table string
		if err := work.Output(t.Context(), name, &table); err != nil {
			t.Fatal(err)
		}
		files = append(files, txtar.File{Name: name, Data: []byte(table + "\n")})
	}
	if err := compare("audit", files); err != nil {
		t.Error(err)
	}
	// The next plan says the same.
	run(t, work, "plan", "-detailed-exitcode")
	if after := saved(t, f); !maps.Equal(before, after) {
		t.Errorf("the hosts were changed:\n%s", after)
	}
}

// listening starts a program that listens on each address in $listen.
const listening = `
	for address in $listen; do
		setsid perl -MIO::Socket::INET -e '
			$0 = "answerer"; $s = IO::Socket::INET->new(Listen => 1, LocalAddr => shift) or die; sleep 600' $address </dev/null >/dev/null 2>&1 &
	done
	for address in $listen; do
		for second in 1 2 3 4 5 6 7 8 9 10; do
			if ss -lnt | grep -qF "$address "; then continue 2; fi
			sleep 1
		done
		echo "nothing listens on $address" >&2
		exit 1
	done`
