package sshexec

import "golang.org/x/crypto/ssh"

func parsePinnedKeys(text string) ([]ssh.PublicKey, error) { return nil, nil }
