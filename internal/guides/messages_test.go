package guides

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// folders hold what can print one. Of internal/review and internal/adopt, which write reports, the errors only.
var folders = []string{"firewall", "sshexec", "provider", "resources", "iptables", "internal/command", "internal/adopt", "internal/review"}

// A message is a text of the code that a person may get to read when something is wrong.
type message struct {
	text  string // with "…" where the code puts something in
	place string // "firewall/errors.go:50"
}

// messages are all of them, found in the syntax trees: nobody has to list a new one.
func messages(t *testing.T) []message {
	t.Helper()
	var all []message
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if !strings.HasSuffix(file, "_test.go") {
				all = append(all, messagesIn(t, file)...)
			}
		}
	}
	return append(all, messagesOfScripts(t)...)
}

// reasons are what the scripts on a host say when they give up.
var (
	reasons  = regexp.MustCompile(`(?:\bgive_up \w+ |\bholder=|\bno_\w+=|^\techo )(?:"([^"\n]+ [^"\n]+)"|'([^'\n]+ [^'\n]+)')`)
	variable = regexp.MustCompile(`\$(?:\w+|\{[^}]*\})`)
)

func messagesOfScripts(t *testing.T) []message {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "firewall", "scripts", "*.sh"))
	if err != nil {
		t.Fatal(err)
	}
	var all []message
	for _, file := range files {
		if filepath.Base(file) == "boot.sh" {
			continue // what it prints stays on the host
		}
		text, err := os.ReadFile(filepath.Clean(file))
		if err != nil {
			t.Fatal(err)
		}
		number := 0
		for line := range strings.Lines(string(text)) {
			number++
			if found := reasons.FindStringSubmatch(line); found != nil {
				all = append(all, message{variable.ReplaceAllString(found[1]+found[2], "…"), "firewall/scripts/" + filepath.Base(file) + ":" + strconv.Itoa(number)})
			}
		}
	}
	return all
}

func messagesIn(t *testing.T, file string) []message {
	t.Helper()
	files := token.NewFileSet()
	tree, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	c := collector{files: files, folder: filepath.Base(filepath.Dir(file))}
	ast.Inspect(tree, c.visit)
	return c.found
}

// A collector walks through the syntax of one file.
type collector struct {
	files  *token.FileSet
	folder string
	found  []message
}

// makers are the functions that make an error, a warning, or a part of one: which of their arguments says what is
// wrong. What follows that one says what would be right.
var makers = map[string]int{
	"NewFuncError": 0, "NewArgumentFuncError": 1,
	"AddError": 0, "AddWarning": 0, "AddAttributeError": 1, "AddAttributeWarning": 1,
	"add": 1, "wrong": 0, "fail": 1, "refused": 0, "refusedNear": 0,
}

// parts are the fields of errors and problems that say what is wrong.
var parts = []string{"Summary", "Reason", "Err", "Holder", "Message", "Said", "message"}

// sinks are what a text is appended or printed to that a person reads.
var sinks = []string{"notes", "Notes", "warnings", "Warnings", "stderr"}

func first(args []ast.Expr) ast.Expr {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

func (c *collector) visit(n ast.Node) bool {
	if c.folder == "adopt" || c.folder == "review" {
		c.made(n)
		return true
	}
	switch n := n.(type) {
	case *ast.FuncDecl:
		switch n.Name.Name {
		case "Error", "Warnings", "misuse":
			c.all(n.Body, 2)
		case "String":
			c.all(n.Body, 4)
		case "usage", "hostUsage":
			return false
		default:
			c.returned(n)
		}
	case *ast.CallExpr:
		c.made(n)
		name := nameOf(n.Fun)
		if i, ok := makers[name]; ok && i < len(n.Args) {
			c.all(n.Args[i], 2)
		}
		if to := nameOf(first(n.Args)); (name == "append" || name == "Fprintf") && slices.Contains(sinks, to) {
			c.all(n.Args[1], 3)
		}
	case *ast.CompositeLit:
		c.literal(n)
	}
	return true
}

// made looks into errors of fmt and errors.
func (c *collector) made(n ast.Node) {
	if call, ok := n.(*ast.CallExpr); ok && (nameOf(call.Fun) == "Errorf" || nameOf(call.Fun) == "New") && len(call.Args) > 0 {
		c.all(call.Args[0], 2)
	}
}

// nameOf is the last name of "name", "a.name" or a call of these.
func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// returned looks into functions whose result is a text: where it has five words, a person reads it.
func (c *collector) returned(f *ast.FuncDecl) {
	results := f.Type.Results
	if c.folder == "command" || results == nil || nameOf(results.List[0].Type) != "string" || strings.HasSuffix(f.Name.Name, "Description") {
		return
	}
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok {
			for _, e := range r.Results {
				c.all(e, 5)
			}
		}
		return true
	})
}

// literal looks into Problem{attribute, what is wrong, ...} and the fields of errors.
func (c *collector) literal(n *ast.CompositeLit) {
	if nameOf(n.Type) == "Definition" {
		return // of a function of Terraform: its summary is documentation
	}
	problem := n.Type != nil && strings.HasSuffix(nameOf(n.Type), "Problem")
	for i, e := range n.Elts {
		switch kv, ok := e.(*ast.KeyValueExpr); {
		case ok && slices.Contains(parts, nameOf(kv.Key)):
			c.all(kv.Value, 2)
		case !ok && problem && i == 1:
			c.all(e, 2)
		}
	}
}

// word is what a message has at least two of: it names nothing that is typed.
var word = regexp.MustCompile(`(^|[^a-zA-Z…])[a-zA-Z]+`)

// verb is what fmt replaces.
var verb = regexp.MustCompile(`%[-+#0-9.]*[a-zA-Z]`)

// all collects the texts of so many words in an expression or a body.
func (c *collector) all(n ast.Node, words int) {
	ast.Inspect(n, func(n ast.Node) bool {
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := folded(e)
		if !ok {
			return true
		}
		text = strings.TrimSpace(verb.ReplaceAllString(text, "…"))
		if len(word.FindAllString(text, words)) == words && strings.Contains(text, " ") {
			at := c.files.Position(n.Pos())
			rel, _ := filepath.Rel(root, at.Filename)
			c.found = append(c.found, message{text, rel + ":" + strconv.Itoa(at.Line)})
		}
		return false
	})
}

// folded is a text that is written as a sum.
func folded(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.ParenExpr:
		return folded(e.X)
	case *ast.BinaryExpr:
		x, okX := folded(e.X)
		y, okY := folded(e.Y)
		switch {
		case e.Op != token.ADD || !okX && !okY:
			return "", false
		case !okX:
			x = "…"
		case !okY:
			y = "…"
		}
		return x + y, true
	}
	return "", false
}
