package firewall

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The same sockets as recorded on Debian 12 (iproute2 6.1, Linux 6.18), by ss and by the kernel.
const (
	recordedSS4 = `Netid State  Recv-Q Send-Q Local Address:Port Peer Address:PortProcess
udp UNCONN 0      0            0.0.0.0:53   0.0.0.0:* users:(("python3",pid=31408,fd=7))
tcp LISTEN 0      5            0.0.0.0:22   0.0.0.0:* users:(("sshd",pid=31408,fd=3),("systemd",pid=1,fd=40))
tcp LISTEN 0      1      127.0.0.53%lo:53   0.0.0.0:* users:(("python3",pid=31408,fd=11))
tcp LISTEN 0      5          127.0.0.1:3306 0.0.0.0:* users:(("a b",pid=31408,fd=6))
`
	recordedSS6 = `udp UNCONN 0      0                  *:5353       *:* users:(("python3",pid=31408,fd=8)) ino:10764821 sk:14 cgroup:/ v6only:0 <->
tcp LISTEN 0      5               [::]:22      [::]:* users:(("sshd",pid=31408,fd=4)) ino:10764817 sk:18 cgroup:/ v6only:1 <->
tcp LISTEN 0      5                  *:80         *:* users:(("nginx",pid=9,fd=5),("nginx",pid=8,fd=5)) ino:10764818 sk:19 cgroup:/ v6only:0 <->
tcp LISTEN 0      5              [::1]:631     [::]:* users:(("python3",pid=31408,fd=9)) ino:10764822 sk:1a cgroup:/ v6only:1 <->
tcp LISTEN 0      5 [::ffff:127.0.0.1]:8005       *:* users:(("java",pid=77,fd=9)) ino:1 sk:1b v6only:0 <->
udp UNCONN 0      0 [fe80::1]%eth0:546         [::]:* ino:1 sk:1c v6only:1 <->
`
	kernelTCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10764816 1 000000005bca070a 100 0 0 10 0
   1: 3500007F:0035 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10764823 1 000000007b07aee9 100 0 0 10 0
   2: 0100007F:0CEA 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10764819 1 000000002ca50fe6 100 0 0 10 0
   3: 0100007F:0CEA 0100007F:B000 01 00000000:00000000 00:00000000 00000000     0        0 10764899 1 000000002ca50fe6 100 0 0 10 0
`
	kernelTCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10764817 1 00000000a71ba2c8 100 0 0 10 0
   1: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10764818 1 00000000220a7867 100 0 0 10 0
   2: 00000000000000000000000001000000:0277 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 10764822 1 00000000a9409291 100 0 0 10 0
   3: 0000000000000000FFFF00000100007F:1F45 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 00000000a9409291 100 0 0 10 0
`
	kernelUDP = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 1797: 00000000:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 10764820 2 00000000a1f7d0dd 0
10557: 0100007F:E26D 0100007F:0035 01 00000000:00000000 00:00000000 00000000     0        0 10764824 2 000000008fb16a90 0
`
	kernelUDP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 7097: 00000000000000000000000000000000:14E9 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 10764821 2 00000000cca3d39e 0
`
	// By busybox 1.35.
	kernelDescriptors = `/proc/1/fd:
lrwx------    1 0        0               64 Nov 23 07:00 40 -> socket:[10764816]
/proc/31408/fd:
lrwx------    1 0        0               64 Nov 23 07:00 3 -> socket:[10764816]
lrwx------    1 0        0               64 Nov 23 07:00 4 -> socket:[10764817]
/proc/8/fd:
lrwx------    1 0        0               64 Nov 23 07:00 5 -> socket:[10764818]
/proc/9/fd:
lrwx------    1 0        0               64 Nov 23 07:00 5 -> socket:[10764818]
`
	kernelNames = "/proc/1/comm:systemd\n/proc/31408/comm:sshd\n/proc/8/comm:nginx\n/proc/9/comm:nginx\n"
)

func TestParseSockets(t *testing.T) {
	part := func(name, text string) section { return section{words: []string{name}, text: text} }
	bySS := parseSockets([]section{part("ss4", recordedSS4), part("ss6", recordedSS6)})
	byKernel := parseSockets([]section{
		part("ss4", ""), part("tcp", kernelTCP), part("udp", kernelUDP), part("tcp6", kernelTCP6), part("udp6", kernelUDP6),
		part("descriptors", kernelDescriptors), part("names", kernelNames),
	})
	want := `tcp ipv4 0.0.0.0:22 (sshd, systemd)
tcp ipv6 [::]:22 (sshd)
tcp ipv4 127.0.0.53:53 %lo (python3)
tcp ipv4 0.0.0.0:80 (nginx)
tcp ipv6 [::]:80 (nginx)
tcp ipv6 [::1]:631 (python3)
tcp ipv4 127.0.0.1:3306 (a b)
tcp ipv4 127.0.0.1:8005 (java)
udp ipv4 0.0.0.0:53 (python3)
udp ipv6 [fe80::1]:546 %eth0 ()
udp ipv4 0.0.0.0:5353 (python3)
udp ipv6 [::]:5353 (python3)
`
	if diff := cmp.Diff(want, listed(bySS)); diff != "" {
		t.Errorf("by ss (-want +got):\n%s", diff)
	}
	// The kernel's tables tell neither the interface nor, here, all processes; nor was that of DHCPv6 there.
	want = strings.NewReplacer("python3", "", "a b", "", "java", "", " %lo", "", "udp ipv6 [fe80::1]:546 %eth0 ()\n", "").Replace(want)
	if diff := cmp.Diff(want, listed(byKernel)); diff != "" {
		t.Errorf("by the kernel (-want +got):\n%s", diff)
	}
}

// ss before iproute2 4.15 wrote an asterisk for IPv4 and three colons for IPv6, and said nothing of v6only.
func TestParseOldSS(t *testing.T) {
	const ss4 = `Netid  State      Recv-Q Send-Q     Local Address:Port       Peer Address:Port
tcp    LISTEN     0      128                    *:22                    *:*      users:(("sshd",990,3))
`
	const ss6 = `tcp    LISTEN     0      128                   :::22                   :::*      users:(("sshd",990,4))
tcp    LISTEN     0      128                   :::80                   :::*      users:(("httpd",991,4))
`
	got := listed(parseSockets([]section{{words: []string{"ss4"}, text: ss4}, {words: []string{"ss6"}, text: ss6}}))
	want := "tcp ipv4 0.0.0.0:22 (sshd)\ntcp ipv6 [::]:22 (sshd)\ntcp ipv4 0.0.0.0:80 (httpd)\ntcp ipv6 [::]:80 (httpd)\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A socket that keeps to IPv6 is not one of IPv4, even where nothing else has the port.
func TestParseOnlyIPv6(t *testing.T) {
	const ss6 = "tcp LISTEN 0      5               [::]:8443      [::]:* users:((\"x\",pid=1,fd=4)) ino:1 sk:18 cgroup:/ v6only:1 <->\n"
	got := listed(parseSockets([]section{{words: []string{"ss4"}}, {words: []string{"ss6"}, text: ss6}}))
	if diff := cmp.Diff("tcp ipv6 [::]:8443 (x)\n", got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func listed(sockets []Socket) string {
	var b strings.Builder
	for _, s := range sockets {
		wire := ""
		if s.Interface != "" {
			wire = " %" + s.Interface
		}
		address := s.Address.String()
		if s.Address.Is6() {
			address = "[" + address + "]"
		}
		fmt.Fprintf(&b, "%s %s %s:%d%s (%s)\n", s.Protocol, s.Family, address, s.Port, wire, s.Process)
	}
	return b.String()
}
