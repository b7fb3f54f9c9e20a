provider "iptables" {
  ssh = var.ssh
}

locals {
  services = merge([
    for host, offers in var.hosts : {
      for name, service in offers : "${host} ${name}" => merge(service, { host = host, name = name })
    }
  ]...)
}

resource "iptables_service" "ssh" {
  for_each = var.hosts

  host       = each.key
  name       = "ssh"
  sources    = var.office_networks
  rate_limit = { rate = "10/minute", per_source = true }
}

resource "iptables_service" "offered" {
  for_each = local.services

  host    = each.value.host
  name    = each.value.name
  ports   = each.value.ports
  sources = each.value.sources
}

resource "iptables_default_policy" "input" {
  for_each = var.hosts

  host         = each.key
  policy       = "DROP"
  drop_invalid = true
  log          = {}
  depends_on   = [iptables_service.ssh, iptables_service.offered]
}

# The lines that may be there are those of the other resources, wherever these are written.
resource "iptables_exclusive_rules" "input" {
  for_each = var.hosts

  host  = each.key
  chain = "INPUT"
  rules = concat(
    iptables_service.ssh[each.key].rules,
    flatten([for key, service in local.services : iptables_service.offered[key].rules if service.host == each.key]),
    iptables_default_policy.input[each.key].rules,
  )
  ignore = ["-A INPUT -s * -m comment --comment \"ban *\" -j DROP"]
}

output "unmanaged" {
  description = "What was found that should not be there, by host; empty after an apply."
  value       = { for host, guard in iptables_exclusive_rules.input : host => guard.unmanaged }
}
