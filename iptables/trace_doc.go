package iptables

// Decides says what Trace knows of a match extension, by its name: what it decides, or, with false,
// what the match depends on that a packet's description does not tell.
//
// Whatever a packet leaves unknown makes the matches on it undecided, and so does an option that looks
// at anything else than the table says. Beyond that, of a later fragment
// the ports, flags and types are undecided, since iptables-nft reads other bytes than iptables-legacy
// there; and when all addresses are asked for at once, -s and -d with a mask of more than 12 gaps.
// With Tracer.WithinLimits, the matches limit, hashlimit, connlimit and recent are decided as there described.
//
// Matches, decided:
//
//	addrtype    types that follow from the address and the packet's path, or are given
//	comment     always holds
//	connmark    the connection's mark, where it is given or a rule set it
//	conntrack   state; direction; protocol; original source and, of a new connection, destination; status as far as the state says it
//	dccp        ports
//	dscp        the TOS byte, where it is given
//	hl          the hop limit, where it is given
//	icmp        type and code
//	icmp6       type and code
//	iprange     addresses
//	length      the length, where it is given
//	mark        the mark, where it is given or a rule set it
//	multiport   ports
//	pkttype     of TCP, which is unicast
//	sctp        ports
//	set         addresses, ports and marks, in sets whose members are given
//	state       the state
//	tcp         ports and flags
//	tos         the TOS byte, where it is given
//	ttl         the TTL, where it is given
//	udp         ports
//	udplite     ports
//
// Matches, undecided for any packet:
//
//	ah          depends on the header of IPsec
//	bpf         is a program
//	cgroup      depends on the process that sends
//	cluster     depends on a hash of the address
//	connbytes   depends on what the connection carried so far
//	connlabel   depends on labels of the connection
//	connlimit   depends on how many connections there are
//	cpu         depends on the processor that handles the packet
//	devgroup    depends on the groups of the host's interfaces
//	dst         depends on an IPv6 extension header
//	ecn         depends on congestion
//	esp         depends on the header of IPsec
//	eui64       depends on the sender's MAC address
//	frag        depends on an IPv6 extension header
//	hashlimit   depends on how many packets came before
//	hbh         depends on an IPv6 extension header
//	helper      depends on the connection that it belongs to
//	ipcomp      depends on the header of IPcomp
//	ipv6header  depends on IPv6 extension headers
//	ipvs        depends on the load balancer's tables
//	l2tp        depends on the header of L2TP
//	limit       depends on how many packets came before
//	mac         depends on the sender's MAC address
//	mh          depends on the header of Mobile IPv6
//	nfacct      depends on how many packets came before
//	osf         depends on details of the sender's TCP
//	owner       depends on the process that sends
//	physdev     depends on the port of a bridge
//	policy      depends on the use of IPsec
//	quota       depends on how many packets came before
//	rateest     depends on the rate of packets
//	realm       depends on the host's routes
//	recent      depends on which packets came before
//	rpfilter    depends on the host's routes
//	rt          depends on an IPv6 extension header
//	socket      depends on the host's open sockets
//	srh         depends on an IPv6 extension header
//	statistic   depends on chance
//	string      depends on what the packet carries
//	tcpmss      depends on a TCP option
//	time        depends on the time
//	u32         depends on the bytes of the packet
//
// Targets (of which other than these, unless it is a chain, nothing is known):
//
//	ACCEPT      accepts
//	AUDIT       goes on
//	CHECKSUM    goes on
//	CLASSIFY    goes on
//	CLUSTERIP   undecided: each node of the cluster takes other packets
//	CONNMARK    goes on with another mark
//	CONNSECMARK goes on
//	CT          goes on; `--notrack` makes it untracked
//	DNAT        accepts in table nat, with another destination
//	DNPT        goes on with a destination that is unknown
//	DROP        drops
//	DSCP        goes on with another TOS byte
//	ECN         goes on
//	HL          goes on with another hop limit
//	HMARK       goes on with a mark that is unknown
//	IDLETIMER   goes on
//	LED         goes on
//	LOG         goes on
//	MARK        goes on with another mark
//	MASQUERADE  accepts in table nat
//	NETMAP      accepts in table nat, with another destination
//	NFLOG       goes on
//	NFQUEUE     undecided: a program on the host accepts or drops it
//	NOTRACK     goes on untracked
//	QUEUE       undecided: a program on the host accepts or drops it
//	RATEEST     goes on
//	REDIRECT    accepts in table nat, with the host itself as destination
//	REJECT      drops, and tells the sender
//	RETURN      goes back to the calling chain; at the top to the policy
//	SECMARK     goes on
//	SET         goes on; matches on sets are undecided from there on
//	SNAT        accepts in table nat
//	SNPT        goes on with a source that is unknown
//	SYNPROXY    undecided: it answers in the server's place
//	TCPMSS      goes on
//	TCPOPTSTRIP goes on
//	TEE         goes on; the copy is not followed
//	TOS         goes on with another TOS byte
//	TPROXY      undecided: accepts where a program listens, else drops
//	TRACE       goes on
//	TTL         goes on with another TTL
//	ULOG        goes on
func Decides(match string) (what string, decided bool) {
	m, known := matches[match]
	if !known {
		return "is not understood", false
	}
	return m.about, m.holds != nil
}
