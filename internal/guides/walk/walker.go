package walk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// A Walker does the steps of one guide.
type Walker struct {
	Home   *Home
	Fleet  *fleet.Fleet
	Host   *fleet.Host
	Folder string // the working directory, empty at first
	// Tool does a step that needs a tool. It is called with the tool's name, how many steps that needed it were
	// done before, and what to do the step truly.
	Tool func(ctx context.Context, name string, nth int, truly func() error) error

	printed string
	tools   map[string]int
}

// Walk does all steps of a page.
func (w *Walker) Walk(ctx context.Context, steps []Step) error {
	if len(steps) == 0 {
		return errors.New("the page has no steps")
	}
	for _, s := range steps {
		s.Text = w.names().Replace(s.Text)
		if err := w.do(ctx, s); err != nil {
			return fmt.Errorf("line %d (%s %s): %w", s.Line, s.Kind, strings.Join(s.Args, " "), err)
		}
	}
	return nil
}

// names makes of the names of the page those of the fleet, and of the clone the folder that has a build.
func (w *Walker) names() *strings.Replacer {
	return strings.NewReplacer("web1.example.com", w.Host.Name, "203.0.113.0/24", w.Fleet.Client+"/32",
		"/path/to/the/clone", filepath.Join(w.Home.Folder, "bin"))
}

func (w *Walker) do(ctx context.Context, s Step) error {
	switch s.Kind {
	case "file":
		return os.WriteFile(filepath.Join(w.Folder, s.Args[0]), []byte(s.Text), 0o600)
	case "more":
		path := filepath.Join(w.Folder, s.Args[0])
		before, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(path, append(before, "\n"+s.Text...), 0o600)
	case "run":
		err := w.run(ctx, s.Text)
		if exit := (*exec.ExitError)(nil); len(s.Args) > 0 && errors.As(err, &exit) {
			return nil
		}
		if err == nil && len(s.Args) > 0 {
			return fmt.Errorf("it did not fail:\n%s", w.printed)
		}
		return err
	case "on":
		return w.on(ctx, s.Text)
	case "tool":
		if w.tools == nil {
			w.tools = map[string]int{}
		}
		w.tools[s.Args[0]]++
		return w.Tool(ctx, s.Args[0], w.tools[s.Args[0]], func() error {
			if len(s.Args) > 1 {
				return w.on(ctx, s.Text)
			}
			return w.run(ctx, s.Text)
		})
	case "prints":
		return holds(w.printed, s.Text)
	case "lists":
		ipv4, ipv6, err := w.Host.List(ctx, "filter")
		if err != nil {
			return err
		}
		return holds(ipv4+ipv6, s.Text)
	}
	return fmt.Errorf("unknown kind of step %q", s.Kind)
}

// run types commands into a shell in the working directory. Whoever is asked answers yes.
func (w *Walker) run(ctx context.Context, script string) error {
	cmd := exec.CommandContext(ctx, "sh", "-euc", script)
	cmd.Dir, cmd.Env = w.Folder, w.Home.Environ()
	cmd.Stdin = strings.NewReader("yes\n")
	return w.keep(cmd, script)
}

// on types commands into a root shell of the host, in its home directory, where the files of the working directory
// are, too.
func (w *Walker) on(ctx context.Context, script string) error {
	files, err := os.ReadDir(w.Folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !f.Type().IsRegular() || !slices.Contains([]string{".pp", ".yml", ".sh"}, filepath.Ext(f.Name())) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(w.Folder, f.Name()))
		if err != nil {
			return err
		}
		put, err := w.Host.ConsoleCommand(ctx, "sh", "-c", `cat >"/root/$1"`, "put", f.Name())
		if err != nil {
			return err
		}
		put.Stdin = bytes.NewReader(text)
		if out, err := put.CombinedOutput(); err != nil {
			return fmt.Errorf("copying %s to the host: %w: %s", f.Name(), err, out)
		}
	}
	cmd, err := w.Host.ConsoleCommand(ctx, "sh", "-euc", "cd /root\n"+script)
	if err != nil {
		return err
	}
	return w.keep(cmd, script)
}

// keep runs a command and keeps what it printed.
func (w *Walker) keep(cmd *exec.Cmd, script string) error {
	out, err := cmd.CombinedOutput()
	w.printed = string(out)
	if err != nil {
		return fmt.Errorf("%w\n%s\n%s", err, script, out)
	}
	return nil
}

// holds reports what of a block is not in a text. The block's lines stand in the text in their order, one after the
// other, or after a line "..." anywhere below. Blanks do not count: they align what has other lengths on the page.
func holds(text, block string) error {
	lines := strings.Split(text, "\n")
	at, loose := 0, true
	for want := range strings.Lines(block) {
		want = squeezed(want)
		if want == "..." || want == "" {
			loose = true
			continue
		}
		found := slices.IndexFunc(lines[at:], func(l string) bool { return squeezed(l) == want })
		if found < 0 || found > 0 && !loose {
			return fmt.Errorf("the page has the line\n%s\nwhich is not there in:\n%s", want, text)
		}
		at, loose = at+found+1, false
	}
	return nil
}

// toForget is what OpenTofu counts besides in the last line of a plan.
var toForget = regexp.MustCompile(`, \d+ to forget\b`)

func squeezed(line string) string {
	return strings.Join(strings.Fields(toForget.ReplaceAllString(line, "")), " ")
}
