package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A stage is what the demo has to play with.
type stage struct {
	terraform string // the program
	example   string // examples/fleet
	folder    string // with the built provider, and for what the demo writes
	fleet     *fleet.Fleet
}

// play tells the whole story. The error is the first thing that is not as it is told.
func play(ctx context.Context, s *story, st stage) (err error) {
	defer func() {
		if st.fleet != nil {
			err = errors.Join(err, st.fleet.Close())
		}
		if err == nil {
			s.printf("\nThe hosts are gone. All of this took %s.\n", time.Since(s.began).Round(time.Second))
		}
	}()
	if st.fleet, err = hosts(ctx, s); err != nil {
		return err
	}
	before, err := st.listings(ctx)
	if err != nil {
		return err
	}
	work, err := st.configuration()
	if err != nil {
		return err
	}
	for _, act := range []func(context.Context, *story, stage, *cli.Workspace) error{apply, look, knockAtDoors, again} {
		if err := act(ctx, s, st, work); err != nil {
			return err
		}
	}
	if err := destroy(ctx, s, st, work, before); err != nil {
		return err
	}
	return mistake(ctx, s, st)
}

// hosts starts them and says what they are.
func hosts(ctx context.Context, s *story) (*fleet.Fleet, error) {
	s.act("Three hosts")
	began := time.Now()
	f, err := fleet.Start(ctx, fleet.Options{Hosts: []fleet.HostOptions{
		{Name: "web1"}, {Name: "web2"}, {Name: "mail1", Backend: fleet.Legacy},
	}})
	if err != nil {
		return nil, err
	}
	s.tell("Three Debian hosts run in namespaces of this machine, each with its own network, its own sshd and its own iptables: " +
		"web1, web2 and mail1, which still has iptables of the older kind (legacy). They came up in " +
		time.Since(began).Round(10*time.Millisecond).String() + ". Their firewalls are empty.")
	for _, h := range f.Hosts() {
		text, err := h.Shell(ctx, "iptables -V; hostname -I; iptables -S")
		if err != nil {
			return f, err
		}
		s.show("ssh root@"+h.Name+" 'iptables -V; hostname -I; iptables -S'", text)
	}
	return f, nil
}

// configuration is examples/fleet with the addresses of the hosts.
func (st stage) configuration() (*cli.Workspace, error) {
	return st.workspace("fleet", os.DirFS(st.example), map[string]any{
		"hosts":           st.addresses(),
		"mail_host":       "mail1",
		"office_networks": []string{st.fleet.Client + "/32", st.fleet.Client6 + "/128"},
		"ssh":             st.login(),
	})
}

func (st stage) addresses() map[string]any {
	hosts := map[string]any{}
	for _, h := range st.fleet.Hosts() {
		hosts[h.Name] = map[string]any{"address": h.Address}
	}
	return hosts
}

func (st stage) login() map[string]any {
	return map[string]any{
		"private_key_file":  st.fleet.Key,
		"known_hosts_files": []string{st.fleet.KnownHosts},
	}
}

// apply plans and applies the example.
func apply(ctx context.Context, s *story, _ stage, work *cli.Workspace) error {
	s.act("One configuration for all of them")
	s.tell("This is examples/fleet: ssh only from an office network (here: this machine), http and https for everyone, mail on one host, " +
		"ping up to a rate, everything else dropped, in IPv4 and IPv6.")
	text, err := readFile(work.Folder, "main.tf")
	if err != nil {
		return err
	}
	s.show("cat main.tf", text)

	s.tell("The plan shows the very lines that iptables will have. Here is one of its resources.")
	plan, status, err := work.Run(ctx, nil, "plan", "-out=plan", "-input=false")
	if err != nil {
		return err
	}
	const shown = `iptables_service.allowed["web1 ssh"]`
	s.show("terraform plan -out=plan", fmt.Sprintf("[...]\n%s\n[...]\n%s", block(plan, shown), summary(plan, "Plan:")))
	if err := s.check("the plan is made", failed(status, plan)); err != nil {
		return err
	}

	s.tell("Each host is read once and gets its changes in a few commits; each commit is kept only after a new login got through it, unless it provably takes nothing away.")
	began := time.Now()
	output, status, err := work.Run(ctx, nil, "apply", "-input=false", "plan")
	if err != nil {
		return err
	}
	took := time.Since(began).Round(10 * time.Millisecond)
	output, _, _ = strings.Cut(output, "\nOutputs:")
	s.show("terraform apply plan", output)
	return s.check(fmt.Sprintf("applied in %s", took), failed(status, output))
}

// look compares what the hosts list with what Terraform says.
func look(ctx context.Context, s *story, st stage, work *cli.Workspace) error {
	s.act("What the hosts say")
	var wanted map[string][]string
	if err := work.Output(ctx, "rules", &wanted); err != nil {
		return err
	}
	s.tell("Not what the provider believes: what iptables prints on each host, asked behind SSH's back.")
	live, err := st.listings(ctx)
	if err != nil {
		return err
	}
	why := ""
	for _, h := range st.fleet.Hosts() {
		s.show("ssh root@"+h.Name+" iptables -S", live[h.Name].IPv4)
		if d := difference(live[h.Name], wanted[h.Name]); d != "" && why == "" {
			why = h.Name + ": " + d
		}
	}
	s.tell("And the same in IPv6, where a host that refuses all ICMP would lose its neighbours and its router:")
	s.show("ssh root@mail1 ip6tables -S", live["mail1"].IPv6)
	return s.check("the hosts have the lines that the plan showed, each of them to the letter, and no others", why)
}

// knockAtDoors tries the firewall from outside.
func knockAtDoors(ctx context.Context, s *story, st stage, _ *cli.Workspace) error {
	s.act("Does it hold?")
	s.tell("Connections to the hosts, from the office and from a stranger's network. Where a packet passes but no server listens, " +
		"the host answers \"connection refused\"; what is dropped has no answer.")
	f := st.fleet
	var knocks []knock
	add := func(who, from, host, to string, port int, want answer) {
		knocks = append(knocks, knock{who: who, from: from, host: host, to: to, port: port, want: want})
	}
	for _, h := range f.Hosts() {
		mail := silent
		if h.Name == "mail1" {
			mail = closed
		}
		add("office", f.Client, h.Name, h.Address, 22, opened)
		add("stranger", f.Stranger, h.Name, h.Address, 22, silent)
		add("stranger", f.Stranger6, h.Name, h.Address6, 22, silent)
		add("stranger", f.Stranger, h.Name, h.Address, 443, closed)
		add("stranger", f.Stranger6, h.Name, h.Address6, 443, closed)
		add("stranger", f.Stranger, h.Name, h.Address, 993, mail)
		add("stranger", f.Stranger, h.Name, h.Address, 3306, silent)
	}
	if err := knockAll(ctx, knocks); err != nil {
		return err
	}
	s.printf("\n")
	why := ""
	for _, k := range knocks {
		s.printf("    %-8s -> %-5s %-26s port %4d   %s\n", k.who, k.host, k.to, k.port, k.got)
		if k.got != k.want && why == "" {
			why = fmt.Sprintf("%s port %d of %s from the %s: %s, not %s", k.to, k.port, k.host, k.who, k.got, k.want)
		}
	}
	return s.check("ssh is open to the office only, the web to everyone, mail on mail1, and nothing else", why)
}

// again plans a second time.
func again(ctx context.Context, s *story, _ stage, work *cli.Workspace) error {
	s.act("A second plan is empty")
	output, status, err := work.Run(ctx, nil, "plan", "-input=false", "-detailed-exitcode")
	if err != nil {
		return err
	}
	s.show("terraform plan -detailed-exitcode; echo $?", withoutRefresh(output)+fmt.Sprint(status))
	return s.check("there is nothing to do", failed(status, output))
}

// destroy takes everything away again.
func destroy(ctx context.Context, s *story, st stage, work *cli.Workspace, before map[string]fleet.Saved) error {
	s.act("And away again")
	output, status, err := work.Run(ctx, nil, "destroy", "-input=false", "-auto-approve")
	if err != nil {
		return err
	}
	s.show("terraform destroy -auto-approve", "[...]\n"+summary(output, "Destroy complete!"))
	if err := s.check("destroyed", failed(status, output)); err != nil {
		return err
	}
	return st.checkUnchanged(ctx, s, "the firewalls are what they were in the beginning", before)
}

// listings are what iptables -S prints on each host, read behind SSH's back.
func (st stage) listings(ctx context.Context) (map[string]fleet.Saved, error) {
	all := map[string]fleet.Saved{}
	for _, h := range st.fleet.Hosts() {
		ipv4, ipv6, err := h.List(ctx, "filter")
		if err != nil {
			return nil, err
		}
		all[h.Name] = fleet.Saved{IPv4: ipv4, IPv6: ipv6}
	}
	return all, nil
}

func (st stage) checkUnchanged(ctx context.Context, s *story, claim string, before map[string]fleet.Saved) error {
	now, err := st.listings(ctx)
	if err != nil {
		return err
	}
	for name, was := range before {
		if now[name] != was {
			return s.check(claim, fmt.Sprintf("on %s there was\n%s%s\nand now there is\n%s%s",
				name, was.IPv4, was.IPv6, now[name].IPv4, now[name].IPv6))
		}
	}
	return s.check(claim, "")
}
