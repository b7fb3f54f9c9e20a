package sshexec

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
)

// An agentConn is a connection to the agent, for the length of one login.
type agentConn struct {
	io.Closer
	identities []identity
}

// openAgent connects to the agent and lists its keys, or the one that cfg chooses. The end of
// ctx closes the connection: an agent may wait for a person to confirm. failed is told of
// signatures that the agent refuses, which ssh passes over in silence.
func openAgent(ctx context.Context, cfg *Config, failed func(error)) (*agentConn, error) {
	conn, err := dialAgent(ctx, cfg.AgentSocket)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	a := &agentConn{Closer: closerFunc(func() error { stop(); return conn.Close() })}
	signers, err := agent.NewClient(conn).Signers()
	if err != nil {
		_ = a.Close()
		return nil, fmt.Errorf("asking the agent for its keys: %w", err)
	}
	if a.identities, err = chooseKeys(signers, cfg.AgentIdentity); err != nil {
		_ = a.Close()
		return nil, err
	}
	for i, id := range a.identities {
		if s, ok := id.Signer.(ssh.AlgorithmSigner); ok {
			a.identities[i].Signer = agentSigner{s, failed}
		}
	}
	return a, nil
}

type agentSigner struct {
	ssh.AlgorithmSigner
	failed func(error)
}

func (s agentSigner) SignWithAlgorithm(rand io.Reader, data []byte, algorithm string) (*ssh.Signature, error) {
	signature, err := s.AlgorithmSigner.SignWithAlgorithm(rand, data, algorithm)
	if err != nil {
		s.failed(fmt.Errorf("the agent did not sign with the key %s: %w", ssh.FingerprintSHA256(s.PublicKey()), err))
	}
	return signature, err
}

type closerFunc func() error

func (f closerFunc) Close() error { return f() }

func dialAgent(ctx context.Context, socket string) (io.ReadWriteCloser, error) {
	if socket == "" {
		socket = os.Getenv("SSH_AUTH_SOCK")
	}
	switch {
	case socket == "":
		return nil, errors.New("no agent: SSH_AUTH_SOCK is not set where Terraform runs")
	case strings.HasPrefix(socket, `\\.\pipe\`): // the agent of OpenSSH for Windows
		return os.OpenFile(socket, os.O_RDWR, 0)
	}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", expandHome(socket))
	if err != nil {
		return nil, fmt.Errorf("connecting to the agent: %w", err)
	}
	return conn, nil
}

// chooseKeys returns the signers as identities, or those that wanted names.
func chooseKeys(signers []ssh.Signer, wanted string) ([]identity, error) {
	match := func(*agent.Key) bool { return true }
	if wanted != "" {
		var err error
		if match, err = keyMatcher(wanted); err != nil {
			return nil, err
		}
	}
	var chosen []identity
	var held []string
	for _, s := range signers {
		key, ok := s.PublicKey().(*agent.Key)
		if !ok {
			continue
		}
		id := identity{s, "agent: " + printable([]byte(key.Comment))}
		held = append(held, id.String())
		if match(key) {
			chosen = append(chosen, id)
		}
	}
	if len(chosen) == 0 && wanted != "" {
		return nil, fmt.Errorf("the agent does not hold the key %q (agent_identity); it holds: %s",
			printable([]byte(wanted)), cmp.Or(strings.Join(held, ", "), "none"))
	}
	return chosen, nil
}

// keyMatcher tells the keys that wanted names: by public key, fingerprint, comment, or file.
func keyMatcher(wanted string) (func(*agent.Key) bool, error) {
	wanted = strings.TrimSpace(wanted)
	is := func(public ssh.PublicKey) func(*agent.Key) bool {
		return func(k *agent.Key) bool { return string(k.Blob) == string(public.Marshal()) }
	}
	if public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(wanted)); err == nil {
		return is(public), nil
	}
	if strings.HasPrefix(wanted, "SHA256:") || strings.HasPrefix(wanted, "MD5:") {
		return func(k *agent.Key) bool {
			return ssh.FingerprintSHA256(k) == wanted || "MD5:"+ssh.FingerprintLegacyMD5(k) == wanted
		}, nil
	}
	for _, path := range []string{wanted + ".pub", wanted} {
		text, err := os.ReadFile(expandHome(path))
		if err != nil {
			continue
		}
		if public, _, _, _, err := ssh.ParseAuthorizedKey(text); err == nil {
			return is(public), nil
		}
		if strings.Contains(string(text), "PRIVATE KEY") {
			return nil, fmt.Errorf("agent_identity: there is no public key %s.pub beside %s", wanted, wanted)
		}
	}
	return func(k *agent.Key) bool { return k.Comment == wanted }, nil
}
