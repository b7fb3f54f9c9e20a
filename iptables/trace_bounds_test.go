package iptables

import (
	"fmt"
	"strings"
	"testing"
)

// TestTraceIsBounded has rule sets in which the ways of a packet are more than can be counted.
func TestTraceIsBounded(t *testing.T) {
	cascade := func(match string) string {
		var b strings.Builder
		for i := range 40 {
			fmt.Fprintf(&b, "-N c%d\n", i)
		}
		for i := range 39 {
			for range 2 {
				fmt.Fprintf(&b, "-A c%d %s -j c%d\n", i, match, i+1)
			}
		}
		return b.String() + "-A INPUT -j c0\n"
	}
	marks := func(target string) string {
		var b strings.Builder
		for bit := range 20 {
			fmt.Fprintf(&b, "-A INPUT -m limit --limit 1/sec -j %s 0x%x/0x%x\n", target, 1<<bit, 1<<bit)
		}
		return b.String()
	}
	tests := map[string]struct {
		rules string
		want  Answer
	}{
		"chains that call the next one twice":       {cascade(""), Accepted},
		"and perhaps do":                            {cascade("-m limit --limit 1/sec"), Accepted},
		"and end in a drop":                         {cascade("-m limit --limit 1/sec") + "-A c39 -j DROP\n-A INPUT -j DROP", Dropped},
		"and end in a drop, or do not":              {cascade("-m limit --limit 1/sec") + "-A c39 -j DROP", Unknown},
		"a million different marks":                 {marks("MARK --set-xmark") + "-A INPUT -m mark --mark 0x1000000/0x1000000 -j DROP\n-A INPUT -j DROP", Dropped},
		"a mark that is one of a million":           {marks("MARK --set-xmark") + "-A INPUT -m mark --mark 0x7 -j DROP", Unknown},
		"a million different marks of a connection": {marks("CONNMARK --set-xmark") + "-A INPUT -j DROP", Dropped},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rs := rulesetOf(t, tt.rules)
			if v := Trace(rs, ssh); v.Answer != tt.want {
				t.Errorf("%v because %s, want %v", v.Answer, v.Because, tt.want)
			}
			if r := Reachable(rs, Query{Packet: ssh}); len(r.Accepted)+len(r.Dropped)+len(r.Unknown) != 1 || r.of(t, ssh.Source) != tt.want {
				t.Errorf("Reachable says %v, want %v", r, tt.want)
			}
		})
	}
}

// TestTraceGivesUp: chains that call each other with another mark each time are not followed for ever.
func TestTraceGivesUp(t *testing.T) {
	var b strings.Builder
	for i := range 32 {
		fmt.Fprintf(&b, "-N c%d\n", i)
	}
	for i := range 31 {
		fmt.Fprintf(&b, "-A c%d -j c%d\n-A c%d -j MARK --set-xmark 0x%x/0x0\n-A c%d -j c%d\n", i, i+1, i, 1<<i, i, i+1)
	}
	rs := rulesetOf(t, b.String()+"-A INPUT -j c0")
	v := Trace(rs, ssh)
	if v.Answer != Unknown || v.Because != "the chains call each other too often to be followed" {
		t.Errorf("%v because %s", v.Answer, v.Because)
	}
	if r := Reachable(rs, Query{Packet: ssh}); len(r.Unknown) != 1 {
		t.Errorf("Reachable says %v", r)
	}
}
