package fleet

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
)

// A plan is the addresses of one fleet. Fleets of one process share its network namespace, so each takes a pair
// of numbers of its own; see the package's documentation.
type plan struct {
	direct, slow int // the second byte of 10.x.0.0/16, and as text the second group of fd00:x::/64
}

var plans struct {
	sync.Mutex
	taken map[int]bool
}

func takePlan() (plan, error) {
	plans.Lock()
	defer plans.Unlock()
	for n := 77; n < 254; n += 2 {
		if !plans.taken[n] {
			if plans.taken == nil {
				plans.taken = map[int]bool{}
			}
			plans.taken[n] = true
			return plan{direct: n, slow: n + 1}, nil
		}
	}
	return plan{}, errors.New("too many fleets in one process")
}

func (p plan) release() {
	plans.Lock()
	defer plans.Unlock()
	delete(plans.taken, p.direct)
}

// host gives the addresses of the host with the given number, counted from 1.
func (p plan) host(number int) (direct4, direct6, slow4, slow6 string) {
	n := number + 10
	at := func(net int) (string, string) {
		return fmt.Sprintf("10.%d.%d.%d", net, n/256, n%256), fmt.Sprintf("fd00:%d::%x", net, n)
	}
	direct4, direct6 = at(p.direct)
	slow4, slow6 = at(p.slow)
	return
}

// client gives the addresses of this process, as hosts see it.
func (p plan) client() (address4, address6 string) {
	return fmt.Sprintf("10.%d.255.1", p.direct), fmt.Sprintf("fd00:%d::ff01", p.direct)
}

// stranger gives its other addresses, in other networks than the first.
func (p plan) stranger() (address4, address6 string) {
	return fmt.Sprintf("10.%d.254.1", p.direct), fmt.Sprintf("fd00:%d::fe01", p.direct)
}

// gateway is the router's address on every link.
func (p plan) gateway() (address4, address6 string) {
	return fmt.Sprintf("10.%d.255.254", p.direct), "fe80::1"
}

// A router joins the hosts and this process, each by a link of its own, in a network namespace that nobody else is
// in. It routes and does not bridge, because a route can drop packets without a trace, as a real network does: a
// bridge port that is down shows as a lost carrier or as an unanswered ARP.
type router struct {
	plan plan
	ns   *namespace
	slow *delay
}

// newRouter makes the router and its link with this process. Addresses without a host swallow what is sent there.
func newRouter(p plan) (*router, error) {
	ns, err := newNamespace()
	if err != nil {
		return nil, err
	}
	r := &router{plan: p, ns: ns}
	if err := r.setUp(); err != nil {
		return nil, errors.Join(fmt.Errorf("network of the fleet: %w", err), r.close())
	}
	return r, nil
}

func (r *router) setUp() error {
	if err := r.ns.do(routerSysctls); err != nil {
		return err
	}
	gateway4, gateway6 := r.plan.gateway()
	client4, client6 := r.plan.client()
	stranger4, stranger6 := r.plan.stranger()
	values := strings.NewReplacer("{N}", fmt.Sprint(r.plan.direct), "{S}", fmt.Sprint(r.plan.slow),
		"{pid}", fmt.Sprint(os.Getpid()), "{gateway4}", gateway4, "{gateway6}", gateway6,
		"{client4}", client4, "{client6}", client6, "{stranger4}", stranger4, "{stranger6}", stranger6)

	if err := r.ns.ip(values.Replace(`link set lo up
link add client type veth peer name fleet{N} netns {pid}
addr add {gateway4}/32 dev client
addr add {gateway6}/64 dev client nodad
link set client up
route add 10.{N}.254.0/23 dev client
route add fd00:{N}::fe00/119 dev client
route add blackhole 10.{N}.0.0/16
route add blackhole 10.{S}.0.0/16
route add blackhole fd00:{N}::/64
route add blackhole fd00:{S}::/64
`)); err != nil {
		return err
	}
	if err := ip(values.Replace(`addr add {client4}/32 dev fleet{N}
addr add {stranger4}/32 dev fleet{N}
addr add {client6}/128 dev fleet{N} nodad
addr add {stranger6}/128 dev fleet{N} nodad
link set fleet{N} up
route add 10.{N}.0.0/16 via {gateway4} dev fleet{N} onlink src {client4}
route add fd00:{N}::/64 via {gateway6} dev fleet{N} src {client6}
`)); err != nil {
		return err
	}

	var err error
	if r.slow, err = newDelay(r.ns, fmt.Sprintf("fleet%d", r.plan.slow)); err != nil {
		return err
	}
	if err := r.ns.ip(values.Replace(`link set fleet{S} up
route add 10.{S}.255.0/24 dev fleet{S}
route add fd00:{S}::ff00/120 dev fleet{S}
`)); err != nil {
		return err
	}
	return ip(values.Replace(`addr add 10.{S}.255.1/32 dev fleet{S}
addr add fd00:{S}::ff01/128 dev fleet{S} nodad
link set fleet{S} up
route add 10.{S}.0.0/16 dev fleet{S} src 10.{S}.255.1
route add fd00:{S}::/64 dev fleet{S} src fd00:{S}::ff01
`))
}

// routerSysctls runs inside the router. A packet may come in by one path and its answer leave by the other.
func routerSysctls() error {
	for name, value := range map[string]string{
		"ipv4/ip_forward":                "1",
		"ipv4/conf/all/rp_filter":        "0",
		"ipv4/conf/default/rp_filter":    "0",
		"ipv4/conf/all/send_redirects":   "0",
		"ipv6/conf/all/forwarding":       "1",
		"ipv6/conf/default/forwarding":   "1",
		"ipv6/conf/default/accept_dad":   "0",
		"ipv4/conf/default/arp_announce": "0",
	} {
		if err := os.WriteFile("/proc/sys/net/"+name, []byte(value), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// attach gives a host, known by its PID 1, its eth0, down and without addresses.
func (r *router) attach(h *Host, pid int) error {
	gateway4, gateway6 := r.plan.gateway()
	port := h.port()
	var b strings.Builder
	// Fixed addresses: after a reboot, what others have in their ARP tables still holds.
	fmt.Fprintf(&b, "link add %s address %s type veth peer name eth0 address %s netns %d\n",
		port, h.mac(1), h.mac(0), pid)
	fmt.Fprintf(&b, "addr add %s/32 dev %s\n", gateway4, port)
	fmt.Fprintf(&b, "addr add %s/64 dev %s nodad\n", gateway6, port)
	fmt.Fprintf(&b, "link set %s up\n", port)
	for _, address := range h.addresses() {
		fmt.Fprintf(&b, "route add %s dev %s\n", address, port)
	}
	return r.ns.ip(b.String())
}

// detach removes the link of a host that is no more. The kernel does it, too, but in its own time.
func (r *router) detach(h *Host) {
	_ = r.ns.ip(fmt.Sprintf("link del %s\n", h.port()))
}

// cut makes the router swallow everything from and to a host; without cut, it undoes that. The rules stay in
// force over a reboot of the host.
func (r *router) cut(h *Host, cut bool) error {
	verb := "del"
	if cut {
		verb = "add"
	}
	batch := map[string]string{}
	for _, family := range []string{"-4", "-6"} {
		batch[family] = fmt.Sprintf("rule %s pref 10 iif %s blackhole\n", verb, h.port())
	}
	for _, address := range h.addresses() {
		family := "-4"
		if strings.Contains(address, ":") {
			family = "-6"
		}
		batch[family] += fmt.Sprintf("rule %s pref 10 to %s blackhole\n", verb, address)
	}
	return errors.Join(r.ns.ip(batch["-4"], "-4"), r.ns.ip(batch["-6"], "-6"))
}

// close removes the router. The links go with it.
func (r *router) close() error {
	var err error
	if r.slow != nil {
		err = r.slow.close()
	}
	// The namespace lives on while hosts' sockets hold it; its link with this process goes now.
	_ = r.ns.ip("link del client\n")
	return errors.Join(err, r.ns.close())
}
