package iptables

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Rounds for each backend and family, and packets for each round.
const (
	judgeRounds  = 70
	judgePackets = 45
)

// TestKernelAgrees lets the kernel judge Trace: random rule sets are loaded by iptables-restore,
// random packets are sent through them, and what comes out is compared with what Trace said.
//
// It runs itself again in a network namespace of its own, which ends with the process. It needs root,
// iptables and /dev/net/tun, and runs where TF_ACC is set. IPTABLES_JUDGE_SEED repeats a run.
func TestKernelAgrees(t *testing.T) {
	if os.Getenv("TF_ACC") == "" {
		t.Skip("sends packets through a kernel: set TF_ACC=1 and run as root")
	}
	seed := os.Getenv("IPTABLES_JUDGE_SEED")
	if seed == "" {
		seed = strconv.FormatInt(time.Now().UnixNano()%1e9, 10)
	}
	outside, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	for _, backend := range []Backend{NFT, Legacy} {
		t.Run(backend.String(), func(t *testing.T) {
			cmd := exec.Command(os.Args[0], "-test.run=^TestKernelAgreesInside$", "-test.v")
			cmd.Env = append(os.Environ(), "IPTABLES_JUDGE_SEED="+seed, "IPTABLES_JUDGE_BACKEND="+backend.String(),
				"IPTABLES_JUDGE_OUTSIDE="+outside, "XTABLES_LOCKFILE="+t.TempDir()+"/lock")
			cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
			out, err := cmd.CombinedOutput()
			t.Logf("seed %s\n%s", seed, out)
			if err != nil {
				t.Errorf("%v (repeat with IPTABLES_JUDGE_SEED=%s)", err, seed)
			}
		})
	}
}

// TestKernelAgreesInside is the part that runs in the namespace.
func TestKernelAgreesInside(t *testing.T) {
	outside := os.Getenv("IPTABLES_JUDGE_OUTSIDE")
	if outside == "" {
		return // TestKernelAgrees starts it
	}
	if here, err := os.Readlink("/proc/self/ns/net"); err != nil || here == outside {
		t.Fatalf("not in a network namespace of its own (%v)", err)
	}
	seed, err := strconv.ParseUint(os.Getenv("IPTABLES_JUDGE_SEED"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	backend := NFT
	if os.Getenv("IPTABLES_JUDGE_BACKEND") == Legacy.String() {
		backend = Legacy
	}
	newCourt(t, backend, seed).sit()
}

// A court compares what Trace says with what the kernel does.
type court struct {
	*testing.T
	world    *world
	courier  *courier
	tracer   Tracer
	random   *rand.Rand
	open     bool // the rules of this round leave some packets undecided
	sent     int
	answers  [3]int
	rejected int
	paths    map[string]int
}

func newCourt(t *testing.T, backend Backend, seed uint64) *court {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, uint64(backend)))
	c := &court{T: t, world: newWorld(t, backend), courier: newCourier(r), random: r, paths: map[string]int{}}
	c.tracer.Sets = c.world.makeSets()
	c.tracer.Networks = networks()
	for _, f := range Families {
		c.tracer.Addresses = append(c.tracer.Addresses, hostAddresses[f]...)
	}
	return c
}

func (c *court) sit() {
	c.fragments()
	for _, f := range Families {
		var b strings.Builder
		quiet := &lawyer{Rand: c.random, family: f}
		for _, table := range []string{"raw", "mangle", "filter"} {
			fmt.Fprintf(&b, "*%s\n", table)
			quiet.fixed(&b, table)
			b.WriteString("COMMIT\n")
		}
		if err := c.world.load(f, b.String()); err != nil {
			c.Fatal(err)
		}
		c.courier.settle(c.world, f)
		c.courier.openFlows(c.world, f)
	}
	for round := range judgeRounds {
		for _, f := range Families {
			l := &lawyer{Rand: c.random, family: f, theme: themes[round%len(themes)], sets: c.tracer.Sets != nil}
			c.hear(l)
			if c.Failed() {
				return
			}
		}
	}
	c.Logf("%d packets, not one contradiction: %d accepted, %d dropped (%d rejected), %d undecided; %v",
		c.sent, c.answers[Accepted], c.answers[Dropped], c.rejected, c.answers[Unknown], c.paths)
}

// hear is one round: a rule set, and packets.
func (c *court) hear(l *lawyer) {
	text := l.write()
	c.open = l.theme.open()
	rs, err := c.enact(l.family, text)
	if err != nil {
		c.Fatalf("%v\n%s", err, text)
	}
	for range judgePackets {
		p := c.courier.next(l.family)
		contradiction := c.try(rs, p)
		c.sent++
		if contradiction == "" && !c.open && c.tracer.Trace(rs, p.described()).Answer == Unknown {
			contradiction = "undecided, although the rules have only what is decided: " + c.tracer.Trace(rs, p.described()).Because
		}
		if contradiction != "" {
			c.convict(l, text, p, contradiction)
			return
		}
	}
}

// enact loads a rule set and reads it as the package would.
func (c *court) enact(f Family, text string) (Ruleset, error) {
	if err := c.world.load(f, text); err != nil {
		return Ruleset{}, err
	}
	return ParseSave(f, text)
}

// try sends a parcel and reports where Trace was wrong.
func (c *court) try(rs Ruleset, p *parcel) string {
	v := c.tracer.Trace(rs, p.described())
	c.world.errors[p.id] = p.State == StateRelated
	c.world.launch(p)
	arrived := c.world.arrives(p, v.Answer == Accepted)
	c.answers[v.Answer]++
	c.paths[p.Path.String()+" "+p.State.String()]++
	if v.Rejected {
		c.rejected++
	}
	switch {
	case v.Answer == Accepted && !arrived, v.Answer == Dropped && arrived:
		return fmt.Sprintf("Trace says %v, because %s; the packet came out: %v (%s)", v.Answer, v.Because, arrived, c.world.seen[p.id])
	case v.Answer == Dropped && !v.Rejected && !c.open && c.world.refused[p.id] != "":
		return "Trace says that it is dropped silently, because " + v.Because + "; but the sender was told: " + c.world.refused[p.id]
	}
	return ""
}

// convict reports a contradiction with the fewest rules that still show it.
func (c *court) convict(l *lawyer, text string, p *parcel, contradiction string) {
	c.Errorf("%s\npacket %+v\n%s", contradiction, p.described(), text)
	c.world.patience = 20 * time.Millisecond
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		if !strings.HasPrefix(lines[i], "-A ") {
			continue
		}
		fewer := append(append([]string{}, lines[:i]...), lines[i+1:]...)
		rs, err := c.enact(l.family, strings.Join(fewer, "\n"))
		if err != nil {
			continue
		}
		if again := c.try(rs, c.courier.again(p)); again != "" {
			lines, i = fewer, i-1
			contradiction = again
		}
	}
	c.Logf("with these rules: %s\n%s", contradiction, strings.Join(lines, "\n"))
}
