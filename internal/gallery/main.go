// Command gallery shows what people see of the provider: it plays the most frequent plans, warnings and errors with a
// real Terraform on real hosts, and makes a picture of each in a folder, and a page with all of them. The tests of this
// package play the same scenes and hold what is printed to rules (see gallery_test.go).
//
//	gallery [-out FOLDER] [SCENE...]
//
// It needs root, and Chromium for the pictures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
	"github.com/vpsfirewall/terraform-provider-iptables/internal/tools"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "gallery:", err)
		os.Exit(1)
	}
}

func run() error {
	out := flag.String("out", "gallery", "`folder` for the pictures")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := fleet.Enter(); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "gallery-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	terraform, err := tools.Terraform()
	if err != nil {
		return err
	}
	if err := cli.Build(ctx, scratch); err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	played := scenes
	if flag.NArg() > 0 {
		played = slices.DeleteFunc(slices.Clone(scenes), func(s scene) bool { return !slices.Contains(flag.Args(), s.name) })
	}
	f, err := fleet.Start(ctx, fleet.Options{ID: "gallery", Hosts: hostsFor(played)})
	if err != nil {
		return err
	}
	return errors.Join(pictures(ctx, stage{f, terraform, scratch}, played, scratch, *out), f.Close())
}

// pictures plays scenes one after the other and takes a picture of each.
func pictures(ctx context.Context, st stage, played []scene, scratch, out string) error {
	var shots []shot
	for _, s := range played {
		text, err := st.play(ctx, s, filepath.Join(scratch, s.name))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		if err := photograph(ctx, text, scratch, filepath.Join(out, s.name+".png")); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		shots = append(shots, shot{s, text})
		fmt.Println(filepath.Join(out, s.name+".png"))
	}
	return os.WriteFile(filepath.Join(out, "index.html"), []byte(album(shots)), 0o600)
}
