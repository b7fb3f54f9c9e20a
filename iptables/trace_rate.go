package iptables

// withinLimits is what matches that count say of a sender who comes for the first time, while no limit
// of rate or of connections is reached: see Tracer.WithinLimits.
var withinLimits = map[string]func(m *Match) truth{
	"limit":     func(*Match) truth { return yes },
	"hashlimit": hashlimitUnreached,
	"connlimit": connlimitUnreached,
	"recent":    recentUnreached,
}

func hashlimitUnreached(m *Match) truth {
	_, above := m.Option("--hashlimit-above")
	return truthOf(!above)
}

// connlimitUnreached counts the connection that the packet opens.
func connlimitUnreached(m *Match) truth {
	if o, upto := m.Option("--connlimit-upto"); upto {
		return truthOf(o.Value() != "0").and(plain(o))
	}
	o, _ := m.Option("--connlimit-above")
	return truthOf(o.Value() == "0").and(plain(o))
}

// plain: a negation that the reader did not turn into the other option is not followed.
func plain(o Option) truth {
	if o.Negated {
		return maybe
	}
	return yes
}

// recentUnreached: a list is a limit only where hits are counted. Without, it may be a knock at the door,
// and who has knocked is not known.
func recentUnreached(m *Match) truth {
	if o, ok := m.Option("--set"); ok {
		return unless(o.Negated, yes)
	}
	hits, _ := m.Option("--hitcount")
	for _, name := range []string{"--rcheck", "--update"} {
		if o, ok := m.Option(name); ok && hits.Value() != "" && hits.Value() != "0" && hits.Value() != "1" {
			return unless(o.Negated, no)
		}
	}
	return maybe
}
