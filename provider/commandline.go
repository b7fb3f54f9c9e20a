package provider

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/vpsfirewall/terraform-provider-iptables/resources"
)

// A CommandLine is a provider block that is given as flags: every setting that is no secret has
// one, with dashes in its name. The environment counts as it does for a provider block. Secrets are
// in the environment only, since everybody on a machine can read command lines.
type CommandLine struct {
	given    layer
	getenv   func(string) string
	once     sync.Once
	registry *registry
}

// Register defines the flags. They must be parsed before the other methods are called.
func (c *CommandLine) Register(flags *flag.FlagSet) {
	c.given, c.getenv = layer{}, os.Getenv
	registerFlags(c, flags, sshSettings)
	registerFlags(c, flags, rootSettings)
	registerFlags(c, flags, hostSettings)
	registerFlags(c, flags, optionSettings)
}

func registerFlags[T any](c *CommandLine, flags *flag.FlagSet, settings []setting[T]) {
	for _, s := range settings {
		if s.sensitive {
			continue
		}
		name := flagOf(s.name)
		set := func(v string) error {
			var scratch T
			if err := s.check(v); err != nil {
				return err
			}
			if err := s.set(&scratch, v); err != nil {
				return err
			}
			c.given[s.name] = value{text: v, from: "--" + name}
			return nil
		}
		if s.kind == truth {
			flags.BoolFunc(name, s.description, set)
			continue
		}
		flags.Func(name, s.description, set)
	}
}

func flagOf(setting string) string { return strings.ReplaceAll(setting, "_", "-") }

// Usage lists the flags, for the usage of a command.
func (c *CommandLine) Usage() string {
	var b strings.Builder
	flagUsage(&b, sshSettings)
	flagUsage(&b, rootSettings)
	flagUsage(&b, hostSettings)
	flagUsage(&b, optionSettings)
	return b.String()
}

func flagUsage[T any](b *strings.Builder, settings []setting[T]) {
	const column = 30
	for _, s := range settings {
		if s.sensitive {
			continue
		}
		line := "  --" + flagOf(s.name)
		switch {
		case s.oneOf != nil:
			line += " " + strings.Join(s.oneOf, "|")
		case s.duration:
			line += " DURATION"
		case s.kind == number:
			line += " N"
		case s.kind != truth:
			line += " TEXT"
		}
		b.WriteString(line + strings.Repeat(" ", max(1, column-len(line))) + "$" + s.environment + "\n")
	}
}

// Host finds a host by "address", "user@address:port", an alias of ~/.ssh/config with --ssh-config, or
// "local". Names that lead to the same connection share one host. It does no I/O, and can be called
// from several goroutines. The error is a *resources.HostError.
func (c *CommandLine) Host(name string) (*resources.Host, error) {
	c.once.Do(func() {
		config := configuration{ssh: c.given, root: c.given, environment: environmentLayer(sshSettings, c.getenv)}
		maps.Copy(config.environment, environmentLayer(rootSettings, c.getenv))
		maps.Copy(config.environment, environmentLayer(hostSettings, c.getenv))
		var o options
		undecided := fill(&o, "", optionSettings, c.given, environmentLayer(optionSettings, c.getenv))
		c.registry = newRegistry(config, o, undecided)
	})
	return c.registry.resolve(name, resources.Endpoint{})
}

// SSH are the settings of `ssh` that were given as flags, as values of a provider block: string, int,
// bool or []string.
func (c *CommandLine) SSH() map[string]any { return valuesOf(c.given, sshSettings) }

// Settings are those beside `ssh`.
func (c *CommandLine) Settings() map[string]any {
	all := valuesOf(c.given, rootSettings)
	maps.Copy(all, valuesOf(c.given, hostSettings))
	maps.Copy(all, valuesOf(c.given, optionSettings))
	return all
}

func valuesOf[T any](given layer, settings []setting[T]) map[string]any {
	values := map[string]any{}
	for _, s := range settings {
		v, ok := given[s.name]
		if !ok {
			continue
		}
		switch s.kind {
		case number:
			values[s.name], _ = strconv.Atoi(v.text)
		case truth:
			values[s.name], _ = strconv.ParseBool(v.text)
		case paths:
			values[s.name] = slices.Clone(strings.Split(v.text, string(os.PathListSeparator)))
		default:
			values[s.name] = v.text
		}
	}
	return values
}
