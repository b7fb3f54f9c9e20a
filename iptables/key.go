package iptables

// Key is a canonical text of the rule that no version or backend has a say in: two rules are
// the same rule for iptables exactly if their keys are equal. It is for comparing, not for
// showing: protocols are numbers in it, and spellings of which versions print different ones
// are brought to one form.
func (r Rule) Key() string {
	w := writer{dst: make([]byte, 0, 160), family: r.Family, key: true}
	w.dst = append(w.dst, r.Family.String()...)
	w.rule(r)
	return string(w.dst)
}

// ListedAlike reports whether a binary of that dialect lists the two rules with the same text, so
// that a listing of its host cannot tell them apart. Some versions cannot keep, or fail to
// print, what others can: to find a wanted rule in what a host listed is to ask this.
func (r Rule) ListedAlike(o Rule, d Dialect) bool {
	return r.Equal(o) || r.Family == o.Family && r.Spec(d) == o.Spec(d)
}

// matches are the rule's matches as the dialect prints them. nft keeps no borders between
// two tcp or udp matches that name different things, so they are printed, and compared, as one.
func (w *writer) matches(r Rule) []Match {
	if w.key || w.mergesPorts() {
		return mergePorts(r.Matches, !w.key)
	}
	return r.Matches
}

// mergesPorts: nft from 1.8.9 keeps tcp and udp matches as plain expressions.
func (w *writer) mergesPorts() bool {
	return !w.input && !w.key && w.dialect.Backend == NFT && !w.dialect.Version.before(8, 9)
}

// mergePorts joins the matches of tcp, or of udp, into the first of them. Where two say
// something about the same field nft prints only the last; as a key they stay apart.
func mergePorts(matches []Match, lossy bool) []Match {
	first := -1
	for i, m := range matches {
		if !plainPorts(m) {
			continue
		}
		if first < 0 || matches[first].Name != m.Name {
			first = i
			continue
		}
		if !lossy && overlap(matches[first].Options, m.Options) {
			continue
		}
		merged := make([]Match, 0, len(matches)-1)
		merged = append(merged, matches[:i]...)
		merged = append(merged, matches[i+1:]...)
		merged[first].Options = mergeOptions(matches[first].Name, matches[first].Options, m.Options, lossy)
		return mergePorts(merged, lossy)
	}
	return matches
}

// plainPorts reports whether nft keeps the match as plain expressions: tcp and udp with
// ports or flags and nothing else.
func plainPorts(m Match) bool {
	if m.Opaque || len(m.Options) == 0 || m.Name != "tcp" && m.Name != "udp" {
		return false
	}
	_, option := m.Option("--tcp-option")
	return !option
}

func overlap(a, b []Option) bool {
	for _, o := range b {
		if _, both := findOption(a, o.Name); both {
			return true
		}
	}
	return false
}

// mergeOptions lays b over a, in the order in which they are printed. Of an option that both
// have, nft lists the value of the last and the negation of either.
func mergeOptions(match string, a, b []Option, lossy bool) []Option {
	var merged []Option
	for _, described := range ipv4Registry.matches[match].options {
		first, inA := findOption(a, described.name)
		o, inB := findOption(b, described.name)
		switch {
		case inA && inB:
			o.Negated = o.Negated || lossy && first.Negated
			merged = append(merged, o)
		case inA:
			merged = append(merged, first)
		case inB:
			merged = append(merged, o)
		}
	}
	return merged
}
