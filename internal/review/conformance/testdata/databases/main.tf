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

variable "sources" {
  type = list(string)
}

variable "new_host" {
  type    = bool
  default = false
}

provider "iptables" {
  ssh   = var.ssh
  hosts = var.hosts
}

resource "iptables_service" "ssh" {
  for_each = var.hosts

  host       = each.key
  name       = "ssh"
  rate_limit = { rate = "10/minute", per_source = true }
}

resource "iptables_service" "postgresql" {
  for_each = var.hosts

  host    = each.key
  name    = "postgresql"
  sources = var.sources
}

resource "iptables_default_policy" "input" {
  for_each = var.hosts

  host       = each.key
  policy     = "DROP"
  depends_on = [iptables_service.ssh]
}

# A server whose address its maker tells in the apply.
resource "terraform_data" "server" {
  count = var.new_host ? 1 : 0
  input = "203.0.113.80"
}

resource "iptables_service" "new" {
  count = var.new_host ? 1 : 0

  host = terraform_data.server[0].output
  name = "https"
}
