package iptables

import (
	"bytes"
	"encoding/binary"
	"net/netip"
)

// A parcel is a Packet with what it takes to send it for real and to know it again.
type parcel struct {
	Packet
	id   uint32
	wire []byte
	mark int // where the identifying bytes are
}

// Every parcel carries this and its number as payload.
var magic = []byte{0x6a, 0x75, 0xd6, 0xe5}

// pack writes the packet's bytes. About is what an ICMP error is about, nil for anything else.
func (p *parcel) pack(about *parcel) {
	payload := binary.BigEndian.AppendUint32(bytes.Clone(magic), p.id)
	if about != nil {
		payload = append(about.wire[:about.mark:about.mark], payload...)
	}
	body := p.transport(payload)
	p.sum(body)
	p.wire = append(p.header(len(body)), body...)
	p.mark = bytes.LastIndex(p.wire, magic)
	p.Length = Known(uint32(len(p.wire)))
}

func (p *parcel) transport(payload []byte) []byte {
	be := binary.BigEndian
	switch p.Protocol {
	case TCP:
		b := make([]byte, 20, 64)
		be.PutUint16(b, p.SourcePort)
		be.PutUint16(b[2:], p.DestinationPort)
		be.PutUint32(b[4:], 1000)
		be.PutUint32(b[8:], 2000)
		b[12], b[13] = 5<<4, byte(p.TCPFlags.Value)
		be.PutUint16(b[14:], 65000)
		return append(b, payload...)
	case UDP:
		b := make([]byte, 8, 64)
		be.PutUint16(b, p.SourcePort)
		be.PutUint16(b[2:], p.DestinationPort)
		be.PutUint16(b[4:], uint16(8+len(payload)))
		return append(b, payload...)
	case ICMP, ICMPv6:
		b := make([]byte, 8, 64)
		b[0], b[1] = p.ICMPType.Value, p.ICMPCode.Value
		be.PutUint16(b[4:], p.SourcePort) // an echo's identifier: it tells flows apart
		return append(b, payload...)
	}
	return payload
}

func (p *parcel) header(body int) []byte {
	be := binary.BigEndian
	if p.Family == IPv6 {
		b := make([]byte, 40, 128)
		be.PutUint32(b, 6<<28|uint32(p.TOS.Value)<<20)
		be.PutUint16(b[4:], uint16(body))
		b[6], b[7] = p.Protocol, p.TTL.Value
		copy(b[8:], p.Source.AsSlice())
		copy(b[24:], p.Destination.AsSlice())
		return b
	}
	b := make([]byte, 20, 128)
	b[0], b[1] = 0x45, p.TOS.Value
	be.PutUint16(b[2:], uint16(20+body))
	be.PutUint16(b[4:], uint16(p.id))
	if p.Fragment.Value {
		be.PutUint16(b[6:], 64)
	}
	b[8], b[9] = p.TTL.Value, p.Protocol
	copy(b[12:], p.Source.AsSlice())
	copy(b[16:], p.Destination.AsSlice())
	be.PutUint16(b[10:], checksum(b))
	return b
}

// sum fills in the transport's checksum.
func (p *parcel) sum(body []byte) {
	at := map[uint8]int{TCP: 16, UDP: 6, ICMP: 2, ICMPv6: 2}[p.Protocol]
	if at == 0 {
		return
	}
	var pseudo []byte
	if p.Protocol != ICMP {
		pseudo = append(pseudo, p.Source.AsSlice()...)
		pseudo = append(pseudo, p.Destination.AsSlice()...)
		pseudo = binary.BigEndian.AppendUint32(pseudo, uint32(len(body)))
		pseudo = append(pseudo, 0, 0, 0, p.Protocol)
	}
	binary.BigEndian.PutUint16(body[at:], checksum(append(pseudo, body...)))
}

func checksum(b []byte) uint16 {
	var sum uint32
	for i := 0; i+1 < len(b); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(b[i:]))
	}
	if len(b)%2 == 1 {
		sum += uint32(b[len(b)-1]) << 8
	}
	for sum>>16 != 0 {
		sum = sum>>16 + sum&0xffff
	}
	return ^uint16(sum)
}

// A sighting is a parcel seen somewhere: as itself, or inside an ICMP error about it.
type sighting struct {
	id      uint32
	refused bool
}

// recognise finds the parcel in a packet that begins with its IP header.
func recognise(b []byte) (sighting, bool) {
	at := bytes.LastIndex(b, magic)
	if at < 20 || at+8 > len(b) || b[0]>>4 == 6 && at < 40 {
		return sighting{}, false
	}
	id := binary.BigEndian.Uint32(b[at+4:])
	icmp, six := b[20:], b[0]>>4 == 6
	protocol := b[9]
	if six {
		icmp, protocol = b[40:], b[6]
	}
	if six && protocol == ICMPv6 {
		told := icmp[0] == 1
		if told && len(icmp) > 48 && icmp[8+6] == ICMPv6 {
			icmp = icmp[8+40:] // what the error is about
		}
		// A redirect goes to the sender before the chain of FORWARD is asked, and may be refused itself.
		return sighting{id, told}, icmp[0] != 137
	}
	return sighting{id, !six && protocol == ICMP && icmp[0] == 3}, true
}

// about makes the error that a router would send about a parcel.
func about(p *parcel, from netip.Addr, id uint32) *parcel {
	e := &parcel{id: id, Packet: Packet{
		Family: p.Family, Path: Input, External: true, Source: from, Destination: p.Source,
		Protocol: ICMP, ICMPType: Known[uint8](3), ICMPCode: Known[uint8](1), State: StateRelated, Reply: Known(!p.Reply.Value),
		Mark: Known[uint32](0), TTL: Known[uint8](60), TOS: Known[uint8](0), Fragment: Known(false),
	}}
	if p.Family == IPv6 {
		e.Protocol, e.ICMPType, e.ICMPCode = ICMPv6, Known[uint8](1), Known[uint8](3)
	}
	e.pack(p)
	return e
}
