package main

import (
	"os"
	"testing"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

func TestMain(m *testing.M) {
	if os.Getenv(driveVariable) != "" {
		main()
		return
	}
	fleet.Main(m)
}

// Each fault that does not take its time, once, and each step. The whole deck, many times, is `make faults`.
func TestFaults(t *testing.T) {
	d := newDeck()
	var seeds []uint64
	for i, f := range faults {
		if f.rollback > 0 || f.patient > 0 {
			continue
		}
		host := kinds[i%2].name
		if f.kinds != nil {
			host = f.kinds[0]
		}
		seeds = append(seeds, d.seedOf(f.name+"/"+steps[i%len(steps)].name+"/"+host))
	}
	result, err := playAll(t.Context(), d, seeds, 5)
	if err != nil {
		t.Fatal(err)
	}
	if result.failed > 0 {
		t.Errorf("%d of %d runs failed, see above", result.failed, result.runs)
	}
}

func (d deck) seedOf(name string) uint64 {
	for seed := range uint64(len(d.cards)) {
		if d.draw(seed).name() == name {
			return seed
		}
	}
	panic("no cell " + name)
}

// A run that is played by a seed is the run that was.
func TestSeeds(t *testing.T) {
	d := newDeck()
	for seed := range uint64(200) {
		a, b := newRun(seed, nil, d.draw(seed).cell), newRun(seed, nil, d.draw(seed).cell)
		if a.story.after.Policy != b.story.after.Policy || difference(a.story.after.Lines, b.story.after.Lines) != difference(b.story.after.Lines, a.story.after.Lines) {
			t.Errorf("seed %d tells two stories", seed)
		}
	}
}
