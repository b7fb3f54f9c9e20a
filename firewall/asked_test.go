package firewall

import (
	"fmt"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// What the data source lists of a real firewall, asked by the function, says what the firewall itself says; and
// each line taken apart is that line.
func TestRealFirewallsAreAsked(t *testing.T) {
	counts := map[string]int{}
	for name, rs := range firewalls(t) {
		all := RuleFilter{}.Policies(rs)
		for _, id := range rs.Chains() {
			if !id.BuiltIn() {
				all = append(all, iptables.Line{Chain: id, Kind: iptables.ChainLine}.String(iptables.Reference))
			}
		}
		for _, r := range (RuleFilter{}).Rules(rs, Reference, nil) {
			text := r.Text(iptables.Reference)
			all = append(all, text)
			if apart, err := TakeApart(text); err == nil && apart.Text != text {
				t.Errorf("%s: %s taken apart is %s", name, text, apart.Text)
			}
		}
		laid, err := Lay(all, true)
		if err != nil {
			counts["not laid"]++ // names with blanks, and other texts that cannot be read back
			continue
		}
		if rs.Len() == 0 {
			continue
		}
		for _, port := range []int{22, 3306} {
			q := Question{Port: port, In: "eth0", Family: rs.Chains()[0].Family}
			before, after := Site{}.Ask(rs, q), Site{}.Ask(laid, q)
			if fmt.Sprint(before.Verdict, before.Accepted, before.Refused, before.Unknown, before.Because) != fmt.Sprint(after.Verdict, after.Accepted, after.Refused, after.Unknown, after.Because) {
				t.Errorf("%s: port %d is %s because %s, and laid out again %s because %s", name, port, before.Verdict, before.Because, after.Verdict, after.Because)
			}
			counts[before.Verdict]++
		}
		counts["silent ports"] += len(NewExposure(&Snapshot{Rules: rs}).Silent(nil))
	}
	t.Log(counts)
	if counts[VerdictAccepted] == 0 || counts[VerdictSome]+counts[VerdictDropped] == 0 {
		t.Error("nothing is certain of any firewall")
	}
}
