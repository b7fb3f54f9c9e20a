// Package ipset is the language of ipset as values: parse, print, compare. It is pure: standard
// library only, no I/O, no clock.
//
//	Parse(text of ipset save)        --> []Set
//	ParseEntry("10.0.0.0/8 nomatch") --> []Entry, canonical: 10.0.0.1/32 is 10.0.0.1
//	Set.Restore(name)                --> text for ipset restore
//	Overlaps(set)                    --> entries that others hold already
//
// An entry is canonical when two entries that the kernel cannot tell apart have the same text.
// What stands for several elements (a range of addresses in a hash:ip, ports from 80 to 90) is
// taken apart as ipset does it.
//
// It promises time linear in the number of entries, but for sorting them. It refuses entries
// that ipset would refuse, as far as that can be known without a kernel.
package ipset
