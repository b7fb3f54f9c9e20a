package sshexec

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// maxTries is how many keys and passwords are offered in one login: sshd hangs up after six
// (MaxAuthTries), the good one included if it would have been the seventh.
const maxTries = 6

// A login is one attempt to authenticate: keys, then the password, each once.
type login struct {
	cfg  *Config
	hop  hop
	ring keyring
	ctx  context.Context // of the dial; ssh's callbacks get none
	lost func() error    // why the connection is gone, or nil

	mu       sync.Mutex
	agent    io.Closer
	begun    bool
	offered  []identity
	password string // the method by which it was offered
	wants    []string
	notes    []string
	banner   []byte
	refused  error
}

func newLogin(ctx context.Context, cfg *Config, h hop, ring keyring, lost func() error) *login {
	return &login{cfg: cfg, hop: h, ring: ring, ctx: ctx, lost: lost, notes: slices.Clone(ring.notes)}
}

// next is an ssh.ClientAuthCallback: it chooses the method to try next.
func (l *login) next(state *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun = true
	if err := l.lost(); err != nil { // ssh calls that a refusal of the method it was trying
		return nil, err
	}
	l.wants = state.AllowedMethods
	takes := func(method string) bool {
		return slices.Contains(state.AllowedMethods, method) && !slices.Contains(state.TriedMethods, method)
	}
	switch {
	case takes("publickey"):
		// All keys in one method: ssh tries only the first PublicKeys of a list.
		return ssh.PublicKeysCallback(l.keys), nil
	case l.password != "" || l.cfg.Password.IsZero():
		// One wrong password is one failed login in the host's books, not two.
	case takes("password"):
		l.password = "password"
		return ssh.Password(l.cfg.Password.Reveal()), nil
	case takes("keyboard-interactive"):
		l.password = "password (keyboard-interactive)"
		return ssh.KeyboardInteractive(l.answer()), nil
	}
	l.refused = l.failure(nil)
	return nil, l.refused
}

// keys returns what is offered as public keys.
func (l *login) keys() ([]ssh.Signer, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.offered != nil { // the host wants two of them, one after the other
		return signersOf(l.offered), nil
	}
	identities := slices.Clone(l.ring.identities)
	if l.cfg.Agent {
		if a, err := openAgent(l.ctx, l.cfg, l.note); err != nil {
			l.notes = append(l.notes, err.Error())
		} else {
			l.agent = a
			identities = append(identities, l.ring.fromAgent(a.identities, l.cfg.identitiesOnly && l.cfg.AgentIdentity == "")...)
		}
	}
	identities, err := l.ring.certified(identities)
	if err != nil {
		return nil, err
	}
	l.noteCertificates(identities)
	tries := maxTries
	if !l.cfg.Password.IsZero() {
		tries--
	}
	if len(identities) > tries {
		l.notes = append(l.notes, fmt.Sprintf("only the first %d of %d keys were offered, as sshd takes no more; choose one by agent_identity",
			tries, len(identities)))
		identities = identities[:tries]
	}
	l.offered = identities
	return signersOf(identities), nil
}

func signersOf(identities []identity) []ssh.Signer {
	signers := make([]ssh.Signer, len(identities))
	for i, id := range identities {
		signers[i] = id.Signer // not id: it has fewer methods, and ssh asks for them
	}
	return signers
}

// note keeps why something did not work.
func (l *login) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes = append(l.notes, err.Error())
}

func (l *login) noteCertificates(identities []identity) {
	for _, cert := range l.ring.certs {
		used := slices.ContainsFunc(identities, func(id identity) bool {
			return string(id.PublicKey().Marshal()) == string(cert.Marshal())
		})
		if !used {
			l.notes = append(l.notes, fmt.Sprintf("the certificate %q fits no key", printable([]byte(cert.KeyId))))
		}
		if note := lapsed(cert); note != "" {
			l.notes = append(l.notes, note)
		}
	}
}

// answer gives the password to the first round of hidden questions, and to no other.
func (l *login) answer() ssh.KeyboardInteractiveChallenge {
	answered := false
	return func(_, _ string, questions []string, echos []bool) ([]string, error) {
		answers := make([]string, len(questions))
		for i, question := range questions {
			if answered || echos[i] {
				err := fmt.Errorf("the host asks %q, which only a person can answer", printable([]byte(question)))
				l.note(err)
				return nil, err
			}
			answers[i] = l.cfg.Password.Reveal()
		}
		answered = len(questions) > 0 || answered
		return answers, nil
	}
}

// hear keeps what the host says before the login, as an ssh.BannerCallback.
func (l *login) hear(message string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if room := maxNoise - len(l.banner); room > 0 {
		l.banner = append(l.banner, message[:min(room, len(message))]...)
	}
	return nil
}

// failure is the error of the login as it stands.
func (l *login) failure(cause error) *AuthError {
	err := &AuthError{
		Host: l.hop.name, Address: l.hop.address, User: l.hop.user,
		Wants: l.wants, Notes: l.notes, Banner: printable(l.banner), Err: cause,
	}
	for _, id := range l.offered {
		err.Tried = append(err.Tried, id.String())
	}
	if l.password != "" {
		err.Tried = append(err.Tried, l.password)
	}
	if len(err.Tried) == 0 && l.cfg.Password.IsZero() && len(l.ring.identities) == 0 && !l.cfg.Agent {
		err.Notes = append(err.Notes, "set private_key, agent or password")
	}
	return err
}

// verdict returns why the login failed, or nil where it was not the login that failed but the
// connection. cause is what ssh says.
func (l *login) verdict(cause error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.refused != nil:
		return l.refused
	case !l.begun, isCut(cause):
		return nil
	}
	return l.failure(errors.New(strings.TrimPrefix(cause.Error(), "ssh: handshake failed: ")))
}

func (l *login) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.agent != nil {
		_ = l.agent.Close()
	}
}
