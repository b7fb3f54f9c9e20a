package review

import (
	"fmt"
	"io"
	"net/netip"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Options are what a reviewer may set.
type Options struct {
	// ManyHosts is the part of the hosts, in percent, above which a change is called large. 0 means
	// DefaultManyHosts.
	ManyHosts int
}

// DefaultManyHosts is half of the fleet.
const DefaultManyHosts = 50

// Read makes the report on a plan, as `terraform show -json` prints it. The error is a *FormatError where
// the text is something else.
func Read(r io.Reader, o Options) (*Report, error) {
	p, err := readPlan(r)
	if err != nil {
		return nil, err
	}
	fleet := fleetOf(p.resources)
	all := fleet.all()
	changes := changesOf(all)
	var g errgroup.Group
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, c := range changes {
		g.Go(c.work)
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	report := &Report{
		FormatVersion: formatVersion, TerraformVersion: printable(p.TerraformVersion), Hosts: len(all),
		Reachability: reachabilityOf(changes), Groups: groupsOf(changes), Unknown: unknownOf(p, fleet),
		Matrix: matrixOf(changes), Notes: notesOf(p, changes),
	}
	for _, group := range report.Groups {
		report.Changed += len(group.Hosts)
	}
	report.Warnings = warningsOf(changes)
	report.Warnings = append(report.Warnings, warnOfSilence(earsOf(p, fleet), changes)...)
	report.warnOfMany(o, all)
	report.warnOfUnknown()
	report.settle()
	return report, nil
}

// changesOf puts hosts together that have the same lines.
func changesOf(hosts []*host) []*change {
	var changes []*change
	index := map[string]int{}
	for _, h := range hosts {
		key := h.key()
		i, ok := index[key]
		if !ok {
			i = len(changes)
			index[key] = i
			changes = append(changes, &change{})
		}
		changes[i].hosts = append(changes[i].hosts, h)
	}
	return changes
}

// reachabilityOf is what changes for the hosts of all changes, each said once.
func reachabilityOf(changes []*change) []Reachability {
	var effects []effect
	var hosts [][]string
	index := map[string]int{}
	for _, c := range changes {
		for _, e := range c.effects {
			key := bareWay(e) + e.assuming
			i, ok := index[key]
			if !ok {
				i = len(effects)
				index[key] = i
				effects, hosts = append(effects, e), append(hosts, nil)
			}
			hosts[i] = append(hosts[i], c.names()...)
		}
	}
	all := make([]Reachability, len(effects))
	for i, e := range effects {
		slices.SortFunc(hosts[i], compareNames)
		all[i] = e.on(hosts[i])
	}
	slices.SortStableFunc(all, func(a, b Reachability) int { return a.rank() - b.rank() })
	return all
}

// rank puts what opens in front, and what is certain.
func (r Reachability) rank() int {
	rank := 0
	if r.Change == closes {
		rank = 4
	}
	if !r.Certain {
		rank += 2
	}
	if r.Assuming != "" {
		rank++
	}
	return rank
}

const (
	opens  = "opens"
	closes = "closes"
)

// on says what an effect is for some hosts.
func (e effect) on(hosts []string) Reachability {
	r := Reachability{
		Change: closes, Certain: e.certain, Because: e.because, Assuming: e.assuming, Way: e.way, Sources: e.sources, Hosts: hosts,
	}
	verb := "stop"
	if e.opens {
		r.Change, verb = opens, "become"
	}
	what := subject(e.probes, e.but)
	many := strings.Contains(what, " and ") || strings.HasPrefix(what, "all ")
	switch {
	case !e.certain:
		verb = "may " + verb
	case !many:
		verb += "s"
	}
	if e.opens {
		verb += " reachable"
	} else {
		verb += " being reachable"
	}
	for _, p := range e.probes {
		r.Ports = append(r.Ports, p.String())
	}
	r.Sentence = fmt.Sprintf("%s on %s %s from %s", what, hostsInShort(hosts), verb, e.shown)
	for _, word := range []string{"all ", "ping "} {
		if strings.HasPrefix(what, word) {
			r.Sentence = strings.ToUpper(word[:1]) + r.Sentence[1:]
		}
	}
	if !e.soFar.empty() {
		r.Sentence += ", so far from " + strings.TrimSuffix(strings.TrimSuffix(e.soFar.String(), " (IPv4 only)"), " (IPv6 only)")
	}
	if e.way != "" {
		r.Sentence += ", if it comes " + e.way
	}
	switch {
	case e.assuming == "":
	case e.lasting:
		r.Sentence += map[string]string{"DROP": ", if all else is dropped there", "ACCEPT": ", if all else is accepted there"}[e.assuming]
	case e.opens:
		r.Sentence += ", where that is not so already"
	default:
		r.Sentence += ", where that is so now"
	}
	if e.because != "" {
		r.Sentence += " (" + e.because + ")"
	}
	return r
}

func unknownOf(p *plan, f *fleet) []Unknown {
	var all []Unknown
	for _, r := range f.homeless {
		all = append(all, Unknown{Resource: r, What: "its host, and so its lines"})
	}
	for _, h := range f.all() {
		for _, r := range h.hidden {
			all = append(all, Unknown{Resource: r, Host: h.name, What: "its lines"})
		}
	}
	for _, d := range p.Deferred {
		if d.Change != nil {
			all = append(all, Unknown{Resource: printable(d.Change.Address), What: "all of it: Terraform has put it off (" + printable(d.Reason) + ")"})
		}
	}
	return all
}

// warningsOf are the warnings of all changes, each said once, in the order of Kinds.
func warningsOf(changes []*change) []Warning {
	var all []Warning
	index := map[string]int{}
	for _, c := range changes {
		var resources []string
		for _, h := range c.hosts {
			resources = append(resources, h.changed...)
		}
		for _, w := range c.warnings {
			key := w.Name + "\x00" + w.Message
			i, ok := index[key]
			if !ok {
				i = len(all)
				index[key] = i
				all = append(all, w)
			}
			all[i].Hosts = append(all[i].Hosts, c.names()...)
			all[i].Resources = append(all[i].Resources, resources...)
		}
	}
	for i := range all {
		slices.SortFunc(all[i].Hosts, compareNames)
	}
	slices.SortStableFunc(all, func(a, b Warning) int { return kindIndex(a.Name) - kindIndex(b.Name) })
	return all
}

func kindIndex(name string) int {
	return slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })
}

func (r *Report) warnOfMany(o Options, hosts []*host) {
	bound := o.ManyHosts
	if bound == 0 {
		bound = DefaultManyHosts
	}
	if r.Changed < 2 || r.Changed*100 <= r.Hosts*bound {
		return
	}
	w := Warning{Name: manyHosts, Message: fmt.Sprintf("%d of %d hosts change at once, which is more than %d %%", r.Changed, r.Hosts, bound)}
	for _, g := range r.Groups {
		w.Hosts = append(w.Hosts, g.Hosts...)
	}
	slices.SortFunc(w.Hosts, compareNames)
	for _, h := range hosts {
		w.Resources = append(w.Resources, h.changed...)
	}
	r.Warnings = append(r.Warnings, w)
}

func (r *Report) warnOfUnknown() {
	if len(r.Unknown) == 0 {
		return
	}
	w := Warning{Name: notKnown, Message: plural(len(r.Unknown), "resource") + " whose lines are not known before the apply"}
	for _, u := range r.Unknown {
		w.Resources = append(w.Resources, u.Resource)
		if u.Host != "" && !slices.Contains(w.Hosts, u.Host) {
			w.Hosts = append(w.Hosts, u.Host)
		}
	}
	r.Warnings = append(r.Warnings, w)
}

func notesOf(p *plan, changes []*change) []string {
	notes := []string{"Lines that other software or people put on the hosts are not in a plan, and not in this review."}
	var unread []string
	assumed, elsewhere := false, false
	for _, c := range changes {
		unread = append(unread, c.before.unread...)
		unread = append(unread, c.after.unread...)
		for _, e := range c.effects {
			assumed = assumed || e.assuming != ""
		}
		elsewhere = elsewhere || forwards(c)
	}
	if assumed {
		notes = append(notes, "Of some hosts the plan does not say what becomes of packets that no line decides. Where it matters, both answers are given.")
	}
	if elsewhere {
		notes = append(notes, "What is reachable through a host, on another one, is not worked out: of FORWARD and of nat there are the lines alone.")
	}
	slices.Sort(unread)
	for _, l := range slices.Compact(unread) {
		notes = append(notes, fmt.Sprintf("A line was left out that this version cannot read: %s", l))
	}
	if p.Errored {
		notes = append(notes, "The plan ended in an error: it is not all that would be done.")
	}
	if p.Complete != nil && !*p.Complete && !p.Errored {
		notes = append(notes, "The plan is not complete: it was made for some resources only, or some were put off.")
	}
	return notes
}

// forwards reports whether a change is about packets for other machines.
func forwards(c *change) bool {
	for _, d := range c.diffs {
		for _, sign := range "+-" {
			for _, line := range d.signed(byte(sign)) {
				if len(line) > 11 && line[1:11] == "-A FORWARD" {
					return true
				}
			}
		}
		if d.Command == "iptables -t nat -S" || d.Command == "ip6tables -t nat -S" {
			return true
		}
	}
	return false
}

// settle makes empty lists of those that are missing, for the JSON.
func (r *Report) settle() {
	for i := range r.Reachability {
		s := &r.Reachability[i].Sources
		if s.IPv4 == nil {
			s.IPv4 = []netip.Prefix{}
		}
		if s.IPv6 == nil {
			s.IPv6 = []netip.Prefix{}
		}
	}
	for i := range r.Warnings {
		w := &r.Warnings[i]
		slices.Sort(w.Resources)
		w.Resources = append([]string{}, slices.Compact(w.Resources)...)
		w.Hosts = append([]string{}, w.Hosts...)
	}
	if r.Reachability == nil {
		r.Reachability = []Reachability{}
	}
	if r.Warnings == nil {
		r.Warnings = []Warning{}
	}
	if r.Groups == nil {
		r.Groups = []Group{}
	}
	if r.Unknown == nil {
		r.Unknown = []Unknown{}
	}
}
