package firewall

import (
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// lockout is the reason not to apply a ruleset: it would certainly drop the packets of the login
// by which it is made. An undecided trace is no reason, since the timer watches over it.
func lockout(facts Facts, wanted iptables.Ruleset) *LockoutError {
	if facts.Login.IsZero() {
		return nil
	}
	opening := iptables.NewConnection(iptables.TCP, facts.Login.Client, facts.Login.Server)
	// A new login comes from another port than this one.
	opening.SourcePort = 0
	opening.In = facts.Login.Interface
	for _, packet := range opening.Conversation() {
		if verdict := iptables.Trace(wanted, packet); verdict.Answer == iptables.Dropped {
			return &LockoutError{Login: facts.Login.String(), Verdict: verdict, Dialect: facts.Dialect(packet.Family)}
		}
	}
	return nil
}
