package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/cli"
)

// multiplied is a workspace whose state says that the rules are in force on so many hosts, as they are. It was not made by
// an apply: Terraform writes its local state anew after each resource, which takes minutes for hundreds and an hour
// for ten thousand. One host is applied, and what the state says of it is said of all others.
func (l *lab) multiplied(ctx context.Context, hosts int, configuration func(doors []string) string) (*cli.Workspace, error) {
	doors := l.doorsOf(hosts)
	one, err := l.workspace(product, configuration(doors[:1]))
	if err != nil {
		return nil, err
	}
	if _, err := terraformRun(ctx, one, "apply", "-auto-approve"); err != nil {
		return nil, err
	}
	all, err := l.workspace(product, configuration(doors))
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(one.Folder, stateFile))
	if err != nil {
		return nil, err
	}
	var state map[string]any
	if err := json.Unmarshal(text, &state); err != nil {
		return nil, err
	}
	resources, _ := state["resources"].([]any)
	if len(resources) != 1 {
		return nil, fmt.Errorf("the state of one host has resources of %d kinds", len(resources))
	}
	service, _ := resources[0].(map[string]any)
	instances, err := json.Marshal(service["instances"])
	if err != nil {
		return nil, err
	}
	var copies []any
	for _, door := range doors {
		var of []any
		if err := json.Unmarshal([]byte(strings.ReplaceAll(string(instances), doors[0], door)), &of); err != nil {
			return nil, err
		}
		copies = append(copies, of...)
	}
	service["instances"] = copies
	if text, err = json.Marshal(state); err != nil {
		return nil, err
	}
	return all, writeFile(filepath.Join(all.Folder, stateFile), string(text))
}

// stateFile is Terraform's state in a workspace.
const stateFile = "terraform.tfstate"

// copyState gives one workspace the state of another.
func copyState(to, from *cli.Workspace) error {
	text, err := os.ReadFile(filepath.Join(from.Folder, stateFile))
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(to.Folder, stateFile), string(text))
}
