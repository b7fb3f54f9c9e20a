package resources

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

func ptr(n int) *int { return &n }

// What is read from a host and written to the state stands for the same lines again.
func TestServiceThereAndBack(t *testing.T) {
	for name, s := range map[string]firewall.Service{
		"of the catalogue": {Name: "https"},
		"of one family":    {Name: "dhcp"},
		"without a name":   {Ports: []string{"22/tcp"}},
		"everything": {
			Name: "app", Ports: []string{"8080/tcp", "9000-9100/udp"}, Action: "accept", Sources: []string{"203.0.113.0/24", "2001:db8::/32"},
			Interface: "eth0", Chain: "TEAM", Priority: ptr(500), Comment: "the app",
			RateLimit: &firewall.RateLimit{Rate: "10/minute", Burst: 20, PerSource: true}, Log: &firewall.Log{Prefix: "app: ", Level: "info"},
		},
		"refused":       {Name: "telnet", Ports: []string{"23/tcp"}, Action: "reject", Families: []iptables.Family{iptables.IPv6}},
		"a destination": {Name: "ssh", Destination: "203.0.113.7"},
		"an empty log":  {Name: "ssh", Log: &firewall.Log{}},
		"priority 0":    {Name: "ssh", Priority: ptr(0)},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := s.Lines()
			if err != nil {
				t.Fatal(err)
			}
			m := modelOfService(s)
			if m.Ports.IsNull() || m.Ports.IsUnknown() {
				t.Errorf("ports are %v", m.Ports)
			}
			got, err := m.rules(iptables.Families)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Print(firewall.Reference), got.Lines.Print(firewall.Reference)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if found := m.validate(); len(found) > 0 {
				t.Errorf("problems: %v", found)
			}
		})
	}
}

func TestPolicyThereAndBack(t *testing.T) {
	plain := firewall.NewDefaultPolicy("INPUT", "DROP")
	full := plain
	full.ICMP, full.PingRate, full.DropInvalid = "ping", "5/second", true
	full.Families = []iptables.Family{iptables.IPv4}
	full.Log = &firewall.PolicyLog{Prefix: "no: ", Level: "info", Rate: "1/minute"}
	bare := firewall.DefaultPolicy{Chain: "FORWARD", Policy: "REJECT", ICMP: "none"}
	for name, p := range map[string]firewall.DefaultPolicy{
		"plain": plain, "full": full, "bare": bare,
		"by rule": {Chain: "OUTPUT", Policy: "DROP", Method: "rule", Loopback: true, ICMP: "all"},
	} {
		t.Run(name, func(t *testing.T) {
			want, err := p.Rules()
			if err != nil {
				t.Fatal(err)
			}
			m := modelOfPolicy(p)
			got, err := m.rules(iptables.Families)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want.Print(firewall.Reference), got.Print(firewall.Reference)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPolicyMethod(t *testing.T) {
	for policy, want := range map[string]string{"DROP": "policy", "ACCEPT": "policy", "REJECT": "rule"} {
		if m := modelOfPolicy(firewall.NewDefaultPolicy("INPUT", policy)); m.Method.ValueString() != want {
			t.Errorf("%s is done by %s, want %s", policy, m.Method.ValueString(), want)
		}
	}
}

// The policies found at creation are of both families, so that a family which is added later
// has one to go back to; without a state they are known only after apply.
func TestPolicyKeeps(t *testing.T) {
	v4 := iptables.ChainID{Family: iptables.IPv4, Table: "filter", Name: "INPUT"}
	v6 := iptables.ChainID{Family: iptables.IPv6, Table: "filter", Name: "INPUT"}
	var rs iptables.Ruleset
	rs = rs.WithChain(v4, iptables.Chain{Policy: "DROP"})
	m := modelOfPolicy(firewall.NewDefaultPolicy("INPUT", "DROP"))
	m.keep(rs, iptables.Families)
	if diff := cmp.Diff(firewall.Policies{v4: "DROP", v6: "ACCEPT"}, m.found()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	next := modelOfPolicy(firewall.NewDefaultPolicy("INPUT", "ACCEPT"))
	next.inherit(m)
	if diff := cmp.Diff(m.found(), next.found()); diff != "" {
		t.Errorf("inherited (-want +got):\n%s", diff)
	}
	next.inherit(nil)
	if !next.PreviousPolicy.IsUnknown() {
		t.Errorf("a new one has %v", next.PreviousPolicy)
	}
}

func TestImportIDs(t *testing.T) {
	for _, c := range []struct {
		m    model
		want string
	}{
		{modelOfService(firewall.Service{Name: "https"}), "https"},
		{modelOfService(firewall.Service{Ports: []string{"9000/udp", "22/tcp"}}), "22/tcp"},
		{modelOfService(firewall.Service{Name: "https", Chain: "TEAM"}), "-A TEAM https"},
		{modelOfPolicy(firewall.DefaultPolicy{Chain: "INPUT", Policy: "DROP"}), "-P INPUT"},
		{modelOfPolicy(firewall.DefaultPolicy{Chain: "INPUT", Policy: "REJECT", Families: []iptables.Family{iptables.IPv6}}), "ip6tables -A INPUT -j REJECT"},
		{modelOfRule(firewall.CustomRule{Chain: "INPUT", Spec: "-p tcp --dport 22 -j ACCEPT"}), "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT"},
		{
			modelOfRule(firewall.CustomRule{Chain: "INPUT", Spec: "-p tcp --dport 22 -j ACCEPT", Families: []iptables.Family{iptables.IPv4}}),
			"iptables -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT",
		},
		{modelOfRule(firewall.CustomRule{Chain: "INPUT", Spec: "-s 10.0.0.0/8 -j ACCEPT"}), "-A INPUT -s 10.0.0.0/8 -j ACCEPT"},
		{
			modelOfRule(firewall.CustomRule{Table: "nat", Chain: "PREROUTING", Spec: "-d 2001:db8::1 -p udp -j REDIRECT --to-ports 53"}),
			"ip6tables -t nat -A PREROUTING -d 2001:db8::1/128 -p udp -j REDIRECT --to-ports 53",
		},
	} {
		if got := c.m.suffix(); got != c.want {
			t.Errorf("import ID %q, want %q", got, c.want)
		}
	}
}
