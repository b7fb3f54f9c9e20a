package iptables

import "slices"

// Widens reports whether the change provably takes nothing away: every packet that the live rules let through, in
// whatever state its connection is, the wanted rules let through as well. False says only that there is no proof.
//
// The proof: nothing changes but that chains of table filter, which were there, get lines that accept, and
//
//   - a packet that meets such a line is accepted, all others go on as before, wherever the line stands. (In any other
//     table an ACCEPT may keep from a packet what it needs: a translation, a mark.)
//   - loading the line does nothing by itself. A line about states would start connection tracking.
//   - the lines that an accepted packet now does not reach leave nothing behind by which other packets are judged, as
//     recent, hashlimit or SET do: all lines of the table are of kinds that are known to leave nothing. Nor do those of
//     other tables, which it now does reach (mangle POSTROUTING, security INPUT), or which count the connections that
//     have become some (connlimit counts a connection that was let through, wherever it stands).
func (c Change) Widens() bool {
	if len(c.sets) > 0 {
		return false
	}
	for _, e := range c.edits {
		if e.id.Table != "filter" || e.made || e.gone || e.newPolicy() != "" {
			return false
		}
		for _, h := range e.hunks {
			if h.from < h.to || slices.ContainsFunc(e.wanted.Rules[h.wantedFrom:h.wantedTo], Rule.narrow) {
				return false
			}
		}
	}
	for _, f := range c.Families() {
		for _, table := range c.live.Tables(f) {
			chains := c.live.ChainsOf(f, table)
			for _, id := range chains {
				chain, _ := c.live.Chain(id)
				if slices.ContainsFunc(chain.Rules, func(r Rule) bool { return r.leavesTraces(table, chains) }) {
					return false
				}
			}
		}
	}
	return true
}

// plainMatches look at nothing but the packet.
var plainMatches = []string{"comment", "dccp", "icmp", "icmp6", "iprange", "multiport", "pkttype", "sctp", "tcp", "udp", "udplite"}

// narrow reports whether the rule may do anything but accept packets by what stands in them.
func (r Rule) narrow() bool {
	return r.Target.Name != "ACCEPT" || slices.ContainsFunc(r.Matches, func(m Match) bool {
		return m.Opaque || !slices.Contains(plainMatches, m.Name)
	})
}

// traceless are the targets that decide about the packet alone, or tell somebody of it.
var traceless = []string{"", "ACCEPT", "DROP", "REJECT", "RETURN", "LOG", "NFLOG"}

// shaping are those that make something of the packet, or of its own connection. In filter a packet may need them that
// is accepted before it meets them; in other tables it meets as many as before.
var shaping = []string{
	"CHECKSUM", "CLASSIFY", "CONNMARK", "CONNSECMARK", "CT", "DNAT", "DSCP", "HL", "MARK", "MASQUERADE", "NETMAP", "NOTRACK",
	"REDIRECT", "SECMARK", "SNAT", "TCPMSS", "TOS", "TPROXY", "TTL",
}

// oblivious are the matches that Trace cannot decide, but that remember nothing.
var oblivious = []string{
	"ah", "cluster", "cpu", "devgroup", "dst", "ecn", "esp", "eui64", "frag", "hbh", "helper", "ipcomp", "ipv6header", "mac", "mh", "owner",
	"physdev", "policy", "realm", "rpfilter", "rt", "string", "tcpmss", "time", "u32",
}

// leavesTraces reports whether a packet that meets the rule may change what becomes of others, or in filter of itself
// but for the verdict. The chains are those of its table.
func (r Rule) leavesTraces(table string, chains []ChainID) bool {
	name := r.Target.Name
	jumps := slices.ContainsFunc(chains, func(id ChainID) bool { return id.Name == name })
	if r.Target.Opaque || !jumps && !slices.Contains(traceless, name) && (table == "filter" || !slices.Contains(shaping, name)) {
		return true
	}
	return slices.ContainsFunc(r.Matches, func(m Match) bool {
		switch {
		case m.Opaque:
			return true
		case m.Name == "limit":
			// In filter others have the benefit of packets that it did not count, unless it limits what is refused.
			return table != "filter" || !slices.Contains([]string{"", "ACCEPT", "LOG", "NFLOG"}, name)
		case m.Name == "set":
			return len(m.Options) != 1 // the counters of its entries may be asked for
		case m.Name == "statistic":
			return !slices.ContainsFunc(m.Options, func(o Option) bool { return slices.Equal(o.Values, []string{"random"}) })
		}
		return matches[m.Name].holds == nil && !slices.Contains(oblivious, m.Name)
	})
}
