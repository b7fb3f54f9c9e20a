package review

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

var update = flag.Bool("update", false, "write the reports to testdata/reports")

// recorded are plans that Terraform made of the examples, and of conformance/testdata (see there).
func recorded(t *testing.T) map[string]*Report {
	t.Helper()
	files, err := filepath.Glob("testdata/plans/*.json")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d plans: %v", len(files), err)
	}
	reports := map[string]*Report{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		reports[strings.TrimSuffix(filepath.Base(file), ".json")] = read(t, string(text))
	}
	return reports
}

// TestReports compares what is said of the recorded plans with what was said when somebody last read it.
func TestReports(t *testing.T) {
	reports := recorded(t)
	reports["hostile"] = read(t, hostilePlan(t)) // for a browser to look at, in conformance
	for name, r := range reports {
		formats := map[string]func(*bytes.Buffer) error{
			"txt": func(b *bytes.Buffer) error { return r.Text(b) },
			"md":  func(b *bytes.Buffer) error { return r.Markdown(b) },
		}
		if name == "hostile" {
			formats = map[string]func(*bytes.Buffer) error{"html": func(b *bytes.Buffer) error { return r.HTML(b) }}
		}
		if strings.HasPrefix(name, "databases-unknown") {
			formats["html"] = func(b *bytes.Buffer) error { return r.HTML(b) }
			formats["json"] = func(b *bytes.Buffer) error { return r.JSON(b) }
			formats["sarif"] = func(b *bytes.Buffer) error { return r.SARIF(b, "plan.json") }
		}
		if strings.HasSuffix(name, "-tofu") {
			continue // these say what the plans of Terraform say
		}
		for format, write := range formats {
			var got bytes.Buffer
			if err := write(&got); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join("testdata", "reports", name+"."+format)
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
				continue
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(string(want), got.String()); d != "" {
				t.Errorf("%s (-want +got):\n%s", path, d)
			}
		}
	}
}

// TestOpenTofu: both CLIs make plans that say the same.
func TestOpenTofu(t *testing.T) {
	reports := recorded(t)
	twins := 0
	for name, tofu := range reports {
		terraform, ok := reports[strings.TrimSuffix(name, "-tofu")]
		if !ok || terraform == tofu {
			continue
		}
		twins++
		if tofu.TerraformVersion == terraform.TerraformVersion {
			t.Errorf("%s was made by %s, too", name, tofu.TerraformVersion)
		}
		tofu.TerraformVersion = terraform.TerraformVersion
		if d := cmp.Diff(asJSON(t, terraform), asJSON(t, tofu)); d != "" {
			t.Errorf("%s (-Terraform +OpenTofu):\n%s", name, d)
		}
	}
	if 2*twins != len(reports) {
		t.Errorf("%d of %d plans are OpenTofu's", twins, len(reports))
	}
}

func asJSON(t *testing.T, r *Report) string {
	t.Helper()
	var b bytes.Buffer
	if err := r.JSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSchema holds the JSON of all reports against the schema that is documented.
func TestSchema(t *testing.T) {
	schema, err := jsonschema.NewCompiler().Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	reports := recorded(t)
	reports["a large fleet"] = read(t, fleetPlan(t))
	reports["hostile"] = read(t, hostilePlan(t))
	reports["an empty plan"] = read(t, planText(t))
	for name, r := range reports {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(asJSON(t, r)))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSchemaKnowsKinds: the schema names the warnings that there are.
func TestSchemaKnowsKinds(t *testing.T) {
	text, err := os.ReadFile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties struct {
			Warnings struct {
				Items struct {
					Properties struct {
						Name struct{ Enum []string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	if d := cmp.Diff(names, schema.Properties.Warnings.Items.Properties.Name.Enum); d != "" {
		t.Errorf("-kinds +schema:\n%s", d)
	}
}
