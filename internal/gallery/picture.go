package main

import (
	"bytes"
	"context"
	"fmt"
	"html"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// sgr is what colours a terminal's text.
var sgr = regexp.MustCompile("\x1b\\[([0-9;]*)m")

// plain is a text without colours.
func plain(text string) string { return sgr.ReplaceAllString(text, "") }

// classes are the styles of the page by the numbers that terminals know.
var classes = map[string]string{
	"1": "bold", "4": "under", "90": "grey", "31": "red", "32": "green", "33": "yellow", "34": "blue", "35": "magenta", "36": "cyan",
	"91": "red", "92": "green", "93": "yellow", "96": "cyan",
}

// inColour makes HTML of what a terminal is sent.
func inColour(text string) string {
	var b strings.Builder
	open, last := 0, 0
	for _, at := range sgr.FindAllStringSubmatchIndex(text, -1) {
		b.WriteString(html.EscapeString(text[last:at[0]]))
		last = at[1]
		for n := range strings.SplitSeq(text[at[2]:at[3]], ";") {
			if class, ok := classes[n]; ok {
				fmt.Fprintf(&b, `<span class="%s">`, class)
				open++
				continue
			}
			b.WriteString(strings.Repeat("</span>", open))
			open = 0
		}
	}
	b.WriteString(html.EscapeString(text[last:]) + strings.Repeat("</span>", open))
	return b.String()
}

const style = `<!doctype html><meta charset="utf-8"><style>
body { background: #1d1f21; color: #d8dad6; margin: 0 }
h2 { font: 16px sans-serif; margin: 24px 16px 0 }
pre { font: 14px/18px "DejaVu Sans Mono", monospace; margin: 0; padding: 16px; white-space: pre }
.bold { font-weight: bold } .under { text-decoration: underline } .grey { color: #8a8d88 } .red { color: #f0716a }
.green { color: #9ccc65 } .yellow { color: #f2c744 } .blue { color: #7aa6da } .magenta { color: #c397d8 } .cyan { color: #70c0b1 }
</style>
`

// photograph makes a picture of a text in a terminal.
func photograph(ctx context.Context, text, scratch, file string) error {
	lines := strings.Split(strings.TrimRight(plain(text), "\n"), "\n")
	wide := 100
	for _, l := range lines {
		wide = max(wide, len([]rune(l)))
	}
	page := filepath.Join(scratch, "page.html")
	if err := os.WriteFile(page, []byte(style+"<pre>"+inColour(strings.TrimRight(text, "\n"))+"</pre>"), 0o600); err != nil {
		return err
	}
	var errs bytes.Buffer
	cmd := exec.CommandContext(ctx, "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
		"--user-data-dir="+filepath.Join(scratch, "chromium"), "--screenshot="+file,
		fmt.Sprintf("--window-size=%d,%d", wide*17/2+32, len(lines)*18+32), "file://"+page)
	cmd.Stderr = &errs
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("chromium: %w\n%s", err, errs.String())
	}
	return nil
}

// A shot is what a scene looked like.
type shot struct {
	scene scene
	text  string
}

// album is a page with all shots.
func album(shots []shot) string {
	var b strings.Builder
	b.WriteString(style)
	for _, s := range shots {
		fmt.Fprintf(&b, "<h2 id=%q>%s: %s</h2>\n<pre>%s</pre>\n", s.scene.name, s.scene.name, html.EscapeString(s.scene.about), inColour(s.text))
	}
	return b.String()
}
