package provider

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/resources"
	"github.com/vpsfirewall/terraform-provider-iptables/sshexec"
)

// A configuration is what the provider block and the environment say.
type configuration struct {
	ssh          layer            // the provider's `ssh`
	root         layer            // what it says about becoming root, and hostSettings
	hosts        map[string]entry // the map `hosts`
	hostsUnknown bool
	environment  layer
}

// An entry is an element of `hosts`.
type entry struct {
	address  value
	settings layer
	unknown  bool
}

// A registry holds the hosts of one configuration. Names that lead to the same connection
// share one host, and with it one reading and one queue of changes.
type registry struct {
	config      configuration
	options     firewall.Options
	undecided   error // an option that is not known yet
	pool        *sshexec.Pool
	agentSocket string // of the environment, "" where there is no agent

	mu    sync.Mutex
	hosts map[string]*shared
}

// A shared host is known by the name that was used first.
type shared struct {
	*resources.Host
	name    string
	options firewall.Options
}

func newRegistry(config configuration, o options, undecided error) *registry {
	return &registry{
		config:      config,
		options:     o.firewall,
		undecided:   undecided,
		pool:        sshexec.NewPool(sshexec.Limits{Connections: o.connections}),
		agentSocket: os.Getenv("SSH_AUTH_SOCK"),
		hosts:       map[string]*shared{},
	}
}

// resolve is resources.Hosts.Resolve.
func (r *registry) resolve(name string, last resources.Endpoint) (*resources.Host, error) {
	if r.undecided != nil {
		var unknown *resources.UnknownError
		if errors.As(r.undecided, &unknown) {
			return nil, &resources.UnknownError{Host: name, Attribute: unknown.Attribute}
		}
		return nil, &resources.HostError{Host: name, Err: r.undecided}
	}
	if name == local {
		return r.local()
	}
	config, err := r.configOf(name, last)
	if err != nil {
		var unknown *resources.UnknownError
		if errors.As(err, &unknown) {
			return nil, unknown
		}
		return nil, &resources.HostError{Host: name, Err: err}
	}
	options, err := r.optionsOf(name)
	if err != nil {
		return nil, err
	}
	at := resources.Endpoint{Address: config.Address, Port: config.Port, User: config.User}
	return r.share(name, config.Identity(), options, &resources.Host{Endpoint: at, Warnings: config.Warnings()},
		func() sshexec.Runner { return sshexec.New(config) })
}

// optionsOf are the options of a host: what its entry says, else the provider, else the environment.
func (r *registry) optionsOf(name string) (firewall.Options, error) {
	o := r.options
	o.Backend = "auto"
	err := fill(&o, name, hostSettings, r.config.hosts[name].settings, r.config.root, r.config.environment)
	var unknown *resources.UnknownError
	if err != nil && !errors.As(err, &unknown) {
		err = &resources.HostError{Host: name, Err: err}
	}
	return o, err
}

func (r *registry) local() (*resources.Host, error) {
	var d draft
	if err := fill(&d, local, rootSettings, r.config.root, r.config.environment); err != nil {
		return nil, err
	}
	options, err := r.optionsOf(local)
	if err != nil {
		return nil, err
	}
	return r.share(local, local, options, &resources.Host{Endpoint: resources.Endpoint{Address: local}}, func() sshexec.Runner {
		return sshexec.Local(d.host.Privilege, d.host.SudoPassword)
	})
}

// share returns the host of that key, made by the first who asks. Two names of one host that
// want two backends are an error: each would take the other's rules for missing.
func (r *registry) share(name, key string, options firewall.Options, host *resources.Host, runner func() sshexec.Runner) (*resources.Host, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	there, ok := r.hosts[key]
	if !ok {
		host.Host = firewall.NewHost(runner(), options)
		there = &shared{Host: host, name: name, options: options}
		r.hosts[key] = there
	}
	if there.options != options {
		return nil, &resources.HostError{Host: name, Err: fmt.Errorf(
			"it is the same host as %q, and a host has one backend and one way to persist: give both names the same", there.name)}
	}
	return there.Host, nil
}

// configOf is how to reach the host of that name.
func (r *registry) configOf(name string, last resources.Endpoint) (sshexec.Config, error) {
	if r.config.hostsUnknown {
		return sshexec.Config{}, &resources.UnknownError{Host: name, Attribute: "hosts"}
	}
	layers := []layer{r.config.ssh, r.config.root, r.config.environment}
	e, listed := r.config.hosts[name]
	var to destination
	var err error
	switch {
	case listed && e.unknown:
		return sshexec.Config{}, &resources.UnknownError{Host: name, Attribute: fmt.Sprintf("hosts[%q]", name)}
	case listed && e.address.unknown:
		return sshexec.Config{}, &resources.UnknownError{Host: name, Attribute: e.address.from}
	case listed:
		to = destination{address: cmp.Or(e.address.text, name)}
		layers = append([]layer{e.settings}, layers...)
	default:
		to, err = parseDestination(name)
		if last.Address != "" && (err != nil || to.address != last.Address) {
			// It was a key of `hosts` when the state was written, and no longer is.
			to, err = destinationOf(last), nil
		}
	}
	if err != nil {
		return sshexec.Config{}, err
	}
	d, err := r.draft(name, layers)
	if err != nil {
		return sshexec.Config{}, err
	}
	return d.finish(name, to, r.pool)
}

func destinationOf(c resources.Endpoint) destination {
	to := destination{user: c.User, address: c.Address}
	if c.Port != 0 {
		to.port = strconv.Itoa(c.Port)
	}
	return to
}

func (r *registry) draft(name string, layers []layer) (draft, error) {
	d := draft{host: sshexec.Config{Agent: r.wantsAgent(layers)}}
	if err := fill(&d, name, sshSettings, layers...); err != nil {
		return d, err
	}
	err := fill(&d, name, rootSettings, layers...)
	return d, err
}

// wantsAgent is the default of `agent`: where there is one, and nothing else to log in with.
func (r *registry) wantsAgent(layers []layer) bool {
	_, socket := topmost(layers, "agent_socket")
	_, identity := topmost(layers, "agent_identity")
	for _, name := range []string{"private_key", "private_key_file", "password"} {
		if _, given := topmost(layers, name); given {
			return identity
		}
	}
	return r.agentSocket != "" || socket || identity
}

// finish is the configuration of a host, with what its bastion takes over from it.
func (d draft) finish(name string, to destination, pool *sshexec.Pool) (sshexec.Config, error) {
	c := d.host
	c.Name, c.Address, c.Pool = name, to.address, pool
	c.User = cmp.Or(to.user, c.User)
	if to.port != "" {
		if err := setPort(&c.Port, to.port); err != nil {
			return c, err
		}
	}
	if !c.SSHConfig { // which may know better; what is set here would win
		c.Port, c.User = cmp.Or(c.Port, sshexec.DefaultPort), cmp.Or(c.User, sshexec.DefaultUser)
	}
	if d.bastion.Address != "" {
		c.Bastion = d.throughBastion(c)
	}
	return c, c.Validate()
}

// throughBastion is the bastion's configuration: whatever it has no setting of its own for is the host's, but for the
// password, which the bastion would learn.
func (d draft) throughBastion(c sshexec.Config) *sshexec.Config {
	b := d.bastion
	b.Name = "bastion " + b.Address
	b.User = cmp.Or(b.User, c.User)
	if b.PrivateKey.IsZero() && b.PrivateKeyFile == "" && b.Password.IsZero() {
		b.PrivateKey, b.PrivateKeyFile, b.Passphrase = c.PrivateKey, c.PrivateKeyFile, c.Passphrase
		b.Certificate = cmp.Or(b.Certificate, c.Certificate)
		b.Agent, b.AgentSocket, b.AgentIdentity = c.Agent, c.AgentSocket, c.AgentIdentity
	}
	b.KnownHostsFiles, b.HostKeyPolicy = c.KnownHostsFiles, c.HostKeyPolicy
	b.Timeout, b.Keepalive = c.Timeout, c.Keepalive
	b.SSHConfig, b.SSHConfigFile = c.SSHConfig, c.SSHConfigFile
	b.Pool = c.Pool
	return &b
}

// complain reports what cannot work whatever the host is like: a bad value in the environment,
// a key that is no key's text. What is not known yet is no reason to complain.
func (r *registry) complain(diags *diag.Diagnostics) {
	var unknown *resources.UnknownError
	if r.undecided != nil && !errors.As(r.undecided, &unknown) {
		diags.AddError("The provider's configuration cannot work", capitalised(r.undecided.Error())+".")
		return
	}
	if err := r.config.check(); err != nil {
		diags.AddError("The provider's configuration cannot work", capitalised(err.Error())+".")
		return
	}
	for _, name := range slices.Sorted(maps.Keys(r.config.hosts)) {
		if _, err := r.configOf(name, resources.Endpoint{}); err != nil && !errors.As(err, &unknown) {
			diags.AddAttributeError(path.Root("hosts").AtMapKey(name), "Host that cannot be reached so", capitalised(err.Error())+".")
		}
	}
}

// check refuses what no schema has seen: options of hosts that the environment gives.
func (c configuration) check() error {
	var unknown *resources.UnknownError
	if err := fill(new(firewall.Options), "", hostSettings, c.environment); !errors.As(err, &unknown) {
		return err
	}
	return nil
}
