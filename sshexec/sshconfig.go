package sshexec

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// withSSHConfig returns cfg with what ssh's own configuration says of it, from `ssh -G`: no
// other reader of that file agrees with ssh on Match, canonical names and includes. What cfg
// sets itself stays. StrictHostKeyChecking no means accept-new here: a key that changed is
// never accepted on the word of that file.
func withSSHConfig(ctx context.Context, cfg Config) (Config, error) {
	said, err := askSSH(ctx, cfg)
	if err != nil {
		return cfg, &ConfigError{Host: cfg.label(), Field: "ssh_config", Err: err}
	}
	return said.apply(cfg)
}

// sshOptions is what `ssh -G` printed: lower-case keywords and their values.
type sshOptions map[string][]string

func askSSH(ctx context.Context, cfg Config) (sshOptions, error) {
	args := []string{"-G"}
	if cfg.SSHConfigFile != "" {
		args = append(args, "-F", expandHome(cfg.SSHConfigFile))
	}
	if cfg.User != "" {
		args = append(args, "-l", cfg.User)
	}
	if cfg.Port != 0 {
		args = append(args, "-p", strconv.Itoa(cfg.Port))
	}
	cmd := exec.CommandContext(ctx, "ssh", append(args, "--", cfg.Address)...)
	var out, errOut bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errOut
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		return nil, fmt.Errorf("ssh -G %s: %w: %s", cfg.Address, err, printable(errOut.Bytes()))
	}
	options := sshOptions{}
	for line := range strings.Lines(out.String()) {
		keyword, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), " ")
		options[keyword] = append(options[keyword], value)
	}
	return options, nil
}

// get returns the value of a keyword; "none" is ssh's word for no value.
func (o sshOptions) get(keyword string) string {
	if values := o[keyword]; len(values) > 0 && values[0] != "none" {
		return values[0]
	}
	return ""
}

func (o sshOptions) apply(cfg Config) (Config, error) {
	if cfg.Name == "" {
		cfg.Name = cfg.Address
	}
	fail := func(err error) (Config, error) {
		return cfg, &ConfigError{Host: cfg.label(), Field: "ssh_config", Err: err}
	}
	given := cfg
	alias := cfg.Address
	cfg.Address, cfg.User, cfg.hostKeyAlias = o.get("hostname"), o.get("user"), o.get("hostkeyalias")
	port, err := strconv.Atoi(o.get("port"))
	if err != nil || cfg.Address == "" {
		return fail(errors.New("ssh -G named no host and port"))
	}
	cfg.Port = port
	expand := o.expander(alias)
	if cfg.PrivateKey.IsZero() && cfg.PrivateKeyFile == "" {
		if cfg.identityFiles, err = expandAll(o["identityfile"], expand); err != nil {
			return fail(err)
		}
		if cfg.certFiles, err = expandAll(o["certificatefile"], expand); err != nil {
			return fail(err)
		}
	}
	if cfg.KnownHostsFiles == nil {
		files := strings.Fields(o.get("userknownhostsfile") + " " + o.get("globalknownhostsfile"))
		if cfg.KnownHostsFiles, err = expandAll(files, expand); err != nil {
			return fail(err)
		}
	}
	if cfg.HostKeyPolicy == "" && slices.Contains([]string{"accept-new", "no", "off", "false"}, o.get("stricthostkeychecking")) {
		cfg.HostKeyPolicy = AcceptNew
	}
	cfg.identitiesOnly = o.get("identitiesonly") == "yes"
	switch said := o["identityagent"]; {
	case cfg.AgentSocket != "" || len(said) == 0 || said[0] == "SSH_AUTH_SOCK":
	case said[0] == "none":
		cfg.Agent = false
	default:
		if cfg.AgentSocket, err = expand(said[0]); err != nil {
			return fail(err)
		}
	}
	return o.withJumps(cfg, given)
}

// withJumps makes the hosts of ProxyJump the bastions of cfg, each resolved by ssh -G itself. What
// was given for the host wins for them, too.
func (o sshOptions) withJumps(cfg, given Config) (Config, error) {
	fail := func(err error) (Config, error) {
		return cfg, &ConfigError{Host: cfg.label(), Field: "ssh_config", Err: err}
	}
	switch {
	case cfg.Bastion != nil:
		return cfg, nil
	case o.get("proxycommand") != "":
		return fail(errors.New("ProxyCommand is not supported; use ProxyJump, or bastion_host"))
	case o.get("proxyjump") == "":
		return cfg, nil
	case cfg.jumps >= maxHops:
		return fail(fmt.Errorf("ProxyJump leads through more than %d hosts", maxHops))
	}
	var before *Config
	for i, spec := range strings.Split(o.get("proxyjump"), ",") {
		jump, err := parseJump(spec)
		if err != nil {
			return fail(err)
		}
		// Keys may be shown to a jump host; the password of the host behind it may not.
		jump.SSHConfig, jump.SSHConfigFile, jump.jumps = true, cfg.SSHConfigFile, cfg.jumps+1
		jump.PrivateKey, jump.PrivateKeyFile, jump.Passphrase = cfg.PrivateKey, cfg.PrivateKeyFile, cfg.Passphrase
		jump.Certificate, jump.Agent, jump.AgentIdentity = cfg.Certificate, cfg.Agent, cfg.AgentIdentity
		jump.KnownHostsFiles, jump.HostKeyPolicy = given.KnownHostsFiles, given.HostKeyPolicy
		jump.Timeout, jump.Keepalive, jump.Pool = cfg.Timeout, cfg.Keepalive, cfg.Pool
		jump.Bastion = before // of the first host, its own ProxyJump decides
		if i > 0 {
			jump.jumps += i
		}
		before = &jump
	}
	cfg.Bastion = before
	return cfg, nil
}

// parseJump reads one host of ProxyJump: [user@]host[:port] or ssh://[user@]host[:port].
func parseJump(spec string) (Config, error) {
	rest, isURI := strings.CutPrefix(spec, "ssh://")
	at := strings.LastIndex(rest, "@")
	jump := Config{User: rest[:max(at, 0)], Address: strings.Trim(rest[at+1:], "[]")}
	if host, port, err := net.SplitHostPort(rest[at+1:]); err == nil {
		jump.Address = host
		if jump.Port, err = strconv.Atoi(port); err != nil || jump.Port == 0 {
			return Config{}, fmt.Errorf("ProxyJump %q: its port is no number", spec)
		}
	}
	if isURI {
		name, err := url.PathUnescape(jump.User)
		if err != nil {
			return Config{}, fmt.Errorf("ProxyJump %q: %w", spec, err)
		}
		jump.User = name
	}
	if err := jump.Validate(); err != nil {
		return Config{}, fmt.Errorf("ProxyJump %q is not understood", spec)
	}
	return jump, nil
}

// expander returns what replaces ~, %-tokens and ${VARIABLES}, which ssh -G leaves as they
// are in file names.
func (o sshOptions) expander(alias string) func(string) (string, error) {
	home, _ := os.UserHomeDir()
	hostname, _ := os.Hostname()
	short, _, _ := strings.Cut(hostname, ".")
	tokens := map[byte]string{
		'%': "%", 'd': home, 'h': o.get("hostname"), 'n': alias, 'p': o.get("port"), 'r': o.get("user"),
		'k': o.get("hostkeyalias"), 'i': strconv.Itoa(os.Getuid()), 'l': hostname, 'L': short,
	}
	if tokens['k'] == "" {
		tokens['k'] = alias
	}
	if me, err := user.Current(); err == nil {
		tokens['u'] = me.Username
	}
	return func(value string) (string, error) {
		var b strings.Builder
		for i := 0; i < len(value); i++ {
			if value[i] != '%' {
				b.WriteByte(value[i])
				continue
			}
			i++
			if i == len(value) {
				return "", fmt.Errorf("%q ends in %%", value)
			}
			text, known := tokens[value[i]]
			if !known {
				return "", fmt.Errorf("%q: the token %%%c is not supported", value, value[i])
			}
			b.WriteString(text)
		}
		return expandHome(expandVariables(b.String())), nil
	}
}

// expandVariables replaces ${NAME}; a bare $ is no variable to ssh.
func expandVariables(value string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(value, "${")
		b.WriteString(before)
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			b.WriteString(value[len(before):])
			return b.String()
		}
		b.WriteString(os.Getenv(name))
		value = after
	}
}

// expandAll expands file names and leaves out "none".
func expandAll(values []string, expand func(string) (string, error)) ([]string, error) {
	var all []string
	for _, v := range values {
		if v == "none" {
			continue
		}
		path, err := expand(v)
		if err != nil {
			return nil, err
		}
		all = append(all, path)
	}
	return all, nil
}
