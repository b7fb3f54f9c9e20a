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

// multiplied is a workspace with so many services on each host whose state was not made by an apply: Terraform writes
// its local state anew after each resource, which takes an hour for ten thousand. One host is applied, and what the
// state says of it is said of all others, where the same rules are in force.
func (l *lab) multiplied(ctx context.Context, hosts, each int) (*cli.Workspace, error) {
	doors := l.doorsOf(hosts)
	one, err := l.workspace(product, l.manyServices(doors[:1], each))
	if err != nil {
		return nil, err
	}
	if _, err := terraformRun(ctx, one, "apply", "-auto-approve"); err != nil {
		return nil, err
	}
	all, err := l.workspace(product, l.manyServices(doors, each))
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
		return nil, fmt.Errorf("the state of one host has %d resources", len(resources))
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

func (l *lab) manyServices(doors []string, each int) string {
	return l.manySettings() + fmt.Sprintf(`locals {
  hosts    = ["%s"]
  services = { for pair in setproduct(local.hosts, range(%d)) : "${pair[0]} ${pair[1]}" => { host = pair[0], port = %d + pair[1] } }
}

resource "iptables_service" "all" {
  for_each = local.services
  host     = each.value.host
  name     = "app${each.value.port}"
  ports    = ["${each.value.port}/tcp"]
  families = ["ipv4"]
}
`, strings.Join(doors, `", "`), each, firstPort)
}
