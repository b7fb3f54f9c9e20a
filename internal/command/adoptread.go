package command

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/adopt"
)

// read reads all hosts, several at a time, and tells of each when it is done. Missing are the names
// of those that could not be read.
func (a *adoption) read(ctx context.Context) (hosts []adopt.Host, missing []string) {
	read := make([]*adopt.Host, len(a.hosts))
	var mu sync.Mutex
	done := 0
	var group errgroup.Group
	group.SetLimit(a.parallel)
	for i, name := range a.hosts {
		group.Go(func() error {
			s, err := snapshot(ctx, &a.line, name, a.about)
			mu.Lock()
			defer mu.Unlock()
			done++
			if err != nil {
				fmt.Fprintf(a.about, "%d/%d FAILED %s: %s\n", done, len(a.hosts), printable(name), printable(err.Error()))
				return nil
			}
			read[i] = &adopt.Host{Name: name, Rules: s.Rules}
			fmt.Fprintf(a.about, "%d/%d %s: %s\n", done, len(a.hosts), printable(name), counted(s.Rules.Len(), "rule"))
			return nil
		})
	}
	_ = group.Wait() // nobody returns an error: a dead host does not hold up the rest
	for i, h := range read {
		if h == nil {
			missing = append(missing, a.hosts[i])
		} else {
			hosts = append(hosts, *h)
		}
	}
	return slices.Clip(hosts), missing
}
