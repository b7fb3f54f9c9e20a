package acceptance

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// firewallsOf are real firewalls as a backend prints them: the recorded ones beside the repository, or where
// they are absent those that the repository carries.
func firewallsOf(t *testing.T, b fleet.Backend) []string {
	t.Helper()
	paths, _ := filepath.Glob("../../../shared/corpus/dumps/expected_" + string(b) + "/*")
	if len(paths) == 0 {
		t.Log("no recorded dumps at ../shared/corpus: using those of internal/adopt/testdata")
		paths, _ = filepath.Glob("../adopt/testdata/dumps/*")
	}
	if len(paths) == 0 {
		t.Fatal("no dumps at all")
	}
	return paths
}

// TestAdoptDumps loads every real firewall into a host of its own, adopts all of them, imports what was written,
// and plans: there is nothing to do, and no host has changed.
func TestAdoptDumps(t *testing.T) {
	t.Parallel()
	const batch = 20
	of := map[fleet.Backend][]string{}
	for _, b := range []fleet.Backend{fleet.NFT, fleet.Legacy} {
		of[b] = firewallsOf(t, b)
	}
	number := 0
	for some := range slices.Chunk(of[fleet.NFT], batch) {
		var options []fleet.HostOptions
		var paths []string
		for i := range some {
			b := []fleet.Backend{fleet.NFT, fleet.Legacy}[i%2]
			options = append(options, fleet.HostOptions{Name: fmt.Sprintf("dump%d", number), Backend: b})
			paths = append(paths, of[b][number])
			number++
		}
		t.Run(fmt.Sprintf("to %d", number), func(t *testing.T) {
			t.Parallel()
			adoptDumps(t, options, paths)
		})
	}
}

func adoptDumps(t *testing.T, options []fleet.HostOptions, paths []string) {
	t.Helper()
	s := newStage(t, options...)
	before := make([]fleet.Saved, len(paths))
	var loads errgroup.Group
	loads.SetLimit(4)
	var names []string
	for i, h := range s.Hosts() {
		names = append(names, h.Name)
		loads.Go(func() (err error) {
			if err := s.load(t.Context(), h, paths[i]); err != nil {
				return err
			}
			before[i], err = h.Save(t.Context())
			return err
		})
	}
	if err := loads.Wait(); err != nil {
		t.Fatal(err)
	}
	c, said, status := s.adopted(names...)
	if status != 0 && status != 3 { // 3: one of them has a comment that no import ID can spell
		t.Errorf("exit status %d\n%s", status, said)
	}
	t.Log(said[strings.LastIndex(strings.TrimSpace(said), "\n")+1:])
	says(t, c.ok("plan"), "to import, 0 to add, 0 to change, 0 to destroy")
	c.ok("apply", "-auto-approve")
	c.empty()
	for i, h := range s.Hosts() {
		if diff := cmp.Diff(before[i], saved(t, h)); diff != "" {
			t.Errorf("%s: adopting it changed it (-before +after):\n%s", filepath.Base(paths[i]), diff)
		}
	}
}

var (
	matchedSet = regexp.MustCompile(`--(?:match|add|del|map)-set (\S+)`)
	addressV6  = regexp.MustCompile(`(?m)^-A .*(?:-[sd] [0-9a-f]*:|ipv6-icmp|icmp6-)`)
)

// load puts a dump on a host, with the sets that it refers to. Where it shuts out the test itself,
// or counts how often somebody knocks, one line for this test goes in front of each chain.
func (s *stage) load(ctx context.Context, h *fleet.Host, path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	restore, family := "iptables-restore", "inet"
	if addressV6.Match(text) {
		restore, family = "ip6tables-restore", "inet6"
	}
	for _, m := range matchedSet.FindAllSubmatch(text, -1) {
		if _, err := h.Console(ctx, "ipset", "-exist", "create", string(m[1]), "hash:ip", "family", family); err != nil {
			return err
		}
	}
	cmd, err := h.ConsoleCommand(ctx, restore)
	if err != nil {
		return err
	}
	cmd.Stdin = bytes.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		// A comment with a line break is printed, and cannot be read back. All else loads.
		if brokenLine.Match(text) {
			return nil
		}
		return fmt.Errorf("loading %s: %w: %s", filepath.Base(path), err, out)
	}
	if !counting.Match(text) && answers(h) {
		return nil
	}
	var script strings.Builder
	for table, chains := range map[string]string{
		"raw": "PREROUTING OUTPUT", "mangle": "PREROUTING INPUT OUTPUT POSTROUTING", "nat": "PREROUTING INPUT", "filter": "INPUT OUTPUT",
	} {
		if !bytes.Contains(text, []byte("*"+table+"\n")) {
			continue
		}
		for chain := range strings.FieldsSeq(chains) {
			packet := "-s " + s.Client + " -p tcp --dport 22"
			if chain == "OUTPUT" || chain == "POSTROUTING" {
				packet = "-d " + s.Client + " -p tcp --sport 22"
			}
			fmt.Fprintf(&script, "iptables -w -t %s -I %s %s -j ACCEPT\n", table, chain, packet)
		}
	}
	if _, err := h.Shell(ctx, script.String()); err != nil {
		return err
	}
	if !answers(h) {
		return fmt.Errorf("%s shuts everybody out", filepath.Base(path))
	}
	return nil
}

// brokenLine is the end of a comment that began on the line before.
var brokenLine = regexp.MustCompile(`(?m)^"$`)

// counting are matches that let somebody in only so often.
var counting = regexp.MustCompile(`-m (?:recent|hashlimit|connlimit) `)

// answers reports whether sshd is reached.
func answers(h *fleet.Host) bool {
	conn, err := net.DialTimeout("tcp", net.JoinHostPort(h.Address, strconv.Itoa(h.Port)), time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return false
	}
	greeting := make([]byte, 4)
	_, err = io.ReadFull(conn, greeting)
	return err == nil && string(greeting) == "SSH-"
}
