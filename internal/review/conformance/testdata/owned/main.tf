terraform {
  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }
}

variable "hosts" {
  type = map(object({ address = string }))
}

variable "ssh" {
  type = object({ private_key_file = string, known_hosts_files = list(string) })
}

variable "services" {
  type = set(string)
}

variable "blocked" {
  type = list(string)
}

variable "port" {
  type = number
}

provider "iptables" {
  ssh   = var.ssh
  hosts = var.hosts
}

# What is opened while nothing listens, but for sshd.
data "iptables_listening_sockets" "all1" {
  host = "all1"
}

resource "iptables_firewall" "all1" {
  host           = "all1"
  services       = merge({ ssh = {} }, { for name in var.services : name => {} })
  default_policy = { policy = "DROP" }
}

resource "iptables_chain" "blocked" {
  host      = "all2"
  name      = "blocked"
  families  = ["ipv4"]
  rules     = [for network in var.blocked : "-s ${network} -j DROP"]
  jump_from = { chain = "INPUT", position = "first" }
}

resource "iptables_ruleset" "forwards" {
  host = "all2"
  ipv4 = <<-EOT
    *nat
    :PREROUTING ACCEPT [0:0]
    -A PREROUTING -p tcp -m tcp --dport ${var.port} -j REDIRECT --to-ports 80
    COMMIT
  EOT
}

resource "iptables_ip_set" "office" {
  host    = "all2"
  name    = "office"
  type    = "hash:net"
  entries = concat(["198.51.100.0/24"], var.blocked)
}

resource "iptables_service" "postgresql" {
  host    = "all2"
  name    = "postgresql"
  sources = ["set:${iptables_ip_set.office.name}"]
}
