package firewall

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each page of testdata/import-service has a host, a port or a line, and the service that is
// found there, or what is said where none is.
func TestFindService(t *testing.T) {
	for name, page := range pages(t, "import-service") {
		t.Run(name, func(t *testing.T) {
			rs := onHost(t, string(page[0].Data))
			id := strings.TrimSpace(string(page[1].Data))
			var s Service
			var err error
			if strings.Contains(id, "-A") {
				s, err = ServiceOf(rs, linesOf(t, id)[0])
			} else {
				s, err = FindService(rs, id, "")
			}
			got := describeService(s)
			if err != nil {
				got = err.Error() + "\n"
			}
			if diff := cmp.Diff(string(page[2].Data), got); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if err != nil {
				return
			}
			lines, err := s.Lines()
			if err != nil {
				t.Fatal(err)
			}
			if missing := lines.Without(Present(rs, lines)); len(missing) > 0 {
				t.Errorf("the service prints what is not there:\n%s", textOf(missing))
			}
		})
	}
}

func describeService(s Service) string {
	var b strings.Builder
	say := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%s = %s\n", name, value)
		}
	}
	say("name", s.Name)
	say("comment", s.Comment)
	say("ports", strings.Join(s.Ports, " "))
	say("action", s.Action)
	if s.Priority != nil {
		say("priority", fmt.Sprint(*s.Priority))
	}
	say("sources", strings.Join(s.Sources, " "))
	say("destination", s.Destination)
	say("interface", s.Interface)
	say("chain", s.Chain)
	for _, f := range s.Families {
		say("families", f.String())
	}
	if s.RateLimit != nil {
		say("rate_limit", fmt.Sprintf("%s %d %t", s.RateLimit.Rate, s.RateLimit.Burst, s.RateLimit.PerSource))
	}
	if s.Log != nil {
		say("log", s.Log.Prefix+"|"+s.Log.Level)
	}
	return b.String()
}

// What a service printed is found again as a service that prints the same.
func TestFindWhatWasPrinted(t *testing.T) {
	for _, s := range []Service{
		{Name: "https"},
		{Name: "dns", Sources: []string{"10.0.0.0/8", "192.168.0.0/16"}},
		{Name: "app", Ports: []string{"8080/tcp", "9000-9100/udp"}, Sources: []string{"203.0.113.0/24", "2001:db8::/32"}},
		{Name: "ipsec"},
		{Name: "dhcp"},
		{Name: "all", Ports: []string{"all"}, Sources: []string{"set:bad"}, Action: "drop"},
		{Name: "ssh", Priority: number(7), Comment: "7 of 9", Destination: "192.0.2.1", Interface: "eth+"},
		{Name: "kubernetes-api", RateLimit: &RateLimit{Rate: "90/minute", Burst: 30}, Log: &Log{Prefix: "api ", Level: "debug"}},
		{Name: "ssh", Comment: "вход", RateLimit: &RateLimit{Rate: "3/hour", PerSource: true}},
		{Name: "smtp", Chain: "OUTPUT", Interface: "eth0", Action: "reject"},
		{Ports: []string{"icmp"}},
		{Ports: []string{"1-65535/tcp"}, Priority: number(3)},
	} {
		lines, err := s.Lines()
		if err != nil {
			t.Fatal(err)
		}
		rs := applied(t, onHost(t, "-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT\n-A INPUT -s 10.0.0.0/8 -j ACCEPT"), Replace(nil, lines))
		for _, l := range lines {
			if _, decides := decode(l); !decides {
				continue
			}
			found, err := ServiceOf(rs, l)
			if err != nil {
				t.Errorf("%+v: %v", s, err)
				break
			}
			again, err := found.Lines()
			if diff := cmp.Diff(textOf(lines), textOf(again)); err != nil || diff != "" {
				t.Errorf("%s found as %+v (-want +got): %v\n%s", l.Text(Reference(l.Chain.Family)), found, err, diff)
			}
		}
	}
}
