package iptables

import (
	"strconv"
	"strings"
)

// Protocols whose header begins with two ports.
const (
	dccp    = 33
	udplite = 136
)

// headed is whole, but of a later fragment undecided: xtables looks for no header there, while native
// nftables expressions (iptables-nft translates tcp and udp) read its data as if it were one (Linux 6.18).
func (p *Packet) headed(at hook) truth {
	return p.whole(at).or(maybe)
}

func matchTCP(w *walk, m *Match, f *facts) truth {
	p := &f.packet
	return p.is(TCP).and(p.headed(w.hook)).and(eachOption(m, f, func(o *Option, _ *facts) truth {
		if o.Name != "--tcp-flags" {
			return p.port(o)
		}
		if !p.TCPFlags.Known || len(o.Values) != 2 {
			return maybe
		}
		return truthOf(p.TCPFlags.Value&flagsOf(o.Values[0]) == flagsOf(o.Values[1]))
	}))
}

// matchPorts is for protocols of which nothing but the ports is decided.
func matchPorts(protocol uint8) func(*walk, *Match, *facts) truth {
	return func(w *walk, m *Match, f *facts) truth {
		p := &f.packet
		return p.is(protocol).and(p.headed(w.hook)).and(eachOption(m, f, func(o *Option, _ *facts) truth { return p.port(o) }))
	}
}

// port decides --sport and --dport, and leaves other options undecided.
func (p *Packet) port(o *Option) truth {
	switch o.Name {
	case "--sport":
		return portIn(p.SourcePort, o.Value())
	case "--dport":
		return portIn(p.DestinationPort, o.Value())
	}
	return maybe
}

func matchMultiport(w *walk, m *Match, f *facts) truth {
	p := &f.packet
	return p.is(TCP, UDP, udplite, SCTP, dccp).and(p.whole(w.hook)).and(eachOption(m, f, func(o *Option, _ *facts) truth {
		t := no
		for item := range strings.SplitSeq(o.Value(), ",") {
			if o.Name != "--dports" {
				t = t.or(portIn(p.SourcePort, item))
			}
			if o.Name != "--sports" {
				t = t.or(portIn(p.DestinationPort, item))
			}
		}
		return t
	}))
}

// portIn decides whether a port lies in "22" or "1024:65535".
func portIn(port uint16, text string) truth {
	if port == 0 {
		return maybe
	}
	return numberIn(Known(uint64(port)), text)
}

// numberIn decides whether a number lies in "n" or "n:m".
func numberIn(n Fact[uint64], text string) truth {
	first, last, ranged := strings.Cut(text, ":")
	lo, err := strconv.ParseUint(first, 0, 32)
	if err != nil || !n.Known {
		return maybe
	}
	hi := lo
	if ranged {
		if hi, err = strconv.ParseUint(last, 0, 32); err != nil {
			return maybe
		}
	}
	return truthOf(lo <= n.Value && n.Value <= hi)
}

var flagNames = map[string]TCPFlags{
	"FIN": FIN, "SYN": SYN, "RST": RST, "PSH": PSH, "ACK": ACK, "URG": URG, "NONE": 0,
	"ALL": FIN | SYN | RST | PSH | ACK | URG,
}

func flagsOf(list string) TCPFlags {
	var flags TCPFlags
	for name := range strings.SplitSeq(list, ",") {
		flags |= flagNames[name]
	}
	return flags
}

// matchICMP is for both families: --icmp-type and --icmpv6-type, as "8", "8/0" or, for IPv4, "any".
func matchICMP(w *walk, m *Match, f *facts) truth {
	p := &f.packet
	protocol := uint8(ICMP)
	if m.Name == "icmp6" {
		protocol = ICMPv6
	}
	return p.is(protocol).and(p.headed(w.hook)).and(eachOption(m, f, func(o *Option, _ *facts) truth {
		kind, code, coded := strings.Cut(o.Value(), "/")
		if kind == "any" {
			return yes
		}
		t := numberIn(widen(p.ICMPType), kind)
		if coded {
			t = t.and(numberIn(widen(p.ICMPCode), code))
		}
		return t
	}))
}

func widen[T uint8 | uint32](f Fact[T]) Fact[uint64] { return Fact[uint64]{uint64(f.Value), f.Known} }

func matchLength(_ *walk, m *Match, f *facts) truth {
	return eachOption(m, f, func(o *Option, f *facts) truth { return numberIn(widen(f.packet.Length), o.Value()) })
}

// matchTTL is for ttl and hl.
func matchTTL(_ *walk, m *Match, f *facts) truth {
	return eachOption(m, f, func(o *Option, f *facts) truth {
		n, err := strconv.ParseUint(o.Value(), 0, 8)
		ttl := f.packet.TTL
		switch {
		case err != nil || !ttl.Known:
			return maybe
		case strings.HasSuffix(o.Name, "-lt"):
			return truthOf(uint64(ttl.Value) < n)
		case strings.HasSuffix(o.Name, "-gt"):
			return truthOf(uint64(ttl.Value) > n)
		}
		return truthOf(uint64(ttl.Value) == n)
	})
}

func matchTOS(_ *walk, m *Match, f *facts) truth {
	return eachOption(m, f, func(o *Option, f *facts) truth {
		return maskedIs(widen(f.packet.TOS), o.Value(), 0xff)
	})
}

// matchDSCP compares the upper six bits of the TOS byte.
func matchDSCP(_ *walk, m *Match, f *facts) truth {
	return eachOption(m, f, func(o *Option, f *facts) truth {
		if o.Name != "--dscp" {
			return maybe
		}
		return numberIn(Fact[uint64]{uint64(f.packet.TOS.Value >> 2), f.packet.TOS.Known}, o.Value())
	})
}

func matchMark(_ *walk, m *Match, f *facts) truth {
	return eachOption(m, f, func(o *Option, f *facts) truth {
		return maskedIs(widen(f.packet.Mark), o.Value(), 0xffffffff)
	})
}

// maskedIs decides "value" or "value/mask".
func maskedIs(n Fact[uint64], text string, all uint64) truth {
	value, mask, ok := parseMasked(text, all)
	switch {
	case !ok:
		return maybe
	case mask == 0: // compares nothing
		return truthOf(value == 0)
	case !n.Known:
		return maybe
	}
	return truthOf(n.Value&mask == value)
}

func parseMasked(text string, all uint64) (value, mask uint64, ok bool) {
	first, second, masked := strings.Cut(text, "/")
	value, err := strconv.ParseUint(first, 0, 32)
	if err != nil {
		return 0, 0, false
	}
	mask = all
	if masked {
		if mask, err = strconv.ParseUint(second, 0, 32); err != nil {
			return 0, 0, false
		}
	}
	return value, mask, true
}

// matchPacketType decides for TCP only: a host takes no TCP from a link-layer broadcast.
func matchPacketType(_ *walk, m *Match, f *facts) truth {
	return eachOption(m, f, func(o *Option, f *facts) truth {
		if f.packet.is(TCP) != yes {
			return maybe
		}
		return truthOf(o.Value() == "unicast")
	})
}

func matchAlways(*walk, *Match, *facts) truth { return yes }
