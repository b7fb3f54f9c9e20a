package sshexec

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// behind returns a server that allows forwarding, and cfg as reached through it.
func behind(t *testing.T, cfg Config) (*server, Config) {
	t.Helper()
	b := newServer(t)
	b.forward = true
	hop := b.start().cfg()
	hop.Name = "b1"
	cfg.Bastion = &hop
	return b, cfg
}

func TestBastion(t *testing.T) {
	s := newServer(t).start()
	b, cfg := behind(t, s.cfg())
	c := client(t, cfg)
	got, err := c.Run(t.Context(), Script{Body: "cat", Input: []byte("a\n")})
	if err != nil || string(got.Stdout) != "a\n" {
		t.Fatalf("%q, %v", got.Stdout, err)
	}
	reaches(t, "logins at the bastion", &b.logins, 1)
	reaches(t, "tunnels", &b.tunnels, 1)
	reaches(t, "logins", &s.logins, 1)
	second, err := c.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = second.Close() }()
	reaches(t, "logins at the bastion", &b.logins, 1)
	reaches(t, "tunnels", &b.tunnels, 2)
	reaches(t, "logins", &s.logins, 2)
}

// The end of the first connection does not take the second one with it, nor its bastion; that
// ends with the last of them.
func TestBastionOutlivesTheFirst(t *testing.T) {
	s := newServer(t).start()
	b, cfg := behind(t, s.cfg())
	first := client(t, cfg)
	if _, err := first.Run(t.Context(), Script{}); err != nil {
		t.Fatal(err)
	}
	second, err := first.Login(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	hop := first.bastion.conn
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := second.Run(t.Context(), Script{}); err != nil {
		t.Error(err)
	}
	reaches(t, "logins", &s.logins, 2)
	reaches(t, "logins at the bastion", &b.logins, 1)
	if err := second.Close(); err != nil {
		t.Error(err)
	}
	<-hop.done
}

func TestBastionChain(t *testing.T) {
	s := newServer(t).start()
	inner, cfg := behind(t, s.cfg())
	outer, hop := behind(t, *cfg.Bastion)
	cfg.Bastion = &hop
	if _, err := client(t, cfg).Run(t.Context(), Script{}); err != nil {
		t.Fatal(err)
	}
	reaches(t, "tunnels of the first", &outer.tunnels, 1)
	reaches(t, "tunnels of the second", &inner.tunnels, 1)
	reaches(t, "logins", &s.logins, 1)
}

// Each host is checked against its own key: the bastion's is no good for the host behind it,
// nor the other way round.
func TestBastionHostKeys(t *testing.T) {
	for name, test := range map[string]struct {
		swap func(cfg *Config)
		host string
	}{
		"the target's":  {func(c *Config) { c.HostKey = c.Bastion.HostKey }, "web1"},
		"the bastion's": {func(c *Config) { c.Bastion.HostKey = c.HostKey }, "b1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t).start()
			_, cfg := behind(t, s.cfg())
			test.swap(&cfg)
			_, err := client(t, cfg).Run(t.Context(), Script{})
			var refused *HostKeyError
			if !errors.As(err, &refused) || refused.Host != test.host || s.logins.Load() != 0 {
				t.Errorf("%T %v", err, err)
			}
			if !strings.HasPrefix(err.Error(), "connecting to host web1 (") {
				t.Errorf("message %q", err)
			}
		})
	}
}

// A bastion that answers in the target's place, with its own key, which known_hosts has: for another name.
func TestBastionAsTarget(t *testing.T) {
	for name, policy := range map[string]HostKeyPolicy{"strict": Strict, "accept-new": AcceptNew} {
		t.Run(name, func(t *testing.T) {
			target := newServer(t)
			gate, cfg := behind(t, Config{Name: "web1", Address: "127.0.0.1", User: "root", PrivateKey: target.user.pem, Privilege: None, Timeout: 20 * time.Second})
			other := newKey(t)
			target.hostKey = gate.hostKey
			target.start()
			cfg.Port = target.address.Port
			at := func(s *server, line string) string { return fmt.Sprintf("[127.0.0.1]:%d %s", s.address.Port, line) }
			cfg.KnownHostsFiles = []string{file(t, "known_hosts", at(gate, string(ssh.MarshalAuthorizedKey(gate.hostKey.PublicKey())))+at(target, other.line))}
			cfg.HostKeyPolicy, cfg.HostKey = policy, ""
			_, err := client(t, cfg).Run(t.Context(), Script{})
			var refused *HostKeyError
			if !errors.As(err, &refused) || refused.Kind != KeyChanged || refused.Host != "web1" || target.offers.Load() != 0 ||
				!strings.Contains(err.Error(), ssh.FingerprintSHA256(gate.hostKey.PublicKey())) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

func TestBastionTrouble(t *testing.T) {
	for name, test := range map[string]struct {
		arrange func(b *server, cfg *Config)
		kind    DialKind
		says    string
	}{
		"forwards nothing": {func(b *server, _ *Config) { b.forward = false }, Unreachable, "through b1"},
		"target is down":   {func(_ *server, cfg *Config) { cfg.Port = 1 }, Unreachable, "connection refused"},
		"bastion is down":  {func(_ *server, cfg *Config) { cfg.Bastion.Port = 1 }, Failed, "connecting to host b1 (127.0.0.1:1 as root)"},
		"bastion refuses":  {func(_ *server, cfg *Config) { cfg.Bastion.PrivateKey = newKey(t).pem }, Failed, "the host refused the login"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t).start()
			b, cfg := behind(t, s.cfg())
			test.arrange(b, &cfg)
			_, err := client(t, cfg).Run(t.Context(), Script{})
			var dial *DialError
			if !errors.As(err, &dial) || dial.Host != "web1" || dial.Kind != test.kind || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%T %v", err, err)
			}
		})
	}
}

// A Pool keeps one connection to a bastion for all the hosts behind it, and makes a new one
// when that is gone.
func TestBastionIsShared(t *testing.T) {
	s := newServer(t).start()
	b, cfg := behind(t, s.cfg())
	cfg.Pool = NewPool(Limits{})
	defer func() { _ = cfg.Pool.Close() }()
	for round := range int32(2) {
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				mine, hop := cfg, *cfg.Bastion
				mine.Bastion = &hop
				if _, err := client(t, mine).Run(t.Context(), Script{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		reaches(t, "logins at the bastion", &b.logins, round+1)
		b.cut()
	}
}

// A connection that carries others is not idle.
func TestBastionIsNotIdle(t *testing.T) {
	s := newServer(t).start()
	b, cfg := behind(t, s.cfg())
	cfg.Bastion.IdleTimeout = 10 * time.Millisecond
	c := client(t, cfg)
	if _, err := c.Run(t.Context(), Script{Body: "sleep 0.2"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Run(t.Context(), Script{Body: "true"}); err != nil {
		t.Error(err)
	}
	reaches(t, "logins", &s.logins, 1)
	hop := c.bastion.conn
	_ = c.conn.client.Close()
	<-hop.done // and then it is
	reaches(t, "logins at the bastion", &b.logins, 1)
}

// Whatever differs between two configurations of a bastion keeps them apart.
func TestIdentityKnowsEveryField(t *testing.T) {
	seen := map[string]string{Config{}.Identity(): "nothing"}
	typ := reflect.TypeFor[Config]()
	for i := range typ.NumField() {
		field := typ.Field(i)
		if field.Name == "Name" {
			continue // what messages call the host leads nowhere else
		}
		var changed Config
		var value any
		switch field.Type {
		case reflect.TypeFor[Secret]():
			value = NewSecret("x" + field.Name)
		case reflect.TypeFor[*Config]():
			value = &Config{Address: "b"}
		case reflect.TypeFor[*Pool]():
			continue // it is what the identity is for
		case reflect.TypeFor[[]string]():
			value = []string{field.Name}
		default:
			v := reflect.New(field.Type).Elem()
			switch v.Kind() {
			case reflect.String:
				v.SetString("x" + field.Name)
			case reflect.Bool:
				v.SetBool(true)
			default:
				v.SetInt(int64(i + 1))
			}
			value = v.Interface()
		}
		target := reflect.ValueOf(&changed).Elem().Field(i)
		if !field.IsExported() {
			target = reflect.NewAt(field.Type, target.Addr().UnsafePointer()).Elem()
		}
		target.Set(reflect.ValueOf(value))
		id := changed.Identity()
		if other, found := seen[id]; found {
			t.Errorf("%s makes no difference to %s", field.Name, other)
		}
		seen[id] = field.Name
	}
}
