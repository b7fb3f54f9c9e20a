package adopt

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
)

// A File is one of the configuration, as `terraform fmt` would leave it.
type File struct {
	Name string
	Text []byte
}

// Options say how the configuration is written.
type Options struct {
	// Settings are the provider's, by name: those of `ssh` and the others.
	SSH, Settings map[string]any
	// PlainImports writes an import block for each resource on each host, with nothing to be
	// evaluated in it. Blocks with for_each need Terraform 1.7 or OpenTofu 1.7.
	PlainImports bool
}

// fileOf are the files that resources stand in, by kind.
var fileOf = map[string]string{"service": "services.tf", "default_policy": "policy.tf", "rule": "rules.tf", "chain": "chains.tf", "ip_set": "sets.tf"}

// FileNames are those that Files may give.
func FileNames() []string {
	names := []string{"provider.tf", "hosts.tf"}
	for _, kind := range kinds {
		names = append(names, fileOf[kind])
	}
	return append(names, "imports.tf", leftOutFile)
}

const leftOutFile = "left_out.tf"

// Files is the configuration: the provider, the hosts, the resources by kind, the import blocks,
// and comments on what was left out.
func (f Fleet) Files(o Options) []File {
	w := writer{fleet: f, options: o, sets: map[string]string{}}
	for _, s := range f.sets() {
		w.sets[s.key] = s.name
	}
	files := []File{w.provider(), w.hosts()}
	for _, kind := range kinds {
		files = append(files, w.resources(kind))
	}
	files = append(files, w.imports(), File{leftOutFile, []byte(f.LeftOut())})
	return slices.DeleteFunc(files, func(f File) bool { return len(f.Text) == 0 })
}

type writer struct {
	fleet   Fleet
	options Options
	sets    map[string]string // names by key
}

func (w writer) provider() File {
	f := hclwrite.NewEmptyFile()
	terraform := f.Body().AppendNewBlock("terraform", nil).Body()
	needed := ">= 1.7"
	if w.options.PlainImports {
		needed = ">= 1.5"
	}
	terraform.SetAttributeRaw("required_version", quoted(needed))
	terraform.AppendNewline()
	source := attributes{{"source", "vpsfirewall/iptables"}}
	put(terraform.AppendNewBlock("required_providers", nil).Body(), attributes{{"iptables", source}})
	f.Body().AppendNewline()
	p := f.Body().AppendNewBlock("provider", []string{"iptables"}).Body()
	put(p, sorted(w.options.Settings))
	if len(w.options.SSH) > 0 {
		p.SetAttributeRaw("ssh", multiline(sorted(w.options.SSH)))
	}
	return formatted("provider.tf", f)
}

func (w writer) hosts() File {
	if len(w.fleet.Groups) == 0 {
		return File{}
	}
	f := hclwrite.NewEmptyFile()
	locals := f.Body().AppendNewBlock("locals", nil).Body()
	if len(w.fleet.Hosts) == 1 {
		locals.SetAttributeRaw("host", quoted(w.fleet.Hosts[0]))
		return formatted("hosts.tf", f)
	}
	if len(w.sets) == 0 {
		return File{}
	}
	for i, s := range w.fleet.sets() {
		if i > 0 {
			locals.AppendNewline()
		}
		value := hclwrite.TokensForFunctionCall("toset", listOf(s.hosts))
		if others := without(w.fleet.Hosts, s.hosts); len(others) > 0 && len(others) < len(s.hosts) && w.sets[strings.Join(w.fleet.Hosts, "\x00")] == "hosts" {
			value = hclwrite.TokensForFunctionCall("setsubtract", expression("local.hosts"), listOf(others))
		}
		locals.SetAttributeRaw(s.name, value)
	}
	return formatted("hosts.tf", f)
}

func (w writer) resources(kind string) File {
	f := hclwrite.NewEmptyFile()
	for _, g := range w.fleet.Groups {
		if g.Kind != kind {
			continue
		}
		if len(f.Body().Blocks()) > 0 {
			f.Body().AppendNewline()
		}
		b := f.Body().AppendNewBlock("resource", []string{"iptables_" + kind, g.Label}).Body()
		if len(g.Hosts) > 1 {
			b.SetAttributeRaw("for_each", expression("local."+w.sets[strings.Join(g.Hosts, "\x00")]))
			b.AppendNewline()
		}
		b.SetAttributeRaw("host", w.host(g))
		put(b, attributesOf(g.Model))
	}
	return formatted(fileOf[kind], f)
}

// host is the value of the attribute `host`.
func (w writer) host(g Group) hclwrite.Tokens {
	switch {
	case len(g.Hosts) > 1:
		return expression("each.key")
	case len(w.fleet.Hosts) == 1:
		return expression("local.host")
	default:
		return quoted(g.Hosts[0])
	}
}

func (w writer) imports() File {
	f := hclwrite.NewEmptyFile()
	block := func(forEach, to string, id hclwrite.Tokens) {
		if len(f.Body().Blocks()) > 0 {
			f.Body().AppendNewline()
		}
		b := f.Body().AppendNewBlock("import", nil).Body()
		if forEach != "" {
			b.SetAttributeRaw("for_each", expression(forEach))
			b.AppendNewline()
		}
		b.SetAttributeRaw("to", expression(to))
		b.SetAttributeRaw("id", id)
	}
	for _, g := range w.fleet.Groups {
		to := "iptables_" + g.Kind + "." + g.Label
		switch {
		case len(g.Hosts) == 1 && len(w.fleet.Hosts) == 1 && !w.options.PlainImports:
			block("", to, template("local.host", " "+g.ID))
		case len(g.Hosts) == 1:
			block("", to, quoted(g.Hosts[0]+" "+g.ID))
		case w.options.PlainImports:
			for _, h := range g.Hosts {
				block("", fmt.Sprintf("%s[%s]", to, quoted(h).Bytes()), quoted(h+" "+g.ID))
			}
		default:
			block("local."+w.sets[strings.Join(g.Hosts, "\x00")], to+"[each.key]", template("each.key", " "+g.ID))
		}
	}
	return formatted("imports.tf", f)
}

func formatted(name string, f *hclwrite.File) File {
	text := bytes.TrimLeft(hclwrite.Format(f.Bytes()), "\n")
	return File{name, text}
}

// sorted are settings as attributes, by name.
func sorted(settings map[string]any) attributes {
	var as attributes
	for name, v := range settings {
		as.add(name, v)
	}
	slices.SortFunc(as, func(a, b attribute) int { return strings.Compare(a.name, b.name) })
	return as
}

func multiline(as attributes) hclwrite.Tokens {
	var fields []hclwrite.ObjectAttrTokens
	for _, a := range as {
		fields = append(fields, hclwrite.ObjectAttrTokens{Name: hclwrite.TokensForIdentifier(a.name), Value: tokensOf(a.value)})
	}
	return hclwrite.TokensForObject(fields)
}
