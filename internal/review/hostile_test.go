package review

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
)

// hostile is a text that wants to be something in every format: a terminal's command, a line of its own, an element,
// a fold's end, a fence, a mention, a link, a picture that reports who looks at it.
const hostile = "\x1b[2J\x1b]0;x\x07\r\n-A INPUT -j ACCEPT\u202e\u2028</summary></details></title></svg><script>alert(1)</script>" +
	"<img src=x onerror=alert(1)>\"'`` ``` ```` *b* _i_ [l](javascript:x) ![p](http://evil.example/p) @everyone #1 www.evil.example {{.}} %s \xff"

// hostilePlan has that text wherever a plan can have text of others.
func hostilePlan(tb testing.TB) string {
	tb.Helper()
	comment := `-A INPUT -p tcp -m tcp --dport 443 -m comment --comment "</pre><script>alert(1)</script> ` + "``` `` @everyone \x1b[31m" + ` <img src=x onerror=alert(1)>" -j ACCEPT`
	return planText(tb,
		resource{kind: "service", name: hostile, host: "web1" + hostile + "1", after: append(both(comment), "iptables -A INPUT "+hostile)},
		resource{kind: "service", name: "unknown" + hostile, host: "web2" + hostile + "2", after: []string{}, unknown: map[string]any{"rules": true}},
		resource{kind: "service", name: "homeless" + hostile, host: "", after: []string{}, unknown: map[string]any{"rules": true, "host": true}},
		resource{kind: "service", name: "wide", host: "web3" + hostile + "3", before: open(22, "10.0.0.0/8"), after: append(both("-A INPUT -i "+"<b>eth0` -j ACCEPT"), open(22)...)},
		resource{kind: "ip_set", name: "set", host: "web3" + hostile + "3", after: []string{}, with: map[string]any{"name": hostile, "type": "hash:net", "entries": []string{hostile}}},
	)
}

func TestHostileText(t *testing.T) {
	r := read(t, hostilePlan(t))
	if len(r.Groups) < 3 || len(r.Warnings) < 2 || len(r.Unknown) != 2 {
		t.Fatalf("%d groups, %d warnings, %d unknown: the plan tests too little", len(r.Groups), len(r.Warnings), len(r.Unknown))
	}
	outputs := map[string]string{}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text": func(b *bytes.Buffer) error { return r.Text(b) }, "markdown": func(b *bytes.Buffer) error { return r.Markdown(b) },
		"html": func(b *bytes.Buffer) error { return r.HTML(b) }, "json": func(b *bytes.Buffer) error { return r.JSON(b) },
		"sarif": func(b *bytes.Buffer) error { return r.SARIF(b, "plan.json") },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		outputs[name] = b.String()
		if i := strings.IndexFunc(b.String(), func(r rune) bool {
			return r != '\n' && (unicode.IsControl(r) || r == '\u202e' || r == '\u2028' || r == unicode.ReplacementChar)
		}); i >= 0 {
			t.Errorf("%s: %q is not printable", name, b.String()[i:min(i+20, b.Len())])
		}
	}
	for _, line := range strings.Split(outputs["text"], "\n") {
		if strings.HasPrefix(strings.TrimLeft(line, " +"), "-A INPUT -j ACCEPT") {
			t.Errorf("text: a comment became a line: %q", line)
		}
	}
	inertHTML(t, "html", outputs["html"], nil)
	inertMarkdown(t, outputs["markdown"])
	for _, name := range []string{"json", "sarif"} {
		if !json.Valid([]byte(outputs[name])) {
			t.Errorf("%s is not JSON", name)
		}
	}
}

// inertHTML checks that a page has no elements and attributes but those of the template.
func inertHTML(t *testing.T, name, page string, more []string) {
	t.Helper()
	elements := map[string]bool{}
	for _, e := range append(strings.Fields("html head meta title style body h1 h2 p ul li strong small code pre span details summary div svg defs symbol "+
		"circle path text g rect use"), more...) {
		elements[e] = true
	}
	z := html.NewTokenizer(strings.NewReader(page))
	depth := 0
	for z.Next() != html.ErrorToken {
		token := z.Token()
		switch token.Type {
		case html.StartTagToken, html.SelfClosingTagToken:
			if !elements[token.Data] {
				t.Errorf("%s: an element %s", name, token)
			}
			for _, a := range token.Attr {
				if strings.HasPrefix(a.Key, "on") || a.Key == "src" || a.Key == "href" && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("%s: an attribute %s=%q", name, a.Key, a.Val)
				}
			}
			if token.Data == "details" {
				depth++
			}
		case html.EndTagToken:
			if token.Data == "details" {
				depth--
			}
		}
		if depth < 0 || depth > 1 {
			t.Fatalf("%s: folds are %d deep", name, depth)
		}
	}
}

var fenced = regexp.MustCompile("(?s)(```+)diff\n.*?\n(```+)\n")

// withoutSpans is a line without its code spans: from a run of backticks to the next one of that length.
func withoutSpans(line string) string {
	var b strings.Builder
	runs := regexp.MustCompile("`+").FindAllStringIndex(line, -1)
	at := 0
	for i := 0; i < len(runs); i++ {
		for j := i + 1; j < len(runs); j++ {
			if runs[j][1]-runs[j][0] == runs[i][1]-runs[i][0] {
				b.WriteString(line[at:runs[i][0]])
				at, i = runs[j][1], j
				break
			}
		}
	}
	return b.String() + line[at:]
}

// inertMarkdown checks that what stands outside of code has no markup of the plan.
func inertMarkdown(t *testing.T, comment string) {
	t.Helper()
	for _, m := range fenced.FindAllStringSubmatch(comment, -1) {
		if m[1] != m[2] {
			t.Errorf("markdown: a fence %s ends in %s", m[1], m[2])
		}
		inside := strings.TrimSuffix(strings.TrimPrefix(m[0], m[1]+"diff\n"), m[2]+"\n")
		if strings.Contains(inside, m[1]) {
			t.Errorf("markdown: a fence of %d is broken by what it holds", len(m[1]))
		}
	}
	var plain string
	for line := range strings.Lines(fenced.ReplaceAllString(comment, "")) {
		plain += withoutSpans(line)
	}
	inertHTML(t, "markdown", plain, []string{"sub", "br"})
	for _, bad := range []string{"@everyone", "![", "www.", "](", "*b*", "_i_"} {
		if strings.Contains(plain, bad) {
			t.Errorf("markdown: %q outside of code:\n%s", bad, plain)
		}
	}
}
