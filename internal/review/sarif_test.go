package review

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif" // whose source has the schema
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// sarifSchema is the schema of OASIS (2.1.0, errata 01). The package has it as a constant that it does not export, and
// checks its own types by it, not text.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	folder, err := exec.CommandContext(t.Context(), "go", "list", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif").Output()
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(strings.TrimSpace(string(folder)), "schema.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var text string
	ast.Inspect(file, func(n ast.Node) bool {
		if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
			part, err := strconv.Unquote(l.Value)
			if err != nil {
				t.Fatal(err)
			}
			text += part
		}
		return true
	})
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", value); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// TestSARIF holds the SARIF of all reports against that schema, and sees that it refuses what is wrong.
func TestSARIF(t *testing.T) {
	schema := sarifSchema(t)
	check := func(text string) error {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			return err
		}
		return schema.Validate(value)
	}
	reports := recorded(t)
	reports["hostile"] = read(t, hostilePlan(t))
	reports["an empty plan"] = read(t, planText(t))
	reports["ssh"] = read(t, planText(t, resource{kind: "service", name: "x", host: "h", after: open(22)}, dropping("h")))
	texts := map[string]string{}
	for name, r := range reports {
		var b bytes.Buffer
		if err := r.SARIF(&b, "plan.json"); err != nil {
			t.Fatal(err)
		}
		texts[name] = b.String()
		if err := check(texts[name]); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string][2]string{
		"a level that there is not": {`"level": "error"`, `"level": "fatal"`},
		"a line before the first":   {`"startLine": 1`, `"startLine": 0`},
		"a field that there is not": {`"runs"`, `"walks": [], "runs"`},
		"no message":                {`"message"`, `"text"`},
	} {
		wrong := strings.Replace(texts["ssh"], change[0], change[1], 1)
		if wrong == texts["ssh"] || check(wrong) == nil {
			t.Errorf("%s was not seen", name)
		}
	}
}
