// Package adopt writes the configuration that a person would have written for the firewalls that
// hosts have already: text in, text out.
//
//	host.go, rest.go   one host: its lines become resources, each line once
//	chains.go, sets.go chains that are owned whole, and ipsets
//	prove.go           what is written of a line is what an import finds, and changes nothing
//	others.go          what belongs to other software, and what cannot be had; leftout.go says so
//	check.go           the proof once more, of what was written
//	fleet.go           many hosts: what they share is written once
//	names.go           what resources and groups of hosts are called
//	write.go, block.go the configuration, in files by purpose
//	dump.go            hosts from files of iptables-save
//
// It promises that every line of a host is in exactly one resource or in the list of what was left
// out, with the reason, and that an import of the resources followed by a plan finds nothing to do.
// Texts of hosts never become anything but strings of the configuration.
package adopt
