// Command faults breaks commits: at each step, in each way, many times, each by a seed. `make faults` runs it, as root.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"regexp"
	"syscall"
	"time"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/protocol"
)

func main() {
	if os.Getenv(driveVariable) != "" {
		if err := drive(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if err := suite(); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

func suite() error {
	seed := flag.Uint64("seed", 0, "play the run of this seed; 0: random ones")
	runs := flag.Int("runs", 0, "how many; by default one for each cell, or one where a seed is given")
	only := flag.String("only", "", "cells whose name (FAULT/STEP/HOST) matches this expression")
	hosts := flag.Int("hosts", 8, "how many hosts to play on at a time")
	length := flag.Duration("soak", 0, "change ten hosts at random for so long instead, and count what the process holds")
	flag.Parse()
	if err := fleet.Enter(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	match, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	first := *seed
	if first == 0 {
		first = rand.Uint64N(1 << 40)
	} else {
		*runs = max(1, *runs)
	}
	if *length > 0 {
		return soaked(ctx, *length, first)
	}
	d := newDeck()
	seeds := d.seeds(first, *runs, match)
	if len(seeds) == 0 {
		return errors.New("no cell matches")
	}
	worlds := 0
	if *runs >= enough {
		if worlds, err = protocol.Steps().Search(2); err != nil {
			return fmt.Errorf("the model: %w", err)
		}
		fmt.Printf("the model: %d states\n", worlds)
	}
	result, err := playAll(ctx, d, seeds, *hosts)
	if result == nil {
		return err
	}
	result.worlds = worlds
	result.print(os.Stdout)
	switch {
	case err != nil: // interrupted
		return err
	case result.runs >= enough:
		if err := result.publish(ctx); err != nil {
			return err
		}
	}
	if result.failed > 0 {
		return errors.New("not all is well")
	}
	return nil
}

// publish writes the guide.
func (t *tally) publish(ctx context.Context) error {
	root, err := cli.SourceTree(ctx)
	if err != nil {
		return err
	}
	return t.writePage(root)
}

// soaked runs a soak. A long one goes into the guide.
func soaked(ctx context.Context, length time.Duration, seed uint64) error {
	s, err := runSoak(ctx, length, seed)
	if err != nil {
		return err
	}
	report, err := s.report()
	fmt.Print(report)
	if err != nil || length < longSoak {
		return err
	}
	root, err := cli.SourceTree(ctx)
	if err != nil {
		return err
	}
	return publishSoak(root, report)
}
