package resources

import (
	"errors"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// brief is the cause of an error in a few words, for the first line of a diagnostic: often that is all that a list of
// errors shows. It is "" where only the text can say it.
func brief(err error) string {
	// What a change ended with comes first: it holds the error of the login that failed after it.
	for _, c := range []struct {
		is    func(error) bool
		words string
	}{
		{is[*firewall.LockoutError], "it would lock you out"},
		{is[*firewall.LoginError], "no new login got through"},
		{is[*firewall.OutcomeError], "it was not confirmed in time"},
		{is[*firewall.UnverifiedError], "the host lists something else"},
		{is[*firewall.RejectedError], "its iptables refuses it"},
		{is[*firewall.BusyError], "somebody else changes it"},
		{is[*firewall.MovingError], "somebody else changes it"},
		{is[*firewall.ClaimError], "another resource wants the same"},
		{is[*firewall.NoChainError], "no such chain"},
		{is[*firewall.NoLineError], "no such line"},
		{is[*firewall.ForeignChainError], "a chain of other software"},
		{is[*firewall.NoSetError], "no such ipset"},
		{is[*sshexec.AuthError], "it refuses the login"},
		{is[*sshexec.PrivilegeError], "the login cannot become root"},
	} {
		if c.is(err) {
			return c.words
		}
	}
	if key := (*sshexec.HostKeyError)(nil); errors.As(err, &key) {
		return hostKeyBrief[key.Kind]
	}
	if dial := (*sshexec.DialError)(nil); errors.As(err, &dial) {
		return dialBrief[dial.Kind]
	}
	return ""
}

func is[E error](err error) bool {
	var e E
	return errors.As(err, &e)
}

var hostKeyBrief = map[sshexec.HostKeyKind]string{
	sshexec.KeyUnknown:     "its host key is not known",
	sshexec.KeyChanged:     "its host key has changed",
	sshexec.KeyRevoked:     "its host key is revoked",
	sshexec.KeyCertificate: "its certificate is not valid",
}

var dialBrief = map[sshexec.DialKind]string{
	sshexec.Unresolved:  "its name has no address",
	sshexec.Refused:     "nothing listens at the port",
	sshexec.Unreachable: "it cannot be reached",
	sshexec.TimedOut:    "it does not answer",
	sshexec.Throttled:   "its sshd hangs up",
	sshexec.NotSSH:      "what answers is not SSH",
}
