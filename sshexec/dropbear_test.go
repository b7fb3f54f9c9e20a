package sshexec

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// A server that is not OpenSSH gets its input when its shell is there, and one session after the other.
func TestOtherServersHaveOneSessionAtATime(t *testing.T) {
	s := newServer(t)
	s.config.ServerVersion = "SSH-2.0-dropbear_2022.83"
	s.start()
	log := filepath.Join(t.TempDir(), "log")
	c := s.client()
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			got, err := c.Run(t.Context(), Script{
				Body: `echo begin >>"$log"; sleep 0.05; echo end >>"$log"; cat`, Vars: map[string]string{"log": log}, Input: []byte("input\n"),
			})
			if err != nil || string(got.Stdout) != "input\n" {
				t.Errorf("%q, %v", got.Stdout, err)
			}
		})
	}
	all.Wait()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if got := string(text); got != strings.Repeat("begin\nend\n", 6) {
		t.Errorf("sessions overlap:\n%s", got)
	}
}
