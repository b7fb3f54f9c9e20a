package sshexec

import (
	"strings"
	"testing"
	"unicode"
)

// FuzzNoise: whatever a host prints before a script, as its own and in the name of sudo, makes a message that no
// terminal obeys and that is bounded, and a process that can only be a number.
func FuzzNoise(f *testing.F) {
	const m mark = "MARKMARKMARK"
	f.Add([]byte("Welcome\nMARKMARKMARK try\nsudo: a password is required\n"), []byte("MARKMARKMARK denied sudo doas\nMARKMARKMARK process 12\n"))
	f.Add([]byte("sudo: no"), []byte("MARKMARKMARK denied \x1b[2Jsudo\n"))
	f.Add([]byte("\x1b]0;x\x07\u202e\xff"), []byte("MARKMARKMARK wrong\nMARKMARKMARK process 1;reboot\n"))
	f.Fuzz(func(t *testing.T, stderr, stdout []byte) {
		if process := m.process(stdout); strings.Trim(process, "0123456789") != "" {
			t.Errorf("process %q", process)
		}
		for _, e := range []elevation{{user: "deploy"}, {privilege: Doas, user: "deploy"}} {
			said := printable(m.after(stderr, "try"))
			text := said
			if err := e.refused("web1", m.words(stdout), said); err != nil {
				text = err.Error()
			}
			text += (&StartError{Host: "web1", User: "deploy", Exit: 1, Said: said}).Error()
			if i := strings.IndexFunc(text, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 || len(text) > 20*maxSaid {
				t.Errorf("a message of %d bytes: %q", len(text), text)
			}
		}
	})
}
