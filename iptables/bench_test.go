package iptables

import (
	"fmt"
	"strings"
	"testing"
)

// manyRules are lines such as a large host lists: services, bans, Docker and Kubernetes.
func manyRules(n int) []string {
	kinds := []string{
		"-p tcp -m tcp --dport %[1]d -m comment --comment \"service %[2]d\" -j ACCEPT",
		"-s 10.%[3]d.%[4]d.0/24 -i eth0 -p tcp -m conntrack --ctstate NEW -m tcp --dport %[1]d -j ACCEPT",
		"-s 198.51.100.%[4]d/32 -j REJECT --reject-with icmp-port-unreachable",
		"! -s 10.244.0.0/16 -d 10.96.%[3]d.%[4]d/32 -p tcp -m comment --comment \"default/web:http cluster IP\" -m tcp --dport 80 -j KUBE-MARK-MASQ",
		"-m comment --comment \"default/web:http\" -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-ABCDEFGHIJKLMNOP",
		"-d 172.17.0.%[4]d/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport %[1]d -j ACCEPT",
		"-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
		"-p udp -m multiport --dports 53,123,%[1]d -m limit --limit 5/min --limit-burst 10 -j LOG --log-prefix \"udp: \" --log-level 6",
	}
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf(kinds[i%len(kinds)]+"%[5]s", 1+i%65000, i, i/256%256, i%256, "")
	}
	return lines
}

func BenchmarkParse(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		lines := manyRules(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, line := range lines {
					if _, err := ParseSpec(IPv4, "filter", line); err != nil {
						b.Fatal(line, err)
					}
				}
			}
		})
	}
}

func BenchmarkPrint(b *testing.B) {
	for _, n := range []int{10, 1000, 100000} {
		rules := make([]Rule, 0, n)
		for _, line := range manyRules(n) {
			r, err := ParseSpec(IPv4, "filter", line)
			if err != nil {
				b.Fatal(line, err)
			}
			rules = append(rules, r...)
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				for _, r := range rules {
					_ = r.Spec(Reference)
				}
			}
		})
		b.Run(fmt.Sprint("Key/", n), func(b *testing.B) {
			for b.Loop() {
				for _, r := range rules {
					_ = r.Key()
				}
			}
		})
	}
}

func TestManyRulesAreCanonical(t *testing.T) {
	for _, line := range manyRules(64) {
		rules, err := ParseSpec(IPv4, "filter", line)
		if err != nil || len(rules) != 1 || rules[0].Spec(Reference) != strings.TrimSpace(line) {
			t.Errorf("%s: %v, %v", line, rules, err)
		}
	}
}
