package sshexec

import (
	"fmt"
	"io"
	"log/slog"
)

const redacted = "(redacted)"

// A Secret is text that no message, log line or encoding shows. The zero Secret is "none".
//
// The text is behind a pointer because fmt does not call methods on unexported fields: a
// string type would be printed in clear by %v of any struct that keeps a Secret in one.
type Secret struct{ text *string }

// NewSecret keeps text; an empty text is the zero Secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// IsZero says whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// Reveal returns the text.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String returns a placeholder.
func (Secret) String() string { return redacted }

// GoString returns a placeholder.
func (Secret) GoString() string { return redacted }

// Format writes a placeholder, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// MarshalText returns a placeholder; encoding/json uses it too.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns a placeholder.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }
