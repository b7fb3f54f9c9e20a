// Package review says what a Terraform plan does to a fleet: which hosts change alike, which lines
// come and go on them, who will reach what and who no longer, and what a reviewer should look at twice.
//
// Read makes a Report of the plan alone, as `terraform show -json` prints it. No host is asked, so a
// report knows the lines that resources of this provider have and will have, and no others; where it
// rests on a guess about the rest, it says so. The Report is a value. It prints itself as text,
// Markdown, HTML, JSON and SARIF; whatever text came from the plan is inert in each of them.
//
//	plan.go     the plan: resources, hosts, their lines before and after
//	host.go     the hosts, and those that have the same lines
//	probe.go    the packets to ask about, which follow from the rules
//	reach.go    who reaches what, before and after
//	group.go    hosts with the same change, and how to call them
//	warning.go  what is worth a second look
//	report.go   the report, which is also the JSON; the other formats have a file each
package review
