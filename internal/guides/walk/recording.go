package walk

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// Recording is the file that holds what a tool left on the host, after its nth step of a guide.
func Recording(root, name string, nth int) string {
	return filepath.Join(root, "internal", "guides", "testdata", "recorded", fmt.Sprintf("%s-%d.txtar", name, nth))
}

// Record reads the firewall of a host as a recording. Where the reader comes from is as on the page.
func Record(ctx context.Context, f *fleet.Fleet, h *fleet.Host, comment string) ([]byte, error) {
	saved, err := h.Save(ctx)
	if err != nil {
		return nil, err
	}
	text := txtar.Format(&txtar.Archive{Comment: []byte(comment + "\n"), Files: []txtar.File{
		{Name: "iptables-save", Data: []byte(saved.IPv4)},
		{Name: "ip6tables-save", Data: []byte(saved.IPv6)},
	}})
	text = bytes.ReplaceAll(text, []byte(f.Client+"/32"), []byte("203.0.113.0/24"))
	return bytes.ReplaceAll(text, []byte(h.Name), []byte("web1.example.com")), nil
}

// Replay puts a host into the recorded state.
func Replay(ctx context.Context, f *fleet.Fleet, h *fleet.Host, file string) error {
	recording, err := txtar.ParseFile(file)
	if err != nil {
		return err
	}
	for _, part := range recording.Files {
		cmd, err := h.ConsoleCommand(ctx, map[string]string{
			"iptables-save": "iptables-restore", "ip6tables-save": "ip6tables-restore",
		}[part.Name])
		if err != nil {
			return err
		}
		text := bytes.ReplaceAll(part.Data, []byte("203.0.113.0/24"), []byte(f.Client+"/32"))
		cmd.Stdin = bytes.NewReader(bytes.ReplaceAll(text, []byte("web1.example.com"), []byte(h.Name)))
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", part.Name, err, out)
		}
	}
	return nil
}
