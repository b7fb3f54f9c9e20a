package acceptance

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

type (
	terraformState = terraform.State
	hostOptions    = fleet.HostOptions
)

var all = resource.ComposeAggregateTestCheckFunc

// planned are checks of a step's plan: what happens to the resource, and more.
func planned(address string, action plancheck.ResourceActionType, more ...plancheck.PlanCheck) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: append([]plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)}, more...)}
}

var noChange = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}

// texts is a list of just these strings.
func texts(want ...string) knownvalue.Check {
	checks := make([]knownvalue.Check, len(want))
	for i, w := range want {
		checks[i] = knownvalue.StringExact(w)
	}
	return knownvalue.ListExact(checks)
}

// save is the whole firewall of the first host.
func (s *stage) save() fleet.Saved {
	s.t.Helper()
	saved, err := s.host.Save(context.Background())
	if err != nil {
		s.t.Fatal(err)
	}
	return saved
}

// unchanged fails the test if the first host's firewall is another than it was. A table that is there and empty
// by now counts for nothing: a kernel has it from the first use on.
func (s *stage) unchanged(before fleet.Saved) {
	s.t.Helper()
	after := s.save()
	if diff := cmp.Diff(touched(before, after), after); diff != "" {
		s.t.Errorf("the host's firewall is not as it was (-before +after):\n%s", diff)
	}
}

// policy checks a chain's policy; "ip6tables INPUT" is the other family's.
func (s *stage) policy(chain, want string) resource.TestCheckFunc {
	return func(*terraformState) error {
		command, name := family(chain)
		out, err := s.host.Shell(context.Background(), command+" -S "+name+" | head -n 1")
		if err != nil {
			return err
		}
		if got := strings.TrimSpace(out); got != "-P "+name+" "+want {
			return fmt.Errorf("%s is %q, want %s", chain, got, want)
		}
		return nil
	}
}

func family(chain string) (command, name string) {
	if c, n, ok := strings.Cut(chain, " "); ok {
		return c, n
	}
	return "iptables", chain
}

// words matches a text that holds all of these in this order, wherever Terraform breaks its lines.
func words(want ...string) *regexp.Regexp {
	for i, w := range want {
		want[i] = strings.ReplaceAll(regexp.QuoteMeta(w), " ", `[\s│]+`)
	}
	return regexp.MustCompile(`(?is)` + strings.Join(want, ".*"))
}

// touched is before with the tables that after has besides, if those are empty.
func touched(before, after fleet.Saved) fleet.Saved {
	return fleet.Saved{IPv4: withEmpty(before.IPv4, after.IPv4), IPv6: withEmpty(before.IPv6, after.IPv6)}
}

func withEmpty(before, after string) string {
	old := map[string]string{}
	for _, table := range strings.SplitAfter(before, "COMMIT\n") {
		name, _, _ := strings.Cut(table, "\n")
		old[name] = table
	}
	var all strings.Builder
	for _, table := range strings.SplitAfter(after, "COMMIT\n") {
		name, _, _ := strings.Cut(table, "\n")
		had, ok := old[name]
		delete(old, name)
		if !ok && !strings.Contains(table, "-A ") && !strings.Contains(table, " DROP") {
			had = table
		}
		all.WriteString(had)
	}
	for _, table := range old { // and those that after has lost
		all.WriteString(table)
	}
	return all.String()
}

var replace = strings.ReplaceAll
