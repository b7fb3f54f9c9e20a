package iptables

import (
	"net/netip"
	"strconv"
	"strings"
)

// What targets change about a packet. Whatever cannot be read becomes unknown.

// xmark is how --set-xmark V/M works: the bits of M are cleared, then V is xor-ed in.
func xmark(old Fact[uint32], text string) Fact[uint32] {
	value, mask, ok := parseMasked(text, 0xffffffff)
	switch {
	case !ok, !old.Known && mask != 0xffffffff:
		return Fact[uint32]{}
	}
	return Known(old.Value&^uint32(mask) ^ uint32(value))
}

func (w *walk) mark(t *Target, f *facts) {
	o, ok := t.Option("--set-xmark")
	if !ok {
		w.blurMark(t, f)
		return
	}
	f.packet.Mark = xmark(f.packet.Mark, o.Value())
}

func (w *walk) blurMark(_ *Target, f *facts) { f.packet.Mark = Fact[uint32]{} }

// connmark sets the connection's mark, saves the packet's mark to it or restores the
// packet's from it: new = old &^ mask of the one ^ other & mask of the other.
func (w *walk) connmark(t *Target, f *facts) {
	p := &f.packet
	switch f.hasConnection(w.hook) {
	case no:
		return
	case maybe:
		p.Mark, p.ConnMark = Fact[uint32]{}, Fact[uint32]{}
		return
	}
	if o, ok := t.Option("--set-xmark"); ok {
		p.ConnMark = xmark(p.ConnMark, o.Value())
		return
	}
	_, save := t.Option("--save-mark")
	_, restore := t.Option("--restore-mark")
	ofPacket, ok1 := maskOption(t, "--nfmask")
	ofConnection, ok2 := maskOption(t, "--ctmask")
	switch {
	case !ok1 || !ok2 || save == restore:
		p.Mark, p.ConnMark = Fact[uint32]{}, Fact[uint32]{}
	case save:
		p.ConnMark = copyMark(p.ConnMark, ofConnection, p.Mark, ofPacket)
	default:
		p.Mark = copyMark(p.Mark, ofPacket, p.ConnMark, ofConnection)
	}
}

func copyMark(to Fact[uint32], toMask uint32, from Fact[uint32], fromMask uint32) Fact[uint32] {
	if !from.Known || !to.Known && toMask != 0xffffffff {
		return Fact[uint32]{}
	}
	return Known(to.Value&^toMask ^ from.Value&fromMask)
}

// maskOption is the value of a mask, all bits where it is left out.
func maskOption(t *Target, name string) (uint32, bool) {
	o, ok := t.Option(name)
	if !ok {
		return 0xffffffff, true
	}
	n, err := strconv.ParseUint(o.Value(), 0, 32)
	return uint32(n), err == nil
}

func (w *walk) ct(t *Target, f *facts) {
	if _, ok := t.Option("--notrack"); ok {
		w.notrack(t, f)
		return
	}
	f.template = true
}

func (w *walk) notrack(_ *Target, f *facts) { f.untrack(w.hook) }

// setTOS is for TOS and DSCP.
func (w *walk) setTOS(t *Target, f *facts) {
	tos := f.packet.TOS
	f.packet.TOS = Fact[uint8]{}
	if o, ok := t.Option("--set-tos"); ok {
		if value, mask, ok := parseMasked(o.Value(), 0xff); ok && (tos.Known || mask == 0xff) {
			f.packet.TOS = Known(tos.Value&^uint8(mask) ^ uint8(value))
		}
	}
	if o, ok := t.Option("--set-dscp"); ok && tos.Known {
		if value, err := strconv.ParseUint(o.Value(), 0, 6); err == nil {
			f.packet.TOS = Known(tos.Value&3 | uint8(value)<<2)
		}
	}
}

// setTTL is for TTL and HL: -set, -inc and -dec, which stop at 255 and 0.
func (w *walk) setTTL(t *Target, f *facts) {
	old := f.packet.TTL
	f.packet.TTL = Fact[uint8]{}
	if len(t.Options) != 1 {
		return
	}
	n, err := strconv.Atoi(t.Options[0].Value())
	switch name := t.Options[0].Name; {
	case err != nil:
	case strings.HasSuffix(name, "-set"):
		f.packet.TTL = Known(uint8(n))
	case !old.Known:
	case strings.HasSuffix(name, "-inc"):
		f.packet.TTL = Known(uint8(min(int(old.Value)+n, 255)))
	case strings.HasSuffix(name, "-dec"):
		f.packet.TTL = Known(uint8(max(int(old.Value)-n, 0)))
	}
}

// set may also hand the set's own mark to the packet (--map-set).
func (w *walk) set(t *Target, f *facts) {
	f.setsChanged = true
	if _, ok := t.Option("--map-set"); ok {
		w.blurMark(t, f)
	}
}

// dnat follows a destination that is one address, one port, or both. One out of many is not known.
func (w *walk) dnat(t *Target, f *facts) {
	o, _ := t.Option("--to-destination")
	to, port, ok := parseTranslation(o.Value())
	p := &f.packet
	switch {
	case !ok:
		f.redirect(netip.Addr{}, 0, "")
		return
	case port.Known && port.Value == 0:
		port.Value = p.DestinationPort
	case !port.Known:
		port.Value = 0
	}
	kind := ""
	if to.Known && !to.Value.IsValid() {
		to.Value, kind = p.Destination, p.DestinationType
	}
	f.redirect(to.Value, port.Value, kind)
}

// redirect gives the packet another destination. The zero address is one that is not known.
func (f *facts) redirect(to netip.Addr, port uint16, kind string) {
	p := &f.packet
	moved := differs(p.Destination, to, netip.Addr{}).or(differs(p.DestinationPort, port, 0))
	if port == 0 && p.DestinationPort == 0 && p.is(TCP, UDP, udplite, SCTP, dccp) == no {
		moved = differs(p.Destination, to, netip.Addr{})
	}
	f.translated = Fact[bool]{moved == yes, moved != maybe}
	f.redirected = true
	p.Destination, p.DestinationPort, p.DestinationType = to, port, kind
}

// differs compares two values of which the zero is unknown.
func differs[T comparable](a, b, unknown T) truth {
	if a == unknown || b == unknown {
		return maybe
	}
	return truthOf(a != b)
}

// parseTranslation reads "1.2.3.4", "1.2.3.4-1.2.3.9:80-90", ":80", "[::1]:80" and "::1". A zero
// that is known stays as it is; what is not known is one of many.
func parseTranslation(text string) (to Fact[netip.Addr], port Fact[uint16], ok bool) {
	addresses, ports := text, ""
	if inner, after, closed := strings.Cut(strings.TrimPrefix(text, "["), "]"); closed {
		addresses, ports = inner, strings.TrimPrefix(after, ":")
	} else if strings.Count(text, ":") == 1 {
		addresses, ports, _ = strings.Cut(text, ":")
	}
	to, port = Known(netip.Addr{}), Known(uint16(0))
	if addresses != "" {
		first, last, _ := strings.Cut(addresses, "-")
		a, err := netip.ParseAddr(first)
		if err != nil {
			return to, port, false
		}
		if to = Known(a); last != "" && last != first {
			to = Fact[netip.Addr]{}
		}
	}
	if ports != "" {
		first, last, _ := strings.Cut(ports, "-")
		n, err := strconv.ParseUint(first, 10, 16)
		if err != nil {
			return to, port, false
		}
		if port = Known(uint16(n)); last != "" && last != first {
			port = Fact[uint16]{}
		}
	}
	return to, port, true
}

// toHost is REDIRECT: to the address of the interface by which the packet came, which is not
// known, or from the host itself to the loopback address.
func (w *walk) toHost(t *Target, f *facts) {
	p := &f.packet
	var to netip.Addr
	if p.Path == Output {
		if to = netip.AddrFrom4([4]byte{127, 0, 0, 1}); w.family == IPv6 {
			to = netip.IPv6Loopback()
		}
	}
	port := p.DestinationPort
	if o, ok := t.Option("--to-ports"); ok {
		first, last, _ := strings.Cut(o.Value(), "-")
		n, err := strconv.ParseUint(first, 10, 16)
		if port = uint16(n); err != nil || last != "" && last != first {
			port = 0
		}
	}
	f.redirect(to, port, "LOCAL")
}

// netmap replaces the network's part of the destination; in INPUT and POSTROUTING it is the source's.
func (w *walk) netmap(t *Target, f *facts) {
	if w.hook.chain == "INPUT" || w.hook.chain == "POSTROUTING" {
		return
	}
	o, _ := t.Option("--to")
	p := &f.packet
	var to netip.Addr
	if into, err := netip.ParsePrefix(o.Value()); err == nil && p.Destination.IsValid() {
		b := into.Addr().AsSlice()
		for i, host := range p.Destination.AsSlice() {
			for bit := range 8 {
				if i*8+bit >= into.Bits() {
					b[i] |= host & (0x80 >> bit)
				}
			}
		}
		to, _ = netip.AddrFromSlice(b)
	}
	f.redirect(to, p.DestinationPort, "")
}

func (w *walk) dnpt(_ *Target, f *facts) {
	f.redirect(netip.Addr{}, f.packet.DestinationPort, "")
}

func (w *walk) snpt(_ *Target, f *facts) {
	f.packet.Source, f.packet.SourceType, f.resourced = netip.Addr{}, "", true
}
