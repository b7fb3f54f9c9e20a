package review

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// fleetPlan is one for 500 hosts with ten resources each. On the web hosts https is opened, each of the others gets a
// database that its own neighbour reaches, so that no two of them change alike.
func fleetPlan(tb testing.TB) string {
	tb.Helper()
	var all []resource
	for i := range 500 {
		host := fmt.Sprintf("web%d.example.com", i)
		if i%5 == 0 {
			host = fmt.Sprintf("db%d.example.com", i)
		}
		all = append(all, dropping(host))
		for _, port := range []int{22, 80, 8080, 9100, 9200, 9300, 10050, 10051} {
			lines := open(port, "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
			all = append(all, resource{kind: "service", name: fmt.Sprint("p", port), host: host, before: lines, after: lines})
		}
		change := resource{kind: "service", name: "https", host: host, after: open(443)}
		if i%5 == 0 {
			change = resource{kind: "service", name: "postgresql", host: host, before: open(5432, "10.0.0.0/8"), after: open(5432, fmt.Sprintf("10.0.%d.%d/32", i/256, i%256))}
		}
		all = append(all, change)
	}
	return planText(tb, all...)
}

// TestLargeFleet: 500 hosts, of which 400 change alike and 100 each in its own way.
func TestLargeFleet(t *testing.T) {
	r := read(t, fleetPlan(t))
	if r.Hosts != 500 || r.Changed != 500 || len(r.Groups) != 101 {
		t.Errorf("%d hosts, %d changed, in %d groups", r.Hosts, r.Changed, len(r.Groups))
	}
	if want := "400 web hosts: + 443/tcp from anywhere"; r.Groups[0].Title != want {
		t.Errorf("the first group is %q, want %q", r.Groups[0].Title, want)
	}
	if want := "HTTPS (443/tcp) on 400 web hosts becomes reachable from anywhere"; r.Reachability[0].Sentence != want {
		t.Errorf("it begins with %q, want %q", r.Reachability[0].Sentence, want)
	}
	var b strings.Builder
	if err := r.Markdown(&b); err != nil {
		t.Fatal(err)
	}
	if b.Len() > maxMarkdown {
		t.Errorf("the comment has %d bytes", b.Len())
	}
	if opened, closed := strings.Count(b.String(), "<details>"), strings.Count(b.String(), "</details>"); opened < 20 || opened != closed {
		t.Errorf("%d folds, of which %d are closed", opened, closed)
	}
	if left := 101 - strings.Count(b.String(), "<details>"); left > 0 && !strings.Contains(b.String(), fmt.Sprintf("%d more groups not shown", left)) {
		t.Errorf("%d groups are left out without a word", left)
	}
}

// BenchmarkLargeFleet is the figure of the guide: from the text of the plan to the comment.
func BenchmarkLargeFleet(b *testing.B) {
	plan := fleetPlan(b)
	b.SetBytes(int64(len(plan)))
	for b.Loop() {
		if err := read(b, plan).Markdown(io.Discard); err != nil {
			b.Fatal(err)
		}
	}
}
