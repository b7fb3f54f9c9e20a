package iptables

import (
	"math/bits"
	"slices"
	"strings"
)

// Matches and targets that spread packets over nodes or marks.
var clusterExtensions = []extension{
	{
		name: "cluster",
		options: []option{
			{name: "--cluster-local-nodemask", value: hexNumber(1<<32-1, 8), flags: negatable | either, excludes: []string{"--cluster-local-node"}},
			{name: "--cluster-local-node", value: number(1, 32), flags: negatable | either, excludes: []string{"--cluster-local-nodemask"}},
			{name: "--cluster-total-nodes", value: number(1, 32), flags: required},
			{name: "--cluster-hash-seed", value: hexNumber(1<<32-1, 8), flags: required},
		},
		finish: finishCluster,
		show:   showNodeMask,
	},
	{
		name: "CLUSTERIP", target: true, families: onlyIPv4,
		options: []option{
			{name: "--new"},
			{name: "--hashmode", value: exactly("sourceip", "sourceip-sourceport", "sourceip-sourceport-destport"), needs: []string{"--new"}},
			{name: "--clustermac", value: clusterMAC, needs: []string{"--new"}},
			{name: "--total-nodes", value: number(0, 16), needs: []string{"--new"}},
			{name: "--local-node", value: number(0, 16), needs: []string{"--new"}},
			{name: "--hash-init", value: number(0, 1<<32-1), needs: []string{"--new"}},
		},
		finish: finishCLUSTERIP,
	},
	{
		name: "ipvs",
		options: []option{
			{name: "--ipvs", flags: negatable | either},
			{name: "--vproto", value: protocolNumber, flags: negatable | either},
			{name: "--vaddr", value: hostWithMask, flags: negatable | either},
			{name: "--vport", value: anyPort, flags: negatable | either},
			{name: "--vdir", value: oneOf("ORIGINAL", "REPLY"), flags: either},
			{name: "--vmethod", value: oneOf("GATE", "IPIP", "MASQ"), flags: negatable | either},
			{name: "--vportctl", value: anyPort, flags: negatable | either},
		},
		finish: func(l *loaded, _ *parser) error {
			if s := l.option("--ipvs"); l.given&^1 != 0 {
				if s.negated {
					return refused("! --ipvs cannot stand beside other options")
				}
				s.drop()
			}
			return nil
		},
		show: func(d Dialect, _ Family, options []Option) []Option { return hideOddMasks(d, options, "") },
	},
	{
		name: "HMARK", target: true,
		options: []option{
			{name: "--hmark-src-prefix", value: lengthOrMask},
			{name: "--hmark-dst-prefix", value: lengthOrMask},
			{name: "--hmark-sport-mask", value: hexNumber(65535, 4)},
			{name: "--hmark-dport-mask", value: hexNumber(65535, 4)},
			{name: "--hmark-spi-mask", value: hexNumber(1<<32-1, 8)},
			{name: "--hmark-sport", value: hexNumber(65535, 4)},
			{name: "--hmark-dport", value: hexNumber(65535, 4)},
			{name: "--hmark-spi", value: hexNumber(1<<32-1, 8)},
			{name: "--hmark-proto-mask", value: hexNumber(65535, 2)},
			{name: "--hmark-rnd", value: hexNumber(1<<32-1, 8), flags: required},
			{name: "--hmark-mod", value: number(1, 1<<32-1), flags: required},
			{name: "--hmark-offset", value: number(0, 1<<32-1)},
			{name: "--hmark-tuple", value: tuple},
		},
		finish: finishHMARK,
		show: func(_ Dialect, f Family, options []Option) []Option {
			return showOddMask(f, showOddMask(f, options, "--hmark-src-prefix"), "--hmark-dst-prefix")
		},
	},
}

// finishCluster turns a mask of one node into that node: iptables prints a mask in any case,
// but reads none above 32 back.
func finishCluster(l *loaded, _ *parser) error {
	mask, node := l.option("--cluster-local-nodemask"), l.option("--cluster-local-node")
	total, _ := parseNumber(l.option("--cluster-total-nodes").value(), 0, 32)
	if node.set {
		if n, _ := parseNumber(node.value(), 0, 32); n > total {
			return refused("--cluster-local-node is greater than --cluster-total-nodes")
		}
		return nil
	}
	m, _ := parseNumber(mask.value(), 0, 1<<32-1)
	one := m != 0 && m&(m-1) == 0
	switch {
	case m == 0 || m > 32 && !one:
		return refused("iptables takes masks from 1 to 32 for --cluster-local-nodemask, and of one node")
	case m >= 1<<total:
		return refused("--cluster-local-nodemask is too big for --cluster-total-nodes")
	case one:
		*node = *mask
		node.values = []string{decimal(uint64(bits.Len64(m)))}
		mask.drop()
	}
	return nil
}

// showNodeMask prints a node as a mask.
func showNodeMask(_ Dialect, _ Family, options []Option) []Option {
	i := slices.IndexFunc(options, func(o Option) bool { return o.Name == "--cluster-local-node" })
	if i < 0 {
		return options
	}
	n, _ := parseNumber(options[i].Value(), 1, 32)
	options = slices.Clone(options)
	options[i].Name, options[i].Values = "--cluster-local-nodemask", []string{paddedHex(1<<(n-1), 8)}
	return options
}

// clusterMAC describes a multicast address, which is printed in capitals.
var clusterMAC = word("a multicast MAC address such as 01:00:5e:00:00:01", func(p *parser, s string) (string, error) {
	mac, err := macAddress.one(p, s)
	if err != nil {
		return "", err
	}
	if b, _ := hexByte(mac[:2]); b&1 == 0 {
		return "", refused("not a multicast address")
	}
	return strings.ToUpper(mac), nil
})

func finishCLUSTERIP(l *loaded, p *parser) error {
	for _, name := range []string{"--hashmode", "--clustermac", "--total-nodes", "--local-node"} {
		if l.option("--new").set && !l.option(name).set {
			return refused("--new needs " + name)
		}
	}
	if s := l.option("--hash-init"); l.option("--new").set && !s.set {
		s.set, s.values = true, []string{"0"}
	}
	if !slices.ContainsFunc(p.destinations, func(a Address) bool { return a.Prefix.Bits() == 32 }) {
		return refused("-d must name one address, that of the cluster")
	}
	return nil
}

// anyPort describes a port as getaddrinfo(3) reads it.
var anyPort = word("a port from 0 to 65535 or a service name", func(p *parser, s string) (string, error) {
	n, err := lookUpPort(p, s)
	return canonicalDecimal(n, s), err
})

// tuple describes the fields that go into the hash, which may be shortened; most are other
// ways of writing a mask.
var tuple = word("a list of src,dst,sport,dport,spi,ct", func(_ *parser, list string) (string, error) {
	names := []string{"src", "dst", "sport", "dport", "spi", "ct"}
	fields := strings.Split(list, ",")
	for i, s := range fields {
		at := shortened(s, names)
		if at < 0 {
			return "", refusedNear("unknown field "+s, s, names)
		}
		fields[i] = names[at]
	}
	return strings.Join(fields, ","), nil
})

func finishHMARK(l *loaded, p *parser) error {
	fields := l.option("--hmark-tuple")
	masks := map[string][2]string{
		"src": {"--hmark-src-prefix", fullLength(p.family)}, "dst": {"--hmark-dst-prefix", fullLength(p.family)},
		"sport": {"--hmark-sport-mask", "0xffff"}, "dport": {"--hmark-dport-mask", "0xffff"},
		"spi": {"--hmark-spi-mask", "0xffffffff"},
	}
	tracked := false
	for field := range strings.SplitSeq(fields.value(), ",") {
		mask, isMask := masks[field]
		switch {
		case isMask && l.option(mask[0]).set && l.option(mask[0]).at > fields.at:
			return refused("--hmark-tuple " + field + " cannot stand beside " + mask[0])
		case isMask:
			l.set(mask[0], mask[1])
		case field == "ct":
			tracked = true
		}
	}
	fields.drop()
	if tracked {
		l.set("--hmark-tuple", "ct")
	}
	given := func(names ...string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return l.option(name).set })
	}
	switch {
	case given("--hmark-spi-mask") && given("--hmark-sport-mask", "--hmark-dport-mask"):
		return refused("--hmark-spi-mask cannot stand beside a mask of ports")
	case given("--hmark-spi") && given("--hmark-sport", "--hmark-dport"):
		return refused("--hmark-spi cannot stand beside --hmark-sport or --hmark-dport")
	case !given("--hmark-src-prefix", "--hmark-dst-prefix", "--hmark-sport-mask", "--hmark-dport-mask", "--hmark-spi-mask",
		"--hmark-sport", "--hmark-dport", "--hmark-spi", "--hmark-proto-mask", "--hmark-tuple"):
		return refused("--hmark-tuple is missing")
	}
	return nil
}
