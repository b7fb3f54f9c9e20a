package firewall

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// A RateLimit bounds how many new connections a service accepts. What is above the rate is
// dropped, whatever other lines or the chain's policy say.
type RateLimit struct {
	Rate      string // "10/minute"; units second, minute, hour, day
	Burst     int    // how many may come at once; 0: 5, which is iptables' default
	PerSource bool   // a rate for each source (an address, or for IPv6 a /64), not for all together
}

func (r RateLimit) check(ps *problems, action string) {
	if action == "drop" || action == "reject" {
		ps.add("rate_limit", "a rate limit is for what is accepted", "with action %q all of it is refused already", action)
	}
	if r.Burst < 0 || r.Burst > maxBurst {
		ps.add("rate_limit.burst", "no such burst", "%d is not between 1 and %d", r.Burst, maxBurst)
	}
	if _, err := ratePeriod(r.Rate); err != nil {
		ps.add("rate_limit.rate", "not a rate", "%s", err)
	}
}

// above is the match for new connections above the rate. Only hashlimit can say "above"; the
// kernel keeps IPv6 hosts apart by /64, since each of them has 2^64 addresses to come from.
func (r RateLimit) above(f iptables.Family, comment string) []string {
	args := []string{"-m", "hashlimit", "--hashlimit-above", r.Rate, "--hashlimit-burst", fmt.Sprint(r.burst())}
	if r.PerSource {
		args = append(args, "--hashlimit-mode", "srcip")
	}
	args = append(args, "--hashlimit-name", r.table(comment), "--hashlimit-htable-expire", fmt.Sprint(1000*r.memory()))
	if r.PerSource && f == iptables.IPv6 {
		args = append(args, "--hashlimit-srcmask", "64")
	}
	return args
}

// table names the kernel's table of the rate, in at most 15 bytes (all that iptables up to
// 1.6.0 can pass on). The limits are part of the name: rules with one name share
// one table, and a table keeps the limits of the rule that made it, so a changed rate that
// came in beside the old rule, in one commit, would have no effect. The rest of the name is
// from the comment, so that it can be read back; services with one comment and one limit share it.
func (r RateLimit) table(comment string) string {
	period, _ := ratePeriod(r.Rate)
	sum := fnv.New32a()
	fmt.Fprintf(sum, "%s\x00%d\x00%d\x00%t", comment, period, r.burst(), r.PerSource)
	plain := strings.Map(func(c rune) rune {
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' {
			return c
		}
		return -1
	}, comment)
	if plain == "" {
		plain = "limit"
	}
	return fmt.Sprintf("%s-%06x", plain[:min(8, len(plain))], sum.Sum32()&0xffffff)
}

func (r RateLimit) burst() int {
	if r.Burst == 0 {
		return defaultBurst
	}
	return r.Burst
}

// memory is for how many seconds the kernel remembers a source. Its own default is the unit of
// the rate: with "1/second" and a burst of 20, whoever pauses for a second is forgotten and
// has all 20 again. A source may be forgotten only when its burst has come back; rounded up to a
// unit, since iptables does not print the rate's own.
func (r RateLimit) memory() int {
	period, _ := ratePeriod(r.Rate)
	for _, u := range rateUnits {
		if r.burst()*period <= u.seconds*1000000 {
			return u.seconds
		}
	}
	return rateUnits[len(rateUnits)-1].seconds
}
