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

// FuzzParseTyped: whatever a person types makes lines of iptables -S, which are typed again to the
// same rules, or an error that points into the text.
func FuzzParseTyped(f *testing.F) {
	for _, line := range append(manyRules(8),
		`iptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-port 8080`,
		`-I INPUT 3 '!' -s 10/8 -m comment --comment 'it'"'"'s "x"'`,
		`/sbin/ip6tables-legacy -w 5 --append=X -j LOG --log-prefix "a b" -c 1 2`,
		`-m foo --bar 'a b' -A OUTPUT --tabl mangle`,
	) {
		f.Add(false, line)
	}
	f.Fuzz(func(t *testing.T, ipv6 bool, text string) {
		family := IPv4
		if ipv6 {
			family = IPv6
		}
		id, rules, err := ParseTyped(family, text)
		var e *SyntaxError
		if err != nil && (!errors.As(err, &e) || e.Offset < 0 || e.Offset > len(text)) {
			t.Fatalf("a bad error: %#v", err)
		}
		for _, r := range rules {
			if line := id.ListLine(r, Reference); strings.ContainsAny(line, "\n\r\x00") {
				t.Fatalf("it is listed as %q", line)
			}
			if id.Name == "" {
				continue
			}
			line := id.Family.Command() + " -t " + id.Table + " -A " + id.Name + " " + r.Input(Reference)
			again, same, err := ParseLine(line)
			if err != nil || again != id || !same.Equal(r) {
				t.Fatalf("%q comes back as %v %v, %v", line, again, same, err)
			}
		}
	})
}

// FuzzParseSave: a saved ruleset that is read is printed so that it is read as the same one, to the
// byte, and differs from itself in nothing.
func FuzzParseSave(f *testing.F) {
	for _, d := range ownDumps(f) {
		f.Add(d.family == IPv6, d.text)
	}
	f.Add(false, "*filter\n:INPUT DROP [0:0]\n:X -\n[1:2] -A INPUT -m comment --comment \"a\nb\" -j X\nCOMMIT\n")
	f.Fuzz(func(t *testing.T, ipv6 bool, text string) {
		family := IPv4
		if ipv6 {
			family = IPv6
		}
		rs, err := ParseSave(family, text)
		if err != nil {
			var e *LineError
			if !errors.As(err, &e) || e.Error() == "" {
				t.Fatalf("a bad error: %#v", err)
			}
			return
		}
		for _, id := range rs.Chains() {
			c, _ := rs.Chain(id)
			for _, r := range c.Rules {
				if r.CheckListing(Reference) != nil {
					return // iptables itself would list it as another rule
				}
			}
		}
		saved := rs.Save(family, Reference)
		again, err := ParseSave(family, saved)
		if err != nil || again.Save(family, Reference) != saved {
			t.Fatalf("%q is read as %v, printed as %q", saved, err, again.Save(family, Reference))
		}
		if change := Diff(rs, again); !change.Empty() {
			t.Fatalf("it differs from itself: %s", change.Payload(family, Reference))
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
