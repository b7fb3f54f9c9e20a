package iptables

import "strings"

// fragmentRules treat a later fragment, which has no ports, otherwise than a whole packet.
var fragmentRules = []string{
	"-A FORWARD -f -j DROP", "-A FORWARD ! -f -j DROP",
	"-t mangle -A PREROUTING -f -j DROP", "-t mangle -A POSTROUTING ! -f -j DROP",
	"-A FORWARD -p tcp -m tcp --dport 80 -j DROP", "-A FORWARD -p tcp -m tcp ! --dport 80 -j DROP", "-A FORWARD -p tcp -m tcp -j DROP",
	"-A FORWARD -p tcp -m tcp ! --tcp-flags SYN,FIN SYN -j DROP", "-A FORWARD -p tcp -j DROP",
	"-A FORWARD -p udp -m udp ! --sport 1:1023 -j DROP", "-A FORWARD -p udp -m multiport ! --dports 22,443 -j DROP",
	"-A FORWARD -p icmp -m icmp --icmp-type any -j DROP", "-A FORWARD -p icmp -m icmp ! --icmp-type 3 -j DROP",
}

// fragments is heard first: once connections are tracked, the kernel puts fragments together before
// any rule sees them.
func (c *court) fragments() {
	for _, line := range fragmentRules {
		table := "filter"
		if after, ok := strings.CutPrefix(line, "-t mangle "); ok {
			table, line = "mangle", after
		}
		text := "*" + table + "\n" + line + "\nCOMMIT\n"
		rs, err := c.enact(IPv4, text)
		if err != nil {
			c.Fatal(err)
		}
		for _, protocol := range []uint8{TCP, UDP, ICMP, otherProtocol} {
			for _, fragment := range []bool{false, true} {
				p := c.courier.opening(IPv4, Forward, protocol)
				p.State, p.Fragment = 0, Known(fragment)
				parcel := c.courier.parcel(p)
				if fragment { // what a fragment has there is data
					parcel.SourcePort, parcel.DestinationPort = 0, 0
					parcel.ICMPType, parcel.ICMPCode, parcel.TCPFlags = Fact[uint8]{}, Fact[uint8]{}, Fact[TCPFlags]{}
				}
				wrong := c.try(rs, parcel)
				native := strings.Contains(line, "-m tcp") || strings.Contains(line, "-m udp") || strings.Contains(line, "-m icmp")
				answer := c.tracer.Trace(rs, parcel.described()).Answer
				if wrong == "" && answer == Unknown && (!fragment || !native) {
					wrong = "undecided"
				}
				if wrong != "" {
					c.Errorf("%s\n%s\n%+v", wrong, text, parcel.described())
				}
			}
		}
		if _, err := c.enact(IPv4, "*"+table+"\nCOMMIT\n"); err != nil {
			c.Fatal(err)
		}
	}
}
