package iptables

import "testing"

func TestConntrackExtensions(t *testing.T) {
	testSpecs(t, []specCase{
		{in: "-m conntrack --ctstate ES,REL", out: "-m conntrack --ctstate RELATED,ESTABLISHED"},
		{in: "-m conntrack --ctstate n", out: "-m conntrack --ctstate NEW"},
		{in: "-m conntrack --ctstatus NONE"},
		{in: "-m conntrack --ctstatus EXPECTED,NONE", out: "-m conntrack --ctstatus EXPECTED"},
		{in: "-m conntrack ! --ctproto tcp --ctexpire 5", out: "-m conntrack ! --ctproto 6 --ctexpire 5"},
		{in: "-m conntrack --ctexpire 5:3"},
		{in: "-m conntrack --ctexpire 3:", out: "-m conntrack --ctexpire 3:4294967295"},
		{in: "-m conntrack --ctexpire 0x10", out: "-m conntrack --ctexpire 16"},
		{in: "-m conntrack ! --ctorigsrc 1.2.3.4/255.255.0.255", out: "-m conntrack ! --ctorigsrc 1.2.3.4"},
		{in: "-m conntrack --ctorigsrc 0.0.0.0/0"},
		{in: "-m conntrack --ctproto TCP", out: "-m conntrack --ctproto 6"},
		{in: "-m conntrack --ctproto all", out: "-m conntrack --ctproto 0"},
		{in: "-m conntrack --ctorigsrcport 5:4"},
		{in: "-m state ! --state INVALID,NEW"},
		{in: "-m conntrack --ctorigsrc 1.2.3.4/33", out: "-m conntrack --ctorigsrc 1.2.3.4"},
		{family: IPv6, in: "-m conntrack --ctorigsrc ::1/64"},
		{in: "-m conntrack ! --ctrepldstport 84:0 --ctorigsrcport 84:5", out: "-m conntrack --ctorigsrcport 84:5 ! --ctrepldstport 84"},
	})
	testRefusals(t, []refusal{
		{in: "-m conntrack ! --ctstatus NONE --ctproto all", message: "--ctproto all cannot stand behind"},
		{in: "-m conntrack --ctstate NEW,", message: "--ctstate: unknown name"},
		{in: "-m conntrack --ctstate ,NEW", message: "--ctstate: unknown name"},
		{in: "-m conntrack --ctstate NEW,,NEW", message: "--ctstate: unknown name"},
		{in: `-m conntrack --ctstate ""`, message: "--ctstate: unknown name"},
		{in: "-m conntrack --ctstate ALL", message: "--ctstate: unknown name ALL"},
		{in: "-m conntrack ! --ctdir REPLY", message: "conntrack: option --ctdir cannot be negated"},
		{in: "-m conntrack --ctorigsrc 1.2.3.4,1.2.3.5", message: "--ctorigsrc: not an ipv4 address"},
		{in: "-m conntrack --ctproto Tcp", message: "--ctproto: unknown protocol"},
		{in: `-m conntrack --ctproto ""`, message: "--ctproto: unknown protocol"},
		{in: "-m conntrack --ctstate NEW --ctstate NEW", message: "conntrack: option --ctstate may be given only once"},
		{in: "-m state --state SNAT", message: "--state: unknown name SNAT"},
		{in: `-m state --state ""`, message: "--state: unknown name"},
	})
}
