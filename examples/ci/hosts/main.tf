terraform {
  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }
}

variable "hosts" {
  description = "Keys of `hosts` in the provider."
  type        = set(string)
}

variable "services" {
  description = "What is open to everyone."
  type        = set(string)
}

variable "admin_networks" {
  description = "Who may log in by ssh."
  type        = list(string)
}

resource "iptables_firewall" "host" {
  for_each = var.hosts

  host = each.key
  services = merge(
    { ssh = { sources = var.admin_networks } },
    { for name in var.services : name => {} },
  )
  default_policy = { policy = "DROP" }
}
