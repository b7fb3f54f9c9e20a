package firewall

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A Service is something that may, or may not, be reached. Its zero fields mean the
// defaults that are named beside them.
type Service struct {
	// Name is a name of the catalogue, or with Ports any. It is also the comment of the lines.
	Name  string
	Ports []string // nil: the catalogue's
	// Action is "accept" (the default), "drop" or "reject".
	Action string
	// Sources are addresses, networks and sets ("set:blocklist") that may connect; nil: everyone.
	// An empty list that is not nil is a mistake: it would open to all what was meant for none.
	Sources     []string
	Destination string // an address or network of this host's; "": all
	Interface   string // by which packets come in, or on OUTPUT go out; "": any
	Families    []iptables.Family
	Chain       string // of the table filter; "": INPUT
	Priority    *int   // 0 to MaxPriority; nil: DefaultPriority, unwritten
	RateLimit   *RateLimit
	Log         *Log
	Comment     string // "": Name

	// Sets says of which family the sets are that Sources names. A set that it does not hold
	// is taken to serve all families of the service; the kernel refuses the wrong one.
	Sets map[string]iptables.Family
}

// A RateLimit bounds how many new connections a service accepts. What is above the rate is
// dropped, whatever other lines or the chain's policy say.
type RateLimit struct {
	Rate      string // "10/minute"; units second, minute, hour, day
	Burst     int    // how many may come at once; 0: 5, which is iptables' default
	PerSource bool   // a rate for each source (an address, or for IPv6 a /64), not for all together
}

// A Log makes the kernel log each new connection to a service.
type Log struct {
	Prefix string // at most 29 bytes; "": the comment, a colon and a blank
	Level  string // "emerg" to "debug"; "": "warning"
}

// Lines are the service's rules: for each family, port and source one line that decides, and
// in front of it, where asked for, one that logs and one that drops what is above the rate.
// Equal services print equal lines, in whatever order and spelling their lists were given.
// The error is what Validate says.
func (s Service) Lines() (Lines, error) {
	plan, ps := s.resolve()
	if err := ps.err(); err != nil {
		return nil, err
	}
	var lines Lines
	for _, f := range plan.families {
		for _, port := range plan.ports {
			if !port.exists(f) {
				continue
			}
			for _, source := range plan.sources(f) {
				group, err := s.group(f, port, source)
				if err != nil {
					return nil, err
				}
				lines = append(lines, group...)
			}
		}
	}
	return lines.Unique(), nil
}

// group are the lines for one family, port and source.
func (s Service) group(f iptables.Family, port Port, source string) (Lines, error) {
	var vectors [][]string
	match := s.conditions(f, port, source)
	isNew := []string{"-m", "conntrack", "--ctstate", "NEW"}
	if s.Log != nil {
		vectors = append(vectors, slices.Concat(match, isNew, s.remark(), s.Log.target(s.label())))
	}
	if s.RateLimit != nil {
		vectors = append(vectors, slices.Concat(match, isNew, s.RateLimit.above(f, s.label()), s.remark(), []string{"-j", "DROP"}))
	}
	vectors = append(vectors, slices.Concat(match, s.remark(), s.target(f, port)))
	var lines Lines
	for _, arguments := range vectors {
		rules, err := iptables.ParseArgs(f, "filter", arguments)
		if err != nil {
			return nil, fmt.Errorf("%s rule of service %q: %w", f, s.Name, err)
		}
		for _, r := range rules {
			lines = append(lines, Line{iptables.ChainID{Family: f, Table: "filter", Name: s.chain()}, r})
		}
	}
	return lines, nil
}

func (s Service) conditions(f iptables.Family, port Port, source string) []string {
	var args []string
	set, isSet := strings.CutPrefix(source, setPrefix)
	if source != "" && !isSet {
		args = append(args, "-s", source)
	}
	if s.Destination != "" {
		args = append(args, "-d", s.Destination)
	}
	if s.Interface != "" {
		flag := "-i"
		if s.chain() == "OUTPUT" {
			flag = "-o"
		}
		args = append(args, flag, s.Interface)
	}
	args = append(args, port.arguments(f)...)
	if isSet {
		args = append(args, "-m", "set", "--match-set", set, "src")
	}
	return args
}

func (s Service) target(f iptables.Family, port Port) []string {
	switch s.Action {
	case "drop":
		return []string{"-j", "DROP"}
	case "reject":
		return append([]string{"-j", "REJECT", "--reject-with"}, rejectWith(f, port.Protocol))
	default:
		return []string{"-j", "ACCEPT"}
	}
}

// rejectWith is the answer that the refused protocol understands. A TCP client takes a reset
// at once for "closed", and an ICMP error only after it gave up on some systems.
func rejectWith(f iptables.Family, protocol string) string {
	switch {
	case protocol == "tcp":
		return "tcp-reset"
	case f == iptables.IPv6:
		return "icmp6-port-unreachable"
	default:
		return "icmp-port-unreachable"
	}
}

// remark is the comment match, last of all matches; a service without name and comment has none.
func (s Service) remark() []string {
	if c := s.comment(); c != "" {
		return []string{"-m", "comment", "--comment", c}
	}
	return nil
}

// comment is the text on the host, priority included.
func (s Service) comment() string { return withPriority(s.Priority, s.label()) }

// label is the text on the host without a priority.
func (s Service) label() string {
	if s.Comment != "" {
		return s.Comment
	}
	return s.Name
}

func (s Service) chain() string {
	if s.Chain == "" {
		return "INPUT"
	}
	return s.Chain
}

func (l Log) target(label string) []string {
	args := []string{"-j", "LOG"}
	if prefix := l.prefix(label); prefix != "" {
		args = append(args, "--log-prefix", prefix)
	}
	if l.Level != "" {
		args = append(args, "--log-level", l.Level)
	}
	return args
}

func (l Log) prefix(label string) string {
	if l.Prefix != "" || label == "" {
		return l.Prefix
	}
	return cutText(label, maxLogPrefix-2) + ": "
}

// above is the match for new connections above the rate. Only hashlimit can say "above"; the
// kernel keeps IPv6 hosts apart by /64, since each of them has 2^64 addresses to come from.
func (r RateLimit) above(f iptables.Family, comment string) []string {
	args := []string{"-m", "hashlimit", "--hashlimit-above", r.Rate, "--hashlimit-burst", fmt.Sprint(r.burst())}
	if r.PerSource {
		args = append(args, "--hashlimit-mode", "srcip")
	}
	args = append(args, "--hashlimit-name", r.table(comment))
	if r.PerSource && f == iptables.IPv6 {
		args = append(args, "--hashlimit-srcmask", "64")
	}
	return args
}

// table names the kernel's table of the rate, in at most 15 bytes (all that iptables up to
// 1.6.0 can pass on). The limits are part of the name: rules with one name share
// one table, and a table keeps the limits of the rule that made it, so a changed rate that
// came in beside the old rule, in one commit, would have no effect. The rest of the name is
// from the comment, so that it can be read back; services with one comment and one limit share it.
func (r RateLimit) table(comment string) string {
	period, _ := ratePeriod(r.Rate)
	sum := fnv.New32a()
	fmt.Fprintf(sum, "%s\x00%d\x00%d\x00%t", comment, period, r.burst(), r.PerSource)
	plain := strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' {
			return c
		}
		return -1
	}, comment)
	if plain == "" {
		plain = "limit"
	}
	return fmt.Sprintf("%s-%06x", plain[:min(8, len(plain))], sum.Sum32()&0xffffff)
}

func (r RateLimit) burst() int {
	if r.Burst == 0 {
		return defaultBurst
	}
	return r.Burst
}
