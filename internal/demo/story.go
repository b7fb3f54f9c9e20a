package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// A story is what the demo prints: acts, told in sentences, with real commands and their real output.
type story struct {
	out   io.Writer
	began time.Time
	acts  int
}

func newStory(out io.Writer) *story { return &story{out: out, began: time.Now()} }

// act begins a part of the story.
func (s *story) act(title string) {
	s.acts++
	line := fmt.Sprintf("== %d. %s ", s.acts, title)
	s.printf("\n%s%s\n", line, strings.Repeat("=", max(4, 98-len(line))))
}

// tell says something, broken into lines.
func (s *story) tell(text string) {
	var line string
	s.printf("\n")
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > 98 {
			s.printf("%s\n", line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	s.printf("%s\n", line)
}

// show prints a command as a person would type it, and what it printed.
func (s *story) show(command, output string) {
	s.printf("\n    $ %s\n", command)
	s.quote(output)
}

// quote prints what a program printed.
func (s *story) quote(output string) {
	for line := range strings.Lines(strings.Trim(output, "\n")) {
		s.printf("    %s\n", strings.TrimSuffix(line, "\n"))
	}
}

// A falseClaim is something that the demo tells and that is not so.
type falseClaim struct{ claim string }

func (e *falseClaim) Error() string { return "it is not so that " + e.claim }

// check prints a claim that was checked; why says what is wrong with it, "" that nothing is.
func (s *story) check(claim, why string) error {
	if why != "" {
		s.printf("\n[NO] %s\n     %s\n", claim, why)
		return &falseClaim{claim}
	}
	s.printf("\n[ok] %s\n", claim)
	return nil
}

func (s *story) printf(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format, args...) // a reader who has left misses nothing
}
