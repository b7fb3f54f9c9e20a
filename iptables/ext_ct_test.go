package iptables

import "testing"

func TestCtExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-j CT"},
		{in: "-j CT --notrack"},
		{in: "-j CT --notrack --zone 5"},
		{in: "-j CT --zone 0", out: "-j CT"},
		{in: "-j CT --zone mark"},
		{in: "-j CT --zone-orig 5 --zone-reply 6", out: "-j CT --zone 6"},
		{in: "-j CT --zone-reply 6"},
		{in: "-j CT --zone 5 --zone-orig 6", out: "-j CT --zone-orig 6"},
		{in: "-j CT --zone 0x10", out: "-j CT --zone 16"},
		{in: "-j CT --ctevents natseqinfo"},
		{in: "-m connlabel --label 127", out: `-m connlabel --label "127"`},
		{in: "-m connlabel ! --label 5 --set", out: `-m connlabel ! --label "5" --set`},
		{in: "-m connlabel --label 05", out: `-m connlabel --label "5"`},
		{in: "-j CONNSECMARK --save"},
		{in: "-j CONNSECMARK --save"},
		{in: "-j CT --zone-orig 5 --zone 6", out: "-j CT --zone-orig 6"},
		{in: "-j CT --notrack --timeout abcdef", out: "-j CT --notrack --timeout abcd"},
		{in: `-j CT --timeout ""`, out: "-j CT"},
		{in: "-m connlabel --label -0", out: `-m connlabel --label "0"`},
		{in: "-m connlabel --label 65536", out: `-m connlabel --label "0"`},
	})
	testRefusals(t, []refusal{
		{in: "-j CT --zone mark/0xff", message: "--zone: bad zone"},
		{in: "-j CT --ctevents NEW", message: "--ctevents: unknown event NEW"},
		{in: "-j CT --ctevents new,related,destroy,reply,assured,protoinfo,helper,mark,natseqinfo,secmark,label", message: "--ctevents: unknown event label"},
		{in: "-j CT --ctevents label,secmark,new", message: "--ctevents: unknown event label"},
		{in: "-j CT --ctevents foo", message: "--ctevents: unknown event foo"},
		{in: `-j CT --ctevents ""`, message: "--ctevents: unknown event"},
		{in: "-j CT --expevents NEW", message: "--expevents: unknown event NEW"},
		{in: "-j NOTRACK --zone 4", message: "unknown option --zone: it belongs to -j CT"},
		{in: "-m helper", message: "helper: option --helper is missing"},
		{in: "-m connlabel --label 128", message: "--label: out of range"},
		{in: "-m connlabel --set", message: "connlabel: option --label is missing"},
		{in: "-j CONNSECMARK", message: "CONNSECMARK: an option is missing"},
	})
}
