package iptables

import (
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"
)

// A world is a network namespace with interfaces that the test holds the other end of. What is
// written into one arrives in the kernel as from a wire, within the write.
type world struct {
	testing.TB
	backend  Backend
	wires    map[string]int           // TUN devices by interface name
	local    map[Family]map[uint8]int // sockets that see whatever is delivered to the host
	send     map[Family]int
	seen     map[uint32]string // where a parcel came out: "local", or an interface
	refused  map[uint32]string // errors that the senders were sent
	patience time.Duration     // how long a parcel may be on its way
	errors   map[uint32]bool   // parcels that are ICMP errors themselves
}

// The interfaces, and the networks behind them; eth0 has the default route.
var wireNames = []string{"eth0", "eth1", "ppp0"}

const layout = `
link set lo up
addr add 10.1.0.1/24 dev eth0
addr add 10.2.0.1/24 dev eth1
addr add 10.3.0.1/24 dev ppp0
addr add fd00:1::1/64 dev eth0 nodad
addr add fd00:2::1/64 dev eth1 nodad
addr add fd00:3::1/64 dev ppp0 nodad
link set eth0 up
link set eth1 up
link set ppp0 up
route add default dev eth0
route add 203.0.113.0/24 dev eth1
route add 172.16.0.0/12 dev ppp0
route add local 198.18.0.0/16 dev lo
route add ::/0 dev eth0
route add 2001:db8:113::/48 dev eth1
route add 2001:db8:172::/48 dev ppp0
route add local 2001:db8:18::/48 dev lo
`

// What the kernel would add of its own accord is switched off: limits on errors, reverse path
// filter, echo replies, windows and checksums in connection tracking.
var settings = map[string]string{
	"net/ipv4/ip_forward": "1", "net/ipv6/conf/all/forwarding": "1",
	"net/ipv4/conf/*/rp_filter": "0", "net/ipv4/conf/*/send_redirects": "0",
	"net/ipv4/icmp_ratemask": "0", "net/ipv4/icmp_msgs_per_sec": "1000000", "net/ipv4/icmp_msgs_burst": "1000000",
	"net/ipv6/icmp/ratemask": "", "net/ipv4/icmp_echo_ignore_all": "1", "net/ipv6/icmp/echo_ignore_all": "1",
	"net/ipv6/conf/*/router_solicitations": "0", "net/ipv6/conf/*/accept_ra": "0",
	"net/netfilter/nf_conntrack_tcp_be_liberal": "1", "net/netfilter/nf_conntrack_udp_timeout": "3600",
	"net/netfilter/nf_conntrack_udp_timeout_stream": "3600", "net/netfilter/nf_conntrack_icmp_timeout": "3600",
	"net/netfilter/nf_conntrack_icmpv6_timeout": "3600", "net/netfilter/nf_conntrack_generic_timeout": "3600",
}

func newWorld(tb testing.TB, backend Backend) *world {
	tb.Helper()
	w := &world{
		TB: tb, backend: backend, wires: map[string]int{}, local: map[Family]map[uint8]int{IPv4: {}, IPv6: {}}, send: map[Family]int{},
		seen: map[uint32]string{}, refused: map[uint32]string{}, errors: map[uint32]bool{}, patience: time.Second,
	}
	for _, name := range wireNames {
		w.wires[name] = openTUN(tb, name)
	}
	cmd := exec.Command("ip", "-batch", "-")
	cmd.Stdin = strings.NewReader(layout)
	if out, err := cmd.CombinedOutput(); err != nil {
		tb.Fatalf("laying out the network: %v\n%s", err, out)
	}
	for name, value := range settings {
		for _, dev := range append([]string{"all", "default"}, wireNames...) {
			path := "/proc/sys/" + strings.Replace(name, "*", dev, 1)
			if err := os.WriteFile(path, []byte(value+"\n"), 0); err != nil {
				tb.Fatal(err)
			}
			if !strings.Contains(name, "*") {
				break
			}
		}
	}
	for _, protocol := range []uint8{TCP, UDP, ICMP, otherProtocol} {
		w.local[IPv4][protocol] = rawSocket(tb, syscall.AF_INET, int(protocol))
	}
	for _, protocol := range []uint8{TCP, UDP, ICMPv6, otherProtocol} {
		w.local[IPv6][protocol] = rawSocket(tb, syscall.AF_INET6, int(protocol))
	}
	w.send[IPv4] = rawSocket(tb, syscall.AF_INET, syscall.IPPROTO_RAW)
	w.send[IPv6] = rawSocket(tb, syscall.AF_INET6, syscall.IPPROTO_RAW)
	return w
}

// otherProtocol stands for all that have no ports.
const otherProtocol = 99

func openTUN(tb testing.TB, name string) int {
	tb.Helper()
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		tb.Fatalf("opening /dev/net/tun: %v", err)
	}
	var request struct {
		name  [16]byte
		flags uint16
		_     [22]byte
	}
	copy(request.name[:], name)
	request.flags = syscall.IFF_TUN | syscall.IFF_NO_PI
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&request)))
	if errno != 0 {
		tb.Fatalf("making interface %s: %v", name, errno)
	}
	return fd
}

func rawSocket(tb testing.TB, family, protocol int) int {
	tb.Helper()
	fd, err := syscall.Socket(family, syscall.SOCK_RAW|syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC, protocol)
	if err != nil {
		tb.Fatalf("opening a raw socket: %v", err)
	}
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4<<20); err != nil {
		tb.Fatal(err)
	}
	return fd
}

// load puts a rule set in place, in iptables-restore's syntax.
func (w *world) load(f Family, text string) error {
	cmd := exec.Command(fmt.Sprintf("%s-%s-restore", f.Command(), map[Backend]string{NFT: "nft", Legacy: "legacy"}[w.backend]))
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", cmd.Path, err, out)
	}
	return nil
}

// launch sends a parcel the way that it says it goes.
func (w *world) launch(p *parcel) {
	if p.Path != Output {
		if _, err := syscall.Write(w.wires[p.In], p.wire); err != nil {
			w.Fatalf("writing into %s: %v", p.In, err)
		}
		return
	}
	fd := w.send[p.Family]
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_MARK, int(p.Mark.Value)); err != nil {
		w.Fatal(err)
	}
	var to syscall.Sockaddr = &syscall.SockaddrInet4{Addr: as4(p.Destination)}
	if p.Family == IPv6 {
		to = &syscall.SockaddrInet6{Addr: p.Destination.As16()}
	}
	// The kernel answers EPERM where a rule drops the packet, and EHOSTUNREACH where one rejects it.
	_ = syscall.Sendto(fd, p.wire, 0, to)
}

func as4(a netip.Addr) [4]byte {
	if a.Is4() {
		return a.As4()
	}
	return [4]byte{}
}

// look notes what came out anywhere.
func (w *world) look() {
	buffer := make([]byte, 4096)
	for name, fd := range w.wires {
		for {
			n, err := syscall.Read(fd, buffer)
			if err != nil {
				break
			}
			w.note(name, buffer[:n])
		}
	}
	for family, sockets := range w.local {
		for protocol, fd := range sockets {
			for {
				n, _, err := syscall.Recvfrom(fd, buffer[40:], 0)
				if err != nil {
					break
				}
				b := buffer[40 : 40+n]
				if family == IPv6 { // such a socket leaves the header out
					b = buffer[:40+n]
					clear(b[:40])
					b[0], b[6] = 6<<4, protocol
				}
				w.note("local", b)
			}
		}
	}
}

func (w *world) note(where string, b []byte) {
	s, ok := recognise(b)
	switch {
	case !ok:
	case s.refused && !w.errors[s.id]:
		w.refused[s.id] = fmt.Sprintf("%s %x", where, b)
	default:
		w.seen[s.id] = fmt.Sprintf("%s %x", where, b)
	}
}

// arrives reports whether a parcel comes out; one that is expected gets some time for it.
func (w *world) arrives(p *parcel, expected bool) bool {
	w.look()
	for wait := time.Millisecond; expected && w.seen[p.id] == "" && wait < w.patience; wait *= 2 {
		time.Sleep(wait)
		w.look()
	}
	return w.seen[p.id] != ""
}
