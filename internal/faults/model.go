package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/protocol"
)

// asModelled compares a host on which a commit stands still with what the table of internal/protocol says of that moment:
// so what is proved of the table is proved of the scripts.
func (r *run) asModelled(ctx context.Context) error {
	want, err := protocol.Steps().Until(r.cell.step.taken.role, r.cell.step.taken.step)
	if err != nil {
		return err
	}
	root, err := r.host.Root()
	if err != nil {
		return err
	}
	if file := commitFile(root); file != want.File {
		return fmt.Errorf("its folder is at %d, in the model at %d", file, want.File)
	}
	now, err := r.list(ctx)
	if err != nil {
		return err
	}
	for i, command := range families {
		state := r.story.before
		if want.Lines[i] {
			state = r.story.after
		}
		if !slices.Equal(only(now, command), r.wanted(state, command)) {
			return fmt.Errorf("%s has not the lines that it has in the model:%s", command, now.against(state))
		}
	}
	if r.kind.forgets || r.cell.step.name == "saving" { // the model has one file for both families
		return nil
	}
	files, err := r.saved()
	if err != nil {
		return err
	}
	state := r.story.before
	if want.Saved {
		state = r.story.after
	}
	if !files.is(state) {
		return fmt.Errorf("its files for the next boot are not those of the model:%s", files.against(state))
	}
	return nil
}

// commitFile is what the folder of the one commit says.
func commitFile(root string) protocol.File {
	folder := root + "/run/terraform-provider-iptables/*"
	for name, file := range map[string]protocol.File{"armed": protocol.Armed, "undoing": protocol.Undoing, "confirmed": protocol.Confirmed} {
		if found, _ := filepath.Glob(folder + "/" + name); len(found) > 0 {
			return file
		}
	}
	all, _ := filepath.Glob(folder)
	for _, path := range all {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			return protocol.Folder
		}
	}
	return protocol.None
}
