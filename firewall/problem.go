package firewall

import (
	"errors"
	"fmt"
	"strings"
)

// A Problem is one thing that is wrong with a model, known without asking a host.
type Problem struct {
	// Attribute is the attribute at fault as the configuration spells it, with dots for
	// what is nested: "ports", "rate_limit.rate". It is "" where the whole is at fault.
	Attribute string
	// Summary says what is wrong in one line, Detail what would be right.
	Summary, Detail string
}

func (p Problem) String() string {
	text := p.Summary
	if p.Attribute != "" {
		text = p.Attribute + ": " + text
	}
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	return text
}

// problems collects what is wrong with one model.
type problems []Problem

func (ps *problems) add(attribute, summary, detail string, args ...any) {
	*ps = append(*ps, Problem{attribute, summary, fmt.Sprintf(detail, args...)})
}

// err is all problems as one error, nil where there are none.
func (ps problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	text := make([]string, len(ps))
	for i, p := range ps {
		text[i] = p.String()
	}
	return errors.New(strings.Join(text, "; "))
}
