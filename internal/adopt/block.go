package adopt

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/vpsfirewall/terraform-provider-iptables/firewall"
	"github.com/vpsfirewall/terraform-provider-iptables/iptables"
)

// An attribute of a resource. Its value is a string, an int, a bool, a []string, or an object
// ([]attribute).
type attribute struct {
	name  string
	value any
}

func kindOf(model any) string {
	switch model.(type) {
	case firewall.Service:
		return "service"
	case firewall.DefaultPolicy:
		return "default_policy"
	case firewall.CustomRule:
		return "rule"
	case firewall.CustomChain:
		return "chain"
	case firewall.IPSet:
		return "ip_set"
	}
	panic(fmt.Sprintf("no kind of resource: %T", model))
}

// attributesOf are a resource's attributes but the host; those that say no more than the
// schema's default are left out.
func attributesOf(model any) []attribute {
	var as attributes
	switch m := model.(type) {
	case firewall.Service:
		as.service(m)
	case firewall.DefaultPolicy:
		as.policy(m)
	case firewall.CustomRule:
		as.text("table", m.Table, "filter")
		as.text("chain", m.Chain, "")
		as.families(m.Families)
		as.number("priority", m.Priority)
		as.text("spec", m.Spec, "")
	case firewall.CustomChain:
		as.chain(m)
	case firewall.IPSet:
		as.set(m)
	}
	return as
}

type attributes []attribute

func (as *attributes) add(name string, value any) { *as = append(*as, attribute{name, value}) }

// text adds a text that is neither absent nor the default.
func (as *attributes) text(name, value, usual string) {
	if value != "" && value != usual {
		as.add(name, value)
	}
}

// list adds a list that is not absent.
func (as *attributes) list(name string, values []string) {
	if values != nil {
		as.add(name, values)
	}
}

func (as *attributes) number(name string, n *int) {
	if n != nil {
		as.add(name, *n)
	}
}

// truth adds a bool that is not the default.
func (as *attributes) truth(name string, value, usual bool) {
	if value != usual {
		as.add(name, value)
	}
}

func (as *attributes) families(families []iptables.Family) {
	if families == nil {
		return
	}
	var names []string
	for _, f := range families {
		names = append(names, f.String())
	}
	as.list("families", names)
}

func (as *attributes) service(s firewall.Service) {
	as.text("name", s.Name, "")
	as.list("ports", s.Ports)
	as.text("action", s.Action, "accept")
	as.list("sources", s.Sources)
	as.text("destination", s.Destination, "")
	as.text("interface", s.Interface, "")
	as.families(s.Families)
	as.text("chain", s.Chain, "INPUT")
	as.number("priority", s.Priority)
	if l := s.RateLimit; l != nil {
		limit := attributes{{"rate", l.Rate}}
		if l.Burst != 0 {
			limit.add("burst", l.Burst)
		}
		limit.truth("per_source", l.PerSource, false)
		as.add("rate_limit", limit)
	}
	if l := s.Log; l != nil {
		log := attributes{}
		log.text("prefix", l.Prefix, "")
		log.text("level", l.Level, "")
		as.add("log", log)
	}
	as.text("comment", s.Comment, "")
}

func (as *attributes) policy(p firewall.DefaultPolicy) {
	as.text("chain", p.Chain, "INPUT")
	as.add("policy", p.Policy)
	if p.Policy != "REJECT" {
		as.text("method", p.Method, "policy")
	}
	as.families(p.Families)
	as.truth("loopback", p.Loopback, true)
	as.truth("established", p.Established, true)
	as.text("icmp", p.ICMP, "essential")
	as.text("ping_rate", p.PingRate, "")
	as.truth("drop_invalid", p.DropInvalid, false)
	if l := p.Log; l != nil {
		log := attributes{}
		log.text("prefix", l.Prefix, "")
		log.text("level", l.Level, "")
		log.text("rate", l.Rate, "")
		as.add("log", log)
	}
}

func (as *attributes) chain(c firewall.CustomChain) {
	as.text("table", c.Table, "filter")
	as.text("name", c.Name, "")
	as.families(c.Families)
	if j := c.JumpFrom; j != nil {
		from := attributes{{"chain", j.Chain}}
		from.text("position", j.Position, "")
		from.text("spec", j.Spec, "")
		as.add("jump_from", from)
	}
	as.text("policy", c.Policy, "")
	as.list("ignore", c.Ignore)
	as.add("rules", column(c.Rules))
}

func (as *attributes) set(s firewall.IPSet) {
	as.text("name", s.Name, "")
	as.text("type", s.Type, "")
	as.text("family", s.Family, "")
	as.text("range", s.Range, "")
	if s.MaxElem != 0 {
		as.add("maxelem", s.MaxElem)
	}
	as.number("timeout", s.Timeout)
	as.truth("comment", s.Comment, false)
	as.list("entries", s.Entries)
}

// A column is a list that is written one below the other.
type column []string

// render is the text of attributes, for comparing.
func render(as []attribute) []byte {
	f := hclwrite.NewEmptyFile()
	put(f.Body(), as)
	return f.Bytes()
}

// put writes attributes into a block.
func put(b *hclwrite.Body, as []attribute) {
	for _, a := range as {
		b.SetAttributeRaw(a.name, tokensOf(a.value))
	}
}

func tokensOf(value any) hclwrite.Tokens {
	switch v := value.(type) {
	case string:
		return quoted(v)
	case int:
		return hclwrite.TokensForValue(cty.NumberIntVal(int64(v)))
	case bool:
		return hclwrite.TokensForValue(cty.BoolVal(v))
	case []string:
		return listOf(v)
	case column:
		return columnOf(v)
	case attributes:
		var fields []hclwrite.ObjectAttrTokens
		for _, a := range v {
			fields = append(fields, hclwrite.ObjectAttrTokens{Name: hclwrite.TokensForIdentifier(a.name), Value: tokensOf(a.value)})
		}
		return onOneLine(fields)
	}
	panic(fmt.Sprintf("no value of an attribute: %T", value))
}

// quoted is a string; whatever is in it, it stays one.
func quoted(s string) hclwrite.Tokens { return hclwrite.TokensForValue(cty.StringVal(s)) }

// listOf is a list of strings, on one line while that is short.
func listOf(values []string) hclwrite.Tokens {
	const wide = 100
	var items []hclwrite.Tokens
	width := 0
	for _, v := range values {
		items = append(items, quoted(v))
		width += len(v) + 4
	}
	if width > wide {
		return columnOf(values)
	}
	return hclwrite.TokensForTuple(items)
}

func columnOf(values []string) hclwrite.Tokens {
	if len(values) == 0 {
		return hclwrite.TokensForTuple(nil)
	}
	newline := &hclwrite.Token{Type: hclsyntax.TokenNewline, Bytes: []byte("\n")}
	tokens := hclwrite.Tokens{{Type: hclsyntax.TokenOBrack, Bytes: []byte("[")}, newline}
	for _, v := range values {
		tokens = append(tokens, quoted(v)...)
		tokens = append(tokens, &hclwrite.Token{Type: hclsyntax.TokenComma, Bytes: []byte(",")}, newline)
	}
	return append(tokens, &hclwrite.Token{Type: hclsyntax.TokenCBrack, Bytes: []byte("]")})
}

// onOneLine is an object as people write short ones: { rate = "10/minute", burst = 5 }.
func onOneLine(fields []hclwrite.ObjectAttrTokens) hclwrite.Tokens {
	tokens := hclwrite.Tokens{{Type: hclsyntax.TokenOBrace, Bytes: []byte("{")}}
	for i, f := range fields {
		if i > 0 {
			tokens = append(tokens, &hclwrite.Token{Type: hclsyntax.TokenComma, Bytes: []byte(",")})
		}
		tokens = append(tokens, f.Name...)
		tokens = append(tokens, &hclwrite.Token{Type: hclsyntax.TokenEqual, Bytes: []byte("=")})
		tokens = append(tokens, f.Value...)
	}
	return append(tokens, &hclwrite.Token{Type: hclsyntax.TokenCBrace, Bytes: []byte("}")})
}

// expression is a text of our own making, such as "local.hosts".
func expression(text string) hclwrite.Tokens {
	return hclwrite.Tokens{{Type: hclsyntax.TokenIdent, Bytes: []byte(text)}}
}

// template is a string that begins with the value of an expression of our own making.
func template(expr, rest string) hclwrite.Tokens {
	tokens := quoted(rest)
	open := &hclwrite.Token{Type: hclsyntax.TokenTemplateInterp, Bytes: []byte("${" + expr + "}")}
	return append(hclwrite.Tokens{tokens[0], open}, tokens[1:]...)
}

// commented is a text as comments. What is in it stays a comment, line by line.
func commented(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimRight("# "+strings.TrimSuffix(line, "\n"), " ")
		b.WriteString(line + "\n")
	}
	return b.String()
}
