package sshexec

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// However a stream is cut into pieces, a milestone is told of once, and before the end is.
func TestMilestoneInAnyPieces(t *testing.T) {
	const m = mark("MARKMARKMARK")
	for name, c := range map[string]struct {
		data string
		want int
	}{
		"first":           {"x kept\nmore\n", 1},
		"behind others":   {"a\nb\nx kept\n", 1},
		"twice":           {"x kept\nx kept\n", 1},
		"none":            {"a\nb\n", 0},
		"part of a line":  {"ax kept\nx keptb\n x kept\n", 0},
		"without its end": {"x kept", 0},
		"behind the mark": {"MARKMARK\nx kept\n", 1},
	} {
		stream := []byte("x kept\nMARKMARKMARK run\n" + c.data + "MARKMARKMARK end 0\nx kept\n")
		for size := 1; size <= len(stream); size++ {
			told := 0
			out := newCapture("stdout", 1000, m, func() {})
			out.passes = newMilestone(Script{Milestone: "x kept", Reached: func() {
				told++
				select {
				case <-out.whole:
					t.Errorf("%s, pieces of %d: told after the end", name, size)
				default:
				}
			}})
			for piece := range slices.Chunk(stream, size) {
				_, _ = out.Write(piece)
			}
			if told != c.want {
				t.Errorf("%s, pieces of %d: told %d times, want %d", name, size, told, c.want)
			}
		}
	}
}

func TestMilestoneIsToldWhileTheScriptRuns(t *testing.T) {
	s := newServer(t).start()
	for name, r := range map[string]Runner{"client": s.client(), "local": Local(None, Secret{})} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
			defer cancel()
			told := filepath.Join(t.TempDir(), "told")
			_, err := r.Run(ctx, Script{
				Body:      "echo kept\nuntil [ -e \"$told\" ]; do sleep 0.05; done\n",
				Vars:      map[string]string{"told": told},
				Milestone: "kept",
				Reached: func() {
					if err := os.WriteFile(told, nil, 0o600); err != nil {
						t.Error(err)
					}
				},
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// Who has got an answer is told nothing more: an output is read for a while after Run has returned.
func TestMilestoneIsNotToldAfterRun(t *testing.T) {
	out := newCapture("stdout", 1000, "MARKMARKMARK", func() {})
	out.passes = newMilestone(Script{Milestone: "x kept", Reached: func() { t.Error("it was told") }})
	_, _ = out.Write([]byte("MARKMARKMARK run\nx ke"))
	out.tellNobody()
	_, _ = out.Write([]byte("pt\nMARKMARKMARK end 0\n"))
}
