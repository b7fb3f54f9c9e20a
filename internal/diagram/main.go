// Command diagram draws the pictures of the guides: for each text of this folder an SVG beside it, which says who sends
// what to whom, from the top to the bottom.
//
//	P Provider          somebody, called P below
//	P -> H some words   P sends H something; --> is an answer
//	H : some words      H does something
//	= some words        from here on, only if this is so
//
// A test sees that the pictures are what the texts say.
package main

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

func main() {
	texts, err := filepath.Glob("internal/diagram/*.txt")
	if err == nil && len(texts) == 0 {
		err = fmt.Errorf("no texts: run it at the top of the tree")
	}
	for _, file := range texts {
		if err = draw(file); err != nil {
			break
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "diagram:", err)
		os.Exit(1)
	}
}

func draw(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	svg, err := picture(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return os.WriteFile(strings.TrimSuffix(file, ".txt")+".svg", []byte(svg), 0o600)
}

// Sizes in pixels: the room at the sides, and for a line.
const (
	margin    = 120
	top, line = 56, 40
)

// A drawing grows downwards.
type drawing struct {
	b   strings.Builder
	who []string
	y   int
}

func (d *drawing) x(who string) int { return margin + d.between()*slices.Index(d.who, who) }

// between is how far one stands from the next: a page has room for three who say much, or for more who say less.
func (d *drawing) between() int {
	if len(d.who) > 3 {
		return 240
	}
	return 330
}

func (d *drawing) write(format string, args ...any) { fmt.Fprintf(&d.b, format+"\n", args...) }

// picture makes an SVG of a text. It has no colours of its own but grey, and a white ground: pages may be dark.
func picture(text string) (string, error) {
	d := &drawing{y: top + line}
	var names []string
	for n, l := range strings.Split(text, "\n") {
		words := strings.Fields(l)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		if len(words) < 2 {
			return "", fmt.Errorf("line %d says too little: %q", n+1, l)
		}
		if err := d.step(words, &names); err != nil {
			return "", fmt.Errorf("line %d: %w", n+1, err)
		}
	}
	width, height := 2*margin+d.between()*(len(d.who)-1), d.y
	var out drawing
	out.write(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="14">`, width, height)
	out.write(`<rect width="%d" height="%d" fill="#fff"/>`, width, height)
	out.write(`<marker id="a" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="9" markerHeight="9" orient="auto"><path d="M0 0L10 5L0 10z"/></marker>`)
	for i, who := range d.who {
		x := d.x(who)
		out.write(`<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#999"/>`, x, top, x, height-8)
		out.write(`<rect x="%d" y="16" width="160" height="36" rx="4" fill="#eee" stroke="#333"/>`, x-80)
		out.write(`<text x="%d" y="39" text-anchor="middle" font-weight="bold">%s</text>`, x, html.EscapeString(names[i]))
	}
	return out.b.String() + d.b.String() + "</svg>\n", nil
}

func (d *drawing) step(words []string, names *[]string) error {
	rest := func(from int) string { return html.EscapeString(strings.Join(words[from:], " ")) }
	known := func(who string) bool { return slices.Contains(d.who, who) }
	switch {
	case words[0] == "=":
		d.write(`<line x1="16" y1="%d" x2="%d" y2="%d" stroke="#333" stroke-dasharray="2 4"/>`, d.y-18, 2*margin+d.between()*(len(d.who)-1)-16, d.y-18)
		d.write(`<text x="16" y="%d" font-style="italic">if %s:</text>`, d.y, rest(1))
	case words[1] == ":" && known(words[0]):
		x := d.x(words[0])
		wide := 8*len(strings.Join(words[2:], " ")) + 16
		d.write(`<rect x="%d" y="%d" width="%d" height="26" fill="#fff7d6" stroke="#b59b2c"/>`, max(x-wide/2, 4), d.y-18, wide)
		d.write(`<text x="%d" y="%d" text-anchor="middle">%s</text>`, max(x-wide/2, 4)+wide/2, d.y, rest(2))
	case len(words) > 3 && (words[1] == "->" || words[1] == "-->") && known(words[0]) && known(words[2]):
		dashes := ""
		if words[1] == "-->" {
			dashes = ` stroke-dasharray="6 4"`
		}
		from, to := d.x(words[0]), d.x(words[2])
		d.write(`<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="#000"%s marker-end="url(#a)"/>`, from, d.y+4, to, d.y+4, dashes)
		d.write(`<text x="%d" y="%d" text-anchor="middle">%s</text>`, (from+to)/2, d.y-4, rest(3))
	case !known(words[0]) && len(words[0]) == 1 && words[1] != ":":
		d.who, *names = append(d.who, words[0]), append(*names, strings.Join(words[1:], " "))
		return nil
	default:
		return fmt.Errorf("%q is no step", strings.Join(words, " "))
	}
	d.y += line
	return nil
}
