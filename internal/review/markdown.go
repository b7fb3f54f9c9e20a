package review

import (
	"fmt"
	"io"
	"strings"
)

// maxMarkdown is the length of a comment that GitHub takes: 65,536 characters. Bytes are counted, which are never fewer.
const maxMarkdown = 65_536

// Markdown writes the report as a comment on a pull request: short enough for GitHub, hosts and lines folded. What
// does not fit is left out from the end, and the comment says so.
func (r *Report) Markdown(w io.Writer) error {
	m := &markdown{}
	m.add("## Firewall review\n\n" + headline(r) + "\n")
	m.list("", r.sentences(), "sentences")
	m.list("\n### Warnings\n", r.warningItems(), "warnings")
	notes := "\n"
	for _, n := range r.Notes {
		notes += "<sub>" + escapeMarkdown(n) + "</sub><br>\n"
	}
	m.reserve(notes)
	var unknown []string
	for _, u := range r.Unknown {
		on := ""
		if u.Host != "" {
			on = " on " + code(u.Host)
		}
		unknown = append(unknown, fmt.Sprintf("- %s%s: %s\n", code(u.Resource), on, escapeMarkdown(u.What)))
	}
	m.list("\n### Known after the apply only\n", unknown, "resources")
	if len(r.Groups) > 0 {
		m.add("\n### Hosts and lines\n")
	}
	left := 0
	for _, g := range r.Groups {
		if !m.fits(g.markdown(maxDiff)) && !m.fits(g.markdown(10)) && !m.fits(g.markdown(0)) {
			left++
		}
	}
	if left > 0 {
		m.add(fmt.Sprintf("\n%s not shown here: a comment would be too long with it. The other formats of the review have everything.\n", plural(left, "more group")))
	}
	m.finish()
	_, err := io.WriteString(w, m.b.String())
	return err
}

// A markdown is a comment that is being written.
type markdown struct {
	b       strings.Builder
	trailer string
}

// slack is kept free for what says that something was left out.
const slack = 600

func (m *markdown) add(text string) { m.b.WriteString(text) }

// reserve keeps room for a text at the end.
func (m *markdown) reserve(text string) {
	if len(text) > maxMarkdown/8 {
		text = text[:strings.LastIndexByte(text[:maxMarkdown/8], '\n')+1]
	}
	m.trailer = text
}

func (m *markdown) finish() { m.add(m.trailer) }

// fits adds a text if there is room for it.
func (m *markdown) fits(text string) bool {
	if m.b.Len()+len(text)+len(m.trailer)+slack > maxMarkdown {
		return false
	}
	m.add(text)
	return true
}

// list adds items under a heading, at most as many as a quarter of a comment holds.
func (m *markdown) list(heading string, items []string, what string) {
	if len(items) == 0 {
		return
	}
	m.add(heading + "\n")
	room := maxMarkdown / 4
	for i, item := range items {
		if room -= len(item); room < 0 || !m.fits(item) {
			m.add(fmt.Sprintf("- and %d more %s\n", len(items)-i, what))
			return
		}
	}
}

func (r *Report) sentences() []string {
	var items []string
	for _, x := range r.Reachability {
		items = append(items, "- "+escapeMarkdown(x.Sentence)+".\n")
	}
	return items
}

func (r *Report) warningItems() []string {
	var items []string
	for _, x := range r.Warnings {
		on := ""
		if len(x.Hosts) > 0 {
			on = " (on " + code(hostsInShort(x.Hosts)) + ")"
		}
		items = append(items, fmt.Sprintf("- **%s**: %s%s\n", x.Name, escapeMarkdown(x.Message), on))
	}
	return items
}

// markdown is a folded group with at most so many lines of each diff.
func (g Group) markdown(lines int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n<details><summary><code>%s</code></summary>\n\n", escapeMarkdown(g.Title))
	if len(g.Hosts) > 3 {
		fmt.Fprintf(&b, "%s\n\n", code(hostsAtLength(g.Hosts)))
	}
	if g.Incomplete {
		b.WriteString("Not all lines are known before the apply.\n\n")
	}
	for _, d := range g.Diffs {
		on := ""
		if len(g.Hosts) > 1 {
			on = " on " + code(g.Shown)
		}
		fmt.Fprintf(&b, "%s%s: %d added, %d removed\n\n", code(d.Command), on, d.Added, d.Removed)
		if lines > 0 {
			text := shortenTo(d.Text, lines)
			fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
			fmt.Fprintf(&b, "%sdiff\n%s%s\n\n", fence, text, fence)
		}
	}
	b.WriteString("</details>\n")
	return b.String()
}

// code is a text as a code span: in one, nothing is markup, a link or a mention.
func code(text string) string {
	fence := strings.Repeat("`", longestRun(text, '`')+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.TrimSpace(text) == "" {
		text = " " + text + " "
	}
	return fence + text + fence
}

func longestRun(text string, c byte) int {
	longest, run := 0, 0
	for i := range len(text) {
		run++
		if text[i] != c {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

// escapeMarkdown makes a sentence plain text. Every character that could begin markup, a link, a mention or a
// reference becomes an entity, which Markdown never takes for one; full stops and colons only where they could be part
// of an address of the web. A word joiner keeps @name, #1 and www. from being found in what is shown.
func escapeMarkdown(text string) string {
	var b strings.Builder
	for i := range len(text) {
		c := text[i]
		switch {
		case c == '@' || c == '#':
			fmt.Fprintf(&b, "&#%d;&#8288;", c)
		case c == '.' && i >= 3 && strings.EqualFold(text[i-3:i], "www"), c == ':' && strings.HasPrefix(text[i:], "://"):
			fmt.Fprintf(&b, "&#%d;&#8288;", c)
		case strings.IndexByte("<>&\"'`*_~[]{}!|\\$^=+", c) >= 0:
			fmt.Fprintf(&b, "&#%d;", c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
