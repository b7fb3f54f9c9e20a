package sshexec

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// However a stream is cut into pieces, the same comes out.
func TestCaptureInAnyPieces(t *testing.T) {
	const m = mark("MARKMARKMARK")
	stream := []byte("noise MARKMARK" + "MARKMARKMARK sudo\n" + "MARKMARKMARK run\n" +
		"data MARKMARKMARK run\n MARKMARKMARK en" + "MARKMARKMARK end 42\n" + "a child's last words")
	for size := 1; size <= len(stream); size++ {
		c := newCapture("stdout", 1000, m, func() { t.Error("called a runaway") })
		for piece := range slices.Chunk(stream, size) {
			_, _ = c.Write(piece)
		}
		noise, began := c.seen()
		if string(noise) != "noise MARKMARKMARKMARKMARK sudo\n" || !began {
			t.Errorf("pieces of %d: noise %q", size, noise)
		}
		if got := m.words(noise); len(got) != 1 || got[0] != "sudo" {
			t.Errorf("words %q", got)
		}
		data, cut := c.content()
		if string(data) != "data MARKMARKMARK run\n MARKMARKMARK en" || cut {
			t.Errorf("pieces of %d: data %q", size, data)
		}
		if status, ended := c.ended(); status != 42 || !ended {
			t.Errorf("pieces of %d: status %d, %v", size, status, ended)
		}
	}
}

func TestCaptureWithoutEnd(t *testing.T) {
	const m = mark("MARKMARKMARK")
	c := newCapture("stdout", 10, m, func() {})
	_, _ = c.Write([]byte("MARKMARKMARK run\nshort"))
	if data, cut := c.content(); string(data) != "short" || cut {
		t.Errorf("%q, %v", data, cut)
	}
	_, _ = c.Write([]byte(strings.Repeat("x", 100)))
	if data, cut := c.content(); string(data) != "shortxxxxx" || !cut {
		t.Errorf("%q, %v", data, cut)
	}
	if _, ended := c.ended(); ended {
		t.Error("it did not end")
	}
}

// Noise is bounded too, and is no reason to call the script's output cut.
func TestCaptureOfMuchNoise(t *testing.T) {
	const m = mark("MARKMARKMARK")
	runaway := 0
	c := newCapture("stdout", 10, m, func() { runaway++ })
	megabyte := bytes.Repeat([]byte{'x'}, 1<<20)
	for range 66 {
		_, _ = c.Write(megabyte)
	}
	_, _ = c.Write([]byte("MARKMARKMARK run\ndata" + "MARKMARKMARK end 0\n"))
	noise, _ := c.seen()
	if data, cut := c.content(); string(data) != "data" || cut || len(noise) > maxNoise || runaway != 1 {
		t.Errorf("%q, %v, %d bytes of noise, %d runaways", data, cut, len(noise), runaway)
	}
}

func TestPrintable(t *testing.T) {
	for text, want := range map[string]string{
		"":                                   "",
		"plain":                              "plain",
		"a\r\n\n b\tc \n":                    "a | b c",
		"\033[2J\007bell":                    "?[2J?bell",
		"caf\u00e9 \u202eevil":               "café ?evil",
		"\xff\xfe":                           "??",
		strings.Repeat("x", maxSaid) + "end": "..." + strings.Repeat("x", maxSaid-3) + "end",
	} {
		if got := printable([]byte(text)); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func FuzzCapture(f *testing.F) {
	f.Add([]byte("noiseMARKMARKMARK run\ndataMARKMARKMARK end 3\n"), 3)
	f.Add([]byte("MARKMARKMARK end x\nMARKMARKMARK run\nMARKMARKMARK end \n"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, size int) {
		whole := newCapture("stdout", 8, "MARKMARKMARK", func() {})
		_, _ = whole.Write(stream)
		pieces := newCapture("stdout", 8, "MARKMARKMARK", func() {})
		for piece := range slices.Chunk(stream, max(1, size%64)) {
			_, _ = pieces.Write(piece)
		}
		a, cutA := whole.content()
		b, cutB := pieces.content()
		statusA, endedA := whole.ended()
		statusB, endedB := pieces.ended()
		if !bytes.Equal(a, b) || cutA != cutB || statusA != statusB || endedA != endedB {
			t.Errorf("%q %v %d %v, in pieces %q %v %d %v", a, cutA, statusA, endedA, b, cutB, statusB, endedB)
		}
	})
}
