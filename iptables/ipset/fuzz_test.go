package ipset

import (
	"strings"
	"testing"
)

// FuzzParse: what is read of `ipset save` is printed as lines that are read as the same set, and no entry or
// comment becomes a line of its own.
func FuzzParse(f *testing.F) {
	f.Add("create bad hash:net family inet hashsize 1024 maxelem 65536 timeout 60 comment counters\n" +
		"add bad 192.0.2.0/24 timeout 0 packets 1 bytes 2 comment \"a b\"\nadd bad 10.0.0.0/8 nomatch\n")
	f.Add("create p bitmap:port range 0-1023\nadd p 22-25\ncreate l list:set size 8\nadd l p\n")
	f.Add("create x hash:ip,port,net family inet6 hashsize 64 maxelem 8\nadd x 2001:db8::1,tcp:22,2001:db8::/32\n")
	f.Fuzz(func(t *testing.T, text string) {
		sets, err := Parse(text)
		if err != nil {
			return
		}
		for _, s := range sets {
			text := s.Restore(s.Name)
			again, err := Parse(text)
			if err != nil || len(again) != 1 || !again[0].Equal(s) {
				t.Fatalf("%q is read as %v, %v", text, again, err)
			}
			if got := again[0].Restore(s.Name); got != text {
				t.Fatalf("%q comes back as %q", text, got)
			}
			for line := range strings.Lines(text) {
				if !strings.HasPrefix(line, "create "+s.Name+" ") && !strings.HasPrefix(line, "add "+s.Name+" ") {
					t.Fatalf("%q holds the line %q", text, line)
				}
			}
		}
	})
}
