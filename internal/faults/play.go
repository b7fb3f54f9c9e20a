package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A tally counts runs.
type tally struct {
	mu       sync.Mutex
	first    uint64            // seed
	worlds   int               // of the model
	cells    map[[2]string]int // runs by fault and step
	runs     int
	missed   int
	failures []string // cells
	failed   int
}

// playAll plays the runs of seeds, several at a time.
func playAll(ctx context.Context, d deck, seeds []uint64, hosts int) (*tally, error) {
	folder, err := os.MkdirTemp("", "iptables-faults-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	t := &tally{cells: map[[2]string]int{}, first: seeds[0]}
	// Each kind of host has a queue of its own, and as many hosts as its share of the deck.
	queues := map[string]chan uint64{}
	share := map[string]int{}
	for _, seed := range seeds {
		name := d.draw(seed).kind.name
		if queues[name] == nil {
			queues[name] = make(chan uint64, len(seeds))
		}
		queues[name] <- seed
		share[name]++
	}
	var all sync.WaitGroup
	began := time.Now()
	for _, k := range kinds {
		queue := queues[k.name]
		if queue == nil {
			continue
		}
		close(queue)
		for n := range min(share[k.name], max(1, (hosts*share[k.name]+len(seeds)/2)/len(seeds))) {
			id := fmt.Sprintf("faults-%d-%s-%d", os.Getpid(), k.name, n)
			all.Go(func() { t.worker(ctx, d, k, id, filepath.Join(folder, id), queue) })
		}
	}
	all.Wait()
	fmt.Printf("%d runs in %s\n", t.runs, time.Since(began).Round(time.Second))
	return t, ctx.Err()
}

// worker plays what comes in the queue on a host of its own. After a failure it takes a new host.
func (t *tally) worker(ctx context.Context, d deck, k kind, id, folder string, queue <-chan uint64) {
	var s *stand
	defer func() {
		if s != nil {
			_ = s.close()
		}
	}()
	for seed := range queue {
		if ctx.Err() != nil {
			return
		}
		if s == nil {
			var err error
			if s, err = newStand(ctx, k, id, folder); err != nil {
				t.fail(k.name, fmt.Sprintf("a host could not be started: %v", err))
				return
			}
		}
		c := d.draw(seed)
		r := newRun(seed, s, c.cell)
		err := r.play(ctx)
		if errors.Is(err, errMissed) {
			t.miss(c, seed)
			continue
		}
		t.count(c)
		if err != nil && ctx.Err() == nil {
			t.fail(c.name(), fmt.Sprintf("FAILED %s (%s)\nreplay: make faults SEED=%d\n%v\n", c.name(), r.detail, seed, err))
			_ = s.close()
			s = nil
		}
	}
}

func (t *tally) count(c card) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs++
	t.cells[[2]string{c.fault.name, c.step.name}]++
	if t.runs%100 == 0 {
		fmt.Printf("%s: %d runs, %d failed, %d missed\n", time.Now().Format(time.TimeOnly), t.runs, t.failed, t.missed)
	}
}

func (t *tally) miss(c card, seed uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.missed++
	fmt.Printf("missed %s (SEED=%d)\n", c.name(), seed)
}

func (t *tally) fail(cell, text string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed++
	t.failures = append(t.failures, cell)
	fmt.Println(text)
}

// print writes the table.
func (t *tally) print(w io.Writer) {
	for _, f := range faults {
		fmt.Fprintf(w, "%-16s", f.name)
		for _, s := range steps {
			fmt.Fprintf(w, "%4d", t.cells[[2]string{f.name, s.name}])
		}
		fmt.Fprintln(w)
	}
	fmt.Fprintf(w, "%d runs, %d failed, %d missed\n", t.runs, t.failed, t.missed)
}
