// Package iptables is the rule language of iptables and ip6tables as values: parse,
// print, compare, diff and trace. It is pure: standard library only, no I/O, no clock.
//
// The path of data:
//
//	text --ParseSpec, ParseSave, ParseList--> Rule, Ruleset     (canonical values)
//	Ruleset --edit (WithChain, WithoutChain)--> Ruleset         (a new value)
//	Diff(live, wanted) --> Change --Payload--> iptables-restore --noflush text
//	Trace(ruleset, packet) --> Verdict
//	ipset.Parse(text) --> ipset.Set --WithSet--> Ruleset        (package ipset, the language of sets)
//	Rule --Spec(dialect)--> the text that `iptables -S` of that version prints
//
// It promises that nothing is dropped silently: what it does not understand is kept token
// by token and reproduced to the byte. It refuses text that iptables would refuse, as far
// as that can be known without a kernel.
//
// FIGURES.md, which TestCorpus writes, says how far that goes: what recordings of real iptables
// count, and every exception with its reason. CheckBackend, CheckListing and ListedAlike are for what
// backends and versions do not have in common; Decides lists what Trace can tell.
package iptables
