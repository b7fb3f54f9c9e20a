package review

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// ears are the ports on which hosts listen for others, as far as the plan's data sources
// iptables_listening_sockets tell: by host, then "443/tcp".
type ears map[string][]probe

// earsOf reads what the data sources found. They are by the name that the host has in the report.
func earsOf(p *plan, f *fleet) ears {
	all := ears{}
	for _, d := range p.data {
		if d.kind != "listening_sockets" {
			continue
		}
		name := d.after.text("host")
		if known, ok := f.names[name]; ok {
			name = known
		}
		name = printable(name)
		all[name] = append([]probe{}, all[name]...) // known, even if nothing listens
		sockets, _ := d.after.attributes["sockets"].([]any)
		for _, s := range sockets {
			socket, _ := s.(map[string]any)
			port, err := strconv.ParseUint(fmt.Sprint(socket["port"]), 10, 16)
			if err != nil || socket["loopback"] == true {
				continue
			}
			protocol := uint8(iptables.TCP)
			if socket["protocol"] == "udp" {
				protocol = iptables.UDP
			}
			all[name] = append(all[name], probe{protocol: protocol, from: uint16(port), to: uint16(port)})
		}
	}
	return all
}

// hears reports whether a host listens on one of the probe's ports.
func (e ears) hears(host string, p probe) bool {
	return slices.ContainsFunc(e[host], func(l probe) bool {
		return l.protocol == p.protocol && p.from <= l.from && l.from <= p.to
	})
}

// warnOfSilence finds what is opened on hosts that are known not to listen.
func warnOfSilence(e ears, changes []*change) []Warning {
	var all []Warning
	for _, c := range changes {
		for _, x := range c.effects {
			for _, p := range x.probes {
				if !x.opens || !p.named || x.everything(p.protocol) || p.protocol != iptables.TCP && p.protocol != iptables.UDP {
					continue
				}
				for _, h := range c.hosts {
					if _, known := e[h.name]; known && !e.hears(h.name, p) {
						all = addSilence(all, p, h)
					}
				}
			}
		}
	}
	for i := range all {
		slices.SortFunc(all[i].Hosts, compareNames)
	}
	return all
}

// everything reports whether an effect is about all ports of a protocol that no rule names.
func (e effect) everything(protocol uint8) bool {
	return slices.ContainsFunc(e.probes, func(p probe) bool { return p.protocol == protocol && !p.named })
}

func addSilence(all []Warning, p probe, h *host) []Warning {
	message := subject([]probe{p}, nil) + " becomes reachable, and nothing listens there"
	i := slices.IndexFunc(all, func(w Warning) bool { return w.Message == message })
	if i < 0 {
		i = len(all)
		all = append(all, Warning{Name: nothingListens, Message: message})
	}
	if !slices.Contains(all[i].Hosts, h.name) {
		all[i].Hosts = append(all[i].Hosts, h.name)
		all[i].Resources = append(all[i].Resources, h.changed...)
	}
	return all
}
