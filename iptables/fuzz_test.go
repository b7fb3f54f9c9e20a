package iptables

import (
	"errors"
	"strings"
	"testing"
)

// FuzzParseSpec: whatever is read never makes the parser panic, comes back as itself from the
// text that is fed to iptables, and can neither begin a second line nor add a word.
func FuzzParseSpec(f *testing.F) {
	for _, line := range append(manyRules(8),
		`! -s 10.0.0.1,10.0.0.2 -i "eth 0" -m foo --bar "a b" ! -j X --y`,
		`-m string --algo bm ! --hex-string "|0d 0a|\|" --from 1`,
		`-m policy --dir in --strict --reqid 1 --next ! --spi 0x2`,
		`-p tcp --dpo 1:2 ! --syn -m u32 --u32 "0>>22&0x3C@0=1:2,3&&4=5" -g Y`,
		`-m comment --comment "it's \"x\" \\" -6`,
		`-m time --datestart 2024-02-30T5 ! --weekdays Mo,Tu --contiguous`,
	) {
		f.Add(false, line)
		f.Add(true, line)
	}
	for _, r := range readRecordings(f, recordedFile) {
		f.Add(r.Family == IPv6.String(), r.Input)
	}
	old, newest := Dialect{Version{1, 4, 21}, Legacy}, Dialect{Version{1, 8, 11}, NFT}
	f.Fuzz(func(t *testing.T, ipv6 bool, text string) {
		family := IPv4
		if ipv6 {
			family = IPv6
		}
		rules, err := ParseSpec(family, "", text)
		if err != nil {
			var e *SyntaxError
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text) || e.Error() == "" {
				t.Fatalf("a bad error: %#v", err)
			}
			return
		}
		for _, r := range rules {
			input := r.Input(Reference)
			again, err := ParseSpec(family, "", input)
			if err != nil || len(again) != 1 {
				t.Fatalf("Input %q is read as %v, %v", input, again, err)
			}
			if !again[0].Equal(r) || again[0].Input(Reference) != input {
				t.Fatalf("Input %q comes back as %q", input, again[0].Input(Reference))
			}
			for _, d := range []Dialect{Reference, legacy189, old, newest} {
				if s := r.Spec(d); strings.ContainsAny(s, "\n\r\x00") || s != again[0].Spec(d) {
					t.Fatalf("%s prints %q and %q", d, s, again[0].Spec(d))
				}
			}
			sameWords(t, r, text)
		}
	})
}

// sameWords: as a whole line the rule is read as itself too, in whichever table takes it.
func sameWords(t *testing.T, r Rule, text string) {
	t.Helper()
	for table := range builtIn {
		id := ChainID{r.Family, table, "X"}
		line := id.Family.Command() + " -t " + table + " -A X " + r.Input(Reference)
		gotID, back, err := ParseLine(line)
		if err != nil && strings.Contains(err.Error(), "does not work in table") {
			continue
		}
		if err != nil || gotID != id || !back.Equal(r) {
			t.Fatalf("%q makes the line %q, which is read as %v %v, %v", text, line, gotID, back, err)
		}
	}
}
