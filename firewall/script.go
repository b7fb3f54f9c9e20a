package firewall

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"
)

// The parts of the scripts. What runs on its own there (undo, the timer) is a whole script too.
var (
	//go:embed scripts/read.sh
	readScript string
	//go:embed scripts/native.sh
	nativeScript string
	//go:embed scripts/sockets.sh
	socketsScript string
	//go:embed scripts/base.sh
	baseScript string
	//go:embed scripts/mechanism.sh
	mechanismScript string
	//go:embed scripts/saving.sh
	savingScript string
	//go:embed scripts/persist.sh
	persistScript string
	//go:embed scripts/backups.sh
	backupsScript string
	//go:embed scripts/listing.sh
	listingScript string
	//go:embed scripts/sets.sh
	setsScript string
	//go:embed scripts/commit.sh
	commitScript string
	//go:embed scripts/undo.sh
	undoScript string
	//go:embed scripts/undo.awk
	undoProgram string
	//go:embed scripts/expire.sh
	expireScript string
	//go:embed scripts/spell.sh
	spellScript string
	//go:embed scripts/settle.sh
	settleScript string
)

// program is a script as it is sent, of its parts: without comments and indentation. They are a third of the text, and for who
// reads it here.
func program(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		for line := range strings.Lines(part) {
			if line = strings.TrimLeft(line, "\t"); line != "\n" && !strings.HasPrefix(line, "#") {
				b.WriteString(line)
			}
		}
	}
	return b.String()
}

// commitLibrary is the script of steps 1 to 5, and what it leaves on the host to undo them.
var commitLibrary = sync.OnceValue(func() string {
	var b strings.Builder
	for _, text := range []struct{ name, text string }{
		{"undo_sh", program(baseScript, listingScript, setsScript, undoScript)},
		{"undo_awk", program(undoProgram)},
		{"expire_sh", program(expireScript)},
	} {
		fmt.Fprintf(&b, "%s() { printf %%s '%s'; }\n", text.name, strings.ReplaceAll(text.text, "'", `'\''`))
	}
	return b.String() + function("commit", baseScript, mechanismScript, savingScript, listingScript, setsScript, commitScript)
})

// function is a function whose body is a program of the given parts.
func function(name string, parts ...string) string {
	return name + "() {\n" + program(parts...) + "}\n"
}

// A section is a part of what a script prints: the words behind the mark, and the lines after.
type section struct {
	words []string
	text  string
}

func (s section) name() string { return s.words[0] }

// subject is the word behind the name; a host that is not what it seems may have left it out.
func (s section) subject() string {
	if len(s.words) < 2 {
		return ""
	}
	return s.words[1]
}

// sections splits a script's output at the lines that begin with the mark. Output before the
// first is not the script's. An output without the section that ends it was cut.
func sections(output, mark, last string) ([]section, error) {
	var all []section
	var text strings.Builder
	flush := func() {
		if len(all) > 0 {
			all[len(all)-1].text = text.String()
		}
		text.Reset()
	}
	for line := range strings.Lines(output) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == mark {
			flush()
			all = append(all, section{words: words[1:]})
			continue
		}
		text.WriteString(line)
	}
	flush()
	if len(all) == 0 || all[len(all)-1].name() != last {
		return nil, fmt.Errorf("its answer has no end (%d bytes)", len(output))
	}
	return all, nil
}

// parts is the input of a script: texts, each led by a line of the mark and its name.
type parts struct {
	mark  string
	text  strings.Builder
	lines int // of what the host makes of them: the texts, and the path of each file to save
}

func (p *parts) add(name, text string) {
	p.text.WriteString(p.mark + " " + name + "\n" + text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		p.text.WriteByte('\n')
		p.lines++
	}
	p.lines += strings.Count(text, "\n")
	if strings.HasPrefix(name, "save ") {
		p.lines++
	}
}
