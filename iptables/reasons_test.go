package iptables

import "strings"

// lossyMark ends an exception of a version whose line says less than the rule; Spec writes the
// line as that version does, and Rule.ListedAlike knows the two for one.
const lossyMark = " (as Spec)"

// reason says why a row may stay as it is: an exception without one fails the test.
func reason(exception string) string {
	for _, known := range exceptionReasons {
		if strings.Contains(exception, known[0]) {
			return known[1]
		}
	}
	if strings.HasSuffix(exception, lossyMark) {
		return "another rule for Rule.Equal, as that version keeps or lists less of it; Rule.ListedAlike says that they are the same to it"
	}
	return ""
}

// exceptionReasons pairs a part of an exception with the reason for which it stays.
var exceptionReasons = [][2]string{
	{"001 allow forward", unclosedQuote},
	{`--comment "a b: `, unclosedQuote},
	{"-m ipvs", "refused by the kernel of the recording, which has no ipvs"},
	{"-j LED", "refused by the kernel of the recording, which has no LED target"},
	{"-j CLUSTERIP", "refused by the kernel of the recording, which has no CLUSTERIP target"},
	{"-j ULOG", "refused by the kernel of the recording, which has no ULOG target"},
	{"-m nfacct", "refused as there is no such accounting object: only the host knows"},
	{"-m set --match-set", "refused as there is no such set, or of the other family: only the host knows"},
	{"--label \"foobar_not_there\"", "refused as the host has no connlabel.conf with this name: only the host knows"},
	{"-m cgroup --path", "refused as there is no such cgroup: only the host knows"},
	{"-j CT --timeout", "refused as there is no such timeout policy: only the host knows"},
	{"--dscp-class LE", "a class that iptables knows from 1.8.10 on; the number sent in its place works everywhere"},
	{"--dscp-class VA", "a class that iptables knows from 1.8.10 on; the number sent in its place works everywhere"},
	{"--hashlimit-upto 1/day", "refused by the kernel: the limit depends on the frequency of its clock"},
	{"mld-listener", "a name that iptables knows from 1.8.10 on; the number sent in its place works everywhere"},
	{"NOSUCH", "refused as there is no such chain: the ruleset knows, not the rule"},
	{"-m account", foreign}, {"-m condition", foreign}, {"-m fuzzy", foreign}, {"-m length2", foreign}, {"-m nth", foreign},
	{"-m psd", foreign}, {"-m unclean", foreign}, {"-m iplimit", foreign}, {"-m udplite", foreign}, {"-m ipp2p", foreign},
	{"-j SAME", foreign}, {"-j ROUTE", foreign}, {"-j BALANCE", foreign},
	{"/0: taken as", "recorded as no line, since a rule that matches everything is an empty one"},
	{"/0.0.0.0: taken as", "recorded as no line, since a rule that matches everything is an empty one"},
	{"--chunk-types all FORWARD_TSN", "versions before 1.8.0 print garbage for this type"},
	{"-i + -d 1.2.3.4", "nft up to 1.8.7 prints garbage for the interface +"},
	{"--queue-balance 4:", "an open end means 65535 up to 1.8.10 and 65534 in 1.8.11: the spelling differs in meaning"},
	{"-p 143", "the name is younger than the /etc/protocols of the hosts with those versions"},
}

const unclosedQuote = "the quote is not closed: iptables-restore takes the line break into the comment, where it would end the line when it is listed"

const foreign = "an extension from outside the kernel tree, which is kept as it is written"
