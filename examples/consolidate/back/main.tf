provider "iptables" {
  ssh = var.ssh
}

locals {
  services = merge([
    for host in var.hosts : {
      for name, sources in { ssh = var.office_networks, http = null, https = null } :
      "${host} ${name}" => { host = host, name = name, sources = sources }
    }
  ]...)
}

resource "iptables_service" "allowed" {
  for_each = local.services

  host    = each.value.host
  name    = each.value.name
  sources = each.value.sources
}

resource "iptables_default_policy" "input" {
  for_each = var.hosts

  host       = each.key
  policy     = "DROP"
  depends_on = [iptables_service.allowed]
}

# Of the firewall the policy stays in the state. The services are new to the state; the hosts
# have their lines already, to the letter.
moved {
  from = iptables_firewall.host
  to   = iptables_default_policy.input
}
