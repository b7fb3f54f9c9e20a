package walk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// A Step is a block of a page that is part of the walk.
type Step struct {
	Kind string   // the first word of the mark
	Args []string // the others
	Text string   // what is in the block
	Line int      // where it is on the page
}

// kinds are the marks that there are, with how many words may follow.
var kinds = map[string][2]int{
	"file": {1, 1}, "more": {1, 1}, "run": {0, 1}, "on": {0, 0}, "tool": {1, 2}, "prints": {0, 0}, "lists": {0, 0},
}

// Read reads a guide of the source tree.
func Read(root, name string) ([]Step, error) {
	text, err := os.ReadFile(filepath.Join(root, "templates", "guides", name+".md"))
	if err != nil {
		return nil, err
	}
	return parse(string(text))
}

func parse(page string) ([]Step, error) {
	var steps []Step
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		mark, ok := strings.CutPrefix(lines[i], "<!-- ")
		if !ok {
			continue
		}
		words := strings.Fields(strings.TrimSuffix(mark, "-->"))
		many, known := kinds[words[0]]
		if args := len(words) - 1; !known || args < many[0] || args > many[1] {
			return nil, fmt.Errorf("line %d: unknown mark %q", i+1, lines[i])
		}
		if i+1 == len(lines) || !strings.HasPrefix(lines[i+1], "```") {
			return nil, fmt.Errorf("line %d: no block follows the mark", i+1)
		}
		step := Step{Kind: words[0], Args: words[1:], Line: i + 1}
		var b strings.Builder
		for i += 2; i < len(lines) && lines[i] != "```"; i++ {
			b.WriteString(lines[i] + "\n")
		}
		step.Text = b.String()
		steps = append(steps, step)
	}
	return steps, nil
}
