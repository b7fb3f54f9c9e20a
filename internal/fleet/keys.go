package fleet

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// A keyPair is an SSH key in OpenSSH's file formats.
type keyPair struct {
	path    string // of the private key, in the cache
	private []byte
	public  []byte // one line, as in authorized_keys
}

// hostKeyTypes are the keys that Debian gives a host at installation.
var hostKeyTypes = []string{"ed25519", "ecdsa", "rsa"}

// loadKey reads the named key from the cache. The first call ever makes it, so that a fleet that is started again
// has the host keys that a person's known_hosts remembers.
func loadKey(name, kind string) (keyPair, error) {
	path, err := cachePath("keys", name+"_"+kind)
	if err != nil {
		return keyPair{}, err
	}
	private, err := writeFileOnce(path, 0o600, func() ([]byte, error) { return newKey(kind, name) })
	if err != nil {
		return keyPair{}, fmt.Errorf("key %s: %w", path, err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		return keyPair{}, fmt.Errorf("key %s: %w", path, err)
	}
	return keyPair{path: path, private: private, public: ssh.MarshalAuthorizedKey(signer.PublicKey())}, nil
}

func newKey(kind, comment string) ([]byte, error) {
	var key crypto.PrivateKey
	var err error
	switch kind {
	case "ed25519":
		_, key, err = ed25519.GenerateKey(rand.Reader)
	case "ecdsa":
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case "rsa":
		key, err = rsa.GenerateKey(rand.Reader, 3072)
	default:
		return nil, fmt.Errorf("no key type %q", kind)
	}
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(key, comment)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(block), nil
}
