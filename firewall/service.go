package firewall

import (
	"fmt"
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
