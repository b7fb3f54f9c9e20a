package main

import (
	"fmt"
	"strings"

	"github.com/vpsfirewall/terraform-provider-iptables/internal/fleet"
)

// firstPort is the port of the first service that is made.
const firstPort = 10000

// services is a configuration with so many services on each host, each of one rule, as resources of their own.
func services(hosts []*fleet.Host, each int) string {
	return fmt.Sprintf(`locals {
  hosts    = [%s]
  services = { for pair in setproduct(local.hosts, range(%d)) : "${pair[0]} ${pair[1]}" => { host = pair[0], port = %d + pair[1] } }
}

resource "iptables_service" "all" {
  for_each = local.services
  host     = each.value.host
  name     = "app${each.value.port}"
  ports    = ["${each.value.port}/tcp"]
  families = ["ipv4"]
}
`, quoted(hosts), each, firstPort)
}

// firewalls is the same in one resource a host.
func firewalls(hosts []*fleet.Host, each int) string {
	return fmt.Sprintf(`locals {
  services = { for port in range(%d, %d) : "app${port}" => { ports = ["${port}/tcp"], families = ["ipv4"] } }
}

resource "iptables_firewall" "all" {
  for_each = toset([%s])
  host     = each.key
  services = local.services
}
`, firstPort, firstPort+each, quoted(hosts))
}

// remoteExec is the same as people write it without a provider: a command for each rule.
func remoteExec(key string, hosts []*fleet.Host, each int) string {
	return fmt.Sprintf(`locals {
  rules = { for pair in setproduct([%s], range(%d)) : "${pair[0]} ${pair[1]}" => { host = pair[0], port = %d + pair[1] } }
}

resource "terraform_data" "all" {
  for_each = local.rules
  connection {
    host        = each.value.host
    user        = "root"
    private_key = file(%q)
  }
  provisioner "remote-exec" {
    inline = ["iptables -A INPUT -p tcp --dport ${each.value.port} -m comment --comment app${each.value.port} -j ACCEPT"]
  }
}
`, quoted(hosts), each, firstPort, key)
}

// playbook is the same for Ansible.
func playbook(each int) string {
	return fmt.Sprintf(`- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.iptables:
        chain: INPUT
        protocol: tcp
        destination_port: "{{ item }}"
        comment: "app{{ item }}"
        jump: ACCEPT
      loop: "{{ range(%d, %d) | list }}"
`, firstPort, firstPort+each)
}

func quoted(hosts []*fleet.Host) string {
	addresses := make([]string, len(hosts))
	for i, h := range hosts {
		addresses[i] = fmt.Sprintf("%q", h.SlowAddress)
	}
	return strings.Join(addresses, ", ")
}
