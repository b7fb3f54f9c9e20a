package ipset

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestParseEntry(t *testing.T) {
	v6 := "inet6"
	for _, test := range []struct {
		set  Set
		text string
		want string // canonical entries, or after "!" part of the error
	}{
		{Set{Type: "hash:ip"}, "10.0.0.1/32", "10.0.0.1"},
		{Set{Type: "hash:ip"}, "10.0.0.0/30", "10.0.0.0 10.0.0.1 10.0.0.2 10.0.0.3"},
		{Set{Type: "hash:ip"}, "10.9.0.1-10.9.0.3", "10.9.0.1 10.9.0.2 10.9.0.3"},
		{Set{Type: "hash:ip"}, "255.255.255.254-255.255.255.255", "255.255.255.254 255.255.255.255"},
		{Set{Type: "hash:ip"}, "10.0.0.0/8", "!stands for 16777216 elements"},
		{Set{Type: "hash:ip"}, "2001:db8::1", "!IPv6 address"},
		{Set{Type: "hash:ip"}, "example.com", "!no address"},
		{Set{Type: "hash:ip"}, "10.0.0.1 nomatch", "!no exceptions"},
		{Set{Type: "hash:ip"}, "10.0.0.1 timeout 30", "!stays until"},
		{Set{Type: "hash:ip"}, `10.0.0.1 comment "x"`, "!keeps no comments"},
		{Set{Type: "hash:ip", Comment: true}, `10.0.0.1 comment "two words"`, `10.0.0.1 comment "two words"`},
		{Set{Type: "hash:ip", Comment: true}, `10.0.0.1 comment "a "b""`, "!holds none"},
		{Set{Type: "hash:ip"}, "10.0.0.9-10.0.0.1", "!from its end"},
		{Set{Type: "hash:ip", Family: v6}, "2001:DB8:0::1/128", "2001:db8::1"},
		{Set{Type: "hash:ip", Family: v6}, "2001:db8::/64", "!holds single addresses"},
		{Set{Type: "hash:ip", Family: v6}, "10.0.0.1", "!IPv4 address"},
		{Set{Type: "hash:ip", Family: v6}, "fe80::1%eth0", "!zone"},
		{Set{Type: "hash:net"}, "10.0.0.7/8", "10.0.0.0/8"},
		{Set{Type: "hash:net"}, "10.0.0.1/32", "10.0.0.1"},
		{Set{Type: "hash:net"}, "10.0.0.5-10.0.0.9", "10.0.0.5 10.0.0.6/31 10.0.0.8/31"},
		{Set{Type: "hash:net"}, "0.0.0.0-255.255.255.255", "0.0.0.0/1 128.0.0.0/1"},
		{Set{Type: "hash:net"}, "0.0.0.0/0", "!two halves"},
		{Set{Type: "hash:net"}, "10.0.0.0/33", "!prefix length"},
		{Set{Type: "hash:net"}, "10.0.0.0/8 nomatch", "10.0.0.0/8 nomatch"},
		{Set{Type: "hash:net", Family: v6}, "2001:db8::/32", "2001:db8::/32"},
		{Set{Type: "hash:net", Family: v6}, "::1-::5", "!IPv4 addresses only"},
		{Set{Type: "hash:ip,port"}, "10.0.0.1,80", "10.0.0.1,tcp:80"},
		{Set{Type: "hash:ip,port"}, "10.0.0.1,udp:domain", "10.0.0.1,udp:53"},
		{Set{Type: "hash:ip,port"}, "10.0.0.1,17:53", "10.0.0.1,udp:53"},
		{Set{Type: "hash:ip,port"}, "10.0.0.0/31,tcp:80-81", "10.0.0.0,tcp:80 10.0.0.0,tcp:81 10.0.0.1,tcp:80 10.0.0.1,tcp:81"},
		{Set{Type: "hash:ip,port"}, "10.0.0.2,icmp:echo-request", "10.0.0.2,icmp:8/0"},
		{Set{Type: "hash:ip,port"}, "10.0.0.2,gre:0", "10.0.0.2,gre:0"},
		{Set{Type: "hash:ip,port"}, "10.0.0.2,gre:7", "!gre:0"},
		{Set{Type: "hash:ip,port"}, "10.0.0.2", "!has 2 parts"},
		{Set{Type: "hash:ip,port"}, "10.0.0.0/16,1-100", "!elements"},
		{Set{Type: "hash:ip,port"}, "10.0.0.1,tcp:htttp", "!neither a port"},
		{Set{Type: "hash:ip,port,ip"}, "10.0.0.1,80,10.0.0.0/31", "!only the first"},
		{Set{Type: "hash:net,iface"}, "0.0.0.0/0,eth0", "0.0.0.0/0,eth0"},
		{Set{Type: "hash:net,iface"}, "10.0.0.1,physdev:eth1", "10.0.0.1,physdev:eth1"},
		{Set{Type: "hash:net,iface"}, "10.0.0.1,interface-name-too-long", "!no network interface"},
		{Set{Type: "bitmap:port"}, "http", "80"},
		{Set{Type: "bitmap:port"}, "5-7", "5 6 7"},
		{Set{Type: "bitmap:port"}, "icmp:8/0", "!has none"},
		{Set{Type: "bitmap:ip"}, "10.0.0.4/30", "10.0.0.4 10.0.0.5 10.0.0.6 10.0.0.7"},
		{Set{Type: "bitmap:ip,mac"}, "10.0.0.4", "10.0.0.4"},
		{Set{Type: "bitmap:ip,mac"}, "10.0.0.5,aa:bb:cc:00:00:01", "10.0.0.5,AA:BB:CC:00:00:01"},
		{Set{Type: "hash:mac"}, "aa:bb:cc:00:00", "!no MAC"},
		{Set{Type: "hash:ip,mark"}, "10.0.0.4,99", "10.0.0.4,0x00000063"},
		{Set{Type: "list:set"}, "office", "office"},
		{Set{Type: "list:set"}, "no blanks,", "!not understood"},
		{Set{Type: "list:set"}, strings.Repeat("x", 32), "!32 bytes"},
	} {
		entries, err := test.set.ParseEntry(test.text)
		text := make([]string, len(entries))
		for i, e := range entries {
			text[i] = e.String()
		}
		got := strings.Join(text, " ")
		switch want, fails := strings.CutPrefix(test.want, "!"); {
		case fails && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s %q: %s, %v; want an error with %q", test.set.Type, test.text, got, err, want)
		case !fails && (err != nil || got != want):
			t.Errorf("%s %q: %s, %v; want %s", test.set.Type, test.text, got, err, want)
		}
	}
}

// saved is what ipset 7.17 printed on Linux 6.18.
const saved = `create a hash:net family inet hashsize 1024 maxelem 65536 timeout 300 comment bucketsize 12 initval 0x3cb4d883
add a 10.0.0.0/8 timeout 0
add a 10.2.0.0/16 timeout 299 nomatch
add a 10.3.0.0/16 timeout 0 nomatch comment "a timeout 9 inside"
create c hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x491d9a3f
add c 10.0.0.2,icmp:echo-request
add c 10.0.0.1,udp:53
create e bitmap:port range 0-65535
add e 5
create n6 hash:net family inet6 hashsize 1024 maxelem 100 bucketsize 12 initval 0xa9343eb8
add n6 ::10.0.0.1
create cnt hash:ip family inet hashsize 1024 maxelem 65536 counters skbinfo bucketsize 12 initval 0xd2f2eb72
add cnt 1.2.3.4 packets 0 bytes 0
create l list:set size 8
add l a
add l c
`

func TestParse(t *testing.T) {
	sets, err := Parse(saved)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, s := range sets {
		b.WriteString(s.Restore(s.Name))
		for _, e := range s.Temporary {
			fmt.Fprintf(&b, "for now %s\n", e)
		}
	}
	const want = `create a hash:net family inet maxelem 65536 timeout 300 comment
add a 10.0.0.0/8 timeout 0
add a 10.3.0.0/16 timeout 0 nomatch comment "a timeout 9 inside"
for now 10.2.0.0/16 nomatch
create c hash:ip,port family inet maxelem 65536
add c 10.0.0.1,udp:53
add c 10.0.0.2,icmp:8/0
create e bitmap:port range 0-65535
add e 5
create n6 hash:net family inet6 maxelem 100
add n6 ::a00:1
create cnt hash:ip family inet maxelem 65536 counters skbinfo
add cnt 1.2.3.4
create l list:set
add l a
add l c
`
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
	for _, bad := range []string{"add x 10.0.0.1\n", "create\n", "create x\n", "create x hash:ip maxelem\n", "destroy x\n", "create x hash:ip timeout soon\n"} {
		if sets, err := Parse(bad); err == nil {
			t.Errorf("%q: %v", bad, sets)
		}
	}
}

func TestEqual(t *testing.T) {
	a := Set{Name: "a", Type: "hash:ip", Family: "inet"}.WithEntries([]Entry{{Element: "10.0.0.2"}, {Element: "10.0.0.1"}, {Element: "10.0.0.1"}})
	b := Set{Name: "a", Type: "hash:ip", Family: "inet", MaxElem: DefaultMaxElem}.WithEntries([]Entry{{Element: "10.0.0.1"}, {Element: "10.0.0.2"}})
	b.Temporary = []Entry{{Element: "10.0.0.3"}}
	if !a.Equal(b) {
		t.Errorf("%+v and %+v differ", a, b)
	}
	onlyA, onlyB := Differences(a, b.WithEntries([]Entry{{Element: "10.0.0.2"}, {Element: "10.0.0.9"}}))
	if len(onlyA) != 1 || onlyA[0].Element != "10.0.0.1" || len(onlyB) != 1 || onlyB[0].Element != "10.0.0.9" {
		t.Errorf("differences: %v %v", onlyA, onlyB)
	}
	timed := b
	timed.Timed = true
	if a.Equal(timed) {
		t.Error("a set with timeouts equals one without")
	}
	for _, test := range []struct {
		a, b Set
		want bool
	}{
		{Set{Type: "hash:ip", Family: "inet"}, Set{Type: "bitmap:ip"}, true},
		{Set{Type: "hash:ip", Family: "inet6"}, Set{Type: "bitmap:ip"}, false},
		{Set{Type: "hash:ip", Family: "inet"}, Set{Type: "hash:net", Family: "inet"}, false},
		{Set{Type: "hash:net", Family: "inet"}, Set{Type: "hash:net", Family: "inet6"}, false},
	} {
		if got := test.a.Swappable(test.b); got != test.want {
			t.Errorf("%v and %v: %v", test.a, test.b, got)
		}
	}
}

func TestOverlaps(t *testing.T) {
	s := Set{Type: "hash:net"}
	for _, text := range []string{"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24 nomatch", "10.1.2.3 nomatch", "11.0.0.0/8", "9.0.0.0/24"} {
		entries, err := s.ParseEntry(text)
		if err != nil {
			t.Fatal(err)
		}
		s = s.WithEntries(append(slices.Clone(s.Entries), entries...))
	}
	var got []string
	for _, o := range Overlaps(s) {
		got = append(got, o.Entry.Element+" in "+o.Within.Element)
	}
	if want := []string{"10.1.0.0/16 in 10.0.0.0/8", "10.1.2.3 in 10.1.2.0/24"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func BenchmarkHundredThousand(b *testing.B) {
	var text strings.Builder
	text.WriteString("create x hash:net family inet hashsize 32768 maxelem 131072\n")
	for i := range 100_000 {
		fmt.Fprintf(&text, "add x %d.%d.%d.0/24\n", 1+i%200, i>>8&255, i>>16&255)
	}
	for b.Loop() {
		sets, err := Parse(text.String())
		if err != nil {
			b.Fatal(err)
		}
		Overlaps(sets[0])
	}
}
